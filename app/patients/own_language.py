"""A patient's pages outside a form speak the language that they read best."""

import uuid
from collections.abc import Callable

from app.database import TenantScope
from app.kit.speech import nearest_language, speak
from app.patients.queries import get_patient

Whose = Callable[[TenantScope, uuid.UUID], uuid.UUID]


def speak_own_language(scope: TenantScope, patient_id: uuid.UUID) -> uuid.UUID:
    """Speak a patient's language from here on, English where we do not; return their id."""
    speak(nearest_language(get_patient(scope, patient_id).language))
    return patient_id


def in_own_language(whose: Whose) -> Whose:
    """Return ``whose``, which then also speaks the language of the patient whom it finds."""
    return lambda scope, subject_id: speak_own_language(scope, whose(scope, subject_id))
