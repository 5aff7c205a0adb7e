"""A patient whose link is dead asks for a new one; it goes to the contact on file, or nowhere.

Before signing it leads to the form, afterwards to the copy and to taking the consent back.
Whoever asks never learns whether it was sent.
"""

import uuid

from app import audit
from app.auth.attempts import count_attempt
from app.consent import queries
from app.consent.models import Consent
from app.consent.services.attest_consent import send_copy
from app.consent.services.request_consent import resend_link
from app.database import TenantScope
from app.errors import TooManyTries
from app.patients.queries import get_patient
from app.patients.reading import contact
from app.patients.services.limit_use import is_restricted
from app.patients.services.require_alive import is_deceased
from app.tenants.queries import get_location

MOST, SECONDS = 3, 3600
SHORTEST_PHONE = 6


def ask_new_link(scope: TenantScope, *, consent_id: uuid.UUID, typed: str) -> bool:
    """Send a fresh link where what was typed is the contact on file; return whether it was sent."""
    try:
        count_attempt(scope.session, f"consent.again:{consent_id}", most=MOST, seconds=SECONDS)
    except TooManyTries:
        return False
    if not queries.exists_consent(scope, consent_id):
        return False
    consent = queries.get_consent(scope, consent_id)
    if not _may_be_sent(scope, consent, typed):
        audit.record(
            scope, "consent:link:refuse", subject_id=consent_id, patient_id=consent.patient_id
        )
        return False
    if consent.state in queries.UNSIGNED:
        resend_link(scope, consent_id=consent_id)
    else:
        send_copy(scope, consent, get_location(scope, consent.location_id).zone)
    return True


def _may_be_sent(scope: TenantScope, consent: Consent, typed: str) -> bool:
    """Whether anything may be sent; why not is never told to whoever asks."""
    patient_id = consent.patient_id
    if not _is_on_file(scope, patient_id, typed) or is_deceased(scope, patient_id):
        return False
    # A copy, and the way to take a consent back, are owed also where data may only be kept.
    is_unsigned = consent.state in queries.UNSIGNED
    return not is_restricted(scope, patient_id) if is_unsigned else consent.signed_at is not None


def _is_on_file(scope: TenantScope, patient_id: uuid.UUID, typed: str) -> bool:
    patient = get_patient(scope, patient_id)
    email, phone = contact(scope, patient, "email"), contact(scope, patient, "phone")
    if email is not None and typed.strip().casefold() == email.strip().casefold():
        return True
    digits = _digits(typed)
    return phone is not None and len(digits) >= SHORTEST_PHONE and digits == _digits(phone)


def _digits(text: str) -> str:
    return "".join(one for one in text if one.isdigit())
