"""Questions about holds, the decisions on them, and the queue of those that wait."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, tuple_

from app.audit.queries import Place
from app.consent.errors import HoldUnknown
from app.consent.holds.models import Hold, HoldAgreement, HoldDecision, OutsideReview, ReviewState
from app.consent.models import Consent, ConsentState
from app.consent.screening.models import ConsentAnswers
from app.database import TenantScope
from app.documents.models import Document, DocumentKind
from app.patients.models import Patient
from app.patients.person import person_ids

ON_HOLD = (ConsentState.HELD, ConsentState.PAUSED)


@dataclass(frozen=True)
class HoldLine:
    """One line of the queue: a hold with its consent and its patient's name."""

    hold: Hold
    consent: Consent
    patient_name: str


def get_hold(scope: TenantScope, hold_id: uuid.UUID) -> Hold:
    """Return a hold; raises HoldUnknown."""
    found = scope.session.get(Hold, (scope.tenant_id, hold_id))
    if found is None:
        raise HoldUnknown("There is no such hold.")
    return found


def list_holds(scope: TenantScope, consent_id: uuid.UUID) -> Sequence[Hold]:
    """Return every hold of a consent, the oldest first."""
    statement = (
        select(Hold)
        .where(Hold.tenant_id == scope.tenant_id, Hold.consent_id == consent_id)
        .order_by(Hold.opened_at, Hold.id)
    )
    return scope.session.scalars(statement).all()


def list_decisions(scope: TenantScope, consent_id: uuid.UUID) -> Sequence[HoldDecision]:
    """Return every decision about a consent in their order."""
    statement = (
        select(HoldDecision)
        .where(HoldDecision.tenant_id == scope.tenant_id, HoldDecision.consent_id == consent_id)
        .order_by(HoldDecision.number)
    )
    return scope.session.scalars(statement).all()


def get_decision(scope: TenantScope, decision_id: uuid.UUID) -> HoldDecision:
    """Return a decision; raises HoldUnknown."""
    found = scope.session.get(HoldDecision, (scope.tenant_id, decision_id))
    if found is None:
        raise HoldUnknown("There is no such decision.")
    return found


def list_unsealed_decisions(scope: TenantScope, *, most: int) -> Sequence[uuid.UUID]:
    """Return the ids of decisions after signing that count and have no sealed record yet."""
    sealed = (
        select(Document.id)
        .where(
            Document.tenant_id == scope.tenant_id,
            Document.subject_id == HoldDecision.id,
            Document.kind == DocumentKind.DECISION.value,
        )
        .exists()
    )
    statement = (
        select(HoldDecision.id)
        .join(Hold, (Hold.tenant_id == HoldDecision.tenant_id) & (Hold.id == HoldDecision.hold_id))
        .where(
            HoldDecision.tenant_id == scope.tenant_id,
            Hold.tenant_id == scope.tenant_id,
            Hold.is_after_signing,
            Hold.decided_number == HoldDecision.number,
            ~sealed,
        )
        .order_by(HoldDecision.decided_at, HoldDecision.id)
        .limit(most)
    )
    return scope.session.scalars(statement).all()


def find_agreement(scope: TenantScope, decision_id: uuid.UUID) -> HoldAgreement | None:
    """Return the second person's word on a decision, or None."""
    statement = select(HoldAgreement).where(
        HoldAgreement.tenant_id == scope.tenant_id, HoldAgreement.decision_id == decision_id
    )
    return scope.session.scalar(statement)


def list_answers(scope: TenantScope, consent_id: uuid.UUID) -> Sequence[ConsentAnswers]:
    """Return every version of a consent's answers, the oldest first."""
    statement = (
        select(ConsentAnswers)
        .where(ConsentAnswers.tenant_id == scope.tenant_id, ConsentAnswers.consent_id == consent_id)
        .order_by(ConsentAnswers.number)
    )
    return scope.session.scalars(statement).all()


