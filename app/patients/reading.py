"""Open what is encrypted about a patient, for those who may see it."""

from dataclasses import dataclass
from datetime import date

from app import audit
from app.database import TenantScope
from app.patients.models import Patient
from app.vault import decrypt_field


@dataclass(frozen=True)
class PatientDetails:
    """A patient's record with contact and health fields in plain text."""

    patient: Patient
    date_of_birth: date
    email: str | None
    phone: str | None
    health_note: str | None


def date_of_birth(scope: TenantScope, patient: Patient) -> date:
    """Return a patient's date of birth."""
    text = decrypt_field(
        scope,
        patient_id=patient.id,
        place="patient.date_of_birth",
        row_id=patient.id,
        cipher=patient.date_of_birth_cipher,
    )
    return date.fromisoformat(text)


def contact(scope: TenantScope, patient: Patient, field: str) -> str | None:
    """Return a patient's "email" or "phone", or None where there is none."""
    cipher: bytes | None = getattr(patient, f"{field}_cipher")
    if cipher is None:
        return None
    return decrypt_field(
        scope,
        patient_id=patient.id,
        place=f"patient.{field}",
        row_id=patient.id,
        cipher=cipher,
        retention="contact",
    )


def read_patient(scope: TenantScope, patient: Patient) -> PatientDetails:
    """Open a patient's record; who looked is recorded."""
    note = patient.health_note_cipher
    details = PatientDetails(
        patient=patient,
        date_of_birth=date_of_birth(scope, patient),
        email=contact(scope, patient, "email"),
        phone=contact(scope, patient, "phone"),
        health_note=None
        if note is None
        else decrypt_field(
            scope,
            patient_id=patient.id,
            place="patient.health_note",
            row_id=patient.id,
            cipher=note,
        ),
    )
    audit.record(scope, "patients:patient:read", subject_id=patient.id)
    return details
