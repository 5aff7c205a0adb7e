"""A block that two people lift in the middle of a course: what its sealed record says of it."""

import json
from datetime import timedelta

import pytest
from flask import Flask

from app.consent import queries
from app.consent.errors import DecisionRefused
from app.consent.jobs import seal_record
from app.documents.setup import own_trust
from app.documents.verify import verify_file
from app.kit.clock import now, today_in
from app.kit.in_words import day_in_words
from tests.consent.test_decision_record import evidence_in, record_of, texts
from tests.consent.test_second_person import AGREED, colleague, lift, say, state
from tests.factories.care import ReadyVisit, make_ready_visit
from tests.factories.consent import MadeConsent, answer, make_identified_consent
from tests.factories.holds import LONG_REASON, decide, decisions_of, limits, open_hold_of
from tests.factories.plans import MadePlan
from tests.factories.tenants import Staff

UNTIL = today_in("Europe/London") + timedelta(days=60)
NARROWED = limits(depths={"face_cheeks": 600}, prophylaxis=True, without=("no_prilocaine",))


@pytest.fixture
def ready(context: Flask) -> ReadyVisit:
    """A visit that could start now, under a consent that is in force."""
    return make_ready_visit()


@pytest.fixture
def under_way(ready: ReadyVisit) -> MadeConsent:
    """That consent, stopped by what the patient answered to a newer form."""
    assert ready.consent is not None
    made = ready.made
    assert answer(make_identified_consent(made), bleeding_disorder="yes").is_stored
    stopped = MadeConsent(made, ready.consent.consent_id, "", "")
    assert state(stopped) == "paused"
    return stopped


def lift_it(under_way: MadeConsent) -> Staff:
    """Lift the block with limits and an end, with the word of a second person; return them."""
    lift(under_way, limits=NARROWED, expires_on=UNTIL)
    assert state(under_way) == "paused"
    second = colleague(under_way)
    say(under_way, second)
    return second


def sealed(made: MadePlan, ready: ReadyVisit, under_way: MadeConsent) -> bytes:
    """Return the sealed record of the newest decision."""
    decision_id = decisions_of(under_way)[-1].id
    with made.clinic.scope() as scope:
        seal_record(scope, decision_id=decision_id)
    return record_of(ready, decision_id)


def test_case_26_its_record_says_what_was_decided_by_whom_within_what_and_until_when(
    ready: ReadyVisit, under_way: MadeConsent, context: Flask
) -> None:
    second, made = lift_it(under_way), ready.made
    data = sealed(made, ready, under_way)
    told, shown = evidence_in(data), texts(data)

    assert verify_file(data, own_trust(context.config["SETTINGS"])).holds
    assert (told["consent_id"], told["kind"]) == (str(under_way.id), "safe")
    assert made.practitioner.name in told["decided_by"]
    [one] = told["overrides"]
    assert one["rule"] == "bleeding_disorder"
    assert made.practitioner.name in one["by"]
    assert "TEST-NMC-1" in one["by"]
    assert second.name in one["second_by"]
    assert "TEST-9" in one["second_by"]
    assert one["reason"] == LONG_REASON
    assert told["limits"] == {
        "max_depth_um": {"face_cheeks": 600},
        "left_out": [],
        "prophylaxis": True,
        "without": ["no_prilocaine"],
        "delay_until": "",
        "expires_on": UNTIL.isoformat(),
    }
    for words in (
        "Lifted by two people",
        made.practitioner.name,
        second.name,
        LONG_REASON,
        AGREED,
        "0.6 mm",
        "No numbing cream with prilocaine is used.",
        "The protective medicine that was talked about is confirmed.",
        day_in_words(UNTIL),
    ):
        assert words in shown, words
    assert '"yes"' not in json.dumps(told)


def test_what_it_says_is_what_the_grants_allow(ready: ReadyVisit, under_way: MadeConsent) -> None:
    assert not ready.may().allowed
    lift_it(under_way)

    assert state(under_way) == "active"
    # The medicine of the limits is confirmed at each visit, and is not here yet.
    assert [one.code for one in ready.may().reasons] == ["not_confirmed"]
    with ready.made.clinic.scope() as scope:
        grants = queries.list_grants(scope, under_way.id)
    opened = [one for one in grants if one.valid.upper is not None and one.valid.upper > now()]
    assert [(one.area, one.max_depth_um) for one in opened] == [("face_cheeks", 600)]
    assert {(one.valid.upper - timedelta(hours=2)).date() for one in opened} == {UNTIL}


def test_one_person_alone_lifts_nothing_and_none_without_naming_the_rule(
    ready: ReadyVisit, under_way: MadeConsent
) -> None:
    with pytest.raises(DecisionRefused, match="Tick this to lift it"):
        decide(under_way, reason=LONG_REASON)
    lift(under_way, limits=NARROWED, expires_on=UNTIL)

    assert open_hold_of(under_way).closed_at is None
    assert not ready.may().allowed
