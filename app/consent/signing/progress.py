"""How far a patient is, in words for whoever waits at the desk; never what was answered."""

import uuid
from dataclasses import dataclass

from app.consent.models import Consent, ConsentState
from app.consent.signing.steps import Step, step_of
from app.consent.standing import state_in_words
from app.consent.ways import queries as way_queries
from app.consent.ways.models import ConsentWay, OpenedBy
from app.database import TenantScope
from app.kit.clock import now
from app.pages_setup import clock_time
from app.tenants.queries import get_location, get_staff

_DOING = {
    Step.IDENTITY: "Opened. They are being asked who they are.",
    Step.ELECTRONIC: "They read what signing on a screen means.",
    Step.QUESTIONS: "They answer the questions about their health.",
    Step.HOLD: "They have answered. A clinician has to look at it before they can go on.",
    Step.READ: "They are reading the form.",
    Step.UNDERSTOOD: "They have read it and check what they understood.",
    Step.SIGN: "They are about to sign.",
}
_COVERED = "The clinic's device is covered: nobody touched it."
_WAYS = {
    OpenedBy.LINK: "by the link in a message",
    OpenedBy.SHORT_CODE: "by the typed code of a message",
    OpenedBy.QR: "by scanning the code on the screen",
    OpenedBy.TABLET: "on a device of the clinic",
}


@dataclass(frozen=True)
class Progress:
    """``text`` says what happens now, ``how`` by which way; ``goes_on`` until it is over."""

    code: str
    text: str
    how: str
    goes_on: bool


def progress_of(scope: TenantScope, consent: Consent) -> Progress:
    """Return how far the patient is with a form."""
    way = way_queries.find_open_way(scope, consent.id)
    how = "" if way is None else way_in_words(scope, consent, way)
    if consent.state == ConsentState.SENT or way is None:
        open_still = consent.state == ConsentState.SENT
        return Progress(consent.state, state_in_words(consent), how, open_still)
    step = step_of(consent)
    if consent.identified_at is None and consent.signed_at is None:
        step = Step.IDENTITY if consent.ended_at is None else Step.RECEIPT
    if step is Step.RECEIPT:
        return Progress(consent.state, state_in_words(consent), how, False)
    text = _COVERED if _is_covered(way) else _DOING[step]
    return Progress(step.value, text, how, consent.link_expires_at > now())


def way_in_words(scope: TenantScope, consent: Consent, way: ConsentWay) -> str:
    """Return how and when a form was opened: "Opened at 14:03 by scanning the code …"."""
    zone = get_location(scope, consent.location_id).zone
    host = "" if way.host_id is None else f", from {_name(scope, way.host_id)}"
    at = way.opened_at or way.offered_at
    return f"Opened at {clock_time(at, zone)} {_WAYS[OpenedBy(way.opened_by)]}{host}."


def _is_covered(way: ConsentWay) -> bool:
    return way.covered_at is not None and way.ended_at is None


def _name(scope: TenantScope, staff_id: uuid.UUID) -> str:
    return get_staff(scope, staff_id).name
