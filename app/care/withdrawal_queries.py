"""Questions about withdrawals that the clinic still has to follow: visits, money, receipts."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select

from app.billing.refund_models import RefundQuote
from app.consent.models import Consent, Withdrawal
from app.consent.withdrawal_queries import STOPS_TREATMENT
from app.database import TenantScope
from app.documents.models import Document, DocumentKind
from app.patients.models import Patient
from app.plans.models import Visit, VisitState

EXPECTED = (VisitState.PLANNED.value, VisitState.ARRIVED.value)


@dataclass(frozen=True)
class WithdrawalLine:
    """One withdrawal in a list. ``has_receipt`` is false while the receipt is being made."""

    withdrawal: Withdrawal
    plan_id: uuid.UUID
    patient_id: uuid.UUID
    location_id: uuid.UUID
    purpose: str
    patient_name: str
    has_receipt: bool


def list_withdrawals(
    scope: TenantScope, *, since: datetime, only_open: bool = False, most: int = 100
) -> Sequence[WithdrawalLine]:
    """Return the withdrawals since an instant, the newest first.

    Open are those with a visit still expected under the plan, or a quote nobody has dealt with.
    """
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
        select(
            Withdrawal,
            Consent.plan_id,
            Consent.patient_id,
            Consent.location_id,
            Consent.purpose,
            Patient.name,
            sealed,
        )
        .join(
            Consent,
            (Consent.tenant_id == Withdrawal.tenant_id) & (Consent.id == Withdrawal.consent_id),
        )
        .join(
            Patient, (Patient.tenant_id == Consent.tenant_id) & (Patient.id == Consent.patient_id)
        )
        .where(
            Withdrawal.tenant_id == scope.tenant_id,
            Consent.tenant_id == scope.tenant_id,
            Patient.tenant_id == scope.tenant_id,
            Withdrawal.withdrawn_at >= since,
            *([_is_open(scope)] if only_open else []),
        )
        .order_by(Withdrawal.withdrawn_at.desc(), Withdrawal.id.desc())
        .limit(most)
    )
    return [WithdrawalLine(*row) for row in scope.session.execute(statement)]


def count_open_withdrawals(scope: TenantScope) -> int:
    """Return how many withdrawals somebody still has to look at."""
    statement = (
        select(func.count(Withdrawal.id))
        .join(
            Consent,
            (Consent.tenant_id == Withdrawal.tenant_id) & (Consent.id == Withdrawal.consent_id),
        )
        .where(
            Withdrawal.tenant_id == scope.tenant_id,
            Consent.tenant_id == scope.tenant_id,
            _is_open(scope),
        )
    )
    return scope.session.execute(statement).scalar_one()


def list_visits_expected(scope: TenantScope, plan_ids: Collection[uuid.UUID]) -> Sequence[Visit]:
    """Return the visits of some plans that are still to come, the next first."""
    statement = (
        select(Visit)
        .where(
            Visit.tenant_id == scope.tenant_id,
            Visit.plan_id.in_(plan_ids),
            Visit.state.in_(EXPECTED),
        )
        .order_by(Visit.planned_at, Visit.id)
    )
    return scope.session.scalars(statement).all()


def _is_open(scope: TenantScope) -> ColumnElement[bool]:
    again = Consent.__table__.alias()
    visits = (
        select(Visit.id)
        .where(
            Visit.tenant_id == scope.tenant_id,
            Visit.plan_id == Consent.plan_id,
            Visit.state.in_(EXPECTED),
        )
        .exists()
    )
    agreed_since = (
        select(again.c.id)
        .where(
            again.c.tenant_id == scope.tenant_id,
            again.c.plan_id == Consent.plan_id,
            again.c.purpose == Consent.purpose,
            again.c.attested_at > Withdrawal.withdrawn_at,
        )
        .exists()
    )
    quotes = (
        select(RefundQuote.id)
        .where(
            RefundQuote.tenant_id == scope.tenant_id,
            RefundQuote.withdrawal_id == Withdrawal.id,
            RefundQuote.handled_at.is_(None),
        )
        .exists()
    )
    stops = Consent.purpose.in_(STOPS_TREATMENT)
    return or_(stops & visits & ~agreed_since, quotes)
