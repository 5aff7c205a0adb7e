"""Keep what a patient is found by in step with the record."""

import uuid
from collections.abc import Collection, Iterable

from sqlalchemy.dialects.postgresql import insert

from app.database import TenantScope
from app.database.person import records_of_person
from app.patients import place_queries, record_queries
from app.patients.models import Patient, PatientToken
from app.patients.reading import date_of_birth, read_former_names
from app.patients.search import birth_token, in_list, placed, tokens_of_contact, tokens_of_name
from app.vault import decrypt_field


def record_tokens(scope: TenantScope, patient: Patient, tokens: Iterable[str]) -> None:
    """Store tokens that a record does not have yet."""
    scope.session.add_all(
        PatientToken(tenant_id=scope.tenant_id, token=token, patient_id=patient.id)
        for token in sorted(set(tokens))
    )


def record_tokens_again(scope: TenantScope, patient: Patient) -> None:
    """Bring a record's tokens in step with its name, former names, birth date and contacts."""
    scope.session.flush()
    wanted = _tokens_of(scope, patient)
    held = {row.token: row for row in place_queries.list_tokens_everywhere(scope, [patient.id])}
    held = {token: row for token, row in held.items() if not token.startswith("@")}
    for token in held.keys() - wanted:
        scope.session.delete(held[token])
    record_tokens(scope, patient, wanted - held.keys())
    follow_places(scope, patient.id)


def follow_places(scope: TenantScope, patient_id: uuid.UUID) -> None:
    """Bring what a person is found by at their locations in step, on all of their records.

    Call it when a record, a plan or a purchase came to be at a location or left one, when a name
    changed, and when records were joined or taken apart.
    """
    scope.session.flush()
    _keep_place_tokens(scope, records_of_person(scope, patient_id))


def _keep_place_tokens(scope: TenantScope, records: Collection[uuid.UUID]) -> None:
    places = place_queries.list_places(scope, records)
    names = place_queries.map_list_names(scope, records)
    rows = place_queries.list_tokens_everywhere(scope, records)
    held = {(row.patient_id, row.token): row for row in rows if row.token.startswith("@")}
    wanted = {
        (row.patient_id, placed(place, row.token))
        for row in rows
        for place in places
        if row.token.startswith("n:")
    }
    for one, name in names.items():
        if name is not None:
            wanted |= {(one, in_list(place, name)) for place in places}
    for key in held.keys() - wanted:
        scope.session.delete(held[key])
    _add_tokens(scope, wanted - held.keys())


def _add_tokens(scope: TenantScope, tokens: Collection[tuple[uuid.UUID, str]]) -> None:
    """Store (record, token); one that somebody else stored meanwhile stays."""
    rows = [
        {"tenant_id": scope.tenant_id, "patient_id": patient_id, "token": token}
        for patient_id, token in sorted(tokens)
    ]
    if rows:
        scope.session.execute(insert(PatientToken).values(rows).on_conflict_do_nothing())


def _tokens_of(scope: TenantScope, patient: Patient) -> set[str]:
    tokens = tokens_of_name(patient.name) | {birth_token(scope, date_of_birth(scope, patient))}
    for former in read_former_names(scope, frozenset({patient.id})):
        tokens |= tokens_of_name(former.name)
    for row in record_queries.list_contacts_of_record(scope, patient.id):
        value = decrypt_field(
            scope,
            patient_id=patient.id,
            place="patient_contact.value",
            row_id=row.id,
            cipher=row.value_cipher,
            retention="contact",
        )
        tokens |= tokens_of_contact(scope, row.kind, value)
    return tokens
