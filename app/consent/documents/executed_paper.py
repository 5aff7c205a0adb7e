"""Gathers from what is stored everything that the executed consent shows."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app.consent import queries
from app.consent.after.lasting import end_of_attested
from app.consent.browser import NOWHERE, Browser
from app.consent.ciphers import open_text
from app.consent.consent_facts import (
    Ground,
    qualification_in_words,
    registration_in_words,
)
from app.consent.documents.frozen import PatientPaper, PractitionerPaper, iso, paper_from_json
from app.consent.documents.patient_paper import talk_of
from app.consent.errors import ConsentMoved, NotReady
from app.consent.holds.decided import decisions_in_force, expires_on, ground_as_decided, opens_on
from app.consent.models import Consent
from app.consent.purposes import rules_of
from app.consent.screening.stored_answers import read_outcome
from app.database import TenantScope
from app.documents.models import Document
from app.documents.queries import get_operation_for_update
from app.kit.clock import day_in
from app.kit.in_words import date_in_words, millimetres
from app.kit.speech import ENGLISH, mark, say, speaking, spoken
from app.plans.facts import capacity_note
from app.plans.models import Capacity
from app.tenants.queries import get_staff, list_qualifications

STATEMENT = mark(
    "I may do this treatment. I confirm that %(held_by)s talked this plan over with the patient on"
    " %(held_on)s. I have read the patient's answers, and I have answered the questions that were"
    " asked. I saw no sign that the patient was pressed or could not decide."
)
STATEMENT_ADD_ON = mark(
    "I may do this treatment with what is added to it. I confirm that %(held_by)s talked both over"
    " with the patient on %(held_on)s. I have answered the questions that were asked. I saw no sign"
    " that the patient was pressed or could not decide."
)


_CAPACITY = {
    Capacity.PRESUMED: mark("Nothing made the practitioner doubt it"),
    Capacity.ASSESSED: mark("There was a doubt, and it was looked into"),
    Capacity.LACKING: mark("Not at present"),
}


@dataclass(frozen=True)
class Confirming:
    """Who confirms, by which qualification, when the second factor was shown, and from where."""

    staff_id: uuid.UUID
    qualification_id: uuid.UUID
    stepped_up_at: datetime
    browser: Browser = NOWHERE


def ground_of_consent(scope: TenantScope, consent: Consent) -> Ground:
    """Return what a consent stands on, narrowed by what was decided about it."""
    return ground_as_decided(scope, consent)


def statement_for(scope: TenantScope, consent: Consent, ground: Ground) -> str:
    """Return what the practitioner confirms about this consent; raises NotReady without a talk."""
    talk = ground.discussion
    if talk is None:
        raise NotReady("Record the discussion first.", missing="discussion")
    held_on = day_in(talk.held_at, ground.location.zone)
    by = get_staff(scope, talk.held_by).name
    text = STATEMENT if rules_of(consent.purpose).screens else STATEMENT_ADD_ON
    return say(text, held_by=by, held_on=date_in_words(held_on))


def gather_practitioner_paper(
    scope: TenantScope,
    consent: Consent,
    ground: Ground,
    signed: Document,
    confirming: Confirming,
    *,
    at: datetime,
) -> PractitionerPaper:
    """Return the values of the executed consent; the patient's are those that were sealed.

    They are told in the language of the form. Raises NotReady where nobody has recorded a talk.
    """
    patient = _sealed_paper(scope, signed)
    with speaking(patient.place.language, whole=True):
        return _gathered(scope, consent, ground, patient, signed, confirming, at)


def _gathered(
    scope: TenantScope,
    consent: Consent,
    ground: Ground,
    patient: PatientPaper,
    signed: Document,
    confirming: Confirming,
    at: datetime,
) -> PractitionerPaper:
    if ground.discussion is None:
        raise NotReady("Record the discussion first.", missing="discussion")
    held = {one.id: one for one in list_qualifications(scope, confirming.staff_id)}
    qualification = held[confirming.qualification_id]
    begins, ends = period_of(scope, consent, ground, at)
    if begins >= ends:
        raise ConsentMoved(
            "The consent would have run out before it begins. Ask for a new one.",
            state=consent.state,
        )
    titles = ground.told.area
    return PractitionerPaper(
        patient=patient,
        patient_document_sha256=signed.sha256.hex(),
        patient_sealed_at=iso(signed.sealed_at),
        practitioner_name=get_staff(scope, confirming.staff_id).name,
        qualification=qualification_in_words(qualification),
        registration=registration_in_words(qualification),
        statement=_statement_told(scope, consent, ground),
        attested_at=iso(at),
        stepped_up_at=iso(confirming.stepped_up_at),
        in_force_from=iso(begins),
        in_force_until=iso(ends),
        areas=tuple(
            (titles[area].title, millimetres(depth)) for area, depth in ground.facts.areas.items()
        ),
        talk=talk_of(scope, consent.patient_id, ground.discussion),
        capacity=_capacity(scope, ground),
        address=confirming.browser.address,
        user_agent=confirming.browser.user_agent,
    )


def _statement_told(scope: TenantScope, consent: Consent, ground: Ground) -> str:
    """Return what was confirmed; where the form is not English, also as it stood on the screen."""
    told = statement_for(scope, consent, ground)
    if spoken() == ENGLISH:
        return told
    with speaking(ENGLISH):
        return f"{told}\n{statement_for(scope, consent, ground)}"


def _capacity(scope: TenantScope, ground: Ground) -> str:
    note = capacity_note(scope, ground.version)
    words = say(_CAPACITY[Capacity(ground.version.capacity)])
    return f"{words}: {note}" if note else words


def period_of(
    scope: TenantScope, consent: Consent, ground: Ground, at: datetime
) -> tuple[datetime, datetime]:
    """Return from when and until when the grants run.

    They begin now or on the day on which a wait ends, and end the location's months after the
    signature, or with the last day of a decision. They may end before they begin.
    """
    zone = ground.location.zone
    decided = decisions_in_force(scope, consent)
    days = [one for one in (_wait_ends_on(scope, consent), opens_on(decided)) if one is not None]
    begins = max([at, *(_midnight(day, zone) for day in days)])
    ends = end_of_attested(scope, consent, ground.location, consent.signed_at or at)
    last = expires_on(decided)
    return begins, ends if last is None else min(ends, _midnight(last + timedelta(days=1), zone))


def _wait_ends_on(scope: TenantScope, consent: Consent) -> date | None:
    answers = queries.find_latest_answers(scope, consent.id)
    outcome: dict[str, Any] = {} if answers is None else read_outcome(scope, consent, answers)
    found = outcome.get("opens_on")
    return None if found is None else date.fromisoformat(found)


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone))


def _sealed_paper(scope: TenantScope, signed: Document) -> PatientPaper:
    """Return the very values that the patient's document was made from."""
    operation = get_operation_for_update(scope, signed.operation_id)
    text = open_text(
        scope,
        signed.patient_id,
        "sealing_operation.frozen",
        operation.id,
        operation.frozen_cipher,
    )
    return paper_from_json(PatientPaper, text)
