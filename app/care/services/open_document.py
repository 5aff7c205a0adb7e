"""A patient opens a document of theirs: a link, then their date of birth, then the file.

The link proves that they read the clinic's message, the date of birth that it is them. Before both
nothing is shown, not even what kind of document it is.
"""

import hmac
import uuid
from datetime import date, datetime, timedelta

from app import audit
from app.auth.attempts import clear_attempts, count_attempt
from app.auth.secrets import issue_secret, revoke_secrets
from app.database import TenantScope
from app.documents.files import read_document
from app.documents.queries import get_document
from app.kit.clock import now
from app.patients.queries import get_patient
from app.patients.reading import date_of_birth

ASKING_LASTS = timedelta(minutes=15)
SHOWN_LASTS = timedelta(minutes=15)
TRIES, TRY_SECONDS = 5, 900
TRIES_IN_ALL, ALL_SECONDS = 20, 60 * 24 * 3600


def begin_asking(scope: TenantScope, *, document_id: uuid.UUID, link_ends: datetime) -> str:
    """Return a fresh token for the page that asks who it is; the link's own stays out of cookies.

    It opens nothing but that page, lasts for minutes, and never longer than the link.
    """
    audit.record(scope, "care:document:open", subject_id=document_id)
    lasts = min(ASKING_LASTS, link_ends - now())
    return issue_secret(scope, "document_asking", subject_id=document_id, lasts=lasts)


def prove_birth_date(scope: TenantScope, *, document_id: uuid.UUID, born: date) -> str | None:
    """Return the token of a session in which the document is shown, or None for another date.

    Tries are counted and committed before anything is compared; raises TooManyTries.
    """
    key = f"document.identity:{document_id}"
    # Few tries in a row, and not many in all: a date of birth can be guessed with patience.
    total = f"document.identity.total:{document_id}"
    count_attempt(scope.session, total, most=TRIES_IN_ALL, seconds=ALL_SECONDS)
    count_attempt(scope.session, key, most=TRIES, seconds=TRY_SECONDS)
    patient = get_patient(scope, get_document(scope, document_id).patient_id)
    known = date_of_birth(scope, patient).isoformat()
    if not hmac.compare_digest(born.isoformat(), known):
        audit.record(scope, "care:document:refuse", subject_id=document_id)
        return None
    clear_attempts(scope.session, key)
    audit.record(scope, "care:document:prove", subject_id=document_id)
    return issue_secret(scope, "document_session", subject_id=document_id, lasts=SHOWN_LASTS)


def read_own_document(scope: TenantScope, *, document_id: uuid.UUID) -> bytes:
    """Return the sealed file for its patient, and note that it was read."""
    audit.record(scope, "care:document:read", subject_id=document_id)
    return read_document(scope, document_id)


def close_document(scope: TenantScope, *, document_id: uuid.UUID) -> None:
    """End every session in which this document is shown."""
    revoke_secrets(scope, "document_session", subject_id=document_id)
