"""Questions about accounts, attempts, outgoing calls and received events."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, text

from app.billing.errors import AttemptUnknown
from app.billing.models import (
    AttemptState,
    OperationState,
    PaymentAttempt,
    Receipt,
    StripeAccount,
    StripeCustomer,
    StripeEvent,
    StripeOperation,
)
from app.database import ScopedSession, TenantScope
from app.tenants.models import Clinic

FIND_CLINIC = text("SELECT door.find_stripe_account(:account)")
BIND_ACCOUNT = text("SELECT door.bind_stripe_account(:account)")
QUARANTINE = text("SELECT door.quarantine_event(:event, :account, :why, :at)")
ACTIVE = text("SELECT tenant_id FROM door.active_tenants()")
OPEN_STATES = (AttemptState.NEW.value, AttemptState.OPEN.value, AttemptState.UNKNOWN.value)


def find_clinic_of_account(session: ScopedSession, account_id: str) -> uuid.UUID | None:
    """Return the clinic that a connected account belongs to, or None."""
    found: uuid.UUID | None = session.execute(FIND_CLINIC, {"account": account_id}).scalar_one()
    return found


def list_active_clinics(session: ScopedSession) -> Sequence[uuid.UUID]:
    """Return the clinics that are open for business."""
    return session.execute(ACTIVE).scalars().all()


def find_account(scope: TenantScope) -> StripeAccount | None:
    """Return the clinic's connected account, or None."""
    statement = (
        select(StripeAccount)
        .where(StripeAccount.tenant_id == scope.tenant_id)
        .order_by(StripeAccount.created_at.desc())
        .limit(1)
    )
    return scope.session.scalar(statement)


def lock_clinic(scope: TenantScope) -> None:
    """Let one transaction at a time do what a clinic does once: connect, count receipts."""
    scope.session.execute(
        select(Clinic.id).where(Clinic.tenant_id == scope.tenant_id).with_for_update()
    )


def find_customer(scope: TenantScope, patient_id: uuid.UUID) -> StripeCustomer | None:
    """Return a patient's customer on the clinic's account, or None."""
    statement = select(StripeCustomer).where(
        StripeCustomer.tenant_id == scope.tenant_id, StripeCustomer.patient_id == patient_id
    )
    return scope.session.scalar(statement)


def get_attempt(scope: TenantScope, attempt_id: uuid.UUID) -> PaymentAttempt:
    """Return an attempt; raises AttemptUnknown."""
    found = find_attempt(scope, attempt_id)
    if found is None:
        raise AttemptUnknown("There is no such payment.")
    return found


def find_attempt(scope: TenantScope, attempt_id: uuid.UUID) -> PaymentAttempt | None:
    """Return an attempt, or None."""
    return scope.session.get(PaymentAttempt, (scope.tenant_id, attempt_id))


