"""A practitioner makes a plan with a patient, or agrees a new version of it."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from app import audit
from app.catalogue.content import Catalogue
from app.catalogue.queries import content_of, get_catalogue_in_force
from app.database import TenantScope
from app.errors import Stale
from app.kit.clock import now
from app.kit.ids import new_id
from app.patients.queries import get_patient
from app.patients.services.limit_use import require_unrestricted
from app.plans import queries
from app.plans.errors import PlanNotPossible
from app.plans.models import Plan, PlanArea, PlanVersion
from app.tenants.models import Device
from app.tenants.queries import get_device, get_location, get_open_location, get_staff
from app.vault import encrypt_field


@dataclass(frozen=True)
class PlanTerms:
    """What a plan says. ``areas`` maps area ids to the deepest needle in micrometres."""

    procedure_id: str
    indication_id: str
    areas: Mapping[str, int]
    device_id: uuid.UUID
    practitioner_id: uuid.UUID
    sessions: int
    interval_days: int
    anaesthetic: str
    skin_type: int
    what_matters: str
    price_minor: int


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
    get_staff(scope, terms.practitioner_id)
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
        skin_type=terms.skin_type,
        what_matters_cipher=encrypt_field(
            scope,
            patient_id=plan.patient_id,
            place="plan_version.what_matters",
            row_id=version_id,
            text=terms.what_matters,
        ),
        price_minor=terms.price_minor,
        currency=currency,
        created_at=now(),
        created_by=_staff_id(scope),
    )
    scope.session.add(version)
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
    return version


def check_terms(
    catalogue: Catalogue, device: Device, location_id: uuid.UUID, terms: PlanTerms
) -> None:
    """Raise PlanNotPossible, naming every field that does not fit the others."""
    wrong = {
        **_wrong_choices(catalogue, device, location_id, terms),
        **_wrong_areas(catalogue, terms.areas),
        **_wrong_numbers(terms),
    }
    if wrong:
        raise PlanNotPossible(next(iter(wrong.values())), fields=wrong)


def _wrong_choices(
    catalogue: Catalogue, device: Device, location_id: uuid.UUID, terms: PlanTerms
) -> dict[str, str]:
    wrong: dict[str, str] = {}
    procedure = {one.id: one for one in catalogue.procedures}.get(terms.procedure_id)
    indication = catalogue.indication.get(terms.indication_id)
    if procedure is None:
        wrong["procedure_id"] = "This procedure is not in the clinic's catalogue."
    elif device.kind not in procedure.device_kinds:
        wrong["device_id"] = "This device does not do this procedure."
    if indication is None:
        wrong["indication_id"] = "This indication is not in the clinic's catalogue."
    elif indication.default_state == "disabled":
        wrong["indication_id"] = "This indication is switched off: there is no good evidence."
    if device.location_id != location_id or device.retired_at is not None:
        wrong["device_id"] = "This device is not in use at this location."
    return wrong


def _wrong_areas(catalogue: Catalogue, areas: Mapping[str, int]) -> dict[str, str]:
    wrong = {} if areas else {"areas": "Choose at least one area."}
    for area, depth_um in areas.items():
        if area not in catalogue.area:
            wrong[f"areas.{area}"] = "This area is not treated."
        elif not 0 < depth_um <= 8000:
            wrong[f"areas.{area}"] = "The depth lies between 0 and 8 mm."
    return wrong


def _wrong_numbers(terms: PlanTerms) -> dict[str, str]:
    wrong: dict[str, str] = {}
    if not 1 <= terms.skin_type <= 6:
        wrong["skin_type"] = "The skin type is I to VI."
    if not 1 <= terms.sessions <= 24:
        wrong["sessions"] = "A plan has 1 to 24 sessions."
    if not terms.what_matters.strip():
        wrong["what_matters"] = "Write down what matters to this patient."
    if terms.price_minor < 0:
        wrong["price_minor"] = "A price is not negative."
    return wrong


def _staff_id(scope: TenantScope) -> uuid.UUID:
    if scope.actor.kind != "staff" or scope.actor.id is None:
        raise PermissionError("only a member of staff makes a plan")
    return scope.actor.id
