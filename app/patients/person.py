"""One person, several records: what was merged stays where it is and is read together."""

import uuid
from datetime import date

from app.database import TenantScope
from app.patients.models import Patient
from app.patients.queries import find_day_of_death, get_patient, list_records_of_person


def person_ids(scope: TenantScope, patient_id: uuid.UUID) -> frozenset[uuid.UUID]:
    """Return the ids of all records of the person whom one record is about.

    This is how everything about a person is read after a merge: ``patient_id.in_(person_ids(…))``.
    The gate alone asks for the very record of the grant. Raises PatientUnknown.
    """
    return frozenset(list_records_of_person(scope, get_patient(scope, patient_id).root_id))


def main_record(scope: TenantScope, patient_id: uuid.UUID) -> Patient:
    """Return the record that a person is kept under; raises PatientUnknown."""
    patient = get_patient(scope, patient_id)
    return patient if patient.merged_into is None else get_patient(scope, patient.root_id)


def day_of_death(scope: TenantScope, patient_id: uuid.UUID) -> date | None:
    """Return the day of death that is noted on any of a person's records, the kept one's first.

    Raises PatientUnknown.
    """
    return find_day_of_death(scope, get_patient(scope, patient_id).root_id)
