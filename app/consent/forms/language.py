"""A consent's pages speak the language of the form that the patient was sent."""

import uuid

from app.consent import queries
from app.database import TenantScope
from app.kit.speech import speak


def speak_form_language(scope: TenantScope, consent_id: uuid.UUID) -> uuid.UUID:
    """Speak a form's language from here on, and return whose consent it is.

    Raises ConsentUnknown.
    """
    consent = queries.get_consent(scope, consent_id)
    speak(consent.locale)
    return consent.patient_id
