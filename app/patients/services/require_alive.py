"""Nothing new is asked of a patient who has died, and nobody signs in their place."""

import uuid

from app.database import TenantScope
from app.patients.errors import PatientDeceased
from app.patients.person import main_record
from app.patients.queries import get_patient


def require_alive(scope: TenantScope, patient_id: uuid.UUID) -> None:
    """Raise PatientDeceased where a death is noted on the record or the one it belongs to."""
    if is_deceased(scope, patient_id):
        raise PatientDeceased("A death is noted on this patient's record.")


def is_deceased(scope: TenantScope, patient_id: uuid.UUID) -> bool:
    """Return whether a death is noted on a record or on the one that the person is kept under."""
    own, main = get_patient(scope, patient_id), main_record(scope, patient_id)
    return own.deceased_on is not None or main.deceased_on is not None