def get_attempt_for_update(scope: TenantScope, attempt_id: uuid.UUID) -> PaymentAttempt:
    """Lock an attempt and return it as it is now. The purchase's lock comes first."""
    statement = (
        select(PaymentAttempt)
        .where(PaymentAttempt.tenant_id == scope.tenant_id, PaymentAttempt.id == attempt_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return scope.session.scalars(statement).one()


def find_open_attempt(
    scope: TenantScope, purchase_id: uuid.UUID, purpose: str
) -> PaymentAttempt | None:
    """Return the one attempt that may still be paid, or None."""
    statement = (
        select(PaymentAttempt)
        .where(
            PaymentAttempt.tenant_id == scope.tenant_id,
            PaymentAttempt.purchase_id == purchase_id,
            PaymentAttempt.purpose == purpose,
            PaymentAttempt.state.in_(OPEN_STATES),
        )
        .execution_options(populate_existing=True)
    )
    return scope.session.scalar(statement)


def list_attempts(scope: TenantScope, purchase_id: uuid.UUID) -> Sequence[PaymentAttempt]:
    """Return the attempts to pay for a purchase, the newest first."""
    statement = (
        select(PaymentAttempt)
        .where(
            PaymentAttempt.tenant_id == scope.tenant_id,
            PaymentAttempt.purchase_id == purchase_id,
        )
        .order_by(PaymentAttempt.created_at.desc(), PaymentAttempt.id.desc())
    )
    return scope.session.scalars(statement).all()


def find_attempt_of_session(scope: TenantScope, session_id: str) -> PaymentAttempt | None:
    """Return the attempt behind a Checkout Session, or None."""
    statement = select(PaymentAttempt).where(
        PaymentAttempt.tenant_id == scope.tenant_id,
        PaymentAttempt.checkout_session_id == session_id,
    )
    return scope.session.scalar(statement)


def exists_paid_attempt(scope: TenantScope, purchase_id: uuid.UUID, purpose: str) -> bool:
    """Return whether a purchase's deposit or balance was paid."""
    statement = select(
        select(PaymentAttempt.id)
        .where(
            PaymentAttempt.tenant_id == scope.tenant_id,
            PaymentAttempt.purchase_id == purchase_id,
            PaymentAttempt.purpose == purpose,
            PaymentAttempt.state == AttemptState.PAID.value,
        )
        .exists()
    )
    return bool(scope.session.scalar(statement))


def list_unsettled_attempts(scope: TenantScope) -> Sequence[uuid.UUID]:
    """Return attempts that may have been paid without our knowing, the oldest first."""
    statement = (
        select(PaymentAttempt.id)
        .where(
            PaymentAttempt.tenant_id == scope.tenant_id,
            PaymentAttempt.state.in_(OPEN_STATES),
            PaymentAttempt.checkout_session_id.is_not(None),
        )
        .order_by(PaymentAttempt.created_at)
    )
    return scope.session.scalars(statement).all()


def find_running_operation(
    scope: TenantScope, kind: str, subject_id: uuid.UUID
) -> StripeOperation | None:
    """Return the call of a kind that was sent for a subject and is not known to have ended."""
    statement = (
        select(StripeOperation)
        .where(
            StripeOperation.tenant_id == scope.tenant_id,
            StripeOperation.kind == kind,
            StripeOperation.subject_id == subject_id,
            StripeOperation.state.in_([OperationState.SENT.value, OperationState.UNKNOWN.value]),
        )
        .order_by(StripeOperation.created_at.desc())
        .limit(1)
    )
    return scope.session.scalar(statement)


def get_operation_for_update(scope: TenantScope, operation_id: uuid.UUID) -> StripeOperation:
    """Lock an outgoing call and return it as it is now."""
    statement = (
        select(StripeOperation)
        .where(StripeOperation.tenant_id == scope.tenant_id, StripeOperation.id == operation_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return scope.session.scalars(statement).one()


def list_unresolved_operations(
    scope: TenantScope, kind: str, *, before: datetime
) -> Sequence[uuid.UUID]:
    """Return calls that were sent before an instant and whose outcome is not known."""
    statement = (
        select(StripeOperation.id)
        .where(
            StripeOperation.tenant_id == scope.tenant_id,
            StripeOperation.kind == kind,
            StripeOperation.state.in_([OperationState.SENT.value, OperationState.UNKNOWN.value]),
            StripeOperation.first_sent_at < before,
        )
        .order_by(StripeOperation.created_at)
    )
    return scope.session.scalars(statement).all()


def find_event_for_update(scope: TenantScope, event_id: str) -> StripeEvent | None:
    """Lock a received event, or return None."""
    statement = (
        select(StripeEvent)
        .where(StripeEvent.tenant_id == scope.tenant_id, StripeEvent.event_id == event_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return scope.session.scalar(statement)


def count_open_events(scope: TenantScope) -> int:
    """Return how many received events were not handled yet."""
    statement = select(func.count()).where(
        StripeEvent.tenant_id == scope.tenant_id, StripeEvent.handled_at.is_(None)
    )
    return scope.session.execute(statement).scalar_one()


def find_receipt(scope: TenantScope, attempt_id: uuid.UUID) -> Receipt | None:
    """Return the receipt of a payment, or None."""
    statement = (
        select(Receipt)
        .where(Receipt.tenant_id == scope.tenant_id, Receipt.attempt_id == attempt_id)
        .execution_options(populate_existing=True)
    )
    return scope.session.scalar(statement)


def last_receipt_number(scope: TenantScope) -> int:
    """Return the highest receipt number so far; the caller holds the clinic's lock."""
    statement = select(func.coalesce(func.max(Receipt.number), 0)).where(
        Receipt.tenant_id == scope.tenant_id
    )
    return int(scope.session.scalar(statement) or 0)
