"""A verified event arrives: into the inbox together with its job, and nothing else."""

from prometheus_client import Counter
from sqlalchemy.dialects.postgresql import insert

from app import jobs
from app.billing.models import StripeEvent
from app.billing.payments import queries
from app.billing.stripe_facts import EventNote
from app.database import SYSTEM, TenantScope, UnitOfWork
from app.kit.clock import now

EVENTS = Counter("needlepoint_stripe_events_total", "Events received from Stripe", ["outcome"])


def receive_event(work: UnitOfWork, note: EventNote, *, live: bool) -> str:
    """Keep an event and enqueue its job in the caller's transaction; return what was done.

    The clinic comes from the connected account alone. The same event again changes nothing; one of
    a foreign account or of the other mode is acknowledged and never acted on.
    """
    outcome = _keep(work, note, live=live)
    EVENTS.labels(outcome).inc()
    return outcome


def _keep(work: UnitOfWork, note: EventNote, *, live: bool) -> str:
    if note.livemode != live:
        return "other_mode"
    tenant_id = queries.find_clinic_of_account(work.session, note.account_id)
    if tenant_id is None:
        _quarantine(work, note)
        return "quarantined"
    scope = work.enter(tenant_id, SYSTEM)
    if not _insert(scope, note):
        return "repeated"
    jobs.enqueue(
        scope,
        "billing.handle_event",
        lock=f"stripe:{note.object_id}" if note.object_id else None,
        event_id=note.event_id,
    )
    return "received"


def _insert(scope: TenantScope, note: EventNote) -> bool:
    values = {
        "tenant_id": scope.tenant_id,
        "event_id": note.event_id,
        "account_id": note.account_id,
        "type": note.type,
        "object_id": note.object_id,
        "api_version": note.api_version,
        "livemode": note.livemode,
        "received_at": now(),
        "attempts": 0,
    }
    statement = insert(StripeEvent).values(**values).on_conflict_do_nothing()
    done = scope.session.execute(statement.returning(StripeEvent.event_id))
    return done.scalar() is not None


def _quarantine(work: UnitOfWork, note: EventNote) -> None:
    values = {
        "event": note.event_id,
        "account": note.account_id,
        "why": "unknown_account" if note.account_id else "no_account",
        "at": now(),
    }
    work.session.execute(queries.QUARANTINE, values)
