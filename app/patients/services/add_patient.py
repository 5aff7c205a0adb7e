"""A patient comes onto the clinic's books."""

import uuid
from dataclasses import dataclass
from datetime import date

from app import audit
from app.auth.services import normal_email
from app.database import TenantScope
from app.errors import Invalid
from app.kit.clock import now, today_in
from app.kit.ids import new_id
from app.kit.names import BadName, clean_name
from app.patients.models import Patient
from app.patients.queries import sort_key
from app.tenants.queries import get_location
from app.vault import blind_index, encrypt_field

OLDEST_YEARS = 120


@dataclass(frozen=True)
class NewPatient:
    """What the front desk types. ``date_of_birth`` decides the age; the rest are ways to reach
    them."""

    name: str
    date_of_birth: date
    location_id: uuid.UUID
    language: str = "en"
    email: str | None = None
    phone: str | None = None
    health_note: str | None = None


def add_patient(scope: TenantScope, wanted: NewPatient) -> Patient:
    """Add a patient; contact and health fields are stored encrypted.

    Raises Invalid for a name that cannot be one, or a date of birth in the future or too far back.
    """
    location = get_location(scope, wanted.location_id)
    name = _checked_name(wanted.name)
    _check_birth(wanted.date_of_birth, today_in(location.zone))
    patient_id = new_id()
    email = normal_email(wanted.email) if wanted.email else None
    phone = _plain_phone(wanted.phone) if wanted.phone else None
    patient = Patient(
        tenant_id=scope.tenant_id,
        id=patient_id,
        location_id=location.id,
        name=name,
        sort_name=sort_key(name),
        language=wanted.language,
        date_of_birth_cipher=encrypt_field(
            scope,
            patient_id=patient_id,
            place="patient.date_of_birth",
            row_id=patient_id,
            text=wanted.date_of_birth.isoformat(),
        ),
        email_cipher=_contact(scope, patient_id, "email", email),
        email_index=blind_index(scope, "patient.email", email) if email else None,
        phone_cipher=_contact(scope, patient_id, "phone", phone),
        phone_index=blind_index(scope, "patient.phone", phone) if phone else None,
        health_note_cipher=_health_note(scope, patient_id, wanted.health_note),
        created_at=now(),
        created_by=scope.actor.id,
    )
    scope.session.add(patient)
    audit.record(scope, "patients:patient:add", subject_id=patient_id)
    return patient


def _checked_name(text: str) -> str:
    try:
        return clean_name(text)
    except BadName as bad:
        raise Invalid(bad.reason, fields={"name": bad.reason}) from bad


def _check_birth(born: date, today: date) -> None:
    if born > today or today.year - born.year > OLDEST_YEARS:
        raise Invalid("Check the date of birth.", fields={"date_of_birth": "not a date of birth"})


def _plain_phone(text: str) -> str:
    plain = "".join(text.split()).replace("-", "").replace("(", "").replace(")", "")
    if not plain.removeprefix("+").isdigit() or not 5 <= len(plain) <= 16:
        raise Invalid("Check the phone number.", fields={"phone": "digits, + in front"})
    return plain


def _contact(
    scope: TenantScope, patient_id: uuid.UUID, field: str, value: str | None
) -> bytes | None:
    if value is None:
        return None
    return encrypt_field(
        scope,
        patient_id=patient_id,
        place=f"patient.{field}",
        row_id=patient_id,
        text=value,
        retention="contact",
    )


def _health_note(scope: TenantScope, patient_id: uuid.UUID, text: str | None) -> bytes | None:
    if not text:
        return None
    return encrypt_field(
        scope, patient_id=patient_id, place="patient.health_note", row_id=patient_id, text=text
    )
