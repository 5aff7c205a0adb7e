"""Questions about withdrawals and their receipts."""

import uuid
from collections.abc import Collection, Sequence

from sqlalchemy import select

from app.consent.after.withdrawal_models import Withdrawal
from app.consent.errors import ConsentUnknown
from app.consent.models import Consent, ConsentState
from app.consent.purposes import Purpose
from app.database import TenantScope
from app.documents.models import Document, DocumentKind

# Without these nothing may be done at a visit; photographs have withdrawals of their own.
STOPS_TREATMENT = (Purpose.TREATMENT.value, Purpose.ADD_ON.value)


def get_withdrawal(scope: TenantScope, withdrawal_id: uuid.UUID) -> Withdrawal:
    """Return a withdrawal; raises ConsentUnknown."""
    found = scope.session.get(Withdrawal, (scope.tenant_id, withdrawal_id))
    if found is None:
        raise ConsentUnknown("There is no such withdrawal.")
    return found


def find_withdrawal(scope: TenantScope, consent_id: uuid.UUID) -> Withdrawal | None:
    """Return the withdrawal of a consent, or None."""
    statement = select(Withdrawal).where(
        Withdrawal.tenant_id == scope.tenant_id, Withdrawal.consent_id == consent_id
    )
    return scope.session.scalar(statement)


def find_receipt(scope: TenantScope, withdrawal_id: uuid.UUID) -> Document | None:
    """Return the sealed receipt of a withdrawal, or None while it is being made."""
    statement = select(Document).where(
        Document.tenant_id == scope.tenant_id,
        Document.subject_id == withdrawal_id,
        Document.kind == DocumentKind.WITHDRAWAL.value,
    )
    return scope.session.scalar(statement)


def list_without_receipt(scope: TenantScope, *, most: int) -> Sequence[uuid.UUID]:
    """Return the ids of withdrawals whose receipt was not sealed yet, the oldest first."""
    sealed = (
        select(Document.id)
        .where(
            Document.tenant_id == scope.tenant_id,
            Document.subject_id == Withdrawal.id,
            Document.kind == DocumentKind.WITHDRAWAL.value,
        )
        .exists()
    )
    statement = (
        select(Withdrawal.id)
        .where(Withdrawal.tenant_id == scope.tenant_id, ~sealed)
        .order_by(Withdrawal.withdrawn_at, Withdrawal.id)
        .limit(most)
    )
    return scope.session.scalars(statement).all()


def map_withdrawals_of_plans(
    scope: TenantScope, plan_ids: Collection[uuid.UUID]
) -> dict[uuid.UUID, Withdrawal]:
    """Return the newest withdrawal that stops the treatment of each plan, by plan.

    One that a later consent to the same thing has made good is over.
    """
    newer = (
        select(Consent.plan_id, Consent.purpose, Consent.attested_at)
        .where(Consent.tenant_id == scope.tenant_id, Consent.attested_at.is_not(None))
        .subquery()
    )
    statement = (
        select(Consent.plan_id, Withdrawal)
        .join(
            Withdrawal,
            (Withdrawal.tenant_id == Consent.tenant_id) & (Withdrawal.consent_id == Consent.id),
        )
        .where(
            Consent.tenant_id == scope.tenant_id,
            Withdrawal.tenant_id == scope.tenant_id,
            Consent.plan_id.in_(plan_ids),
            Consent.state == ConsentState.WITHDRAWN.value,
            Consent.purpose.in_(STOPS_TREATMENT),
            ~select(newer.c.plan_id)
            .where(
                newer.c.plan_id == Consent.plan_id,
                newer.c.purpose == Consent.purpose,
                newer.c.attested_at > Withdrawal.withdrawn_at,
            )
            .exists(),
        )
        .order_by(Withdrawal.withdrawn_at, Withdrawal.id)
    )
    return {row[0]: row[1] for row in scope.session.execute(statement)}
