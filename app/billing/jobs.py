"""The jobs of this room; each is thin and may run twice."""

import uuid

import structlog

from app import jobs
from app.billing.errors import OnlinePaymentsOff
from app.billing.ledger.closings import close_ledger
from app.billing.payments.handle_event import handle_event
from app.billing.payments.issue_receipt import issue_receipt
from app.billing.payments.reconcile_clinic import reconcile_clinic
from app.billing.payments.resolve_checkout import resolve_checkout
from app.billing.payments.settle_attempt import settle_attempt
from app.database import TenantScope

log = structlog.get_logger(__name__)


@jobs.handler("billing.handle_event", outlives="money that has moved is followed to its end")
def handle(scope: TenantScope, *, event_id: str) -> None:
    """Handle a received event."""
    handle_event(scope, event_id=event_id)


@jobs.handler("billing.settle", outlives="money that has moved is followed to its end")
def settle(scope: TenantScope, *, attempt_id: uuid.UUID) -> None:
    """Ask Stripe what became of a payment."""
    settle_attempt(scope, attempt_id=attempt_id)


@jobs.handler("billing.resolve_checkout", outlives="money that has moved is followed to its end")
def resolve(scope: TenantScope, *, operation_id: uuid.UUID) -> None:
    """Find out what became of a call that got no answer."""
    resolve_checkout(scope, operation_id=operation_id)


@jobs.handler("billing.issue_receipt", outlives="money that has moved is followed to its end")
def issue(scope: TenantScope, *, attempt_id: uuid.UUID) -> None:
    """Seal the receipt of a settled payment and send it."""
    issue_receipt(scope, attempt_id=attempt_id)


@jobs.handler("billing.reconcile", nightly=True)
def reconcile(scope: TenantScope) -> None:
    """Compare the ledger with Stripe; what differs is an alarm for the engineer on call."""
    try:
        found = reconcile_clinic(scope)
    except OnlinePaymentsOff:
        return
    if not found.is_clean:
        log.error(
            "billing.drift",
            tenant_id=str(scope.tenant_id),
            drift_minor={one.currency: one.drift_minor for one in found.drifts},
            unbooked=len(found.unbooked),
        )


@jobs.handler("billing.close_ledger", nightly=True)
def close(scope: TenantScope) -> None:
    """Add up the ledger; a closing that was wrong is an alarm."""
    if not close_ledger(scope):
        log.error("billing.closing_was_wrong", tenant_id=str(scope.tenant_id))
