"""Is it the patient: a code to the contact on file and the date of birth, or an ID shown to staff.

Tries are counted and committed before anything is compared, per consent, so that guessers who race
each other are all counted; the fifth wrong one locks the link. Which of the two was wrong is never
said.
"""

import hmac
import uuid
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from app import audit
from app.auth.attempts import count_attempt
from app.auth.passwords import hash_code, verify_code
from app.consent import queries
from app.consent.errors import NoContact
from app.consent.models import Consent
from app.consent.services.request_consent import LINK_LASTS
from app.consent.ways.identity_tries import Standing, count_identity_try, forget_right_try
from app.consent.ways.services.lock_link import COPY_WAITS, is_locked, lock_link
from app.database import TenantScope
from app.kit.clock import now
from app.kit.ids import new_code
from app.kit.masking import mask_email, mask_phone
from app.messaging.services import CODE_LASTS, queue_message
from app.messaging.transport import transport
from app.patients.queries import get_patient
from app.patients.reading import contact, date_of_birth
from app.tenants.queries import get_clinic

CODE_DIGITS = 8
SHOWN_ID_LASTS = timedelta(hours=1)
SENDS, SEND_SECONDS = 5, 3600
MOST_TEXTS = 300


class IdentityMethod(StrEnum):
    """How it was made sure that it is the patient."""

    EMAIL_CODE = "email_code_and_birth_date"
    SMS_CODE = "sms_code_and_birth_date"
    ID_SHOWN = "id_shown_to_staff_and_birth_date"
    ID_AT_PAPER = "id_shown_to_staff"


class Proof(StrEnum):
    """What became of one try."""

    PASSED = "passed"
    WRONG = "wrong"
    LOCKED = "locked"
    LATER = "later"


@dataclass(frozen=True)
class Contact:
    """Where a code goes; ``masked`` may be shown before anybody is known."""

    channel: str
    address: str
    masked: str


def contacts_on_file(scope: TenantScope, consent: Consent) -> tuple[Contact, ...]:
    """Return where the patient can get codes: what the clinic has on file, email first."""
    patient = get_patient(scope, consent.patient_id)
    found = []
    email = contact(scope, patient, "email")
    if email is not None:
        found.append(Contact("email", email, mask_email(email)))
    phone = contact(scope, patient, "phone")
    if phone is not None and transport().carries("sms"):
        found.append(Contact("sms", phone, mask_phone(phone)))
    return tuple(found)


def find_contact(scope: TenantScope, consent: Consent) -> Contact | None:
    """Return where the newest code went, else where the next one goes, or None for nowhere."""
    found = contacts_on_file(scope, consent)
    sent = [one for one in found if code_is_out(consent) and one.channel == consent.code_channel]
    return next(iter((*sent, *found)), None)


def other_contacts(scope: TenantScope, consent: Consent) -> tuple[Contact, ...]:
    """Return where a code can go instead of where the last one went, or the next one goes."""
    first = find_contact(scope, consent)
    return tuple(one for one in contacts_on_file(scope, consent) if one != first)


def masked_contact(scope: TenantScope, consent: Consent) -> str:
    """Return the contact on file as it may be shown to anybody, or "" where there is none."""
    where = find_contact(scope, consent)
    return "" if where is None else where.masked


def send_code(scope: TenantScope, *, consent_id: uuid.UUID, channel: str = "") -> None:
    """Send a fresh code that ends older ones; raises TooManyTries or NoContact.

    ``channel`` is "email" or "sms"; without it the code goes to the first contact on file.
    """
    count_attempt(scope.session, f"consent.send:{consent_id}", most=SENDS, seconds=SEND_SECONDS)
    consent = queries.get_consent_for_update(scope, consent_id)
    on_file = contacts_on_file(scope, consent)
    where = next((one for one in on_file if channel in ("", one.channel)), None)
    if where is None:
        raise NoContact
    if where.channel == "sms":
        # Text messages cost money: a clinic has a ceiling, whoever presses the button how often.
        key = f"consent.sms:{scope.tenant_id}"
        count_attempt(scope.session, key, most=MOST_TEXTS, seconds=SEND_SECONDS)
    code = new_code(CODE_DIGITS)
    consent.code_hash, consent.code_sent_at = hash_code(code), now()
    consent.code_channel = where.channel
    queue_message(
        scope,
        to=where.address,
        channel=where.channel,
        template="sign_code",
        values={"code": code, "clinic": get_clinic(scope).legal_name},
        patient_id=consent.patient_id,
        location_id=consent.location_id,
    )
    audit.record(
        scope,
        "consent:code:send",
        subject_id=consent.id,
        patient_id=consent.patient_id,
        channel=where.channel,
    )


