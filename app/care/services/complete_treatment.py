"""What was done is written down; a correction is a new row that leaves the old one readable."""

import uuid

from app import audit
from app.care import queries
from app.care.alerts import alert_owners
from app.care.errors import RecordNotPossible
from app.care.models import Treatment, TreatmentCompletion
from app.care.places import places_on_body
from app.care.record import Done, areas_as_rows, topicals_as_rows
from app.catalogue.content import Catalogue
from app.database import TenantScope
from app.errors import Stale
from app.kit.clock import now
from app.kit.ids import new_id
from app.plans.facts import catalogue_of
from app.plans.models import VisitState
from app.plans.queries import get_plan_version, get_visit_for_update
from app.tenants.queries import get_location
from app.vault import encrypt_field

DEEPEST_UM = 20_000


def complete_treatment(
    scope: TenantScope, *, treatment_id: uuid.UUID, done: Done, after_number: int
) -> TreatmentCompletion:
    """Record what was done, also where it was not what had been agreed.

    ``after_number`` is the number of the record that the writer has read, 0 for none. Raises Stale
    when somebody else wrote in the meantime, RecordNotPossible for areas that nobody has.
    """
    treatment = queries.get_treatment(scope, treatment_id)
    visit = get_visit_for_update(scope, treatment.visit_id)
    latest = queries.find_latest_completion(scope, treatment_id)
    number = latest.number if latest else 0
    if number != after_number:
        raise Stale("Somebody else has recorded this treatment in the meantime.")
    _check_shape(catalogue_of(scope, get_plan_version(scope, treatment.plan_version_id)), done)
    completion = _row(scope, treatment, done, number + 1)
    scope.session.add(completion)
    visit.state, visit.version = VisitState.COMPLETED.value, visit.version + 1
    audit.record(
        scope,
        "care:treatment:complete",
        subject_id=treatment.id,
        patient_id=treatment.patient_id,
        number=completion.number,
        beyond_consent=completion.beyond_consent,
    )
    if completion.beyond_consent:
        location = get_location(scope, treatment.location_id)
        alert_owners(scope, path=f"/treatments/{treatment.id}", location=location)
    return completion


def _row(scope: TenantScope, treatment: Treatment, done: Done, number: int) -> TreatmentCompletion:
    if scope.actor.kind != "staff" or scope.actor.id is None:
        raise PermissionError("only a member of staff records a treatment")
    areas = areas_as_rows(done.areas, queries.list_treatment_areas(scope, treatment.id))
    completion_id, note = new_id(), done.note.as_json()
    return TreatmentCompletion(
        tenant_id=scope.tenant_id,
        id=completion_id,
        treatment_id=treatment.id,
        number=number,
        completed_at=now(),
        completed_by=scope.actor.id,
        device_model=done.device_model.strip(),
        device_serial=done.device_serial.strip(),
        lot=done.lot.strip(),
        lot_expires_on=done.lot_expires_on,
        areas=areas,
        topicals=topicals_as_rows(done.topicals),
        beyond_consent=any(one["beyond"] for one in areas),
        note_cipher=None
        if note is None
        else encrypt_field(
            scope,
            patient_id=treatment.patient_id,
            place="treatment_completion.note",
            row_id=completion_id,
            text=note,
        ),
    )


def _check_shape(catalogue: Catalogue, done: Done) -> None:
    names = [one.area for one in done.areas]
    wrong: dict[str, str] = {}
    if not names:
        wrong["areas"] = "Say which areas were treated."
    if len(set(names)) != len(names):
        wrong["areas"] = "Each area is recorded once."
    places = places_on_body(catalogue)
    for one in done.areas:
        if one.area not in places:
            wrong[f"areas.{one.area}"] = "There is no such place on the body."
        if not 0 <= one.depth_um <= DEEPEST_UM or not 0 <= one.passes <= 100:
            wrong[f"areas.{one.area}"] = "Depth or passes are not possible."
    if wrong:
        raise RecordNotPossible(next(iter(wrong.values())), fields=wrong)