def find_answers_before(scope: TenantScope, consent: Consent) -> ConsentAnswers | None:
    """Return the newest answers that the person gave to any earlier consent, or None."""
    statement = (
        select(ConsentAnswers)
        .join(
            Consent,
            (Consent.tenant_id == ConsentAnswers.tenant_id)
            & (Consent.id == ConsentAnswers.consent_id),
        )
        .where(
            ConsentAnswers.tenant_id == scope.tenant_id,
            Consent.tenant_id == scope.tenant_id,
            Consent.patient_id.in_(person_ids(scope, consent.patient_id)),
            Consent.id != consent.id,
            Consent.created_at <= consent.created_at,
        )
        .order_by(ConsentAnswers.made_at.desc(), ConsentAnswers.number.desc())
        .limit(1)
    )
    return scope.session.scalar(statement)


def list_open_holds(
    scope: TenantScope,
    *,
    location_id: uuid.UUID | None = None,
    after: Place | None = None,
    most: int = 100,
) -> Sequence[HoldLine]:
    """Return the holds that are not closed, the oldest first; ``after`` a (time, id)."""
    statement = (
        select(Hold, Consent, Patient.name)
        .join(Consent, (Consent.tenant_id == Hold.tenant_id) & (Consent.id == Hold.consent_id))
        .join(
            Patient,
            (Patient.tenant_id == Consent.tenant_id) & (Patient.id == Consent.patient_id),
        )
        .where(
            Hold.tenant_id == scope.tenant_id,
            Consent.tenant_id == scope.tenant_id,
            Patient.tenant_id == scope.tenant_id,
            Consent.state.in_(ON_HOLD),
            Hold.closed_at.is_(None),
        )
        .order_by(Hold.opened_at, Hold.id)
        .limit(most)
    )
    if location_id is not None:
        statement = statement.where(Consent.location_id == location_id)
    if after is not None:
        statement = statement.where(tuple_(Hold.opened_at, Hold.id) > after)
    return [HoldLine(row[0], row[1], row[2]) for row in scope.session.execute(statement)]


def list_holds_that_pause(scope: TenantScope, plan_id: uuid.UUID) -> Sequence[tuple[Hold, Consent]]:
    """Return the open holds by which a plan is stopped, each with the consent that it paused."""
    statement = (
        select(Hold, Consent)
        .join(Consent, (Consent.tenant_id == Hold.tenant_id) & (Consent.id == Hold.consent_id))
        .where(
            Hold.tenant_id == scope.tenant_id,
            Consent.tenant_id == scope.tenant_id,
            Consent.plan_id == plan_id,
            Consent.state == ConsentState.PAUSED.value,
            Hold.closed_at.is_(None),
        )
    )
    return [(row[0], row[1]) for row in scope.session.execute(statement)]


def count_undecided(scope: TenantScope, *, most: int) -> int:
    """Return how many holds wait for somebody and not for a day, counted up to ``most``."""
    found = (
        select(Hold.id)
        .join(Consent, (Consent.tenant_id == Hold.tenant_id) & (Consent.id == Hold.consent_id))
        .where(
            Hold.tenant_id == scope.tenant_id,
            Consent.tenant_id == scope.tenant_id,
            Consent.state.in_(ON_HOLD),
            Hold.closed_at.is_(None),
            Hold.waits_until.is_(None),
        )
        .limit(most)
        .subquery()
    )
    return scope.session.execute(select(func.count()).select_from(found)).scalar_one()


def get_review(scope: TenantScope, review_id: uuid.UUID) -> OutsideReview:
    """Return a question to somebody outside; raises HoldUnknown."""
    found = scope.session.get(OutsideReview, (scope.tenant_id, review_id))
    if found is None:
        raise HoldUnknown("There is no such question.")
    return found


def get_review_for_update(scope: TenantScope, review_id: uuid.UUID) -> OutsideReview:
    """Return a question to somebody outside, locked until the transaction ends."""
    statement = (
        select(OutsideReview)
        .where(OutsideReview.tenant_id == scope.tenant_id, OutsideReview.id == review_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = scope.session.scalar(statement)
    if found is None:
        raise HoldUnknown("There is no such question.")
    return found


def list_open_reviews(scope: TenantScope, consent_id: uuid.UUID) -> Sequence[OutsideReview]:
    """Return the questions of a consent that somebody outside may still answer."""
    statement = select(OutsideReview).where(
        OutsideReview.tenant_id == scope.tenant_id,
        OutsideReview.consent_id == consent_id,
        OutsideReview.state == ReviewState.ASKED.value,
    )
    return scope.session.scalars(statement).all()
