"""A practitioner makes a plan with a patient, or agrees a new version of it."""

import json
import uuid

from app import audit
from app.catalogue.queries import content_of, get_catalogue_in_force
from app.database import TenantScope
from app.errors import Stale
from app.kit.clock import now
from app.kit.ids import new_id
from app.patients.queries import get_patient
from app.patients.services.index_patient import follow_places
from app.patients.services.limit_use import require_unrestricted
from app.plans import queries
from app.plans.errors import PlanNotPossible
from app.plans.models import Plan, PlanArea, PlanSpot, PlanVersion
from app.plans.people import may_treat_by_role
from app.plans.terms import LeftOut, PlanTerms, check_terms
from app.tenants.queries import get_device, get_location, get_open_location
from app.vault import encrypt_field


def make_plan(
    scope: TenantScope, *, patient_id: uuid.UUID, location_id: uuid.UUID, terms: PlanTerms
) -> Plan:
    """Make a plan with its first version.

    Raises PlanNotPossible where procedure, indication, areas and device do not go together.
    """
    patient = get_patient(scope, patient_id)
    require_unrestricted(scope, patient.id)
    location = get_open_location(scope, location_id)
    plan = Plan(
        tenant_id=scope.tenant_id,
        id=new_id(),
        patient_id=patient.id,
        location_id=location.id,
        latest_number=0,
        created_at=now(),
        created_by=_staff_id(scope),
    )
    scope.session.add(plan)
    _add_version(scope, plan, terms, location.currency)
    if location.id != patient.location_id:
        follow_places(scope, patient.id)
    audit.record(scope, "plans:plan:make", subject_id=plan.id, patient_id=patient.id)
    return plan


def change_plan(
    scope: TenantScope, *, plan_id: uuid.UUID, terms: PlanTerms, version: int
) -> PlanVersion:
    """Agree a new version of a plan; the old ones stay as they were.

    Raises Stale when somebody changed the plan since ``version`` was read.
    """
    plan = queries.get_plan_for_update(scope, plan_id)
    if plan.version != version:
        raise Stale
    require_unrestricted(scope, plan.patient_id)
    location = get_location(scope, plan.location_id)
    plan.version += 1
    changed = _add_version(scope, plan, terms, location.currency)
    audit.record(
        scope,
        "plans:plan:change",
        subject_id=plan.id,
        patient_id=plan.patient_id,
        number=changed.number,
    )
    return changed


def _add_version(scope: TenantScope, plan: Plan, terms: PlanTerms, currency: str) -> PlanVersion:
    approved = get_catalogue_in_force(scope)
    device = get_device(scope, terms.device_id)
    if not may_treat_by_role(scope, terms.practitioner_id):
        told = "Choose somebody who treats."
        raise PlanNotPossible(told, fields={"practitioner_id": told})
    check_terms(content_of(approved), device, plan.location_id, terms)
    plan.latest_number += 1
    version_id = new_id()
    version = PlanVersion(
        tenant_id=scope.tenant_id,
        id=version_id,
        plan_id=plan.id,
        patient_id=plan.patient_id,
        number=plan.latest_number,
        practitioner_id=terms.practitioner_id,
        procedure_id=terms.procedure_id,
        indication_id=terms.indication_id,
        device_id=terms.device_id,
        catalogue_version_id=approved.id,
        sessions=terms.sessions,
        interval_days=terms.interval_days,
        anaesthetic=terms.anaesthetic,
        anaesthetic_name=terms.anaesthetic_name,
        add_ons=sorted(terms.add_ons),
        skin_type=terms.skin_type,
        capacity=terms.capacity,
        capacity_cipher=_close(
            scope, plan, "plan_version.capacity", version_id, terms.capacity_note
        )
        if terms.capacity_note
        else None,
        what_matters_cipher=_close(
            scope, plan, "plan_version.what_matters", version_id, terms.what_matters
        ),
        price_minor=terms.price_minor,
        currency=currency,
        price_terms=terms.price_terms,
        created_at=now(),
        created_by=_staff_id(scope),
    )
    scope.session.add(version)
    _add_areas(scope, plan, version_id, terms)
    return version


def _add_areas(scope: TenantScope, plan: Plan, version_id: uuid.UUID, terms: PlanTerms) -> None:
    for area, depth_um in sorted(terms.areas.items()):
        scope.session.add(
            PlanArea(
                tenant_id=scope.tenant_id,
                id=new_id(),
                plan_version_id=version_id,
                area=area,
                max_depth_um=depth_um,
            )
        )
    for number, spot in enumerate(terms.leave_out, start=1):
        scope.session.add(_spot_row(scope, plan, version_id, number, spot))


def _spot_row(
    scope: TenantScope, plan: Plan, version_id: uuid.UUID, number: int, spot: LeftOut
) -> PlanSpot:
    row_id = new_id()
    text = json.dumps({"what": spot.what, "view": spot.view, "x": spot.x, "y": spot.y})
    return PlanSpot(
        tenant_id=scope.tenant_id,
        id=row_id,
        plan_version_id=version_id,
        number=number,
        area=spot.area,
        spot_cipher=_close(scope, plan, "plan_spot.spot", row_id, text),
    )


def _close(scope: TenantScope, plan: Plan, place: str, row_id: uuid.UUID, text: str) -> bytes:
    return encrypt_field(scope, patient_id=plan.patient_id, place=place, row_id=row_id, text=text)


def _staff_id(scope: TenantScope) -> uuid.UUID:
    if scope.actor.kind != "staff" or scope.actor.id is None:
        raise PermissionError("only a member of staff makes a plan")
    return scope.actor.id
