"""A patient opens a copy of their data: a link, then their date of birth, then the file."""

import hmac
import uuid
from datetime import date, datetime, timedelta

from app import audit
from app.auth.attempts import clear_attempts, count_attempt
from app.auth.secrets import issue_secret, revoke_secrets
from app.database import TenantScope
from app.kit.clock import now
from app.patients.queries import get_patient
from app.patients.reading import date_of_birth
from app.rights.export_queries import get_patient_of_export

ASKING_LASTS = SHOWN_LASTS = timedelta(minutes=15)
TRIES, TRY_SECONDS = 5, 900
TRIES_IN_ALL, ALL_SECONDS = 20, 30 * 24 * 3600


def begin_asking(scope: TenantScope, *, export_id: uuid.UUID, link_ends: datetime) -> str:
    """Return a token for the page that asks who it is; never longer than the link lasts."""
    audit.record(
        scope,
        "rights:copy:open",
        subject_id=export_id,
        patient_id=get_patient_of_export(scope, export_id),
    )
    lasts = min(ASKING_LASTS, link_ends - now())
    return issue_secret(scope, "data_asking", subject_id=export_id, lasts=lasts)


def prove_birth_date(scope: TenantScope, *, export_id: uuid.UUID, born: date) -> str | None:
    """Return the token of a session that may fetch the copy, or None for another date.

    Tries are counted and committed before anything is compared; raises TooManyTries.
    """
    key, total = f"data.identity:{export_id}", f"data.identity.total:{export_id}"
    count_attempt(scope.session, total, most=TRIES_IN_ALL, seconds=ALL_SECONDS)
    count_attempt(scope.session, key, most=TRIES, seconds=TRY_SECONDS)
    patient = get_patient(scope, get_patient_of_export(scope, export_id))
    if not hmac.compare_digest(born.isoformat(), date_of_birth(scope, patient).isoformat()):
        audit.record(scope, "rights:copy:refuse", subject_id=export_id, patient_id=patient.id)
        return None
    clear_attempts(scope.session, key)
    audit.record(scope, "rights:copy:prove", subject_id=export_id, patient_id=patient.id)
    return issue_secret(scope, "data_session", subject_id=export_id, lasts=SHOWN_LASTS)


def close_copy(scope: TenantScope, *, export_id: uuid.UUID) -> None:
    """End every session in which this copy may be fetched."""
    revoke_secrets(scope, "data_session", subject_id=export_id)
