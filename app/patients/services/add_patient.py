"""A patient comes onto the clinic's books."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from app import audit, jobs
from app.database import TenantScope
from app.errors import Invalid
from app.kit.clock import now, today_in
from app.kit.folding import sort_key
from app.kit.ids import new_id
from app.kit.names import BadName, clean_name
from app.patients.duplicates import exists_alike_elsewhere, find_alike
from app.patients.errors import PossibleDuplicate
from app.patients.models import ContactKind, Interpreter, Patient
from app.patients.search import (
    birth_token,
    in_list,
    placed,
    tokens_of_contact,
    tokens_of_name,
    whole_token,
)
from app.patients.services.index_patient import record_tokens
from app.patients.services.keep_contacts import normal_contact, record_contact
from app.tenants.models import Location
from app.tenants.place_queries import get_settings
from app.tenants.queries import get_open_location
from app.vault import encrypt_field

OLDEST_YEARS = 120


@dataclass(frozen=True)
class NewPatient:
    """What the front desk types. ``date_of_birth`` decides the age; the rest are ways to reach
    them. ``language`` None means the first of the clinic's own."""

    name: str
    date_of_birth: date
    location_id: uuid.UUID
    language: str | None = None
    email: str | None = None
    phone: str | None = None
    health_note: str | None = None
    interpreter: str = Interpreter.NONE


def add_patient(
    scope: TenantScope,
    wanted: NewPatient,
    *,
    patient_id: uuid.UUID | None = None,
    is_new: bool = False,
    looked_at: Collection[uuid.UUID] = (),
) -> Patient:
    """Add a patient; contact and health fields are stored encrypted.

    Raises Invalid for a name that cannot be one, or a date of birth in the future or too far back;
    PossibleDuplicate when somebody who is like them is not among ``looked_at``. ``is_new`` leaves
    that question out. Somebody alike whom a limited colleague may not see is told to the owners
    instead, who can merge the two.
    """
    location = get_open_location(scope, wanted.location_id)
    name = checked_name(wanted.name)
    check_birth(wanted.date_of_birth, today_in(location.zone))
    contacts = _normal_contacts(wanted, location)
    whole = [whole_token(scope, kind, value) for kind, (value, _) in contacts.items()]
    is_elsewhere = False
    if not is_new:
        _refuse_twin(scope, name, wanted.date_of_birth, whole, looked_at)
        is_elsewhere = exists_alike_elsewhere(
            scope, name=name, born=wanted.date_of_birth, contact_tokens=whole
        )
    patient = _new_row(scope, wanted, name, patient_id or new_id())
    scope.session.add(patient)
    tokens = tokens_of_name(name) | {birth_token(scope, wanted.date_of_birth)}
    for kind, (value, typed) in contacts.items():
        record_contact(scope, patient, kind=kind, value=value, typed=typed, is_preferred=True)
        tokens |= tokens_of_contact(scope, kind, value)
    here = {placed(location.id, one) for one in tokens_of_name(name)}
    here.add(in_list(location.id, patient.sort_name))
    record_tokens(scope, patient, tokens | here)
    audit.record(scope, "patients:patient:add", subject_id=patient.id, patient_id=patient.id)
    if is_elsewhere:
        jobs.enqueue(scope, "patients.tell_twin", patient_id=patient.id)
    return patient


def _new_row(scope: TenantScope, wanted: NewPatient, name: str, patient_id: uuid.UUID) -> Patient:
    return Patient(
        tenant_id=scope.tenant_id,
        id=patient_id,
        location_id=wanted.location_id,
        name=name,
        sort_name=sort_key(name),
        language=wanted.language or get_settings(scope).languages[0],
        interpreter=Interpreter(wanted.interpreter).value,
        date_of_birth_cipher=seal_birth(scope, patient_id, wanted.date_of_birth),
        health_note_cipher=seal_note(scope, patient_id, wanted.health_note),
        created_at=now(),
        created_by=scope.actor.id,
    )


def checked_name(text: str) -> str:
    """Return a name that can be one; raises Invalid with the sentence that says why not."""
    try:
        return clean_name(text)
    except BadName as bad:
        raise Invalid(bad.reason, fields={"name": bad.reason}) from bad


def check_birth(born: date, today: date) -> None:
    """Raise Invalid for a day that nobody alive was born on."""
    if born > today or today.year - born.year > OLDEST_YEARS:
        raise Invalid("Check the date of birth.", fields={"date_of_birth": "not a date of birth"})


def seal_birth(scope: TenantScope, patient_id: uuid.UUID, born: date) -> bytes:
    """Return the ciphertext of a date of birth."""
    return encrypt_field(
        scope,
        patient_id=patient_id,
        place="patient.date_of_birth",
        row_id=patient_id,
        text=born.isoformat(),
    )


def seal_note(scope: TenantScope, patient_id: uuid.UUID, text: str | None) -> bytes | None:
    """Return the ciphertext of a note on health, None for no note."""
    if not text:
        return None
    return encrypt_field(
        scope, patient_id=patient_id, place="patient.health_note", row_id=patient_id, text=text
    )


def _normal_contacts(wanted: NewPatient, location: Location) -> dict[str, tuple[str, str]]:
    given = {ContactKind.EMAIL: wanted.email, ContactKind.PHONE: wanted.phone}
    return {
        kind.value: (normal_contact(kind, typed, location), typed)
        for kind, typed in given.items()
        if typed
    }


def _refuse_twin(
    scope: TenantScope,
    name: str,
    born: date,
    contact_tokens: Collection[str],
    looked_at: Collection[uuid.UUID],
) -> None:
    alike = find_alike(scope, name=name, born=born, contact_tokens=contact_tokens)
    if any(one.line.id not in looked_at for one in alike):
        raise PossibleDuplicate(
            "Look at these patients first. If it is none of them, say that the patient is new.",
            patients=[
                {"id": str(one.line.id), "name": one.line.name, "why": list(one.why)}
                for one in alike
            ],
        )
