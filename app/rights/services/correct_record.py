"""A patient's correction is put beside what it corrects; nothing sealed is touched."""

import uuid

from app.database import TenantScope
from app.errors import NotFound
from app.patients.addendum_models import AddendumAbout, PatientAddendum
from app.patients.person import person_ids
from app.patients.queries import get_patient
from app.patients.services.add_addendum import add_addendum
from app.rights.record_queries import exists_subject


def correct_record(
    scope: TenantScope,
    *,
    patient_id: uuid.UUID,
    about: AddendumAbout,
    subject_id: uuid.UUID,
    text: str,
    is_agreed: bool,
) -> PatientAddendum:
    """Record a correction; raises NotFound where the subject is not this patient's."""
    patient = get_patient(scope, patient_id)
    if not exists_subject(scope, about.value, subject_id, person_ids(scope, patient.id)):
        raise NotFound("There is no such thing in this patient's record.")
    return add_addendum(
        scope,
        patient_id=patient.id,
        about=about,
        subject_id=subject_id,
        text=text,
        is_agreed=is_agreed,
    )
