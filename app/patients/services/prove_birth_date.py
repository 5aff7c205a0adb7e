"""A patient proves that a link was meant for them: by their date of birth, with counted tries.

The link proves that they read the clinic's message, the date of birth that it is them. Before both
nothing is shown, not even what kind of thing it is.
"""

import hmac
import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app import audit
from app.auth.attempts import clear_attempts, count_attempt
from app.auth.secrets import SecretKind, issue_secret
from app.database import TenantScope
from app.kit.clock import now
from app.patients.queries import get_patient
from app.patients.reading import date_of_birth
from app.tenants.audit_watch import tell_owners

ASKING_LASTS = SHOWN_LASTS = timedelta(minutes=15)
TRIES, TRY_SECONDS = 5, 900
TRIES_IN_ALL, ALL_SECONDS = 20, 60 * 24 * 3600


@dataclass(frozen=True)
class Acts:
    """How the record of acts calls the steps to one kind of thing, "room:thing:verb"."""

    open: str
    refuse: str
    prove: str
    lock: str


def begin_asking(
    scope: TenantScope,
    kind: SecretKind,
    acts: Acts,
    *,
    subject_id: uuid.UUID,
    patient_id: uuid.UUID,
    link_ends: datetime,
) -> str:
    """Return a fresh token for the page that asks who it is; the link's own stays out of cookies.

    It opens nothing but that page, lasts for minutes, and never longer than the link.
    """
    audit.record(scope, acts.open, subject_id=subject_id, patient_id=patient_id)
    lasts = min(ASKING_LASTS, link_ends - now())
    return issue_secret(scope, kind, subject_id=subject_id, lasts=lasts)


def prove_birth_date(
    scope: TenantScope,
    kind: SecretKind,
    acts: Acts,
    *,
    subject_id: uuid.UUID,
    patient_id: uuid.UUID,
    born: date,
) -> str | None:
    """Return the token of a session in which the thing is shown, or None for another date.

    Tries are counted and committed before anything is compared; raises TooManyTries. The fifth
    wrong one in a row closes the question for a while, and the owners hear of it.
    """
    # Few tries in a row, and not many in all: a date of birth can be guessed with patience.
    key = f"{kind}:{subject_id}"
    count_attempt(scope.session, f"{key}:in all", most=TRIES_IN_ALL, seconds=ALL_SECONDS)
    tries = count_attempt(scope.session, key, most=TRIES, seconds=TRY_SECONDS)
    known = date_of_birth(scope, get_patient(scope, patient_id)).isoformat()
    if not hmac.compare_digest(born.isoformat(), known):
        audit.record(scope, acts.refuse, subject_id=subject_id, patient_id=patient_id)
        if tries == TRIES:
            audit.record(scope, acts.lock, subject_id=subject_id, patient_id=patient_id)
            tell_owners(scope, template="link_locked", path=f"/patients/{patient_id}")
        return None
    clear_attempts(scope.session, key)
    audit.record(scope, acts.prove, subject_id=subject_id, patient_id=patient_id)
    return issue_secret(scope, kind, subject_id=subject_id, lasts=SHOWN_LASTS)
