"""Questions about requests and decisions, and what decides how long something is kept."""

import uuid
from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import func, select

from app.billing.models import Purchase, Redemption, SessionCredit
from app.care.models import Incident, Treatment
from app.consent.models import Consent, ConsentState
from app.database import TenantScope
from app.patients.person import person_ids
from app.plans.models import Plan, Visit, VisitState
from app.rights.errors import RequestUnknown
from app.rights.models import DecisionState, RightsDecision, RightsRequest

# A consent in one of these states still has something to send to its patient.
LIVE = tuple(
    state.value
    for state in (
        ConsentState.SENT,
        ConsentState.OPENED,
        ConsentState.HELD,
        ConsentState.CLEARED,
        ConsentState.SIGNED,
        ConsentState.ACTIVE,
        ConsentState.PAUSED,
    )
)
OPEN = (DecisionState.WAITING.value, DecisionState.HELD.value)
Ids = Collection[uuid.UUID]


def get_request(scope: TenantScope, request_id: uuid.UUID) -> RightsRequest:
    """Return a request; raises RequestUnknown."""
    found = scope.session.get(RightsRequest, (scope.tenant_id, request_id))
    if found is None:
        raise RequestUnknown("There is no such request.")
    return found


def get_request_for_update(scope: TenantScope, request_id: uuid.UUID) -> RightsRequest:
    """Return a request, locked until the transaction ends; raises RequestUnknown."""
    statement = (
        select(RightsRequest)
        .where(RightsRequest.tenant_id == scope.tenant_id, RightsRequest.id == request_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = scope.session.scalar(statement)
    if found is None:
        raise RequestUnknown("There is no such request.")
    return found


def list_requests(scope: TenantScope, patient_id: uuid.UUID) -> Sequence[RightsRequest]:
    """Return a person's requests on any record, the newest first."""
    statement = (
        select(RightsRequest)
        .where(
            RightsRequest.tenant_id == scope.tenant_id,
            RightsRequest.patient_id.in_(person_ids(scope, patient_id)),
        )
        .order_by(RightsRequest.asked_at.desc(), RightsRequest.id.desc())
    )
    return scope.session.scalars(statement).all()


def list_decisions(scope: TenantScope, patient_id: uuid.UUID) -> Sequence[RightsDecision]:
    """Return every decision about a person's data, in the order in which they were made."""
    statement = (
        select(RightsDecision)
        .where(
            RightsDecision.tenant_id == scope.tenant_id,
            RightsDecision.patient_id.in_(person_ids(scope, patient_id)),
        )
        .order_by(RightsDecision.decided_at, RightsDecision.id)
    )
    return scope.session.scalars(statement).all()


def list_open_decisions_of(scope: TenantScope, request_id: uuid.UUID) -> Sequence[RightsDecision]:
    """Return what is still to be carried out of a request."""
    statement = select(RightsDecision).where(
        RightsDecision.tenant_id == scope.tenant_id,
        RightsDecision.request_id == request_id,
        RightsDecision.state.in_(OPEN),
    )
    return scope.session.scalars(statement).all()


def get_decision_for_update(scope: TenantScope, decision_id: uuid.UUID) -> RightsDecision:
    """Return a decision, locked until the transaction ends."""
    statement = (
        select(RightsDecision)
        .where(RightsDecision.tenant_id == scope.tenant_id, RightsDecision.id == decision_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return scope.session.scalars(statement).one()


def list_due_decisions(scope: TenantScope, by: date, *, most: int = 500) -> Sequence[uuid.UUID]:
    """Return decisions whose day has come, or who wait for something else than a day."""
    statement = (
        select(RightsDecision.id)
        .where(
            RightsDecision.tenant_id == scope.tenant_id,
            RightsDecision.state.in_(OPEN),
            RightsDecision.due_on.is_(None) | (RightsDecision.due_on <= by),
        )
        .order_by(RightsDecision.due_on, RightsDecision.id)
        .limit(most)
    )
    return scope.session.scalars(statement).all()


def list_with_files_left(scope: TenantScope, *, most: int = 500) -> Sequence[uuid.UUID]:
    """Return decisions that were carried out and whose files were not removed yet."""
    statement = (
        select(RightsDecision.id)
        .where(
            RightsDecision.tenant_id == scope.tenant_id,
            RightsDecision.state == DecisionState.DONE.value,
            RightsDecision.files_removed_at.is_(None),
        )
        .order_by(RightsDecision.id)
        .limit(most)
    )
    return scope.session.scalars(statement).all()


def map_last_treated(scope: TenantScope, patient_ids: Ids) -> dict[uuid.UUID, datetime]:
    """Return, by location, when somebody was last treated there, incidents included."""
    found: dict[uuid.UUID, datetime] = {}
    treated = (
        select(Treatment.location_id, func.max(Treatment.started_at))
        .where(Treatment.tenant_id == scope.tenant_id, Treatment.patient_id.in_(patient_ids))
        .group_by(Treatment.location_id)
    )
    happened = (
        select(Incident.location_id, func.max(Incident.happened_at))
        .where(Incident.tenant_id == scope.tenant_id, Incident.patient_id.in_(patient_ids))
        .group_by(Incident.location_id)
    )
    for statement in (treated, happened):
        for location_id, at in scope.session.execute(statement):
            found[location_id] = max(at, found.get(location_id, at))
    return found


def map_last_written(scope: TenantScope, patient_ids: Ids) -> dict[uuid.UUID, datetime]:
    """Return, by location, when something was last planned or signed there without treatment."""
    found: dict[uuid.UUID, datetime] = {}
    planned = (
        select(Plan.location_id, func.max(Plan.created_at))
        .where(Plan.tenant_id == scope.tenant_id, Plan.patient_id.in_(patient_ids))
        .group_by(Plan.location_id)
    )
    agreed = (
        select(
            Consent.location_id,
            func.max(func.coalesce(Consent.ended_at, Consent.signed_at, Consent.created_at)),
        )
        .where(Consent.tenant_id == scope.tenant_id, Consent.patient_id.in_(patient_ids))
        .group_by(Consent.location_id)
    )
    for statement in (planned, agreed):
        for location_id, at in scope.session.execute(statement):
            found[location_id] = max(at, found.get(location_id, at))
    return found


def map_last_sold(scope: TenantScope, patient_ids: Ids) -> dict[uuid.UUID, datetime]:
    """Return, by location, when something was last sold to somebody there."""
    statement = (
        select(Purchase.location_id, func.max(Purchase.sold_at))
        .where(Purchase.tenant_id == scope.tenant_id, Purchase.patient_id.in_(patient_ids))
        .group_by(Purchase.location_id)
    )
    return {row[0]: row[1] for row in scope.session.execute(statement)}


def exists_planned_visit(scope: TenantScope, patient_ids: Ids, after: datetime) -> bool:
    """Return whether somebody is to come."""
    statement = select(Visit.id).where(
        Visit.tenant_id == scope.tenant_id,
        Visit.patient_id.in_(patient_ids),
        Visit.state.in_([VisitState.PLANNED.value, VisitState.ARRIVED.value]),
        Visit.planned_at >= after,
    )
    return scope.session.execute(statement.limit(1)).first() is not None


def exists_live_consent(scope: TenantScope, patient_ids: Ids, at: datetime) -> bool:
    """Return whether a consent of somebody's is being signed or in force."""
    statement = select(Consent.id).where(
        Consent.tenant_id == scope.tenant_id,
        Consent.patient_id.in_(patient_ids),
        Consent.state.in_(LIVE),
        Consent.valid_until.is_(None) | (Consent.valid_until > at),
    )
    return scope.session.execute(statement.limit(1)).first() is not None


def exists_unused_credit(scope: TenantScope, patient_ids: Ids) -> bool:
    """Return whether somebody has sessions left that they bought."""
    statement = (
        select(SessionCredit.id)
        .outerjoin(
            Redemption,
            (Redemption.tenant_id == SessionCredit.tenant_id)
            & (Redemption.credit_id == SessionCredit.id),
        )
        .where(
            SessionCredit.tenant_id == scope.tenant_id,
            SessionCredit.patient_id.in_(patient_ids),
            Redemption.id.is_(None),
        )
    )
    return scope.session.execute(statement.limit(1)).first() is not None
