"""Holds and decisions about them, made through the services that people use."""

import re
import uuid
from datetime import timedelta

from app.consent import queries
from app.consent.holds import queries as hold_queries
from app.consent.holds.decision import NO_LIMITS, Limits
from app.consent.holds.models import DecisionKind, Hold, HoldDecision
from app.consent.holds.services.answer_outside import (
    Stated,
    answer_outside,
    prove_address,
    state_person,
)
from app.consent.holds.services.ask_outside import ask_outside
from app.consent.holds.services.decide_hold import Wish, decide_hold
from app.consent.holds.services.decide_standing import NewStanding, decide_standing
from app.consent.holds.standing_rules import OFFERS
from app.kit.clock import today_in
from app.messaging.queries import page_messages
from app.messaging.services import read_message
from tests.factories.consent import MadeConsent, answer, make_identified_consent
from tests.factories.plans import MadePlan, make_discussed_plan
from tests.factories.tenants import MadeClinic, Staff, qualify, unique_email

REASON = "Seen and talked over: this is safe within these limits."
LONG_REASON = "The letter of the specialist says that the illness is mild, and I agree with it."


def make_held(made: MadePlan, **answers: str) -> MadeConsent:
    """Bring a consent to a hold by some answers."""
    asked = make_identified_consent(made)
    assert answer(asked, **answers).is_stored
    with made.clinic.scope() as scope:
        assert asked.read(scope).state == "held"
    return asked


def open_hold_of(asked: MadeConsent) -> Hold:
    """Return the hold that stands in the way."""
    with asked.made.clinic.scope() as scope:
        found = queries.find_open_hold(scope, asked.id)
    assert found is not None
    return found


def wish(asked: MadeConsent, kind: str = "safe", **changes: object) -> Wish:
    """Return an ordinary decision about the newest answers."""
    with asked.made.clinic.scope() as scope:
        latest = queries.find_latest_answers(scope, asked.id)
    values: dict[str, object] = {
        "kind": DecisionKind(kind),
        "reason": REASON,
        "answers_number": latest.number if latest else 0,
        "limits": NO_LIMITS,
    }
    return Wish(**{**values, **changes})  # type: ignore[arg-type]  # a test may pass wrong values


def decide(
    asked: MadeConsent, kind: str = "safe", *, who: Staff | None = None, **changes: object
) -> HoldDecision:
    """Decide about a consent's open hold as its practitioner, unless told otherwise."""
    hold, wanted = open_hold_of(asked), wish(asked, kind, **changes)
    with asked.made.clinic.scope(who or asked.made.practitioner) as scope:
        return decide_hold(scope, hold_id=hold.id, wish=wanted)


def limits(**changes: object) -> Limits:
    """Return limits with some set."""
    return Limits(**{"depths": {}, **changes})  # type: ignore[arg-type]  # a test may pass wrong values


def decisions_of(asked: MadeConsent) -> list[HoldDecision]:
    """Return every decision about a consent."""
    with asked.made.clinic.scope() as scope:
        return list(hold_queries.list_decisions(scope, asked.id))


def hold_of(asked: MadeConsent, hold_id: uuid.UUID) -> Hold:
    """Return a hold as it is now."""
    with asked.made.clinic.scope() as scope:
        return hold_queries.get_hold(scope, hold_id)


def make_delayed_hold(clinic: MadeClinic) -> Hold:
    """Return a hold of another patient that somebody has decided and that waits for a day."""
    asked = make_held(make_discussed_plan(clinic), hsv_history_area="yes")
    decide(asked, "delay", delay_until=today_in("Europe/London") + timedelta(days=10))
    return open_hold_of(asked)


def agree_from_outside(clinic: MadeClinic) -> MadeConsent:
    """Return a consent whose block was lifted with the word of somebody outside."""
    held = make_held(make_discussed_plan(clinic), bleeding_disorder="yes")
    decide(held, lifts=("bleeding_disorder",), reason=LONG_REASON)
    with clinic.scope(held.made.practitioner) as scope:
        hold_id = open_hold_of(held).id
        review_id = ask_outside(scope, hold_id=hold_id, number=1, email=unique_email("out")).id
    stated = Stated("Ailbhe Ní Bhriain", "doctor", "GMC", "7000001")
    with clinic.scope() as scope:
        state_person(scope, review_id=review_id, stated=stated)
    with clinic.scope() as scope:
        letter = next(one for one in page_messages(scope) if one.template == "review_code")
        code = re.search(r"\b\d{8}\b", read_message(scope, letter).body)
    assert code is not None
    with clinic.scope() as scope:
        assert prove_address(scope, review_id=review_id, code=code.group())
    with clinic.scope() as scope:
        answer_outside(scope, review_id=review_id, agrees=True, reason=LONG_REASON)
    return held


def approve_standing(clinic: MadeClinic, rule_id: str = "koebner") -> None:
    """Approve what is offered for a rule, as an owner with a registration."""
    qualify(clinic, clinic.owner, registration_number="OWNER-1")
    with clinic.scope() as scope:
        decide_standing(scope, NewStanding(OFFERS[rule_id], after=0))
