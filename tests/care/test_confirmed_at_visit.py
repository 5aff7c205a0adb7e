"""What is let go ahead on a condition is confirmed at the visit itself, or nothing starts."""

import pytest
from flask import Flask

from app.care.acute import acute_questions
from app.care.services.may_start import may_start
from app.care.services.record_acute_check import Asked, record_acute_check
from app.care.visit_ground import ground_of_visit
from app.consent.errors import CannotLift, DecisionRefused
from app.consent.forms.services.publish_form import publish_shipped_form
from app.consent.holds.decided import ground_as_decided
from app.consent.holds.services.decide_standing import NewStanding, decide_standing
from app.consent.holds.services.second_person import agree_as_staff
from app.consent.holds.standing_rules import OFFERS, Standing
from app.consent.services.attest_consent import attest_consent
from app.kit.clock import now
from app.plans.models import Anaesthetic
from app.tenants.models import Role
from tests.factories.care import ReadyVisit
from tests.factories.consent import (
    MadeConsent,
    answer,
    make_identified_consent,
    read_and_understand,
    sign,
)
from tests.factories.holds import LONG_REASON, approve_standing, decide, make_held, open_hold_of
from tests.factories.plans import MadePlan, make_discussed_plan, make_visit
from tests.factories.tenants import add_staff, qualify
from tests.support.api import Api
from tests.support.pages import Desk

KEY = "koebner:1"
CREAM = "without:no_anaesthetic"


def sign_and_confirm(asked: MadeConsent) -> ReadyVisit:
    read_and_understand(asked)
    sign(asked)
    with asked.made.clinic.scope(asked.made.practitioner) as scope:
        attest_consent(scope, consent_id=asked.id, stepped_up_at=now())
    return ReadyVisit(asked.made, make_visit(asked.made), None)


@pytest.fixture
def eased(context: Flask) -> ReadyVisit:
    """A visit under a consent that a standing decision let through on a condition."""
    made = make_discussed_plan()
    approve_standing(made.clinic)
    asked = make_identified_consent(made)
    assert answer(asked, koebner="yes").is_stored
    return sign_and_confirm(asked)


def codes(ready: ReadyVisit) -> list[str]:
    with ready.made.clinic.scope(ready.made.practitioner) as scope:
        return [one.code for one in may_start(scope, **ready.means()).reasons]  # type: ignore[arg-type]  # as the service's


def confirm(ready: ReadyVisit, *keys: str) -> None:
    with ready.made.clinic.scope(ready.made.practitioner) as scope:
        record_acute_check(
            scope, visit_id=ready.visit_id, asked=Asked(clear_of(ready), confirmed=keys)
        )


def clear_of(ready: ReadyVisit) -> dict[str, str]:
    with ready.made.clinic.scope() as scope:
        ground = ground_of_visit(scope, ready.visit_id, at=now())
        asked = acute_questions(ground.catalogue, ground.facts, ground.today)
    return {one.id: "no" for one in asked if one.follows is None}


def test_nothing_starts_before_a_standing_condition_is_confirmed(eased: ReadyVisit) -> None:
    confirm(eased)
    assert codes(eased) == ["not_confirmed"]

    confirm(eased, "another:1")
    assert codes(eased) == ["not_confirmed"]

    confirm(eased, KEY)
    assert codes(eased) == []


def test_it_is_confirmed_anew_with_every_check(eased: ReadyVisit) -> None:
    confirm(eased, KEY)
    confirm(eased)

    assert codes(eased) == ["not_confirmed"]


def test_a_newer_version_of_the_decision_is_another_condition(eased: ReadyVisit) -> None:
    confirm(eased, KEY)
    with eased.made.clinic.scope() as scope:
        decide_standing(scope, NewStanding(OFFERS["koebner"], after=1))

    # What was signed was eased by the first version, which is what is confirmed.
    assert codes(eased) == []


def test_the_page_lists_it_and_programs_too(eased: ReadyVisit, context: Flask) -> None:
    made = eased.made
    confirm(eased)
    desk = Desk(context, made.clinic, made.practitioner)
    api = Api(context, made.clinic, made.practitioner)

    page = desk.read(f"/visits/{eased.visit_id}/questions")
    listed = api.get(f"/visits/{eased.visit_id}/confirmations")
    answers = clear_of(eased)
    api.post(f"/visits/{eased.visit_id}/acute-checks", {"answers": answers, "confirmed": [KEY]})

    assert OFFERS["koebner"].confirm in page
    assert "Nothing starts until each is ticked" in page
    assert listed == [{"key": KEY, "text": OFFERS["koebner"].confirm}]
    assert codes(eased) == []


def test_the_front_desk_hears_that_and_not_what(eased: ReadyVisit, context: Flask) -> None:
    confirm(eased)
    who = add_staff(eased.made.clinic, Role.FRONT_DESK)

    Api(context, eased.made.clinic, who).get(f"/visits/{eased.visit_id}/confirmations", expect=403)
    page = Desk(context, eased.made.clinic, who).read(f"/visits/{eased.visit_id}")

    assert OFFERS["koebner"].confirm not in page


class TestBreastfeeding:
    @pytest.fixture
    def with_cream(self, context: Flask) -> MadePlan:
        made = make_discussed_plan()
        with made.clinic.scope() as scope:
            publish_shipped_form(scope)
        return made

    def lifted(self, made: MadePlan) -> MadeConsent:
        held = make_held(made, breastfeeding="yes")
        second = add_staff(made.clinic, Role.PRACTITIONER, name="Ailbhe Ní Bhriain")
        qualify(made.clinic, second, registration_number="SECOND-1")
        decide(held, lifts=("breastfeeding",), reason=LONG_REASON)
        with made.clinic.scope(second) as scope:
            hold_id = open_hold_of(held).id
            agree_as_staff(scope, hold_id=hold_id, number=1, agrees=True, reason=LONG_REASON)
        return held

    def test_two_people_lift_it_and_the_cream_goes(self, with_cream: MadePlan) -> None:
        held = self.lifted(with_cream)

        with with_cream.clinic.scope() as scope:
            facts = ground_as_decided(scope, held.read(scope)).facts
            assert held.read(scope).state == "cleared"

        assert facts.anaesthetic == Anaesthetic.NONE

    def test_nobody_lifts_it_without_ticking_it(self, with_cream: MadePlan) -> None:
        held = make_held(with_cream, breastfeeding="yes")

        with pytest.raises(DecisionRefused, match="Tick this to lift it"):
            decide(held, reason=LONG_REASON)

    def test_the_visit_asks_for_it_before_anything_starts(self, with_cream: MadePlan) -> None:
        ready = sign_and_confirm(self.lifted(with_cream))
        answers = {**clear_of(ready), "breastfeeding": "yes"}

        def check(*keys: str) -> list[str]:
            with ready.made.clinic.scope(ready.made.practitioner) as scope:
                record_acute_check(
                    scope, visit_id=ready.visit_id, asked=Asked(answers, confirmed=keys)
                )
            return codes(ready)

        assert check() == ["not_confirmed"]
        assert check(CREAM) == []


def test_no_standing_decision_eases_a_skin_that_has_not_healed(context: Flask) -> None:
    made = make_discussed_plan()
    qualify(made.clinic, made.clinic.owner, registration_number="OWNER-1")
    eases = Standing("last_session_not_healed", "You read this.", "Confirm this.", "Our protocol.")

    with made.clinic.scope() as scope, pytest.raises(CannotLift):
        decide_standing(scope, NewStanding(eases, after=0))
