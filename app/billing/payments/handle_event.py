"""Handle a received event: fetch what it speaks of, and settle the attempt behind it."""

import uuid
from dataclasses import dataclass
from datetime import timedelta

from app import jobs
from app.billing.errors import EventUnknown, StripeUnreachable
from app.billing.models import StripeEvent
from app.billing.payments import queries
from app.billing.payments.connect_clinic import refresh_account
from app.billing.payments.settle_attempt import apply_facts
from app.billing.setup import billing_setup
from app.billing.stripe_facts import Refused, SessionFacts, Unknown
from app.database import TenantScope, outside_call
from app.kit.clock import now

PAYMENT_KINDS = frozenset({"payment_intent", "charge"})
ACCOUNT_KINDS = frozenset({"account", "v2.core.account"})
MOST_ATTEMPTS = 7


@dataclass(frozen=True)
class _Subject:
    account_id: str
    kind: str
    object_id: str


def handle_event(scope: TenantScope, *, event_id: str) -> None:
    """Handle an event once; the payload was only a hint and is not looked at again.

    A payment that we do not know (yet) is tried again with growing pauses, then left for a person
    with ``problem`` set. Raises StripeUnreachable, so that the queue tries again.
    """
    event = queries.find_event_for_update(scope, event_id)
    if event is None or event.handled_at is not None:
        return
    kind = _kind_of(event.type)
    if kind in ACCOUNT_KINDS:
        refresh_account(scope)
        _mark(scope, event_id)
        return
    subject = _Subject(event.account_id, kind, event.object_id)
    outside_call(
        scope,
        prepare=lambda scope: subject,
        call=_fetch,
        record=lambda scope, _, facts: _apply(scope, event_id, facts),
    )


def replay_event(scope: TenantScope, *, event_id: str) -> None:
    """Handle a received event once more; raises EventUnknown."""
    event = queries.find_event_for_update(scope, event_id)
    if event is None:
        raise EventUnknown("This clinic has not received such an event.")
    event.handled_at, event.problem, event.attempts = None, None, 0
    jobs.enqueue(scope, "billing.handle_event", event_id=event_id)


def _kind_of(event_type: str) -> str:
    """Return what an event type speaks of: "checkout.session.expired" → "checkout.session"."""
    if event_type.startswith("v2.core.account"):
        return "v2.core.account"
    return event_type.rsplit(".", 1)[0].removeprefix("v1.")


def _fetch(subject: _Subject) -> SessionFacts | None:
    """Return the Checkout Session behind a subject as it is now, or None when there is none."""
    gateway = billing_setup().gateway.on(subject.account_id)
    try:
        session_id: str | None = None
        if subject.kind == "checkout.session":
            session_id = subject.object_id
        elif subject.kind in PAYMENT_KINDS:
            session_id = gateway.find_session_id(subject.kind, subject.object_id)
        return gateway.fetch_session(session_id) if session_id else None
    except Refused:
        return None
    except Unknown:
        raise StripeUnreachable from None


def _apply(scope: TenantScope, event_id: str, facts: SessionFacts | None) -> None:
    if facts is None or not _is_ours(scope, facts):
        _mark(scope, event_id)
        return
    attempt = queries.find_attempt(scope, uuid.UUID(facts.reference))
    if attempt is None:
        _try_later(scope, event_id)
        return
    apply_facts(scope, attempt.id, facts)
    _mark(scope, event_id)


def _is_ours(scope: TenantScope, facts: SessionFacts) -> bool:
    """Whether we made this session. The clinic may well sell by other means on its account."""
    try:
        uuid.UUID(facts.reference)
    except ValueError:
        return False
    return facts.tenant == str(scope.tenant_id)


def _mark(scope: TenantScope, event_id: str) -> None:
    event = _get(scope, event_id)
    event.handled_at, event.problem = now(), None


def _try_later(scope: TenantScope, event_id: str) -> None:
    event = _get(scope, event_id)
    event.attempts += 1
    event.problem = "unknown_payment"
    if event.attempts < MOST_ATTEMPTS:
        later = now() + timedelta(seconds=2**event.attempts)
        jobs.enqueue(scope, "billing.handle_event", not_before=later, event_id=event_id)


def _get(scope: TenantScope, event_id: str) -> StripeEvent:
    event = queries.find_event_for_update(scope, event_id)
    if event is None:
        raise EventUnknown
    return event