def prove_identity(
    scope: TenantScope, *, consent_id: uuid.UUID, code: str, born: str, address: str
) -> Proof:
    """Compare what was typed; ``born`` is an ISO date. A code works once and for ten minutes.

    ``address`` is the part of the network address by which tries are counted. Whatever is wrong
    takes the same work, so that nobody learns which of the two it was.
    """
    is_for_signing = queries.get_consent(scope, consent_id).state in queries.UNSIGNED
    lasts = int((LINK_LASTS if is_for_signing else COPY_WAITS).total_seconds())
    standing = count_identity_try(scope, consent_id, address, seconds=lasts)
    if standing is Standing.LATER:
        return Proof.LATER
    consent = queries.get_consent_for_update(scope, consent_id)
    if standing is Standing.SPENT:
        lock_link(scope, consent)
    if is_locked(consent):
        return Proof.LOCKED
    method = _method_that_fits(scope, consent, code)
    is_birthday = hmac.compare_digest(born.encode(), _born(scope, consent).encode())
    if method is None or not is_birthday:
        return _refuse(scope, consent, is_last=standing is Standing.LAST)
    consent.code_hash = consent.locked_at = None
    if consent.signed_at is None:
        # Later checks are for a copy; how it was before signing stays as it was.
        consent.identified_at, consent.identity_method = now(), method.value
    forget_right_try(scope, consent_id, address)
    audit.record(
        scope,
        "consent:identity:prove",
        subject_id=consent.id,
        patient_id=consent.patient_id,
        method=method.value,
    )
    return Proof.PASSED


def attest_identity(scope: TenantScope, *, consent_id: uuid.UUID) -> Consent:
    """Note that a member of staff has seen the patient's ID; good for an hour."""
    consent = queries.get_consent_for_update(scope, consent_id)
    consent.identity_attested_by, consent.identity_attested_at = scope.actor.id, now()
    consent.version += 1
    audit.record(
        scope, "consent:identity:attest", subject_id=consent.id, patient_id=consent.patient_id
    )
    return consent


def id_was_shown(consent: Consent) -> bool:
    """Return whether staff saw the patient's ID within the last hour."""
    seen = consent.identity_attested_at
    return seen is not None and seen > now() - SHOWN_ID_LASTS


def code_is_out(consent: Consent) -> bool:
    """Return whether a code that was sent still works."""
    sent = consent.code_sent_at
    return consent.code_hash is not None and sent is not None and sent > now() - CODE_LASTS


def _method_that_fits(scope: TenantScope, consent: Consent, code: str) -> IdentityMethod | None:
    if id_was_shown(consent):
        return IdentityMethod.ID_SHOWN
    typed = "".join(one for one in code if one.isdigit())
    # Verified also where no code is out, so that every case takes the same time.
    is_right = verify_code(consent.code_hash, typed)
    if not (code_is_out(consent) and is_right):
        return None
    by_email = consent.code_channel == "email"
    return IdentityMethod.EMAIL_CODE if by_email else IdentityMethod.SMS_CODE


def _born(scope: TenantScope, consent: Consent) -> str:
    return date_of_birth(scope, get_patient(scope, consent.patient_id)).isoformat()


def _refuse(scope: TenantScope, consent: Consent, *, is_last: bool) -> Proof:
    audit.record(
        scope, "consent:identity:refuse", subject_id=consent.id, patient_id=consent.patient_id
    )
    if is_last:
        lock_link(scope, consent)
    return Proof.LOCKED if is_last else Proof.WRONG
