"""What every change of a patient's record begins with."""

import uuid

from app.database import TenantScope
from app.errors import Stale
from app.patients.models import Patient
from app.patients.queries import get_patient_for_update


def lock_patient(scope: TenantScope, patient_id: uuid.UUID, *, version: int) -> Patient:
    """Return a record locked and counted up for a change.

    Raises PatientUnknown, or Stale when somebody changed the record since ``version`` was read.
    """
    patient = get_patient_for_update(scope, patient_id)
    if patient.version != version:
        raise Stale
    patient.version += 1
    return patient
