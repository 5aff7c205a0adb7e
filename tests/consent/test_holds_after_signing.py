"""A hold after signing closes the grants; a decision opens new ones, never wider."""

import uuid
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.care.checks import check_intervals
from app.care.errors import NothingToHold
from app.care.intended import Intended, gather_case
from app.care.services.hold_after_check import hold_after_check
from app.consent import queries
from app.consent.after.services.seal_withdrawal import take_back
from app.consent.after.withdrawal_models import WithdrawalWay
from app.consent.errors import CannotLift, ConsentMoved, DecisionRefused, NotReady
from app.consent.holds import queries as hold_queries
from app.consent.holds.findings import found_by_clinic
from app.consent.holds.models import DecisionKind, Hold, HoldOrigin
from app.consent.holds.services.decide_hold import Wish, decide_hold
from app.consent.services.attest_consent import attest_consent
from app.consent.services.pause_consent import Finding, pause_plan
from app.kit.clock import now, shifted, today_in
from tests.factories.care import ReadyVisit, make_ready_visit
from tests.factories.consent import (
    MadeConsent,
    answer,
    make_identified_consent,
    make_signed_consent,
    read_and_understand,
    sign,
)
from tests.factories.holds import REASON, limits
from tests.factories.plans import make_visit
from tests.support.pages import Desk

WHY = "Blisters after the last session, photos are in the record."
INSERT = text(
    "INSERT INTO treatment_area (tenant_id, treatment_id, line, patient_id, procedure_id, area,"
    " granted_um, consent_id, depth_um, at, recorded_at) VALUES (:tenant, :treatment, :line,"
    " :patient, :procedure, 'face_cheeks', :granted, :consent, :depth, now(), now())"
)


@pytest.fixture
def ready(context: Flask) -> ReadyVisit:
    """A visit that could start now."""
    return make_ready_visit()


def stop(ready: ReadyVisit, why: str = WHY) -> Hold:
    with ready.made.clinic.scope(ready.made.practitioner) as scope:
        finding = Finding(HoldOrigin.CLINIC, why)
        return pause_plan(scope, plan_id=ready.made.plan_id, finding=finding)


def decide(ready: ReadyVisit, hold: Hold, kind: str = "safe", **changes: object) -> None:
    with ready.made.clinic.scope(ready.made.practitioner) as scope:
        latest = queries.find_latest_answers(scope, hold.consent_id)
        assert latest is not None
        values: dict[str, object] = {
            "kind": DecisionKind(kind),
            "reason": REASON,
            "answers_number": latest.number,
            "limits": limits(),
        }
        decide_hold(scope, hold_id=hold.id, wish=Wish(**{**values, **changes}))


def state(ready: ReadyVisit) -> str:
    assert ready.consent is not None
    with ready.made.clinic.scope() as scope:
        return queries.get_consent(scope, ready.consent.consent_id).state


def insert(
    ready: ReadyVisit, treatment_id: uuid.UUID, line: int, *, granted: int, depth: int
) -> None:
    """Record an area by hand, past every check of the application."""
    assert ready.consent is not None
    values = {
        "tenant": ready.made.clinic.tenant_id,
        "treatment": treatment_id,
        "line": line,
        "patient": ready.made.patient_id,
        "procedure": "mechanical_microneedling",
        "granted": granted,
        "consent": ready.consent.consent_id,
        "depth": depth,
    }
    with ready.made.clinic.scope() as scope:
        scope.session.execute(INSERT, values)


def allowed(ready: ReadyVisit) -> bool:
    return ready.may().allowed


def test_the_gate_is_closed_during_a_hold_and_open_after_it_within_the_limits(
    ready: ReadyVisit,
) -> None:
    treatment_id = ready.start().treatment.id
    hold = stop(ready)

    assert state(ready) == "paused"
    with pytest.raises(IntegrityError, match="consent_gate"):
        insert(ready, treatment_id, 20, granted=1000, depth=500)

    decide(ready, hold, limits=limits(depths={"face_cheeks": 600}))

    assert state(ready) == "active"
    with pytest.raises(IntegrityError, match="consent_gate"):
        insert(ready, treatment_id, 21, granted=1000, depth=500)
    with pytest.raises(IntegrityError, match="within_grant"):
        insert(ready, treatment_id, 22, granted=600, depth=601)
    insert(ready, treatment_id, 23, granted=600, depth=600)


