"""The clinic's tablet in a patient's hands: handed over, covered while nobody is there, wiped.

A session on it is locked to one form. Nobody of the staff is signed in any more on that device, and
whoever handed it over stands in the document. What was filled in lies on the server, so that
covering, resuming and wiping lose nothing.
"""

import hmac
import uuid
from datetime import datetime, timedelta

from app import audit
from app.auth.attempts import clear_attempts, count_attempt
from app.auth.secrets import revoke_secrets
from app.auth.services import WrongCredentials
from app.auth.shared_desk import prove_pin
from app.consent import queries
from app.consent.errors import ConsentMoved
from app.consent.models import ConsentState
from app.consent.services.request_consent import unlock_link
from app.consent.still_current import require_no_news
from app.consent.ways import queries as way_queries
from app.consent.ways.models import ConsentWay, OpenedBy
from app.consent.ways.services.open_link import open_link, renew_session
from app.consent.ways.services.prove_identity import attest_identity
from app.database import TenantScope
from app.kit.clock import now
from app.kit.speech import say
from app.patients.queries import get_patient
from app.patients.reading import date_of_birth

# The page asks whether somebody is still there, and covers itself when nobody says so.
ASK_AFTER, COVER_AFTER = timedelta(minutes=3), timedelta(seconds=30)
# A page without a script says nothing between two of its requests, and one with it every 20 s.
SILENT_FOR = ASK_AFTER + COVER_AFTER + timedelta(seconds=30)
TRIES, TRY_SECONDS = 5, 900


def hand_over(scope: TenantScope, *, consent_id: uuid.UUID) -> str:
    """Return the token of a session for the patient; the acting person has seen their ID.

    Raises ConsentMoved once there is nothing to sign, AskedBeforeNews or NotDiscussed where
    another form is needed.
    """
    state = queries.get_consent(scope, consent_id).state
    if state not in (*queries.UNSIGNED, ConsentState.NOT_SAFE):
        raise ConsentMoved("There is nothing left to sign.", state=state)
    consent = attest_identity(scope, consent_id=consent_id)
    require_no_news(scope, consent)
    unlock_link(scope, consent)
    audit.record(
        scope,
        "consent:tablet:hand_over",
        subject_id=consent.id,
        patient_id=consent.patient_id,
        device_id=scope.actor.device_id,
    )
    return open_link(
        scope,
        consent_id=consent_id,
        by=OpenedBy.TABLET,
        host_id=scope.actor.id,
        device_id=scope.actor.device_id,
    )


def find_tablet(scope: TenantScope, consent_id: uuid.UUID) -> ConsentWay | None:
    """Return the tablet on which a form is open now, or None where it is open in another way."""
    way = way_queries.find_open_way(scope, consent_id)
    if way is None or way.opened_by != OpenedBy.TABLET or way.ended_at is not None:
        return None
    return way


def is_covered(way: ConsentWay, at: datetime) -> bool:
    """Return whether the tablet hides the form: it was covered, or nobody has touched it."""
    touched = way.touched_at or way.offered_at
    return way.covered_at is not None or touched <= at - SILENT_FOR


def cover(scope: TenantScope, *, consent_id: uuid.UUID) -> None:
    """Hide the form until somebody who may see it says who they are."""
    way = find_tablet(scope, consent_id)
    if way is not None and way.covered_at is None:
        way.covered_at = now()
        audit.record(
            scope,
            "consent:tablet:cover",
            subject_id=consent_id,
            patient_id=queries.get_patient_id(scope, consent_id),
        )


def resume_by_birth(scope: TenantScope, *, consent_id: uuid.UUID, born: str) -> str:
    """Return a new token for the patient, who is still there; ``born`` is an ISO date.

    Raises WrongCredentials, and TooManyTries after five: then only the staff's PIN uncovers it.
    """
    key = f"consent.cover:{consent_id}"
    count_attempt(scope.session, key, most=TRIES, seconds=TRY_SECONDS)
    consent = queries.get_consent(scope, consent_id)
    theirs = date_of_birth(scope, get_patient(scope, consent.patient_id)).isoformat()
    if not hmac.compare_digest(born.encode(), theirs.encode()):
        raise WrongCredentials(say("That is not the date of birth of this form’s patient."))
    clear_attempts(scope.session, key)
    return _resumed(scope, consent_id, by="birth_date")


def resume_by_pin(
    scope: TenantScope, *, consent_id: uuid.UUID, staff_id: uuid.UUID, pin: str
) -> str:
    """Return a new token, since a member of staff says that the patient may go on.

    Raises WrongCredentials or TooManyTries.
    """
    way = find_tablet(scope, consent_id)
    place = consent_id if way is None else way.device_id or way.id
    found = prove_pin(scope, place, staff_id=staff_id, pin=pin)
    return _resumed(scope, consent_id, by="pin", staff_id=found.staff_id)


def finish(scope: TenantScope, *, consent_id: uuid.UUID) -> None:
    """End the session on the device; nothing of the form can be seen there any more."""
    way = find_tablet(scope, consent_id)
    if way is not None:
        way.ended_at = now()
    revoke_secrets(scope, "sign_session", subject_id=consent_id)
    audit.record(
        scope,
        "consent:tablet:finish",
        subject_id=consent_id,
        patient_id=queries.get_patient_id(scope, consent_id),
    )


def take_back(scope: TenantScope, *, consent_id: uuid.UUID) -> None:
    """End from the desk what was handed over, and what the patient filled in stays.

    Where no tablet has the form nothing happens: a patient who reads on their own phone reads on.
    """
    consent = queries.get_consent_for_update(scope, consent_id)
    way = find_tablet(scope, consent_id)
    if way is None:
        return
    way.ended_at = now()
    revoke_secrets(scope, "sign_session", subject_id=consent_id)
    audit.record(
        scope,
        "consent:tablet:take_back",
        subject_id=consent_id,
        patient_id=consent.patient_id,
        device_id=way.device_id,
    )


def _resumed(
    scope: TenantScope, consent_id: uuid.UUID, *, by: str, staff_id: uuid.UUID | None = None
) -> str:
    way = find_tablet(scope, consent_id)
    if way is not None:
        way.covered_at, way.touched_at = None, now()
    audit.record(
        scope,
        "consent:tablet:resume",
        subject_id=consent_id,
        patient_id=queries.get_patient_id(scope, consent_id),
        by=by,
        staff_id=staff_id,
    )
    return renew_session(scope, consent_id)
