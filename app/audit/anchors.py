"""Anchors: signed and time-stamped roots over clinics' heads, kept outside of the database.

Whoever rewrites the database cannot rewrite these. Each is one file, ``anchors/NUMBER.json``, which
names the file before it by hash; beside it lies the authority's token, ``NUMBER.stamp``, as soon as
there is one; it covers the signature, and by that the statement and the root over the heads. An
anchor holds numbers, ids and hashes only, and lists the clinics whose heads moved.
"""

import asyncio
import base64
import json
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, cast

import structlog
from asn1crypto import cms
from flask import current_app

from app.audit.chain import leaf_hash, tree_path, tree_root
from app.documents.errors import StampRefused
from app.documents.files import sealers, stamp_authority
from app.documents.sealer import Sealer
from app.storage.object_store import ObjectStore

log = structlog.get_logger(__name__)
FOLDER = "anchors/"
FORMAT = "needlepoint-audit-anchor-1"
# The seal of the installation as a whole; a local test authority makes one for this id.
INSTALLATION = uuid.UUID(int=0)
STAMPS_A_ROUND = 20


class AnchorUnreadable(Exception):
    """A file among the anchors is not what this program wrote."""


@dataclass(frozen=True)
class AnchoredHead:
    """A clinic's head as an anchor holds it."""

    tenant_id: uuid.UUID
    seq: int
    hash: bytes


@dataclass(frozen=True)
class Restored:
    """A signed statement that an older state of a clinic was restored, and what that gave up.

    ``given_up`` are the heads, as (anchor, row), that are not in the record any more; the rows up
    to ``kept_seq`` are, as anchors from before say.
    """

    tenant_id: uuid.UUID
    by: str
    reason: str
    kept_seq: int
    given_up: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Anchor:
    """One anchor as read from its file. ``previous`` is the file's hash before it, or empty."""

    number: int
    at: datetime
    previous: str
    root: bytes
    heads: tuple[AnchoredHead, ...]
    statement: bytes
    seal: bytes
    sha256: str
    restored: Restored | None = None


def anchor_store() -> ObjectStore:
    """Return where this installation keeps its anchors."""
    return cast(ObjectStore, current_app.extensions["needlepoint_anchors"])


def installation_sealer() -> Sealer:
    """Return the seal with which anchors are signed."""
    return sealers().sealer_for(INSTALLATION, "Needlepoint installation")


def file_name(number: int, kind: str = "json") -> str:
    """Return the name of an anchor's file, or of its "stamp"."""
    return f"{FOLDER}{number:010d}.{kind}"


def list_numbers(kind: str = "json") -> list[int]:
    """Return the numbers of all anchors, or of all that have a "stamp", in order."""
    names = (name.removeprefix(FOLDER) for name in anchor_store().list_names(FOLDER))
    found = (name.partition(".") for name in names)
    return sorted(int(number) for number, _, ending in found if ending == kind)


def read_anchor(number: int) -> Anchor:
    """Return an anchor; raises AnchorUnreadable, ObjectMissing or StoreUnavailable."""
    return parse_anchor(anchor_store().get(file_name(number)))


def parse_anchor(data: bytes) -> Anchor:
    """Return what an anchor's file says, nothing of it believed yet; raises AnchorUnreadable."""
    try:
        file = json.loads(data)
        said: dict[str, Any] = json.loads(file["statement"])
        return Anchor(
            number=int(said["number"]),
            at=datetime.fromisoformat(said["at"]),
            previous=str(said["previous"]),
            root=bytes.fromhex(said["root"]),
            heads=tuple(
                AnchoredHead(uuid.UUID(clinic), int(seq), bytes.fromhex(head))
                for clinic, seq, head in file["heads"]
            ),
            statement=str(file["statement"]).encode(),
            seal=base64.b64decode(file["seal"], validate=True),
            sha256=sha256(data).hexdigest(),
            restored=_restored_of(said.get("restored")),
        )
    except (ValueError, TypeError, KeyError, AttributeError) as problem:
        raise AnchorUnreadable("an anchor's file cannot be read") from problem


