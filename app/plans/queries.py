"""Questions about plans, discussions and visits."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, text

from app.database import TenantScope
from app.patients.models import Patient
from app.patients.person import person_ids
from app.plans.errors import PlanUnknown, VisitUnknown
from app.plans.models import Discussion, Plan, PlanArea, PlanSpot, PlanVersion, Visit, VisitState

# The consents' room lies above this one, so that its table is read by name here. The lock makes
# whoever takes a consent back wait, so that a visit planned meanwhile is not missed.
CONSENTS = text(
    "SELECT state FROM consent WHERE tenant_id = :tenant_id AND plan_id = :plan_id FOR SHARE"
)


@dataclass(frozen=True)
class VisitLine:
    """One line of a day: a visit with its patient's name."""

    visit: Visit
    patient_name: str


def get_plan(scope: TenantScope, plan_id: uuid.UUID) -> Plan:
    """Return a plan; raises PlanUnknown."""
    found = scope.session.get(Plan, (scope.tenant_id, plan_id))
    if found is None:
        raise PlanUnknown("There is no such plan.")
    return found


def get_plan_for_update(scope: TenantScope, plan_id: uuid.UUID) -> Plan:
    """Return a plan, locked until the transaction ends; raises PlanUnknown."""
    statement = (
        select(Plan)
        .where(Plan.tenant_id == scope.tenant_id, Plan.id == plan_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = scope.session.scalar(statement)
    if found is None:
        raise PlanUnknown("There is no such plan.")
    return found


def get_plan_version(scope: TenantScope, version_id: uuid.UUID) -> PlanVersion:
    """Return one version of a plan; raises PlanUnknown."""
    found = scope.session.get(PlanVersion, (scope.tenant_id, version_id))
    if found is None:
        raise PlanUnknown("There is no such version of a plan.")
    return found


def get_latest_version(scope: TenantScope, plan: Plan) -> PlanVersion:
    """Return the version in force of a plan."""
    statement = select(PlanVersion).where(
        PlanVersion.tenant_id == scope.tenant_id,
        PlanVersion.plan_id == plan.id,
        PlanVersion.number == plan.latest_number,
    )
    return scope.session.scalars(statement).one()


def list_areas(scope: TenantScope, version_id: uuid.UUID) -> Sequence[PlanArea]:
    """Return the areas of a plan version by name."""
    statement = (
        select(PlanArea)
        .where(PlanArea.tenant_id == scope.tenant_id, PlanArea.plan_version_id == version_id)
        .order_by(PlanArea.area)
    )
    return scope.session.scalars(statement).all()


def list_spots(scope: TenantScope, version_id: uuid.UUID) -> Sequence[PlanSpot]:
    """Return the spots that a plan version leaves out, in their order."""
    statement = (
        select(PlanSpot)
        .where(PlanSpot.tenant_id == scope.tenant_id, PlanSpot.plan_version_id == version_id)
        .order_by(PlanSpot.number)
    )
    return scope.session.scalars(statement).all()


def list_plans_of_patient(scope: TenantScope, patient_id: uuid.UUID) -> Sequence[Plan]:
    """Return a patient's plans, the newest first."""
    statement = (
        select(Plan)
        .where(
            Plan.tenant_id == scope.tenant_id, Plan.patient_id.in_(person_ids(scope, patient_id))
        )
        .order_by(Plan.created_at.desc())
    )
    return scope.session.scalars(statement).all()


def find_newest_version_for(
    scope: TenantScope, patient_ids: Collection[uuid.UUID], procedure_id: str
) -> PlanVersion | None:
    """Return how a person's newest open plan for a procedure stands, or None without one."""
    statement = (
        select(PlanVersion)
        .join(
            Plan,
            (Plan.tenant_id == PlanVersion.tenant_id)
            & (Plan.id == PlanVersion.plan_id)
            & (Plan.latest_number == PlanVersion.number),
        )
        .where(
            PlanVersion.tenant_id == scope.tenant_id,
            Plan.tenant_id == scope.tenant_id,
            Plan.patient_id.in_(patient_ids),
            Plan.closed_at.is_(None),
            PlanVersion.procedure_id == procedure_id,
        )
        .order_by(Plan.created_at.desc(), Plan.id.desc())
        .limit(1)
    )
    return scope.session.scalar(statement)


def find_discussion(scope: TenantScope, version_id: uuid.UUID) -> Discussion | None:
    """Return the latest discussion of a plan version."""
    statement = (
        select(Discussion)
        .where(Discussion.tenant_id == scope.tenant_id, Discussion.plan_version_id == version_id)
        .order_by(Discussion.held_at.desc())
        .limit(1)
    )
    return scope.session.scalar(statement)


def get_visit(scope: TenantScope, visit_id: uuid.UUID) -> Visit:
    """Return a visit; raises VisitUnknown."""
    found = scope.session.get(Visit, (scope.tenant_id, visit_id))
    if found is None:
        raise VisitUnknown("There is no such visit.")
    return found


def get_visit_for_update(scope: TenantScope, visit_id: uuid.UUID) -> Visit:
    """Return a visit, locked until the transaction ends; raises VisitUnknown."""
    statement = (
        select(Visit)
        .where(Visit.tenant_id == scope.tenant_id, Visit.id == visit_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = scope.session.scalar(statement)
    if found is None:
        raise VisitUnknown("There is no such visit.")
    return found


def list_visits_between(
    scope: TenantScope, location_id: uuid.UUID, starts: datetime, ends: datetime
) -> Sequence[VisitLine]:
    """Return the visits of a location planned from ``starts`` up to, not including, ``ends``."""
    statement = (
        select(Visit, Patient.name)
        .join(Patient, (Patient.tenant_id == Visit.tenant_id) & (Patient.id == Visit.patient_id))
        .where(
            Visit.tenant_id == scope.tenant_id,
            Patient.tenant_id == scope.tenant_id,
            Visit.location_id == location_id,
            Visit.planned_at >= starts,
            Visit.planned_at < ends,
        )
        .order_by(Visit.planned_at, Visit.id)
    )
    return [VisitLine(row[0], row[1]) for row in scope.session.execute(statement)]


def list_visits_expected(
    scope: TenantScope, location_id: uuid.UUID, since: datetime, *, most: int
) -> Sequence[VisitLine]:
    """Return the visits at a location that are still to come from an instant on."""
    statement = (
        select(Visit, Patient.name)
        .join(Patient, (Patient.tenant_id == Visit.tenant_id) & (Patient.id == Visit.patient_id))
        .where(
            Visit.tenant_id == scope.tenant_id,
            Patient.tenant_id == scope.tenant_id,
            Visit.location_id == location_id,
            Visit.planned_at >= since,
            Visit.state.in_((VisitState.PLANNED, VisitState.ARRIVED, VisitState.STARTED)),
        )
        .order_by(Visit.planned_at, Visit.id)
        .limit(most)
    )
    return [VisitLine(row[0], row[1]) for row in scope.session.execute(statement)]


def list_visit_lines(scope: TenantScope, visit_ids: Collection[uuid.UUID]) -> Sequence[VisitLine]:
    """Return visits with their patients' names, the next first."""
    statement = (
        select(Visit, Patient.name)
        .join(Patient, (Patient.tenant_id == Visit.tenant_id) & (Patient.id == Visit.patient_id))
        .where(
            Visit.tenant_id == scope.tenant_id,
            Patient.tenant_id == scope.tenant_id,
            Visit.id.in_(visit_ids),
        )
        .order_by(Visit.planned_at, Visit.id)
    )
    return [VisitLine(row[0], row[1]) for row in scope.session.execute(statement)]


def list_visits_of_plan(scope: TenantScope, plan_id: uuid.UUID) -> Sequence[Visit]:
    """Return the visits of a plan in their order."""
    statement = (
        select(Visit)
        .where(Visit.tenant_id == scope.tenant_id, Visit.plan_id == plan_id)
        .order_by(Visit.planned_at)
    )
    return scope.session.scalars(statement).all()


def list_visits_of_person(
    scope: TenantScope, people: Collection[uuid.UUID], *, until: datetime, most: int
) -> Sequence[Visit]:
    """Return the visits of a person's records planned before an instant, the newest first."""
    statement = (
        select(Visit)
        .where(
            Visit.tenant_id == scope.tenant_id,
            Visit.patient_id.in_(people),
            Visit.planned_at < until,
        )
        .order_by(Visit.planned_at.desc())
        .limit(most)
    )
    return scope.session.scalars(statement).all()


def exists_withdrawn_consent_for_share(scope: TenantScope, plan_id: uuid.UUID) -> bool:
    """Return whether a consent of a plan was taken back; none can be until the transaction ends."""
    states = scope.session.scalars(CONSENTS, {"tenant_id": scope.tenant_id, "plan_id": plan_id})
    return "withdrawn" in set(states)
