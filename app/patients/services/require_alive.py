"""Nothing new is asked of a patient who has died, and nobody signs in their place."""

import uuid

from app.database import TenantScope
from app.patients.errors import PatientDeceased
from app.patients.person import day_of_death


def require_alive(scope: TenantScope, patient_id: uuid.UUID) -> None:
    """Raise PatientDeceased where a death is noted on any record of the person."""
    if is_deceased(scope, patient_id):
        raise PatientDeceased("A death is noted on this patient's record.")


def is_deceased(scope: TenantScope, patient_id: uuid.UUID) -> bool:
    """Return whether a death is noted on any record of the person; raises PatientUnknown."""
    return day_of_death(scope, patient_id) is not None
