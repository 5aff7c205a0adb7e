"""The sealing job: lays every event that has been committed into the clinic's chain.

It never runs in a request, where it would let people wait for each other. Order is the order of
sealing: an event whose transaction began early and ended late is simply sealed in a later round.
"""

from collections.abc import Sequence
from datetime import timedelta

from app.audit import queries
from app.audit.chain import FIRST_PREVIOUS, event_digest, head_bytes, link_hash
from app.audit.models import AuditEvent, AuditHead, AuditLink
from app.database import TenantScope
from app.kit.clock import now
from app.vault import sign_row

BATCH = 2000
# How long a transaction may have been open before its event is found by the nightly round alone.
LATE = timedelta(days=1)


def seal_events(scope: TenantScope, *, everything: bool = False) -> int:
    """Seal what is committed and not yet sealed; return how many events that was.

    Rounds wait for each other at the clinic's head. ``everything`` looks at the clinic's whole
    past and not only at the last day before the round before.
    """
    head = queries.lock_head(scope, _first_head(scope))
    since = None if everything or head.seq == 0 else head.sealed_at - LATE
    sealed = 0
    while waiting := queries.list_unsealed(scope, since=since, most=BATCH):
        _append(scope, head, waiting)
        sealed += len(waiting)
        if len(waiting) < BATCH:
            break
    return sealed


def _first_head(scope: TenantScope) -> AuditHead:
    return AuditHead(
        tenant_id=scope.tenant_id,
        seq=0,
        hash=FIRST_PREVIOUS,
        mac=sign_row(scope.tenant_id, head_bytes(0, FIRST_PREVIOUS)),
        sealed_at=now(),
    )


def _append(scope: TenantScope, head: AuditHead, events: Sequence[AuditEvent]) -> None:
    at, seq, last = now(), head.seq, head.hash
    for event in events:
        digest = event_digest(event)
        seq, last = seq + 1, link_hash(last, seq + 1, digest)
        scope.session.add(
            AuditLink(
                tenant_id=scope.tenant_id,
                seq=seq,
                event_id=event.id,
                digest=digest,
                hash=last,
                sealed_at=at,
            )
        )
    head.seq, head.hash, head.sealed_at = seq, last, at
    head.mac = sign_row(scope.tenant_id, head_bytes(seq, last))
    scope.session.flush()
