"""Every rule fires in the right situation, and the strongest decides."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from app.catalogue.answers import NO, UNSURE, YES, Answer
from app.catalogue.rules import Action
from app.consent.screening.judging import AnswersNotUsable, evaluate
from app.consent.screening.outcome import ScreeningOutcome
from app.consent.screening.questionnaire import questions_for
from tests.catalogue.plans import (
    ORDINARY,
    PEN,
    TODAY,
    VISIT,
    all_clear,
    catalogue,
    make_plan,
    make_rf_plan,
)

SCALP = {"areas": {"scalp": 1000}, "indication": "hair_aga"}
LEGS = {"areas": {"lower_legs": 1200}, "indication": "striae"}
SCAR = {"areas": {"abdomen": 1500}, "indication": "scar_surgical_traumatic"}
US_20 = {"market": "US", "jurisdiction": "US-TX", "date_of_birth": date(2006, 1, 1)}


def screen(plan=ORDINARY, visit=VISIT, today=TODAY, **changes) -> ScreeningOutcome:
    """Screen all-clear answers with some of them changed; a date stands for yes on that day."""
    patient = questions_for(catalogue(), plan, visit_date=visit)
    practitioner = questions_for(catalogue(), plan, visit_date=visit, asked_of="practitioner")
    answers = all_clear((*patient, *practitioner))
    for name, value in changes.items():
        answers[name] = _answer(value)
    return evaluate(catalogue(), answers, plan, visit, today)


def _answer(value) -> Answer:
    if isinstance(value, Answer):
        return value
    return Answer(YES, value) if isinstance(value, date) else Answer(value)


def fired(outcome: ScreeningOutcome, rule_id: str):
    return next((rule for rule in outcome.fired if rule.rule_id == rule_id), None)


YES_RULES = [
    ("pregnancy", Action.BLOCK),
    ("breastfeeding", Action.BLOCK),
    ("skin_infection_area", Action.BLOCK),
    ("hsv_active", Action.DEFER),
    ("hsv_history_area", Action.REVIEW),
    ("acne_active", Action.DEFER),
    ("derm_active_area", Action.DEFER),
    ("koebner", Action.REVIEW),
    ("keloid_self", Action.BLOCK),
    ("keloid_family", Action.REVIEW),
    ("bleeding_disorder", Action.BLOCK),
    ("anticoagulant", Action.REVIEW),
    ("otc_bleed", Action.WARN),
    ("diabetes", Action.REVIEW),
    ("immunosuppression", Action.REVIEW),
    ("radiotherapy", Action.BLOCK),
    ("skin_cancer_area", Action.BLOCK),
    ("changing_lesion", Action.BLOCK),
    ("raised_mole", Action.EXCLUDE_AREA),
    ("connective_tissue", Action.REVIEW),
    ("allergy_anaesthetic", Action.REVIEW),
    ("allergy_metal", Action.BLOCK),
    ("allergy_other", Action.REVIEW),
    ("anaphylaxis", Action.REVIEW),
    ("methb_g6pd", Action.REVIEW),
    ("cardiac", Action.REVIEW),
    ("photosensitiser", Action.WARN),
    ("tattoo_pmu", Action.EXCLUDE_AREA),
    ("pih_melasma_hx", Action.REVIEW),
    ("steroid_high", Action.REVIEW),
    ("wound_healing", Action.REVIEW),
    ("faint", Action.WARN),
    ("alcohol_today", Action.BLOCK),
    ("last_session_not_healed", Action.REVIEW),
]
# Rule, days that a date bars the visit, and the follow-ups that make it so.
DATED_RULES = [
    ("botulinum_recent", 14, {}),
    ("filler_recent", 28, {}),
    ("threads_recent", 84, {}),
    ("peel_superficial", 28, {"peel_strength": "light"}),
    ("peel_superficial", 91, {"peel_strength": "deep"}),
    ("laser_nonablative", 21, {"laser_kind": "non_ablative"}),
    ("laser_nonablative", 84, {"laser_kind": "ablative"}),
    ("surgery_area", 364, {}),
    ("retinoid_topical", 5, {}),
    ("hair_removal", 7, {}),
    ("sun_tan", 14, {}),
    ("acute_illness", 7, {}),
]
PLAN_RULES = [
    ("age_u18", make_plan(date_of_birth=date(2010, 1, 1)), Action.BLOCK),
    ("age_18_21_us", make_plan(**US_20), Action.REVIEW),
    ("fitzpatrick_4_6", make_plan(skin_type=4), Action.WARN),
    ("fitzpatrick_4_6", make_plan(skin_type=None), Action.REVIEW),
    ("fitzpatrick_4_6", make_rf_plan(skin_type=6), Action.REVIEW),
    ("rf_scalp", make_rf_plan(**SCALP), Action.BLOCK),
    ("indication_disabled", make_plan(indication="cellulite"), Action.BLOCK),
    ("indication_disabled", make_plan(indication="product_penetration"), Action.BLOCK),
    ("add_on_prp", make_plan(add_ons=frozenset({"prp"})), Action.REVIEW),
    ("depth_over_label", make_plan(areas={"face_cheeks": 1501}), Action.REVIEW),
    ("area_depth_over", make_plan(areas={"face_nose": 751}), Action.REVIEW),
    ("rf_depth", make_rf_plan(areas={"face_cheeks": 3001}), Action.BLOCK),
    ("rf_depth", make_rf_plan(areas={"face_nose": 500}), Action.BLOCK),
    ("interval_too_short", make_plan(last_treatment={"face_cheeks": TODAY}), Action.DEFER),
]
TAKES_ISOTRETINOIN = {"isotretinoin_now": YES, "isotretinoin_recent": TODAY}
OTHER_RULES = [
    ("isotretinoin_now", ORDINARY, TAKES_ISOTRETINOIN, Action.BLOCK),
    ("isotretinoin_recent", ORDINARY, {"isotretinoin_recent": date(2026, 8, 1)}, Action.REVIEW),
    ("pacemaker", make_rf_plan(), {"implanted_device": YES}, Action.BLOCK),
    ("pacemaker_mech", ORDINARY, {"implanted_device": YES}, Action.REVIEW),
    ("metal_implant_rf", make_rf_plan(), {"metal_implant": YES}, Action.REVIEW),
    ("scar_recent", make_plan(**SCAR), {"scar_recent": date(2026, 9, 1)}, Action.DEFER),
    ("bdd_screen", ORDINARY, {"bdd_hours": "over_three"}, Action.REVIEW),
    ("legs_circulation", make_plan(**LEGS), {"legs_circulation": YES}, Action.REVIEW),
    ("scalp_specific", make_plan(**SCALP), {"scalp_specific": YES}, Action.REVIEW),
]
ESCALATIONS = [
    ("diabetes", {"diabetes": YES, "diabetes_uncontrolled": YES}, Action.BLOCK),
    ("immunosuppression", {"immunosuppression_severe": YES}, Action.BLOCK),
    ("connective_tissue", {"connective_tissue_active": YES}, Action.BLOCK),
    ("allergy_metal", {"allergy_metal_kind": "nickel_contact"}, Action.REVIEW),
    ("allergy_metal", {"allergy_metal_kind": "steel_or_other"}, Action.BLOCK),
    ("radiotherapy", {"radiotherapy_end": date(2025, 11, 30)}, Action.REVIEW),
    ("radiotherapy", {"radiotherapy_end": date(2026, 1, 1)}, Action.BLOCK),
    ("radiotherapy", {"radiotherapy_end": NO}, Action.BLOCK),
]


def test_an_ordinary_patient_with_nothing_to_report_is_clear():
    outcome = screen()

    assert outcome.action is Action.CLEAR
    assert outcome.fired == ()
    assert outcome.may_sign


@pytest.mark.parametrize(("rule_id", "action"), YES_RULES)
def test_a_yes_makes_the_rule_act(rule_id, action):
    outcome = screen(**{catalogue().rule[rule_id].question: YES})

    assert fired(outcome, rule_id).action is action


@pytest.mark.parametrize(("rule_id", "days", "more"), DATED_RULES)
def test_a_date_bars_the_visit_until_the_wait_is_over(rule_id, days, more):
    last_barred = VISIT - timedelta(days=days - 1)
    first_free = VISIT - timedelta(days=days)
    today = max(TODAY, last_barred)

    barred = screen(today=today, **{rule_id: last_barred}, **more)
    free = screen(today=today, **{rule_id: first_free}, **more)

    assert fired(barred, rule_id).action is Action.DEFER
    assert fired(barred, rule_id).earliest_date == VISIT + timedelta(days=1)
    assert fired(free, rule_id) is None


@pytest.mark.parametrize(("rule_id", "plan", "action"), PLAN_RULES)
def test_the_plan_alone_makes_the_rule_act(rule_id, plan, action):
    assert fired(screen(plan), rule_id).action is action


@pytest.mark.parametrize(("rule_id", "plan", "answers", "action"), OTHER_RULES)
def test_a_rule_of_some_plans_acts(rule_id, plan, answers, action):
    assert fired(screen(plan, **answers), rule_id).action is action


@pytest.mark.parametrize(("rule_id", "answers", "action"), ESCALATIONS)
def test_a_follow_up_changes_what_the_rule_does(rule_id, answers, action):
    question = catalogue().rule[rule_id].question

    assert fired(screen(**{question: YES, **answers}), rule_id).action is action


def test_the_tables_above_reach_every_rule_of_the_catalogue():
    tried = {row[0] for table in (YES_RULES, DATED_RULES, PLAN_RULES, OTHER_RULES) for row in table}

    assert tried == set(catalogue().rule)
    assert len([rule for rule in catalogue().rules if not rule.added]) == 61


@pytest.mark.parametrize(
    "question",
    [
        question
        for question in questions_for(catalogue(), ORDINARY, visit_date=VISIT)
        if question.follows is None
    ],
    ids=lambda question: question.id,
)
def test_not_sure_is_never_weaker_than_a_review(question):
    outcome = screen(**{question.id: UNSURE})

    assert outcome.action.strength >= Action.REVIEW.strength
    assert not outcome.may_sign


def test_not_sure_on_a_block_without_override_needs_evidence():
    assert fired(screen(pregnancy=UNSURE), "pregnancy").needs_evidence
    assert not fired(screen(bleeding_disorder=UNSURE), "bleeding_disorder").needs_evidence


def test_a_block_wins_over_everything_else_and_all_are_reported():
    outcome = screen(
        pregnancy=YES, hsv_active=YES, koebner=YES, raised_mole=YES, otc_bleed=YES, methb_g6pd=YES
    )

    assert outcome.action is Action.BLOCK
    assert {rule.rule_id for rule in outcome.fired} == {
        "pregnancy",
        "hsv_active",
        "koebner",
        "raised_mole",
        "otc_bleed",
        "methb_g6pd",
    }
    strengths = [rule.action.strength for rule in outcome.fired]
    assert strengths == sorted(strengths, reverse=True)


@pytest.mark.parametrize(
    ("answers", "action"),
    [
        ({"hsv_active": YES, "koebner": YES}, Action.DEFER),
        ({"koebner": YES, "raised_mole": YES}, Action.REVIEW),
        ({"raised_mole": YES, "otc_bleed": YES}, Action.EXCLUDE_AREA),
        ({"otc_bleed": YES}, Action.WARN),
    ],
)
def test_the_strongest_action_decides(answers, action):
    assert screen(**answers).action is action


def test_excluding_a_spot_marks_it_and_lets_the_patient_sign():
    outcome = screen(raised_mole=Answer(YES, areas=("face_cheeks",)))

    assert outcome.excluded_spots[0].areas == ("face_cheeks",)
    assert outcome.may_sign


def test_a_cold_sore_is_not_also_an_infection():
    assert {rule.rule_id for rule in screen(hsv_active=YES).fired} == {"hsv_active"}


def test_an_active_cold_sore_needs_a_new_answer_even_when_the_visit_is_late():
    outcome = screen(visit=TODAY + timedelta(days=60), hsv_active=YES)

    assert outcome.action is Action.DEFER
    assert outcome.earliest_date == TODAY + timedelta(days=14)
    assert outcome.needs_new_answer
    assert not fired(outcome, "hsv_active").may_be_shortened


def test_a_wait_that_ends_before_the_visit_lets_the_patient_sign_and_opens_later():
    outcome = screen(retinoid_topical=TODAY)

    assert outcome.may_sign
    assert outcome.opens_on == TODAY + timedelta(days=5)


def test_a_wax_elsewhere_does_not_stop_the_face():
    legs = Answer(YES, TODAY, ("somewhere_else",))

    assert screen(visit=TODAY, hair_removal=legs).action is Action.CLEAR
    assert screen(visit=TODAY, hair_removal=TODAY).action is Action.DEFER


def test_a_date_is_about_the_areas_that_were_named():
    plan = make_plan(areas={"face_cheeks": 1000, "neck": 500})
    neck = Answer(YES, TODAY, ("neck", "somewhere_else"))

    assert fired(screen(plan, botulinum_recent=neck), "botulinum_recent").areas == ("neck",)


def test_surgery_waits_longer_on_the_face_than_on_the_body():
    seven_months_ago = date(2026, 5, 1)
    body = make_plan(areas={"abdomen": 1500}, indication="striae")

    assert screen(surgery_area=seven_months_ago).action is Action.DEFER
    assert fired(screen(body, surgery_area=seven_months_ago), "surgery_area") is None


def test_filler_is_reviewed_with_radiofrequency_even_after_the_wait():
    long_ago = date(2025, 1, 1)

    assert screen(make_rf_plan(), filler_recent=long_ago).action is Action.REVIEW
    assert screen(filler_recent=long_ago).action is Action.CLEAR


@pytest.mark.parametrize(
    ("policy", "action"),
    [("strict", Action.DEFER), ("review", Action.REVIEW), ("evidence_based", Action.WARN)],
)
def test_the_clinic_chooses_how_recent_isotretinoin_is_judged(policy, action):
    plan = make_plan(policies={"isotretinoin_recent": policy})

    assert screen(plan, isotretinoin_recent=date(2026, 9, 1)).action is action


def test_isotretinoin_is_recent_until_six_months_have_passed():
    six_months = date(2026, 6, 1)
    five_months_and_29_days = date(2026, 6, 2)
    assert VISIT - five_months_and_29_days == timedelta(weeks=26)

    assert fired(screen(isotretinoin_recent=six_months), "isotretinoin_recent") is None
    assert fired(screen(isotretinoin_recent=five_months_and_29_days), "isotretinoin_recent")


def test_isotretinoin_is_recent_for_26_weeks_where_six_months_are_shorter():
    visit, last = date(2027, 3, 1), date(2026, 9, 1)
    assert visit - last < timedelta(weeks=26)

    assert fired(screen(visit=visit, isotretinoin_recent=last), "isotretinoin_recent")


def test_isotretinoin_is_reviewed_between_a_strict_wait_and_six_months():
    plan = make_plan(policies={"isotretinoin_recent": "strict"})

    assert screen(plan, isotretinoin_recent=date(2026, 6, 2)).action is Action.REVIEW
    assert screen(plan, isotretinoin_recent=date(2026, 6, 3)).action is Action.DEFER


@pytest.mark.parametrize(
    ("asked", "bars"),
    [
        ("diabetes", "diabetes_uncontrolled"),
        ("immunosuppression", "immunosuppression_severe"),
        ("connective_tissue", "connective_tissue_active"),
    ],
)
def test_a_yes_to_what_bars_counts_also_where_the_first_question_was_not_sure(asked, bars):
    found = fired(screen(**{asked: UNSURE, bars: YES}), asked)

    assert found.action is Action.BLOCK
    assert found.unsure
    assert not found.clinician.startswith("Not sure")
    assert fired(screen(**{asked: UNSURE, bars: NO}), asked).action is Action.REVIEW


def test_a_tan_elsewhere_stops_nobody():
    legs = Answer(YES, TODAY, ("somewhere_else",))

    assert screen(visit=TODAY, sun_tan=legs).action is Action.CLEAR
    assert screen(visit=TODAY, sun_tan=TODAY).action is Action.DEFER


def test_a_person_is_of_age_on_the_day_of_the_18th_birthday():
    born = date(VISIT.year - 18, VISIT.month, VISIT.day)

    assert fired(screen(make_plan(date_of_birth=born)), "age_u18") is None
    younger = make_plan(date_of_birth=born + timedelta(days=1))
    assert fired(screen(younger), "age_u18").action is Action.BLOCK


def test_somebody_born_on_29_february_is_of_age_on_1_march():
    plan = make_plan(date_of_birth=date(2008, 2, 29))

    assert fired(screen(plan, visit=date(2026, 2, 28), today=date(2026, 2, 1)), "age_u18")
    assert not fired(screen(plan, visit=date(2026, 3, 1), today=date(2026, 2, 1)), "age_u18")


def test_the_label_depth_is_inclusive_to_the_micrometre():
    assert fired(screen(make_plan(areas={"face_cheeks": 1500})), "depth_over_label") is None
    assert fired(screen(make_plan(areas={"face_cheeks": 1501})), "depth_over_label")


def test_a_label_of_another_market_does_not_limit_the_depth():
    us_only = replace(PEN, labels=(replace(PEN.labels[0], market="US"),))

    plan = make_plan(device=us_only, areas={"face_cheeks": 1900})

    assert fired(screen(plan), "depth_over_label") is None


def test_the_interval_ends_on_the_first_day_after_four_weeks():
    day = VISIT - timedelta(weeks=4)

    free = screen(make_plan(last_treatment={"face_cheeks": day}))
    short = screen(make_plan(last_treatment={"face_cheeks": day + timedelta(days=1)}))

    assert fired(free, "interval_too_short") is None
    assert short.earliest_date == VISIT + timedelta(days=1)
    assert fired(short, "interval_too_short").may_be_shortened


def test_a_keloid_block_can_be_overridden_only_for_a_labelled_scar_treatment():
    use = replace(PEN.labels[0].uses[0], indications=("scar_surgical_traumatic",))
    labelled = replace(PEN, labels=(replace(PEN.labels[0], uses=(use,)),))

    scar = screen(make_plan(**SCAR, device=labelled), keloid_self=YES)
    acne = screen(keloid_self=YES)

    assert fired(scar, "keloid_self").override_open
    assert not fired(acne, "keloid_self").override_open


def test_the_override_of_breastfeeding_takes_the_numbing_cream_away():
    with_cream = make_plan(anaesthetic="otc")

    for found in (screen(breastfeeding=YES), screen(with_cream, breastfeeding=YES)):
        rule = fired(found, "breastfeeding")
        assert rule.override_open
        assert rule.substitute == "no_anaesthetic"
        assert found.action is Action.BLOCK


def test_dark_marks_before_make_skin_type_five_a_review():
    outcome = screen(make_plan(skin_type=5), pih_melasma_hx=YES)

    assert fired(outcome, "fitzpatrick_4_6").action is Action.REVIEW
    assert "pih" in outcome.extra_risks


def test_a_substitute_is_named():
    assert screen(methb_g6pd=YES).substitutes == ("no_prilocaine",)


def test_a_date_in_the_future_is_refused_with_the_question():
    with pytest.raises(AnswersNotUsable) as refusal:
        screen(botulinum_recent=TODAY + timedelta(days=1))

    assert refusal.value.problems[0].questions == ("botulinum_recent",)
    assert refusal.value.problems[0].code == "date_in_future"


def test_answers_that_contradict_each_other_name_both_questions():
    with pytest.raises(AnswersNotUsable) as refusal:
        screen(**{**TAKES_ISOTRETINOIN, "isotretinoin_recent": NO})

    assert refusal.value.problems[0].questions == ("isotretinoin_now", "isotretinoin_recent")


def test_a_missing_answer_is_named_and_nothing_may_be_signed():
    outcome = evaluate(catalogue(), {"pregnancy": Answer(NO)}, ORDINARY, VISIT, TODAY)

    assert "pregnancy" not in outcome.missing
    assert "koebner" in outcome.missing
    assert outcome.action is Action.CLEAR
    assert not outcome.may_sign


def test_an_open_follow_up_counts_as_missing():
    assert screen(diabetes=YES).missing == ("diabetes_uncontrolled",)


def test_a_not_sure_below_a_no_is_closed_and_counts_for_nothing():
    outcome = screen(diabetes=NO, diabetes_uncontrolled=UNSURE)

    assert outcome.action is Action.CLEAR


def test_an_area_cannot_be_named_to_get_round_a_question_that_takes_none():
    with pytest.raises(AnswersNotUsable):
        screen(pregnancy=Answer(YES, areas=("somewhere_else",)))


def test_the_outcome_can_be_stored_as_json():
    stored = screen(hsv_active=YES).as_dict()

    assert stored["action"] == "defer"
    assert stored["fired"][0]["earliest_date"] == "2026-12-05"