def test_a_hold_stops_the_start_and_its_decision_allows_it(ready: ReadyVisit) -> None:
    assert allowed(ready)
    hold = stop(ready)
    assert not allowed(ready)

    decide(ready, hold)

    assert allowed(ready)


def test_not_safe_ends_the_consent(ready: ReadyVisit) -> None:
    decide(ready, stop(ready), "not_safe")

    assert state(ready) == "not_safe"
    assert not allowed(ready)


def test_a_delay_opens_the_grants_on_its_day(ready: ReadyVisit) -> None:
    day = today_in("Europe/London") + timedelta(days=10)
    decide(ready, stop(ready), "delay", delay_until=day)

    assert not allowed(ready)
    assert ready.consent is not None
    with ready.made.clinic.scope() as scope:
        grants = queries.list_grants(scope, ready.consent.consent_id)
    begins = [one.valid.lower for one in grants if one.valid.lower > now()]
    assert {local_day(one) for one in begins} == {day}


def local_day(at: datetime) -> date:
    return (at + timedelta(hours=2)).date()


def test_a_second_hold_may_give_back_what_the_first_one_narrowed(ready: ReadyVisit) -> None:
    decide(ready, stop(ready), limits=limits(depths={"face_cheeks": 400}))
    decide(ready, stop(ready))

    assert ready.may().areas == {"face_cheeks": 1000}


def test_the_page_of_a_second_hold_says_that_the_first_limits_end(
    context: Flask, ready: ReadyVisit
) -> None:
    desk = Desk(context, ready.made.clinic, ready.made.practitioner)
    first = stop(ready)
    told = "Enter again below what should stay."
    assert told not in desk.read(f"/holds/{first.id}")

    decide(ready, first, limits=limits(depths={"face_cheeks": 400}))

    assert told in desk.read(f"/holds/{stop(ready).id}")


def test_stopping_needs_a_reason_and_something_in_force(ready: ReadyVisit) -> None:
    with pytest.raises(DecisionRefused):
        stop(ready, "short")
    stop(ready)
    with pytest.raises(ConsentMoved):
        stop(ready)


def test_a_patient_can_take_it_back_during_a_hold(ready: ReadyVisit) -> None:
    hold = stop(ready)
    assert ready.consent is not None
    with ready.made.clinic.scope() as scope:
        take_back(scope, consent_id=ready.consent.consent_id, way=WithdrawalWay.STAFF)

    assert state(ready) == "withdrawn"
    with ready.made.clinic.scope() as scope:
        assert all(one.hold.id != hold.id for one in hold_queries.list_open_holds(scope))


def hold_of_check(ready: ReadyVisit) -> Hold:
    with ready.made.clinic.scope(ready.made.practitioner) as scope:
        return hold_after_check(scope, visit_id=ready.visit_id, reason=WHY)


def test_what_the_short_questions_find_is_decided_on_the_spot(ready: ReadyVisit) -> None:
    ready.ask(anticoagulant="yes")
    assert not allowed(ready)

    decide(ready, hold_of_check(ready))

    assert allowed(ready)
    ready.ask("Asked again by hand.", anticoagulant="yes", steroid_high="yes")
    assert not allowed(ready)


def test_what_bars_at_the_visit_is_not_lifted(ready: ReadyVisit) -> None:
    ready.ask(pregnancy="yes")

    with pytest.raises(CannotLift):
        decide(ready, hold_of_check(ready))


