"""Accept that an older state of a clinic was restored: said once, signed, and told for ever.

Anchors remember what a backup does not, so after a restore every check would fail for good, and an
alarm that never ends is one that nobody hears. Accepting names the anchored heads that are gone,
one by one, in an anchor of its own. It excuses nothing else: what is here must hold by itself.
"""

import uuid
from collections.abc import Iterator

from app import audit, jobs
from app.audit import queries
from app.audit.anchors import (
    Anchor,
    AnchoredHead,
    AnchorUnreadable,
    Restored,
    list_numbers,
    read_anchor,
)
from app.audit.chain import FIRST_PREVIOUS
from app.audit.rounds import all_clinics, gone_clinics, seal_all, write_next
from app.audit.verify import AnchoredAt, verify_chain
from app.audit.verify_anchors import AnchorReport, restores_of
from app.database import SYSTEM, TenantScope, tenant_scope
from app.kit.clock import now
from app.storage.errors import StoreUnavailable

RESTORE_ACCEPTED = "audit:restore:accept"
REASONS = {
    "disk-failure": "a disk or a machine failed",
    "damaged": "the database was damaged",
    "mistake": "something was deleted or changed by mistake",
    "moved": "the installation moved",
    "attack": "somebody had attacked it",
}


class NotAcceptable(Exception):
    """There is nothing to accept, or something besides the older state does not hold."""


def accept_restore(tenant_id: uuid.UUID, report: AnchorReport, *, by: str, reason: str) -> Anchor:
    """Write the statement, tell the owners, and return its anchor; raises NotAcceptable.

    :param report: what the anchors say now.
    :param by: who accepts, as a short code; it stands in every later report.
    """
    if tenant_id in gone_clinics():
        raise NotAcceptable("This clinic has left and was erased; nothing of it was restored.")
    is_here = tenant_id in all_clinics()
    if is_here:
        seal_all([tenant_id], everything=True)
    with tenant_scope(tenant_id, SYSTEM) as scope:
        restored, head = _what_was_lost(scope, report, by=by, reason=reason)
    anchor = write_next([head], restored)
    if is_here:
        with tenant_scope(tenant_id, SYSTEM) as scope:
            _note(scope, anchor, restored)
    return anchor


def in_one_line(anchor: Anchor, restored: Restored) -> str:
    """Return what a statement says, as every report lists it."""
    last = max(seq for _, seq in restored.given_up)
    return (
        f"Rows {restored.kept_seq + 1} to {last} as anchors {restored.given_up[0][0]} to"
        f" {restored.given_up[-1][0]} hold them are not in the record: an older state was restored,"
        f" because {REASONS.get(restored.reason, restored.reason)}. Accepted on"
        f" {anchor.at:%Y-%m-%d %H:%M} UTC by {restored.by}, anchor {anchor.number}."
    )


def _what_was_lost(
    scope: TenantScope, report: AnchorReport, *, by: str, reason: str
) -> tuple[Restored, AnchoredHead]:
    known = {pair for _, one in restores_of(report, scope.tenant_id) for pair in one.given_up}
    heads = [pair for pair in _heads_of(scope.tenant_id) if (pair[0], pair[1].seq) not in known]
    lost = [(number, head) for number, head in heads if not _is_here(scope, head)]
    if not lost:
        raise NotAcceptable("Every anchored row is in the record: there is nothing to accept.")
    kept = [pair for pair in heads if pair not in lost]
    chain = verify_chain(scope, {head.seq: AnchoredAt(number, head.hash) for number, head in kept})
    if not chain.holds:
        raise NotAcceptable(
            "What is here does not hold by itself, so it is no older state. Read what"
            " `flask audit verify` names; a restore cannot excuse it."
        )
    first = lost[0][0]
    end = queries.find_head(scope)
    restored = Restored(
        tenant_id=scope.tenant_id,
        by=by,
        reason=reason,
        kept_seq=max((head.seq for number, head in kept if number < first), default=0),
        given_up=tuple((number, head.seq) for number, head in lost),
    )
    seq, digest = (end.seq, bytes(end.hash)) if end is not None else (0, FIRST_PREVIOUS)
    return restored, AnchoredHead(scope.tenant_id, seq, digest)


def _heads_of(tenant_id: uuid.UUID) -> Iterator[tuple[int, AnchoredHead]]:
    for number in list_numbers():
        try:
            anchor = read_anchor(number)
        except (AnchorUnreadable, StoreUnavailable):
            continue  # The verifier names it, every time.
        yield from ((number, head) for head in anchor.heads if head.tenant_id == tenant_id)


def _is_here(scope: TenantScope, head: AnchoredHead) -> bool:
    if head.seq == 0:
        return True
    link = queries.find_link(scope, head.seq)
    return link is not None and bytes(link.hash) == head.hash


def _note(scope: TenantScope, anchor: Anchor, restored: Restored) -> None:
    head = queries.find_head(scope)
    if head is not None:
        head.verified_at, head.failed_checks = now(), 0
    audit.record(
        scope,
        RESTORE_ACCEPTED,
        subject_id=scope.tenant_id,
        anchor=anchor.number,
        by=restored.by,
        reason=restored.reason,
        first=restored.kept_seq + 1,
        last=max(seq for _, seq in restored.given_up),
    )
    jobs.enqueue(scope, "tenants.tell_restore")
