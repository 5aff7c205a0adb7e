"""Open what is encrypted about a patient, for those who may see it."""

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from app import audit
from app.database import TenantScope
from app.patients import queries, record_queries
from app.patients.models import ContactKind, Patient, PatientContact
from app.vault import KeyBunch, decrypt_field

BIRTH = "patient.date_of_birth"


@dataclass(frozen=True)
class ContactLine:
    """A contact in plain text: as it is dialled or written to, and as somebody typed it."""

    id: uuid.UUID
    patient_id: uuid.UUID
    kind: str
    value: str
    typed: str
    is_preferred: bool
    verified_at: datetime | None


@dataclass(frozen=True)
class FormerName:
    """A name that a patient had until a moment."""

    name: str
    until: datetime


@dataclass(frozen=True)
class PatientDetails:
    """A patient's record with contact and health fields in plain text."""

    patient: Patient
    date_of_birth: date
    contacts: Sequence[ContactLine]
    health_note: str | None

    @property
    def email(self) -> str | None:
        """Return the address that messages go to."""
        return _first(self.contacts, ContactKind.EMAIL)

    @property
    def phone(self) -> str | None:
        """Return the number that messages go to, in E.164."""
        return _first(self.contacts, ContactKind.PHONE)


def date_of_birth(scope: TenantScope, patient: Patient) -> date:
    """Return a patient's date of birth."""
    text = decrypt_field(
        scope,
        patient_id=patient.id,
        place=BIRTH,
        row_id=patient.id,
        cipher=patient.date_of_birth_cipher,
    )
    return date.fromisoformat(text)


def births_of_namesakes(
    scope: TenantScope, lines: Sequence[queries.PatientLine]
) -> dict[uuid.UUID, date]:
    """Return the dates of birth of those in a list who share a name, to tell them apart by."""
    bearers = Counter(line.sort_name for line in lines)
    alike = [line.id for line in lines if bearers[line.sort_name] > 1]
    if not alike:
        return {}
    keys = KeyBunch(scope.tenant_id)
    keys.gather(alike)
    found = {}
    for patient_id, cipher in queries.list_birth_ciphers(scope, alike):
        opened = keys.open_value(patient_id, BIRTH, patient_id, cipher)
        if opened is not None:
            found[patient_id] = date.fromisoformat(opened.data.decode())
    return found


def contact(scope: TenantScope, patient: Patient, field: str) -> str | None:
    """Return where a patient is reached by "email" or "phone", or None where there is none."""
    for row in record_queries.list_contacts(scope, patient):
        if row.kind == field:
            return _open(scope, row, "value")
    return None


def read_contacts(scope: TenantScope, patient: Patient) -> list[ContactLine]:
    """Return a person's contacts in plain text, the preferred ones first."""
    return [
        ContactLine(
            id=row.id,
            patient_id=row.patient_id,
            kind=row.kind,
            value=_open(scope, row, "value"),
            typed=_open(scope, row, "typed"),
            is_preferred=row.is_preferred,
            verified_at=row.verified_at,
        )
        for row in record_queries.list_contacts(scope, patient)
    ]


def read_former_names(
    scope: TenantScope, patient_ids: frozenset[uuid.UUID]
) -> Sequence[FormerName]:
    """Return the names that a person had here, the latest first."""
    return [
        FormerName(
            decrypt_field(
                scope,
                patient_id=row.patient_id,
                place="patient_former_name.name",
                row_id=row.id,
                cipher=row.name_cipher,
            ),
            row.changed_at,
        )
        for row in record_queries.list_former_names(scope, patient_ids)
    ]


def health_note(scope: TenantScope, patient: Patient) -> str | None:
    """Return the note on a patient's health, or None."""
    if patient.health_note_cipher is None:
        return None
    return decrypt_field(
        scope,
        patient_id=patient.id,
        place="patient.health_note",
        row_id=patient.id,
        cipher=patient.health_note_cipher,
    )


def read_patient(scope: TenantScope, patient: Patient) -> PatientDetails:
    """Open a patient's record; who looked is recorded."""
    details = PatientDetails(
        patient=patient,
        date_of_birth=date_of_birth(scope, patient),
        contacts=read_contacts(scope, patient),
        health_note=health_note(scope, patient),
    )
    audit.record(scope, "patients:patient:read", subject_id=patient.id, patient_id=patient.id)
    return details


def _open(scope: TenantScope, row: PatientContact, what: str) -> str:
    cipher: bytes = getattr(row, f"{what}_cipher")
    return decrypt_field(
        scope,
        patient_id=row.patient_id,
        place=f"patient_contact.{what}",
        row_id=row.id,
        cipher=cipher,
        retention="contact",
    )


def _first(contacts: Sequence[ContactLine], kind: str) -> str | None:
    return next((one.value for one in contacts if one.kind == kind), None)
