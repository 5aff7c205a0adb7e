"""Questions about patients. Lists never open what is encrypted."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, tuple_

from app.database import TenantScope
from app.patients.errors import PatientUnknown
from app.patients.models import Patient
from app.vault import blind_index


@dataclass(frozen=True)
class PatientLine:
    """One line of a list of patients."""

    id: uuid.UUID
    name: str
    sort_name: str
    language: str
    location_id: uuid.UUID


LINE = (Patient.id, Patient.name, Patient.sort_name, Patient.language, Patient.location_id)


def get_patient(scope: TenantScope, patient_id: uuid.UUID) -> Patient:
    """Return a patient; raises PatientUnknown."""
    found = scope.session.get(Patient, (scope.tenant_id, patient_id))
    if found is None:
        raise PatientUnknown("There is no such patient.")
    return found


def page_patients(
    scope: TenantScope, *, after: tuple[str, uuid.UUID] | None = None, size: int = 50
) -> Sequence[PatientLine]:
    """Return a page of patients by name, the page after a (sort_name, id) key."""
    statement = select(*LINE).where(Patient.tenant_id == scope.tenant_id)
    if after is not None:
        statement = statement.where(tuple_(Patient.sort_name, Patient.id) > after)
    statement = statement.order_by(Patient.sort_name, Patient.id).limit(size)
    return [PatientLine(*row) for row in scope.session.execute(statement)]


def search_patients(scope: TenantScope, text: str, *, most: int = 20) -> Sequence[PatientLine]:
    """Return patients whose sort name begins with a text, or whose email or phone equals it."""
    statement = select(*LINE).where(Patient.tenant_id == scope.tenant_id)
    if "@" in text:
        statement = statement.where(
            Patient.email_index == blind_index(scope, "patient.email", text)
        )
    else:
        prefix = sort_key(text)
        # ``^@`` is leakproof, so that its index serves under row-level security; LIKE is not.
        statement = statement.where(Patient.sort_name.op("^@")(prefix))
    statement = statement.order_by(Patient.sort_name, Patient.id).limit(most)
    return [PatientLine(*row) for row in scope.session.execute(statement)]


def sort_key(name: str) -> str:
    """Return the form of a name by which patients are sorted and searched."""
    return " ".join(name.casefold().split())
