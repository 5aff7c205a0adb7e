"""Keep what a patient is found by in step with the record."""

from collections.abc import Iterable

from app.database import TenantScope
from app.patients import record_queries
from app.patients.models import Patient, PatientToken
from app.patients.reading import date_of_birth, read_former_names
from app.patients.search import birth_token, tokens_of_contact, tokens_of_name
from app.vault import decrypt_field


def record_tokens(scope: TenantScope, patient: Patient, tokens: Iterable[str]) -> None:
    """Store the tokens of a record that has none yet."""
    scope.session.add_all(
        PatientToken(tenant_id=scope.tenant_id, token=token, patient_id=patient.id)
        for token in sorted(set(tokens))
    )


def record_tokens_again(scope: TenantScope, patient: Patient) -> None:
    """Bring a record's tokens in step with its name, former names, birth date and contacts."""
    scope.session.flush()
    wanted = _tokens_of(scope, patient)
    held = {row.token: row for row in record_queries.list_tokens(scope, patient.id)}
    for token in held.keys() - wanted:
        scope.session.delete(held[token])
    record_tokens(scope, patient, wanted - held.keys())


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
