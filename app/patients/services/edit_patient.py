"""A patient's record is put right: name, birth date, language, age evidence, death."""

import uuid
from dataclasses import dataclass
from datetime import date

from app import audit
from app.database import TenantScope
from app.errors import Invalid
from app.kit.clock import now, today_in
from app.kit.folding import sort_key
from app.kit.ids import new_id
from app.patients.models import AgeEvidence, Interpreter, Patient, PatientFormerName
from app.patients.person import person_ids
from app.patients.queries import get_patient_for_update
from app.patients.reading import date_of_birth, health_note
from app.patients.record_queries import MOVE_PHOTOS
from app.patients.services.add_patient import check_birth, checked_name, seal_birth, seal_note
from app.patients.services.index_patient import record_tokens_again
from app.patients.services.lock_patient import lock_patient
from app.tenants.queries import get_location, get_open_location
from app.vault import encrypt_field


@dataclass(frozen=True)
class PatientEdit:
    """The record as it is to be. ``health_note`` None leaves the note as it is, "" removes it."""

    name: str
    date_of_birth: date
    location_id: uuid.UUID
    language: str
    interpreter: str = Interpreter.NONE
    health_note: str | None = None


def edit_patient(
    scope: TenantScope, *, patient_id: uuid.UUID, version: int, wanted: PatientEdit
) -> Patient:
    """Change a record. A former name is kept; what was signed under it stays as it was sealed.

    Raises PatientUnknown, Stale, or Invalid for a name or a date of birth that cannot be one.
    """
    patient = lock_patient(scope, patient_id, version=version)
    moves = wanted.location_id != patient.location_id
    location = (get_open_location if moves else get_location)(scope, wanted.location_id)
    name = checked_name(wanted.name)
    check_birth(wanted.date_of_birth, today_in(location.zone))
    changed = _changed_fields(scope, patient, wanted, name)
    if name != patient.name:
        scope.session.add(_former_name(scope, patient))
        patient.name, patient.sort_name = name, sort_key(name)
    if "date_of_birth" in changed:
        patient.date_of_birth_cipher = seal_birth(scope, patient.id, wanted.date_of_birth)
        # What was shown proved another age.
        patient.age_evidence_kind = patient.age_checked_by = patient.age_checked_at = None
    if "health_note" in changed:
        patient.health_note_cipher = seal_note(scope, patient.id, wanted.health_note)
    if moves:
        follow = {"t": scope.tenant_id, "patient": patient.id, "location": location.id}
        scope.session.execute(MOVE_PHOTOS, follow)
    patient.location_id = location.id
    patient.language, patient.interpreter = wanted.language, Interpreter(wanted.interpreter).value
    record_tokens_again(scope, patient)
    audit.record(
        scope,
        "patients:patient:edit",
        subject_id=patient.id,
        patient_id=patient.id,
        fields=",".join(sorted(changed)),
    )
    return patient


def record_age_evidence(
    scope: TenantScope, *, patient_id: uuid.UUID, version: int, kind: str
) -> Patient:
    """Note what document showed the patient's age, who looked at it and when; never its number."""
    patient = lock_patient(scope, patient_id, version=version)
    patient.age_evidence_kind = AgeEvidence(kind).value
    patient.age_checked_by, patient.age_checked_at = scope.actor.id, now()
    audit.record(
        scope, "patients:age:check", subject_id=patient.id, patient_id=patient.id, kind=kind
    )
    return patient


def record_death(
    scope: TenantScope, *, patient_id: uuid.UUID, version: int, on: date | None
) -> Patient:
    """Note that the patient has died, or that this was a mistake (None), on whichever record.

    Nothing is sent to them or asked of them any more. Raises Invalid for a day yet to come or
    before the birth.
    """
    patient = lock_patient(scope, patient_id, version=version)
    if on is not None:
        today = today_in(get_location(scope, patient.location_id).zone)
        if not date_of_birth(scope, patient) <= on <= today:
            told = "Check the date: it lies between the birth and today."
            raise Invalid(told, fields={"deceased_on": told})
    else:
        _revive_others(scope, patient)
    patient.deceased_on = on
    audit.record(
        scope,
        "patients:death:note",
        subject_id=patient.id,
        patient_id=patient.id,
        is_revoked=on is None,
    )
    return patient


def _revive_others(scope: TenantScope, patient: Patient) -> None:
    """Take the note off the merged records too: it is one person who lives."""
    for one in sorted(person_ids(scope, patient.id) - {patient.id}):
        record = get_patient_for_update(scope, one)
        if record.deceased_on is not None:
            record.deceased_on, record.version = None, record.version + 1


def _changed_fields(
    scope: TenantScope, patient: Patient, wanted: PatientEdit, name: str
) -> set[str]:
    before = {
        "name": patient.name,
        "location_id": patient.location_id,
        "language": patient.language,
        "interpreter": patient.interpreter,
        "date_of_birth": date_of_birth(scope, patient),
    }
    after = {
        "name": name,
        "location_id": wanted.location_id,
        "language": wanted.language,
        "interpreter": str(wanted.interpreter),
        "date_of_birth": wanted.date_of_birth,
    }
    changed = {field for field, value in before.items() if after[field] != value}
    if wanted.health_note is not None and wanted.health_note != (health_note(scope, patient) or ""):
        changed.add("health_note")
    return changed


def _former_name(scope: TenantScope, patient: Patient) -> PatientFormerName:
    row_id = new_id()
    return PatientFormerName(
        tenant_id=scope.tenant_id,
        id=row_id,
        patient_id=patient.id,
        name_cipher=encrypt_field(
            scope,
            patient_id=patient.id,
            place="patient_former_name.name",
            row_id=row_id,
            text=patient.name,
        ),
        changed_at=now(),
        changed_by=scope.actor.id,
    )