def write_anchor(
    number: int,
    at: datetime,
    previous: str,
    heads: list[AnchoredHead],
    restored: Restored | None = None,
) -> Anchor:
    """Sign and store an anchor over heads that moved; raises ObjectExists for a taken number."""
    heads = sorted(heads, key=lambda head: head.tenant_id)
    said: dict[str, Any] = {
        "format": FORMAT,
        "number": number,
        "at": at.isoformat(timespec="microseconds"),
        "previous": previous,
        "clinics": len(heads),
        "root": tree_root(leaves_of(heads)).hex(),
    }
    if restored is not None:
        said["restored"] = {**asdict(restored), "tenant_id": str(restored.tenant_id)}
    statement = json.dumps(said, sort_keys=True, separators=(",", ":"))
    file = {
        "statement": statement,
        "heads": [[str(head.tenant_id), head.seq, head.hash.hex()] for head in heads],
        "seal": base64.b64encode(_sign(statement.encode())).decode(),
    }
    data = json.dumps(file, indent=1).encode()
    anchor_store().put(file_name(number), data)
    return parse_anchor(data)


def _restored_of(said: dict[str, Any] | None) -> Restored | None:
    if said is None:
        return None
    return Restored(
        tenant_id=uuid.UUID(said["tenant_id"]),
        by=str(said["by"]),
        reason=str(said["reason"]),
        kept_seq=int(said["kept_seq"]),
        given_up=tuple((int(anchor), int(seq)) for anchor, seq in said["given_up"]),
    )


def leaves_of(heads: Sequence[AnchoredHead]) -> list[bytes]:
    """Return the leaves of an anchor's tree."""
    return [leaf_hash(head.tenant_id, head.seq, head.hash) for head in heads]


def proof_of(anchor: Anchor, tenant_id: uuid.UUID) -> dict[str, Any] | None:
    """Return what shows one clinic's head in an anchor without naming any other clinic.

    Statement, signature and the path from leaf to root; None where the clinic is not in it.
    """
    for at, head in enumerate(anchor.heads):
        if head.tenant_id == tenant_id:
            return {
                "statement": anchor.statement.decode(),
                "seal": base64.b64encode(anchor.seal).decode(),
                "seq": head.seq,
                "hash": head.hash.hex(),
                "path": [
                    [side, beside.hex()] for side, beside in tree_path(leaves_of(anchor.heads), at)
                ],
            }
    return None


def stamp_anchors() -> int:
    """Have anchors without a time stamp stamped, the oldest first; return how many were."""
    authority = stamp_authority()
    if authority is None:
        return 0
    stamped, done = set(list_numbers("stamp")), 0
    for number in [one for one in list_numbers() if one not in stamped][:STAMPS_A_ROUND]:
        try:
            stamp = asyncio.run(authority.request_stamp(imprint_of(read_anchor(number))))
        except AnchorUnreadable:
            log.error("audit.anchor_unreadable", anchor=number)
            continue
        except StampRefused as refusal:
            log.warning("audit.anchor_not_stamped", anchor=number, why=refusal.reason)
            break
        anchor_store().put(file_name(number, "stamp"), stamp.token.dump())
        done += 1
    return done


def imprint_of(anchor: Anchor) -> bytes:
    """Return what an anchor's time stamp covers: its signature, which a proof carries, too."""
    return sha256(anchor.seal).digest()


def stamp_token(number: int) -> cms.ContentInfo | None:
    """Return the authority's token for an anchor, unchecked, or None: not stamped."""
    if not anchor_store().exists(file_name(number, "stamp")):
        return None
    return cms.ContentInfo.load(anchor_store().get(file_name(number, "stamp")), strict=True)


def _sign(statement: bytes) -> bytes:
    signer = installation_sealer().signer
    made = asyncio.run(signer.async_sign_general_data(statement, "sha256", detached=True))
    return bytes(made.dump())
