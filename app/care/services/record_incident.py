"""A treatment happened without a valid start: it is recorded as what it was, never as a treatment.

Nobody has a reason to falsify: an incident counts for intervals, recalls and aftercare like a
treatment, and the owner hears of it.
"""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from app import audit
from app.care.alerts import alert_owners
from app.care.errors import RecordNotPossible
from app.care.intended import Intended
from app.care.models import Incident
from app.care.places import places_on_body
from app.care.services.may_start import judge_start
from app.catalogue.queries import content_of, get_catalogue_in_force
from app.consent.errors import ConsentMoved
from app.consent.holds.models import HoldOrigin
from app.consent.services.pause_consent import Finding, pause_plan
from app.database import TenantScope
from app.kit.clock import now
from app.kit.ids import new_id
from app.patients.person import person_ids
from app.patients.queries import get_patient
from app.plans.queries import get_latest_version, get_visit, list_plans_of_patient
from app.tenants.models import CartridgeLot
from app.tenants.queries import find_lot, get_device, get_location, get_staff
from app.vault import decrypt_field, encrypt_field

SHORTEST_REASON = 10
STOPPED = "An incident was recorded. It is talked over with the patient before anything goes on."
_WORDS = {
    "no_consent": "no consent in force",
    "health_not_asked": "health questions not asked",
    "health_too_old": "health questions asked too long ago",
    "health_incomplete": "health questions not all answered",
    "health_wait": "health answers ask to wait",
    "health_review": "health answers not looked at",
    "not_confirmed": "not confirmed what is confirmed at each visit",
    "health_stop": "health answers do not allow it",
    "area_not_covered": "an area outside the consent",
    "too_deep": "deeper than agreed",
    "practitioner_may_not": "practitioner not qualified for it here",
    "premises_not_permitted": "premises not permitted for it",
    "too_soon": "too soon after the last treatment",
    "lot_missing": "no cartridge lot",
    "lot_unknown": "a lot that is not entered",
    "lot_expired": "a lot past its last day",
    "lot_recalled": "a recalled lot",
}


@dataclass(frozen=True)
class NewIncident:
    """What happened, to whom, by whose hand and why. ``areas`` maps area ids to µm."""

    patient_id: uuid.UUID
    named_staff_id: uuid.UUID
    procedure_id: str
    areas: Mapping[str, int]
    reason: str
    happened_at: datetime
    visit_id: uuid.UUID | None = None
    device_id: uuid.UUID | None = None
    lot: str = ""


def record_incident(scope: TenantScope, wanted: NewIncident) -> Incident:
    """Record an incident and alert the owners; raises RecordNotPossible with what is missing."""
    if scope.actor.kind != "staff" or scope.actor.id is None:
        raise PermissionError("only a member of staff records an incident")
    patient = get_patient(scope, wanted.patient_id)
    get_staff(scope, wanted.named_staff_id)
    _check_shape(scope, wanted)
    location_id = get_visit(scope, wanted.visit_id).location_id if wanted.visit_id else None
    location = get_location(scope, location_id or patient.location_id)
    incident_id, lot = new_id(), _lot(scope, wanted)
    incident = Incident(
        tenant_id=scope.tenant_id,
        id=incident_id,
        patient_id=patient.id,
        visit_id=wanted.visit_id,
        named_staff_id=wanted.named_staff_id,
        recorded_by=scope.actor.id,
        location_id=location.id,
        device_id=wanted.device_id,
        lot_id=lot.id if lot else None,
        procedure_id=wanted.procedure_id,
        areas=[{"area": area, "depth_um": um} for area, um in sorted(wanted.areas.items())],
        refused_because=_refused_because(scope, wanted),
        reason_cipher=encrypt_field(
            scope,
            patient_id=patient.id,
            place="incident.reason",
            row_id=incident_id,
            text=json.dumps({"reason": wanted.reason.strip(), "lot": wanted.lot.strip()}),
        ),
        happened_at=wanted.happened_at,
        recorded_at=now(),
    )
    scope.session.add(incident)
    audit.record(
        scope,
        "care:incident:record",
        subject_id=incident.id,
        patient_id=patient.id,
        visit_id=wanted.visit_id,
    )
    _stop_plans(scope, wanted)
    alert_owners(scope, path=f"/incidents/{incident.id}", location=location)
    return incident


def _stop_plans(scope: TenantScope, wanted: NewIncident) -> None:
    """Close what is in force for the procedure until it was talked over and agreed to anew.

    Nothing may be in force yet: then what is out, or asked for later, waits for that talk.
    """
    if wanted.visit_id is not None:
        plan_ids = [get_visit(scope, wanted.visit_id).plan_id]
    else:
        plans = list_plans_of_patient(scope, wanted.patient_id)
        plan_ids = [
            one.id
            for one in plans
            if get_latest_version(scope, one).procedure_id == wanted.procedure_id
        ]
    for plan_id in plan_ids:
        try:
            pause_plan(scope, plan_id=plan_id, finding=Finding(HoldOrigin.INCIDENT, STOPPED))
        except ConsentMoved:
            continue  # Nothing is in force: only a new talk is wanted before anybody signs.


@dataclass(frozen=True)
class IncidentStory:
    """What was written about an incident; ``lot`` is the text from the box, known or not."""

    reason: str
    lot: str


def read_story(scope: TenantScope, incident: Incident) -> IncidentStory:
    """Return what was written about an incident; raises NotReadable."""
    text = decrypt_field(
        scope,
        patient_id=incident.patient_id,
        place="incident.reason",
        row_id=incident.id,
        cipher=incident.reason_cipher,
    )
    return IncidentStory(**json.loads(text))


def _check_shape(scope: TenantScope, wanted: NewIncident) -> None:
    wrong: dict[str, str] = {}
    catalogue = content_of(get_catalogue_in_force(scope))
    places = places_on_body(catalogue)
    if wanted.procedure_id not in catalogue.procedure:
        wrong["procedure_id"] = "This procedure is not in the clinic's catalogue."
    if not wanted.areas or set(wanted.areas) - set(places):
        wrong["areas"] = "Say which areas were treated."
    if len(wanted.reason.strip()) < SHORTEST_REASON:
        wrong["reason"] = "Say in a sentence what happened and why."
    if wanted.happened_at > now():
        wrong["happened_at"] = "This is in the future."
    visit = get_visit(scope, wanted.visit_id) if wanted.visit_id else None
    if visit is not None and visit.patient_id not in person_ids(scope, wanted.patient_id):
        wrong["visit_id"] = "This visit is another patient's."
    if wrong:
        raise RecordNotPossible(next(iter(wrong.values())), fields=wrong)


def _lot(scope: TenantScope, wanted: NewIncident) -> CartridgeLot | None:
    if wanted.device_id is None:
        return None
    return find_lot(scope, get_device(scope, wanted.device_id).id, wanted.lot.strip())


def _refused_because(scope: TenantScope, wanted: NewIncident) -> list[str]:
    """Return the codes of what stands in the way now; empty where nothing can be asked."""
    if wanted.visit_id is None or wanted.device_id is None:
        return []
    intended = Intended(
        wanted.visit_id, wanted.named_staff_id, wanted.device_id, wanted.lot, wanted.areas
    )
    answer, _ = judge_start(scope, intended, at=now())
    return list(dict.fromkeys(one.code for one in answer.reasons))


def refusal_in_words(code: str) -> str:
    """Return what a stored reason for a refusal means to people."""
    return _WORDS.get(code, code.replace("_", " "))