@pytest.mark.parametrize("earlier", ["yes", "unsure"])
def test_case_25_what_barred_at_a_visit_is_looked_at_before_it_is_let_go(
    ready: ReadyVisit, earlier: str
) -> None:
    ready.ask(pregnancy=earlier)
    ready.ask("She says that she was mistaken.", pregnancy="no")
    assert [one.code for one in ready.may().reasons] == ["health_review"]

    hold = hold_of_check(ready)
    with ready.made.clinic.scope(ready.made.practitioner) as scope:
        found = found_by_clinic(scope, queries.get_consent(scope, hold.consent_id), hold)
    [rule] = [one for one in found["fired"] if one["question_id"] == "pregnancy"]
    assert "of this visit the answer was another one" in rule["clinician"]
    assert found["answers"]["pregnancy"]["value"] == "no"

    decide(ready, hold)
    assert allowed(ready)
    ready.ask("Asked a third time.", pregnancy="yes")
    assert not allowed(ready)


def test_case_25_a_caution_beside_it_does_not_hide_a_turned_answer(ready: ReadyVisit) -> None:
    ready.ask(pregnancy="yes", otc_bleed="yes")
    ready.ask("She says that she was mistaken.", pregnancy="no", otc_bleed="yes")

    assert "health_review" in [one.code for one in ready.may().reasons]


def test_answers_to_a_newer_form_stop_what_is_in_force(ready: ReadyVisit) -> None:
    newer = make_identified_consent(ready.made)
    assert allowed(ready)
    assert answer(newer, pregnancy="yes").state == "held"

    assert state(ready) == "paused"
    assert not allowed(ready)
    with ready.made.clinic.scope(ready.made.practitioner) as scope:
        [mine] = [
            one.hold for one in hold_queries.list_open_holds(scope) if one.hold.is_after_signing
        ]
    with pytest.raises(CannotLift):
        decide(ready, mine)


def test_a_newer_form_is_no_way_round_the_decision(ready: ReadyVisit) -> None:
    hold = stop(ready)
    newer = make_signed_consent(ready.made)

    with pytest.raises(NotReady, match="Decide about it first"):
        confirm(ready, newer)
    assert not allowed(ready)

    decide(ready, hold)
    confirm(ready, newer)
    assert allowed(ready)


def test_what_was_decided_on_the_newer_form_is_not_decided_twice(ready: ReadyVisit) -> None:
    newer = make_identified_consent(ready.made)
    assert answer(newer, anticoagulant="yes").state == "held"
    with ready.made.clinic.scope() as scope:
        own = queries.find_open_hold(scope, newer.id)
    assert own is not None
    decide(ready, own)
    read_and_understand(newer)
    sign(newer)

    confirm(ready, newer)

    assert state(ready) == "superseded"
    assert allowed(ready)


def confirm(ready: ReadyVisit, consent: MadeConsent) -> None:
    with ready.made.clinic.scope(ready.made.practitioner) as scope:
        attest_consent(scope, consent_id=consent.id, stepped_up_at=now())


def test_a_newer_form_without_a_hold_leaves_in_force_what_is(ready: ReadyVisit) -> None:
    newer = make_identified_consent(ready.made)

    assert answer(newer).state == "cleared"

    assert allowed(ready)


def test_without_a_finding_there_is_nothing_to_hold(ready: ReadyVisit) -> None:
    with pytest.raises(NothingToHold):
        hold_of_check(ready)


def test_a_clinician_shortens_the_running_interval_and_no_later_one(ready: ReadyVisit) -> None:
    ready.start()
    with shifted(timedelta(days=10)):
        again = ReadyVisit(ready.made, make_visit(ready.made), ready.consent)
        again.ask()
        assert "too_soon" in [one.code for one in again.may().reasons]

        hold = hold_of_check(again)
        with pytest.raises(DecisionRefused):
            decide(again, hold)
        decide(again, hold, lifts=("interval_too_short",))

        assert again.may().allowed
        with again.made.clinic.scope() as scope:
            case = gather_case(scope, Intended(**again.means()), at=now())
        begun = case.ground.facts.last_treatment["face_cheeks"]
        assert list(check_intervals(case)) == []
        assert list(check_intervals(replace(case, shortened_on=begun))) != []
