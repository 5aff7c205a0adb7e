"""Evidence clears the very question that was "not sure", before signing and at a visit."""

import pytest
from flask import Flask

from app.consent.errors import CannotLift
from app.consent.holds.findings import findings_of
from app.consent.holds.models import Hold
from app.consent.holds.services.enter_evidence import Evidence, enter_evidence
from app.consent.screening.models import ConsentAnswers
from app.kit.clock import today_in
from tests.consent.test_holds_after_signing import allowed, hold_of_check
from tests.consent.test_holds_after_signing import decide as decide_after
from tests.factories.care import ReadyVisit, make_ready_visit
from tests.factories.consent import MadeConsent, answer
from tests.factories.holds import decide, make_held, open_hold_of
from tests.factories.plans import MadePlan, make_discussed_plan
from tests.support.api import Api
from tests.support.pages import Desk

TODAY = today_in("Europe/London")
FOLLOW_UPS = (
    ("diabetes", "diabetes_uncontrolled", "no"),
    ("radiotherapy", "radiotherapy_end", "2020-01-31"),
    ("allergy_metal", "allergy_metal_kind", "nickel_contact"),
)


def see(made: MadePlan, hold: Hold, question: str, value: str) -> ConsentAnswers:
    evidence = Evidence(question, value, "test", TODAY, "Seen here and kept in the record.")
    with made.clinic.scope(made.practitioner) as scope:
        return enter_evidence(scope, hold_id=hold.id, evidence=evidence)


def unproved(asked: MadeConsent, rule: str) -> tuple[str, ...]:
    hold = open_hold_of(asked)
    with asked.made.clinic.scope() as scope:
        return tuple(findings_of(scope, asked.read(scope), hold).unproved.get(rule, ()))


def state(asked: MadeConsent) -> str:
    with asked.made.clinic.scope() as scope:
        return asked.read(scope).state


class TestFollowUps:
    @pytest.mark.parametrize(("first", "then", "value"), FOLLOW_UPS)
    def test_a_not_sure_about_a_follow_up_is_cleared_by_evidence_about_it(
        self, context: Flask, first: str, then: str, value: str
    ) -> None:
        asked = make_held(make_discussed_plan(), **{first: "yes", then: "unsure"})
        assert unproved(asked, first) == (then,)
        with pytest.raises(CannotLift):
            decide(asked)

        see(asked.made, open_hold_of(asked), then, value)
        decide(asked)

        assert state(asked) == "cleared"

    def test_evidence_about_another_question_does_not_clear_it(self, context: Flask) -> None:
        asked = make_held(make_discussed_plan(), diabetes="yes", diabetes_uncontrolled="unsure")
        see(asked.made, open_hold_of(asked), "diabetes", "yes")

        with pytest.raises(CannotLift):
            decide(asked)

    def test_the_page_says_one_thing_of_a_not_sure(self, context: Flask) -> None:
        asked = make_held(make_discussed_plan(), pregnancy="unsure")
        made = asked.made

        page = Desk(context, made.clinic, made.practitioner).read(
            f"/holds/{open_hold_of(asked).id}"
        )

        assert "Only evidence clears this" in page
        assert "Nobody can lift this" not in page

    def test_the_patients_own_later_answer_to_a_follow_up_is_no_evidence(
        self, context: Flask
    ) -> None:
        asked = make_held(make_discussed_plan(), diabetes="yes", diabetes_uncontrolled="unsure")
        assert answer(asked, diabetes="yes", diabetes_uncontrolled="no").is_stored

        with pytest.raises(CannotLift):
            decide(asked)
        assert unproved(asked, "diabetes") == ("diabetes_uncontrolled",)

    def test_the_api_names_the_questions_and_the_page_asks_for_them(self, context: Flask) -> None:
        asked = make_held(make_discussed_plan(), radiotherapy="yes", radiotherapy_end="unsure")
        api = Api(context, asked.made.clinic, asked.made.practitioner)
        path = f"/holds/{open_hold_of(asked).id}"

        assert api.get(path)["rules"][0]["unproved"] == ["radiotherapy_end"]
        desk = Desk.of(api)
        page = desk.answer(path).text
        assert 'name="question" value="radiotherapy_end"' in page

        days = {"value_on_day": "31", "value_on_month": "1", "value_on_year": "2020"}
        seen = {"seen_on_day": "2", "seen_on_month": "3", "seen_on_year": "2026"}
        told = {"evidence_kind": "letter", "note": "Letter of the clinic that treated."}
        named = {"question": "radiotherapy_end", "value": "yes"}
        desk.send(f"{path}/evidence", **named, **days, **seen, **told)

        rule = api.get(path)["rules"][0]
        assert (rule["action"], rule["unproved"]) == ("review", [])


@pytest.fixture
def ready(context: Flask) -> ReadyVisit:
    """A visit that could start now."""
    return make_ready_visit()


class TestAtTheVisit:
    @pytest.mark.parametrize("question", ["pregnancy", "hsv_active"])
    def test_a_not_sure_at_the_visit_is_not_decided_without_evidence(
        self, ready: ReadyVisit, question: str
    ) -> None:
        ready.ask(**{question: "unsure"})
        hold = hold_of_check(ready)
        with pytest.raises(CannotLift):
            decide_after(ready, hold)
        assert not allowed(ready)

        see(ready.made, hold, question, "no")
        decide_after(ready, hold)

        assert allowed(ready)

    def test_evidence_that_says_yes_bars_what_was_not_sure(self, ready: ReadyVisit) -> None:
        ready.ask(pregnancy="unsure")
        hold = hold_of_check(ready)
        see(ready.made, hold, "pregnancy", "yes")

        with pytest.raises(CannotLift) as refused:
            decide_after(ready, hold)

        assert refused.value.extra["rules"] == ["pregnancy"]
