"""A standing decision turns a plain review into a caution, and nothing else."""

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from app.catalogue.answers import UNSURE, YES, Answer
from app.catalogue.rules import Action
from app.consent.ciphers import get_shown
from app.consent.errors import CannotLift, DecisionRefused, NotEligible
from app.consent.forms.services.publish_form import publish_shipped_form
from app.consent.holds.decided import ground_as_decided
from app.consent.holds.services.decide_standing import NewStanding, decide_standing
from app.consent.holds.standing_rules import OFFERED, OFFERS, Standing, apply_standing, may_stand
from app.errors import Stale
from app.tenants.models import Role
from tests.catalogue.plans import ORDINARY, TODAY, VISIT, catalogue
from tests.consent.test_rule_matrix import RULES, fired, judge, plan_for, worst
from tests.factories.consent import MadeConsent, answer, make_identified_consent
from tests.factories.plans import MadePlan, make_discussed_plan
from tests.factories.tenants import Staff, add_staff, qualify
from tests.support.pages import Desk
from tests.support.step_up import proven

EVERYTHING = {
    one.id: Standing(one.id, "You read this.", "Confirm this.", "Our protocol.", number=1)
    for one in catalogue().rules
}


@pytest.mark.parametrize("rule", RULES, ids=[one.id for one in RULES])
def test_nothing_but_a_plain_review_is_ever_eased(rule) -> None:
    plan = plan_for(rule)
    for given in (worst(catalogue().question[rule.question]), Answer(UNSURE)):
        changes = {rule.question: given}
        if rule.question == "isotretinoin_now" and given.value == YES:
            changes["isotretinoin_recent"] = Answer(YES, TODAY)
        before = judge(plan, **changes)
        after = apply_standing(before, catalogue(), EVERYTHING)

        for one in before.fired:
            eased = fired(after, catalogue().rule[one.rule_id]).action is not one.action
            plain = one.action is Action.REVIEW and not one.unsure
            assert eased == (plain and may_stand(catalogue().rule[one.rule_id]))
            assert not eased or one.confidence[0] in "CD" or one.rule_id in OFFERS


def test_all_that_is_offered_may_stand_and_names_a_risk_of_the_catalogue() -> None:
    for one in OFFERED:
        assert may_stand(catalogue().rule[one.rule_id]), one.rule_id
        assert one.risk_id is None or one.risk_id in catalogue().risk


def test_nickel_alone_is_eased_and_any_other_metal_still_blocks() -> None:
    nickel = {"allergy_metal": Answer(YES), "allergy_metal_kind": Answer("nickel_contact")}
    steel = {**nickel, "allergy_metal_kind": Answer("steel_or_other")}

    assert apply_standing(judge(ORDINARY, **nickel), catalogue(), OFFERS).may_sign
    assert apply_standing(judge(ORDINARY, **steel), catalogue(), OFFERS).action is Action.BLOCK


def test_a_date_is_still_judged_beside_it() -> None:
    answers = {"koebner": Answer(YES), "hair_removal": Answer(YES, TODAY)}

    outcome = apply_standing(judge(ORDINARY, TODAY, TODAY, **answers), catalogue(), OFFERS)

    assert outcome.action is Action.DEFER
    assert VISIT > TODAY


@pytest.fixture
def made(context: Flask) -> MadePlan:
    made = make_discussed_plan()
    # Before there is a medical lead, who would have to pass the form.
    with made.clinic.scope() as scope:
        publish_shipped_form(scope)
    return made


@pytest.fixture
def lead(made: MadePlan) -> Staff:
    who = add_staff(made.clinic, Role.MEDICAL_LEAD, name="Dr Ngozi Adeyemi")
    qualify(made.clinic, who, registration_number="LEAD-1")
    return who


def approve(made: MadePlan, lead: Staff, rule_id: str, **changes: Any) -> None:
    after = int(changes.pop("after", 0))
    is_active = bool(changes.pop("is_active", True))
    standing = replace(OFFERS.get(rule_id) or EVERYTHING[rule_id], **changes)
    with made.clinic.scope(lead) as scope:
        decide_standing(scope, NewStanding(standing, after, is_active))


def answered(made: MadePlan, **answers: str) -> MadeConsent:
    asked = make_identified_consent(made)
    assert answer(asked, **answers).is_stored
    return asked


def state(asked: MadeConsent) -> str:
    with asked.made.clinic.scope() as scope:
        return asked.read(scope).state


def test_none_is_active_until_somebody_approves_it(made: MadePlan, lead: Staff) -> None:
    assert state(answered(made, hsv_history_area="yes")) == "held"
    approve(made, lead, "hsv_history_area")

    asked = answered(made, hsv_history_area="yes")

    assert state(asked) == "cleared"
    with made.clinic.scope() as scope:
        assert "antiviral" not in get_shown(scope, asked.read(scope)).canonical_json
        assert "medicine that protects you" in get_shown(scope, asked.read(scope)).canonical_json


def test_not_sure_is_held_all_the_same(made: MadePlan, lead: Staff) -> None:
    approve(made, lead, "hsv_history_area")

    assert state(answered(made, hsv_history_area="unsure")) == "held"


def test_its_depth_narrows_the_consent(made: MadePlan, lead: Staff) -> None:
    approve(made, lead, "pih_melasma_hx", max_depth_um=700)
    asked = answered(made, pih_melasma_hx="yes")

    with made.clinic.scope() as scope:
        assert ground_as_decided(scope, asked.read(scope)).facts.areas == {"face_cheeks": 700}
        assert "up to 0.7 mm" in get_shown(scope, asked.read(scope)).canonical_json


def test_ended_it_counts_no_more(made: MadePlan, lead: Staff) -> None:
    approve(made, lead, "koebner")
    approve(made, lead, "koebner", after=1, is_active=False)

    assert state(answered(made, koebner="yes")) == "held"


def test_who_has_no_registration_approves_nothing(made: MadePlan) -> None:
    with pytest.raises(NotEligible):
        approve(made, made.clinic.owner, "koebner")


@pytest.mark.parametrize("rule_id", ["pregnancy", "sun_tan", "age_u18", "bdd_screen", "cardiac_x"])
def test_rules_that_are_not_for_it_are_refused(made: MadePlan, lead: Staff, rule_id: str) -> None:
    EVERYTHING.setdefault("cardiac_x", Standing("cardiac_x", "x" * 20, "x" * 20, "x" * 20))
    with pytest.raises(CannotLift):
        approve(made, lead, rule_id)


def test_two_at_once_and_empty_words_are_refused(made: MadePlan, lead: Staff) -> None:
    approve(made, lead, "koebner")
    with pytest.raises(Stale):
        approve(made, lead, "koebner")
    with pytest.raises(DecisionRefused):
        approve(made, lead, "koebner", after=1, patient="")


def test_the_lead_approves_what_we_offer_on_a_page(
    context: Flask, made: MadePlan, lead: Staff
) -> None:
    desk = Desk(context, made.clinic, lead)
    proven(desk.api)
    assert "None. Every one of these answers is looked at" in desk.read("/settings/standing")
    offer = OFFERS["hsv_history_area"]

    desk.send(
        "/settings/standing/decide",
        rule_id="hsv_history_area",
        patient=offer.patient,
        confirm=offer.confirm,
        basis=offer.basis,
        risk_id="hsv_reactivation",
        after="0",
        act="approve",
    )

    page = desk.read("/settings/standing")
    assert "approved by Dr Ngozi Adeyemi" in page
    desk.read("/settings/standing/decide?rule=pregnancy", 404)
