"""A visit is planned, and moves through its day."""

import uuid
from datetime import datetime

from sqlalchemy import update

from app import audit
from app.database import TenantScope
from app.errors import Invalid
from app.kit.clock import day_in, now
from app.kit.ids import new_id
from app.patients.services.limit_use import require_unrestricted
from app.plans import queries
from app.plans.errors import OutsideOpeningHours, VisitMoved
from app.plans.facts import facts_of
from app.plans.models import Plan, Visit, VisitState
from app.policies.errors import MayNotPerform
from app.policies.may_perform import may_perform
from app.policies.planned_work import planned_work
from app.tenants.errors import LocationClosed
from app.tenants.models import Location
from app.tenants.opening_hours import closed_because, read_hours
from app.tenants.place_queries import get_location_for_visit

ALLOWED: dict[VisitState, frozenset[VisitState]] = {
    VisitState.PLANNED: frozenset({VisitState.ARRIVED, VisitState.CANCELLED, VisitState.MISSED}),
    VisitState.ARRIVED: frozenset({VisitState.PLANNED, VisitState.CANCELLED}),
}


def plan_visit(
    scope: TenantScope,
    *,
    plan_id: uuid.UUID,
    practitioner_id: uuid.UUID,
    planned_at: datetime,
    outside_hours: bool = False,
) -> Visit:
    """Plan a visit of a plan's patient at the plan's location.

    ``outside_hours`` confirms that they come although the location is closed then; who said so is
    kept. Raises LocationClosed where it has closed for good by that day, MayNotPerform where the
    practitioner could not treat there on that day, and OutsideOpeningHours without a confirmation.
    """
    plan = queries.get_plan(scope, plan_id)
    require_unrestricted(scope, plan.patient_id)
    if planned_at.tzinfo is None:
        raise Invalid("Say in which time zone.", fields={"planned_at": "no time zone"})
    location = get_location_for_visit(scope, plan.location_id)
    if location.is_closed_on(day_in(planned_at, location.zone)):
        raise LocationClosed(f"{location.name} is closed on that day.")
    _require_eligible(scope, plan, practitioner_id, planned_at)
    is_outside = _is_outside_hours(location, planned_at, confirmed=outside_hours)
    visit = Visit(
        tenant_id=scope.tenant_id,
        id=new_id(),
        plan_id=plan.id,
        patient_id=plan.patient_id,
        location_id=plan.location_id,
        practitioner_id=practitioner_id,
        planned_at=planned_at,
        outside_hours_by=scope.actor.id if is_outside else None,
        after_withdrawal=queries.exists_withdrawn_consent_for_share(scope, plan.id),
        state=VisitState.PLANNED,
        created_at=now(),
    )
    scope.session.add(visit)
    audit.record(
        scope,
        "plans:visit:plan",
        subject_id=visit.id,
        patient_id=visit.patient_id,
        plan_id=plan.id,
        outside_hours=is_outside,
    )
    return visit


def _is_outside_hours(location: Location, planned_at: datetime, *, confirmed: bool) -> bool:
    """Return whether the location is closed then; raises OutsideOpeningHours unless confirmed."""
    hours = closed_because(read_hours(location.opening_hours), planned_at, location.zone)
    if hours and not confirmed:
        told = f"{location.name} is closed at that time. Its hours: {hours}."
        raise OutsideOpeningHours(told, fields={"outside_hours": told})
    return bool(hours)


def _require_eligible(
    scope: TenantScope, plan: Plan, practitioner_id: uuid.UUID, planned_at: datetime
) -> None:
    version = queries.get_latest_version(scope, plan)
    answer = may_perform(
        scope,
        staff_id=practitioner_id,
        location_id=plan.location_id,
        work=planned_work(version.procedure_id, facts_of(scope, version)),
        at=planned_at,
    )
    if not answer.allowed:
        raise MayNotPerform(answer.reason, why=answer.code)


def move_visit(scope: TenantScope, *, visit_id: uuid.UUID, to: VisitState) -> Visit:
    """Note that a patient arrived, did not come, or that the visit is off; raises VisitMoved."""
    visit = queries.get_visit_for_update(scope, visit_id)
    if to not in ALLOWED.get(VisitState(visit.state), frozenset()):
        raise VisitMoved(f"A visit that is {visit.state} cannot become {to.value}.")
    visit.state = to.value
    visit.version += 1
    audit.record(
        scope, "plans:visit:move", subject_id=visit.id, patient_id=visit.patient_id, state=to.value
    )
    return visit


def mark_after_withdrawal(scope: TenantScope, *, plan_id: uuid.UUID) -> None:
    """Note on every visit of a plan, wherever it takes place, that a consent was taken back."""
    statement = (
        update(Visit)
        .where(Visit.tenant_id == scope.tenant_id, Visit.plan_id == plan_id)
        .values(after_withdrawal=True)
        .execution_options(everywhere=True, synchronize_session=False)
    )
    scope.session.execute(statement)
