"""The rounds of the installation: seal every clinic, then anchor and stamp what moved.

Each clinic is a short transaction of its own; signing, storing and stamping hold none.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import text

from app.audit import queries
from app.audit.anchors import (
    Anchor,
    AnchoredHead,
    AnchorUnreadable,
    Restored,
    list_numbers,
    read_anchor,
    stamp_anchors,
    write_anchor,
)
from app.audit.gauges import ANCHORED, OF_ANCHORS, publish_gauges
from app.audit.sealing import seal_events
from app.database import SYSTEM, tenant_scope, unit_of_work
from app.kit.clock import now
from app.storage.errors import ObjectExists

log = structlog.get_logger(__name__)
ALL = text("SELECT tenant_id FROM door.all_tenants()")
GONE = text("SELECT tenant_id, audit_seq, audit_hash, erased_at FROM door.all_gone()")


@dataclass(frozen=True)
class Gone:
    """A clinic that has left: where its record of acts ended, and when it was erased."""

    seq: int
    hash: bytes
    erased_at: datetime


def all_clinics() -> list[uuid.UUID]:
    """Return every clinic of the installation, also those that are suspended or leaving."""
    with unit_of_work() as work:
        return list(work.session.execute(ALL).scalars())


def gone_clinics() -> dict[uuid.UUID, Gone]:
    """Return every clinic that has left and was erased, as its tombstone says."""
    with unit_of_work() as work:
        return {row[0]: Gone(row[1], bytes(row[2]), row[3]) for row in work.session.execute(GONE)}


def seal_all(clinics: Sequence[uuid.UUID], *, everything: bool = False) -> int:
    """Seal clinics' events; one that fails is logged and does not hold up the others."""
    sealed = 0
    for tenant_id in clinics:
        try:
            with tenant_scope(tenant_id, SYSTEM) as scope:
                sealed += seal_events(scope, everything=everything)
        except Exception as problem:  # One clinic's trouble must not leave the others unsealed.
            log.error("audit.not_sealed", tenant_id=str(tenant_id), kind=type(problem).__name__)
    return sealed


def anchor_all(clinics: Sequence[uuid.UUID]) -> Anchor | None:
    """Anchor the heads that moved since their last anchor; None where none did.

    A crash between the file and the note of it only anchors the same heads again.
    """
    heads = [head for tenant_id in clinics if (head := _moved_head(tenant_id))]
    if not heads:
        return None
    try:
        return write_next(heads)
    except ObjectExists:
        log.info("audit.anchored_by_another")
        return None


def write_next(heads: list[AnchoredHead], restored: Restored | None = None) -> Anchor:
    """Write the next anchor over these heads and note it; raises ObjectExists in a race."""
    numbers = list_numbers()
    number = numbers[-1] + 1 if numbers else 1
    anchor = write_anchor(number, now(), _hash_of(numbers[-1:]), heads, restored)
    for head in anchor.heads:
        _note(anchor, head)
    return anchor


def run_round(
    clinics: Sequence[uuid.UUID] | None = None, *, everything: bool = False
) -> Anchor | None:
    """Seal, anchor and stamp, every clinic or those given; return the new anchor, if any."""
    clinics = all_clinics() if clinics is None else clinics
    seal_all(clinics, everything=everything)
    anchor = anchor_all(clinics)
    stamp_anchors()
    if anchor is not None:
        ANCHORED.set(anchor.at.timestamp())
        publish_gauges(OF_ANCHORS)
    return anchor


def _moved_head(tenant_id: uuid.UUID) -> AnchoredHead | None:
    with tenant_scope(tenant_id, SYSTEM) as scope:
        head = queries.find_head(scope)
        if head is None or head.seq <= head.anchored_seq:
            return None
        return AnchoredHead(tenant_id, head.seq, head.hash)


def _hash_of(last: list[int]) -> str:
    """Return the hash of the newest file, also of one that cannot be read: it is named all the
    same."""
    if not last:
        return ""
    try:
        return read_anchor(last[0]).sha256
    except AnchorUnreadable:
        return "unreadable"


def _note(anchor: Anchor, anchored: AnchoredHead) -> None:
    with tenant_scope(anchored.tenant_id, SYSTEM) as scope:
        head = queries.find_head(scope)
        if head is not None:
            head.anchored_seq, head.anchor_number = anchored.seq, anchor.number
            head.anchored_at = anchor.at
