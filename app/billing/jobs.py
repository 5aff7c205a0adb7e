"""The jobs of this room; each is thin and may run twice."""

import uuid

from app import jobs
from app.billing.payments.handle_event import handle_event
from app.billing.payments.issue_receipt import issue_receipt
from app.billing.payments.resolve_checkout import resolve_checkout
from app.billing.payments.settle_attempt import settle_attempt
from app.database import TenantScope


@jobs.handler("billing.handle_event")
def handle(scope: TenantScope, *, event_id: str) -> None:
    """Handle a received event."""
    handle_event(scope, event_id=event_id)


@jobs.handler("billing.settle")
def settle(scope: TenantScope, *, attempt_id: uuid.UUID) -> None:
    """Ask Stripe what became of a payment."""
    settle_attempt(scope, attempt_id=attempt_id)


@jobs.handler("billing.resolve_checkout")
def resolve(scope: TenantScope, *, operation_id: uuid.UUID) -> None:
    """Find out what became of a call that got no answer."""
    resolve_checkout(scope, operation_id=operation_id)


@jobs.handler("billing.issue_receipt")
def issue(scope: TenantScope, *, attempt_id: uuid.UUID) -> None:
    """Seal the receipt of a settled payment and send it."""
    issue_receipt(scope, attempt_id=attempt_id)
