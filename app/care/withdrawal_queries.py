"""Questions about withdrawals that the clinic still has to follow: visits, money, receipts."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CompoundSelect, Select, func, select, tuple_, union

from app.audit.queries import Place
from app.billing.refund_models import RefundQuote
from app.consent.after.withdrawal_models import Withdrawal
from app.consent.after.withdrawal_queries import STOPS_TREATMENT
from app.consent.models import Consent, ConsentState
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
    ended_at: datetime | None
    patient_name: str
    has_receipt: bool

    @property
    def place(self) -> Place:
        """Return where the line stands in a list of withdrawals."""
        return self.ended_at or self.withdrawal.withdrawn_at, self.withdrawal.consent_id


def page_open(
    scope: TenantScope, *, before: Place | None = None, size: int
) -> Sequence[WithdrawalLine]:
    """Return withdrawals that somebody has to look at, the newest first.

    Those with a visit still expected under the plan, or a quote nobody has dealt with.
    :param before: the place of the last line of the page before.
    """
    found = _open(scope).subquery()
    statement = select(found.c.id).order_by(found.c.ended_at.desc(), found.c.consent_id.desc())
    if before is not None:
        statement = statement.where(tuple_(found.c.ended_at, found.c.consent_id) < before)
    return list_lines(scope, list(scope.session.scalars(statement.limit(size))))


def page_recent(
    scope: TenantScope, *, since: datetime, before: Place | None = None, size: int
) -> Sequence[WithdrawalLine]:
    """Return the withdrawals since an instant, the newest first; those before a place."""
    walks = [
        _recent(scope, location_id, since, before, size)
        for location_id in (scope.session.places or [None])
    ]
    found = [row for walk in walks for row in scope.session.execute(walk)]
    newest = sorted(found, key=lambda row: (row[0], row[1]), reverse=True)[:size]
    return list_lines(scope, [row[2] for row in newest])


def _recent(
    scope: TenantScope,
    location_id: uuid.UUID | None,
    since: datetime,
    before: Place | None,
    size: int,
) -> Select[datetime | None, uuid.UUID, uuid.UUID]:
    statement = (
        select(Consent.ended_at, Consent.id, Withdrawal.id)
        .join(
            Withdrawal,
            (Withdrawal.tenant_id == Consent.tenant_id) & (Withdrawal.consent_id == Consent.id),
        )
        .where(
            Withdrawal.tenant_id == scope.tenant_id,
            Consent.tenant_id == scope.tenant_id,
            Consent.state == ConsentState.WITHDRAWN.value,
            Consent.ended_at >= since,
        )
        .order_by(Consent.ended_at.desc(), Consent.id.desc())
        .limit(size)
    )
    if location_id is not None:
        statement = statement.where(Consent.location_id == location_id)
    if before is not None:
        statement = statement.where(tuple_(Consent.ended_at, Consent.id) < before)
    return statement


def list_lines(scope: TenantScope, withdrawal_ids: Sequence[uuid.UUID]) -> Sequence[WithdrawalLine]:
    """Return some withdrawals as lines, in the same order."""
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
            Consent.ended_at,
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
            Withdrawal.id.in_(withdrawal_ids),
        )
    )
    lines = {row[0].id: WithdrawalLine(*row) for row in scope.session.execute(statement)}
    return [lines[one] for one in withdrawal_ids if one in lines]


def count_open_withdrawals(scope: TenantScope, *, most: int) -> int:
    """Return how many withdrawals somebody still has to look at, counted up to ``most``."""
    found = _open(scope).limit(most).subquery()
    return scope.session.execute(select(func.count()).select_from(found)).scalar_one()


def find_open(scope: TenantScope, withdrawal_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Return which of some withdrawals somebody still has to look at."""
    found = _open(scope).subquery()
    statement = select(found.c.id).where(found.c.id.in_(withdrawal_ids))
    return set(scope.session.scalars(statement))


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


def _open(scope: TenantScope) -> CompoundSelect[uuid.UUID, uuid.UUID, datetime | None]:
    """Return the withdrawals that leave something to do, found from what is left to do: the id,
    the consent's, and when that ended.

    Withdrawals grow without end; visits still expected and quotes still open do not.
    """
    return union(_by_visits(scope), _by_quotes(scope))


Left = Select[uuid.UUID, uuid.UUID, datetime | None]


def _by_visits(scope: TenantScope) -> Left:
    again = Consent.__table__.alias()
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
    return (
        select(Withdrawal.id, Withdrawal.consent_id, Consent.ended_at)
        .join(
            Consent,
            (Consent.tenant_id == Withdrawal.tenant_id) & (Consent.id == Withdrawal.consent_id),
        )
        .join(Visit, (Visit.tenant_id == Consent.tenant_id) & (Visit.plan_id == Consent.plan_id))
        .where(
            Withdrawal.tenant_id == scope.tenant_id,
            Consent.tenant_id == scope.tenant_id,
            Visit.tenant_id == scope.tenant_id,
            Visit.after_withdrawal,
            Visit.state.in_(EXPECTED),
            Consent.state == ConsentState.WITHDRAWN.value,
            Consent.purpose.in_(STOPS_TREATMENT),
            ~agreed_since,
        )
    )


def _by_quotes(scope: TenantScope) -> Left:
    return (
        select(Withdrawal.id, Withdrawal.consent_id, Consent.ended_at)
        .join(
            Consent,
            (Consent.tenant_id == Withdrawal.tenant_id) & (Consent.id == Withdrawal.consent_id),
        )
        .join(
            RefundQuote,
            (RefundQuote.tenant_id == Withdrawal.tenant_id)
            & (RefundQuote.withdrawal_id == Withdrawal.id),
        )
        .where(
            Withdrawal.tenant_id == scope.tenant_id,
            Consent.tenant_id == scope.tenant_id,
            RefundQuote.tenant_id == scope.tenant_id,
            RefundQuote.handled_at.is_(None),
        )
    )
