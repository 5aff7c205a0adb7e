"""Verify the anchors themselves: their row, their roots, who signed them and who stamped them."""

import asyncio
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from asn1crypto import cms
from asn1crypto import x509 as asn1_x509
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.generic_cms import async_validate_detached_cms
from pyhanko_certvalidator import ValidationContext

from app.audit.anchors import (
    Anchor,
    AnchorUnreadable,
    Restored,
    imprint_of,
    installation_sealer,
    leaves_of,
    list_numbers,
    read_anchor,
    stamp_token,
)
from app.audit.chain import tree_root
from app.audit.verify import AnchoredAt
from app.documents.sealer import to_asn1
from app.documents.stamping import machine_time, read_stamp_status
from app.storage.errors import StoreUnavailable


@dataclass(frozen=True)
class AnchorTrust:
    """Who may sign anchors and who may stamp them."""

    roots: tuple[asn1_x509.Certificate, ...] = ()
    stamp_roots: tuple[asn1_x509.Certificate, ...] = ()


@dataclass
class AnchorReport:
    """What the anchors say, clinic by clinic, and what does not hold among them.

    ``restores`` are genuine statements that an older state was restored. Heads that one of them
    gives up are left out of ``heads``; they are told for ever and never looked for again.
    """

    anchors: int = 0
    stamped: int = 0
    heads: dict[uuid.UUID, dict[int, AnchoredAt]] = field(default_factory=dict)
    restores: list[Anchor] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    not_stamped: list[int] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether nothing was found; an anchor without a stamp is a state and no fault."""
        return not self.findings


def installed_trust(
    roots: tuple[asn1_x509.Certificate, ...], stamp_roots: tuple[asn1_x509.Certificate, ...]
) -> AnchorTrust:
    """Return what an installation trusts for its own anchors: its seal and what vouches for it."""
    sealer = installation_sealer()
    own = tuple(to_asn1(each) for each in (sealer.certificate, *sealer.chain))
    return AnchorTrust((*roots, *own), stamp_roots)


def verify_anchors(trust: AnchorTrust) -> AnchorReport:
    """Read every anchor in order; raises StoreUnavailable where the store is down."""
    report, expected, previous = AnchorReport(), 1, ""
    read: list[Anchor] = []
    for number in list_numbers():
        report.anchors += 1
        if number != expected:
            report.findings.append(f"Anchors {expected} to {number - 1} are gone.")
            previous = ""
        try:
            anchor = read_anchor(number)
        except (AnchorUnreadable, StoreUnavailable):
            report.findings.append(f"Anchor {number} cannot be read: damaged.")
            expected, previous = number + 1, ""
            continue
        problems = list(_problems(anchor, number, previous, trust))
        report.findings += problems
        if anchor.restored is not None and not problems:
            report.restores.append(anchor)
        read.append(anchor)
        _check_stamp(report, anchor, trust)
        expected, previous = number + 1, anchor.sha256
    given_up = _given_up(report.restores)
    for anchor in read:
        _keep_heads(report, anchor, given_up)
    return report


def restores_of(report: AnchorReport, tenant_id: uuid.UUID) -> list[tuple[Anchor, Restored]]:
    """Return the restores of one clinic that were accepted, the oldest first."""
    return [
        (anchor, anchor.restored)
        for anchor in report.restores
        if anchor.restored is not None and anchor.restored.tenant_id == tenant_id
    ]


def _given_up(restores: list[Anchor]) -> set[tuple[uuid.UUID, int, int]]:
    """Return the heads that were given up, as (clinic, anchor, row): older than the statement."""
    return {
        (anchor.restored.tenant_id, number, seq)
        for anchor in restores
        if anchor.restored is not None
        for number, seq in anchor.restored.given_up
        if number < anchor.number
    }


def _problems(anchor: Anchor, number: int, previous: str, trust: AnchorTrust) -> Iterator[str]:
    if anchor.number != number:
        yield f"Anchor {number} says that it is anchor {anchor.number}."
    if previous and anchor.previous != previous:
        yield f"Anchor {number} does not follow the anchor before it: one of them was exchanged."
    if not anchor.heads or tree_root(leaves_of(anchor.heads)) != anchor.root:
        yield f"The heads in anchor {number} do not make its root: edited."
    problem = asyncio.run(_seal_problem(anchor, trust))
    if problem:
        yield f"Anchor {number} {problem}"


async def _seal_problem(anchor: Anchor, trust: AnchorTrust) -> str:
    """Return what is wrong with an anchor's signature, or an empty text.

    A certificate that has expired since is judged at the anchor's own time.
    """
    context = ValidationContext(
        trust_roots=list(trust.roots),
        moment=max(anchor.at, _earliest(trust)) if anchor.at < machine_time() else machine_time(),
        allow_fetching=False,
    )
    try:
        signed = cms.ContentInfo.load(anchor.seal, strict=True)["content"]
        status = await async_validate_detached_cms(
            anchor.statement, signed, signer_validation_context=context
        )
    except (ValueError, TypeError, KeyError, SignatureValidationError):
        return "carries no signature that can be read."
    if not (status.intact and status.valid):
        return "carries a signature over something else: edited."
    if not status.trusted:
        return "was signed by somebody whom this installation does not trust."
    return ""


def _earliest(trust: AnchorTrust) -> datetime:
    begins: list[datetime] = [root.not_valid_before for root in trust.roots]
    return max(begins)


def _keep_heads(
    report: AnchorReport, anchor: Anchor, given_up: set[tuple[uuid.UUID, int, int]]
) -> None:
    for head in anchor.heads:
        if (head.tenant_id, anchor.number, head.seq) in given_up:
            continue
        known = report.heads.setdefault(head.tenant_id, {})
        before = known.get(head.seq)
        if before is not None and before.hash != head.hash:
            report.findings.append(
                f"Anchors {before.anchor} and {anchor.number} hold different hashes for row"
                f" {head.seq} of clinic {head.tenant_id}: its history was rewritten in between."
            )
            continue
        known.setdefault(head.seq, AnchoredAt(anchor.number, head.hash))


def _check_stamp(report: AnchorReport, anchor: Anchor, trust: AnchorTrust) -> None:
    try:
        token = stamp_token(anchor.number)
    except (StoreUnavailable, ValueError):
        report.findings.append(f"The time stamp of anchor {anchor.number} cannot be read.")
        return
    if token is None:
        report.not_stamped.append(anchor.number)
        return
    if asyncio.run(_stamp_holds(token, imprint_of(anchor), trust)):
        report.stamped += 1
    else:
        report.findings.append(f"The time stamp of anchor {anchor.number} is for something else.")


async def _stamp_holds(token: cms.ContentInfo, imprint: bytes, trust: AnchorTrust) -> bool:
    context = ValidationContext(
        trust_roots=list(trust.stamp_roots), moment=machine_time(), allow_fetching=False
    )
    try:
        status = await read_stamp_status(token["content"], imprint, context)
    except (ValueError, TypeError, KeyError, SignatureValidationError):
        return False
    return bool(status.intact and status.valid and (status.trusted or not trust.stamp_roots))
