"""The ways to reach a patient: added, preferred, verified, removed."""

import uuid

from app import audit
from app.auth.services import normal_email
from app.database import TenantScope
from app.errors import Conflict, Invalid
from app.kit.clock import now
from app.kit.ids import new_id
from app.patients import record_queries
from app.patients.models import ContactKind, Patient, PatientContact
from app.patients.phones import normal_phone, region_of
from app.patients.search import tokens_of_contact
from app.patients.services.index_patient import record_tokens_again
from app.patients.services.lock_patient import lock_patient
from app.tenants.models import Location
from app.tenants.queries import get_location
from app.vault import encrypt_field, renew_key

MOST_CONTACTS = 20


def normal_contact(kind: str, typed: str, location: Location) -> str:
    """Return the one form of a contact: an address in small letters, a number in E.164."""
    if kind == ContactKind.EMAIL:
        return normal_email(typed)
    return normal_phone(typed, region_of(location))


def record_contact(
    scope: TenantScope, patient: Patient, *, kind: str, value: str, typed: str, is_preferred: bool
) -> PatientContact:
    """Store a contact whose normal form is known; encrypted under the patient's contact key."""
    row_id = new_id()

    def sealed(what: str, text: str) -> bytes:
        return encrypt_field(
            scope,
            patient_id=patient.id,
            place=f"patient_contact.{what}",
            row_id=row_id,
            text=text,
            retention="contact",
        )

    row = PatientContact(
        tenant_id=scope.tenant_id,
        id=row_id,
        patient_id=patient.id,
        kind=kind,
        value_cipher=sealed("value", value),
        typed_cipher=sealed("typed", typed.strip()),
        is_preferred=is_preferred,
        created_at=now(),
    )
    scope.session.add(row)
    return row


def add_contact(
    scope: TenantScope, *, patient_id: uuid.UUID, version: int, kind: str, typed: str
) -> PatientContact:
    """Add a contact; the first of its kind is preferred. Raises Invalid, Conflict or Stale."""
    patient = lock_patient(scope, patient_id, version=version)
    held = record_queries.list_contacts_of_record(scope, patient.id)
    value = normal_contact(kind, typed, get_location(scope, patient.location_id))
    fresh = tokens_of_contact(scope, kind, value)
    if len(held) >= MOST_CONTACTS:
        raise Conflict("Remove a contact first.")
    if fresh <= {one.token for one in record_queries.list_tokens(scope, patient.id)}:
        raise Invalid("This contact is entered already.", fields={kind: "entered already"})
    if patient.erased_at is None:
        # Whoever has their contacts erased and comes back is reached again, under a fresh key.
        renew_key(scope.tenant_id, patient.id, "contact")
    row = record_contact(
        scope,
        patient,
        kind=kind,
        value=value,
        typed=typed,
        is_preferred=all(one.kind != kind for one in held),
    )
    record_tokens_again(scope, patient)
    audit.record(
        scope,
        "patients:contact:add",
        subject_id=patient.id,
        patient_id=patient.id,
        contact_id=row.id,
        kind=kind,
    )
    return row


def prefer_contact(
    scope: TenantScope, *, patient_id: uuid.UUID, contact_id: uuid.UUID, version: int
) -> None:
    """Make a contact the one of its kind that messages go to."""
    patient = lock_patient(scope, patient_id, version=version)
    chosen = record_queries.get_contact(scope, patient.id, contact_id)
    for row in record_queries.list_contacts_of_record(scope, patient.id):
        if row.kind == chosen.kind:
            row.is_preferred = row.id == chosen.id
    audit.record(
        scope,
        "patients:contact:prefer",
        subject_id=patient.id,
        patient_id=patient.id,
        contact_id=contact_id,
    )


def verify_contact(
    scope: TenantScope, *, patient_id: uuid.UUID, contact_id: uuid.UUID, version: int
) -> None:
    """Note that the patient was reached there: by a call, or by an answer to a message."""
    patient = lock_patient(scope, patient_id, version=version)
    row = record_queries.get_contact(scope, patient.id, contact_id)
    row.verified_at, row.verified_by = now(), scope.actor.id
    audit.record(
        scope,
        "patients:contact:verify",
        subject_id=patient.id,
        patient_id=patient.id,
        contact_id=contact_id,
    )


def remove_contact(
    scope: TenantScope, *, patient_id: uuid.UUID, contact_id: uuid.UUID, version: int
) -> None:
    """Delete a contact; the oldest other one of its kind becomes preferred in its place."""
    patient = lock_patient(scope, patient_id, version=version)
    row = record_queries.get_contact(scope, patient.id, contact_id)
    scope.session.delete(row)
    scope.session.flush()
    others = [
        one
        for one in record_queries.list_contacts_of_record(scope, patient.id)
        if one.kind == row.kind
    ]
    if others and row.is_preferred:
        others[0].is_preferred = True
    record_tokens_again(scope, patient)
    audit.record(
        scope,
        "patients:contact:remove",
        subject_id=patient.id,
        patient_id=patient.id,
        contact_id=contact_id,
    )
