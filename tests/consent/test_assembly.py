"""A form says exactly what applies to this patient, and the same thing every time."""

from dataclasses import replace

import pytest

from app.catalogue.answers import YES, Answer
from app.catalogue.reading import ContentRefused
from app.consent.forms.assembly import ValueUnknown, assemble, fill_text, personal_risks_of
from app.consent.forms.content import FormContent
from app.consent.forms.risk_blocks import PersonalRisk
from app.consent.forms.shown import AssembledForm, ShownBlock, shown_from_json
from app.consent.screening.judging import evaluate
from app.consent.screening.questionnaire import questions_for
from app.kit.in_words import day_in_words
from tests.catalogue.plans import ORDINARY, TODAY, VISIT, all_clear, catalogue, make_plan
from tests.consent.forms import block_of, changed_form, form, make_facts


def shown(form_content: FormContent | None = None, **changes) -> AssembledForm:
    return assemble(form_content or form(), catalogue(), make_facts(**changes))


def blocks(assembled: AssembledForm, section: str) -> list[ShownBlock]:
    return [block for part in assembled.sections if part.id == section for block in part.blocks]


def clauses(assembled: AssembledForm) -> list[str]:
    return [block.clause for part in assembled.sections for block in part.blocks]


def test_the_plan_is_told_with_its_depths_in_millimetres():
    rows = dict(next(b for b in blocks(shown(), "what") if b.kind == "facts").rows)

    assert rows["Where and how deep at most"] == "Cheeks (up to 1.5 mm)"
    assert rows["How often"] == "3 treatments, 4 weeks apart"
    assert rows["Reason"] == "Sunken acne scars"


def test_the_same_facts_give_the_same_hash_and_others_another():
    assert shown().shown_sha256 == shown().shown_sha256
    assert len(shown().shown_sha256) == 32
    assert shown().shown_sha256 != shown(price_minor=52651).shown_sha256


def test_what_was_stored_as_json_comes_back_unchanged():
    assert shown_from_json(shown().canonical_json) == shown()


def test_clause_ids_are_never_used_twice():
    found = clauses(shown(plan=make_plan(areas={"face_periorbital": 400, "scalp": 900})))

    assert len(found) == len(set(found))


def test_no_name_in_brackets_is_left_over():
    text = shown().canonical_json

    assert "{clinic" not in text
    assert "{price" not in text


def test_a_value_with_brackets_is_printed_and_not_filled_again():
    text = shown(what_matters="{price} and {patient_name}").canonical_json

    assert "{price} and {patient_name}" in text


def test_a_name_that_does_not_exist_is_refused():
    with pytest.raises(ValueUnknown, match="salary"):
        fill_text("We pay {salary}.", {})


def test_the_patients_own_risks_come_first_with_their_reason():
    plan = ORDINARY
    answers = all_clear(questions_for(catalogue(), plan, visit_date=VISIT))
    answers["keloid_family"] = Answer(YES)
    outcome = evaluate(catalogue(), answers, plan, VISIT, TODAY)

    risks = blocks(shown(personal_risks=personal_risks_of(outcome)), "risks")

    assert risks[0].title == "More likely for you"
    assert risks[1].clause == "ri-1.scar_keloid"
    assert risks[1].group == "serious"
    assert "Thick scars run in your family." in risks[1].text
    assert "ri-2.scar_keloid" not in {risk.clause for risk in risks}


def test_a_skin_type_that_darkens_makes_dark_marks_a_personal_risk():
    risks = blocks(shown(plan=make_plan(skin_type=5)), "risks")

    assert risks[1].clause == "ri-1.pih"
    assert risks[1].likelihood.startswith("quite common")


def test_without_personal_risks_the_serious_ones_come_first():
    assert blocks(shown(), "risks")[0].clause == "ri-2"


def test_every_serious_risk_that_can_happen_is_told():
    plan = make_plan(areas={"face_periorbital": 400}, anaesthetic="otc")
    told = {block.clause.split(".")[-1] for block in blocks(shown(plan=plan), "risks")}
    serious = {risk.id for risk in catalogue().risks if risk.serious and risk.scope != "rf"}

    assert serious <= told


def test_risks_of_other_areas_energies_and_anaesthetics_are_left_out():
    told = " ".join(clauses(shown()))

    for absent in ("eye_injury", "temporary_shedding", "rf_burn", "anaesthetic_toxicity"):
        assert absent not in told


def test_two_reasons_for_one_risk_are_both_told_and_none_twice():
    tan = PersonalRisk("pih", "You tan easily.")
    marks = PersonalRisk("pih", "You have had dark marks.")

    risk = blocks(shown(personal_risks=(tan, marks, tan)), "risks")[1]

    assert risk.text.startswith("You tan easily. You have had dark marks. The treated skin")


def test_a_risk_of_another_energy_is_left_out_even_when_the_form_lists_it():
    def add_burns(raw):
        block_of(raw, "ri-2")["risks"].append("rf_burn")

    assert "ri-2.rf_burn" not in clauses(shown(changed_form(add_burns)))


def test_a_stored_text_that_is_no_form_is_refused():
    with pytest.raises(ContentRefused):
        shown_from_json("[]")


def test_doing_nothing_is_the_first_alternative():
    assert blocks(shown(), "alternatives")[0].title == "Do nothing"


def test_alternatives_fit_the_reason_for_treatment():
    hair = make_plan(indication="hair_aga", areas={"scalp": 900})

    assert "al-10" in clauses(shown(plan=hair))
    assert "al-10" not in clauses(shown())


def test_the_honest_benefit_is_the_catalogues_own_sentence():
    benefit = blocks(shown(), "benefit")[0]

    assert benefit.text == catalogue().indication["acne_scars_atrophic"].honest


def test_off_label_use_is_disclosed_only_where_there_is_any():
    outside = shown(plan=make_plan(areas={"neck": 500}))

    assert [block.clause for block in blocks(outside, "label")] == ["la-1"]
    assert "Neck" in blocks(outside, "label")[0].items[0]
    assert [block.clause for block in blocks(shown(), "label")] == ["la-2"]


def test_numbing_cream_is_told_when_it_is_planned():
    assert "wh-4" in clauses(shown(plan=make_plan(anaesthetic="pharmacy")))
    assert "wh-5" in clauses(shown())


def test_a_clause_without_its_value_is_left_out():
    without = shown(deposit_minor=None, what_matters="", discussed_on=None)

    assert not {"co-2", "wh-3", "rg-2"} & set(clauses(without))
    assert {"co-2", "wh-3", "rg-2"} <= set(clauses(shown()))


def test_the_emergency_number_is_that_of_the_country():
    assert "Call 999 at once" in shown().canonical_json
    german = replace(ORDINARY, market="EU", jurisdiction="DE")
    assert "Call 112 at once" in shown(plan=german).canonical_json


def test_aftercare_speaks_of_the_treated_areas():
    found = clauses(shown(plan=make_plan(areas={"lower_legs": 1000}, indication="striae")))

    assert {"af-1.h0_24", "af-1.body", "af-1.lower_legs"} <= set(found)
    assert "af-1.face" not in found


def test_what_must_be_ticked_and_answered_is_listed():
    assert shown().acknowledgements == ("es-3", "sg-1", "sg-2")
    assert shown().teach_back == ("tb-1", "tb-2", "tb-3")


def test_a_question_carries_its_right_answer_and_a_kind_explanation():
    question = next(block for block in blocks(shown(), "understanding"))

    assert question.correct == "a"
    assert question.correct in {option.id for option in question.options}
    assert question.explanation


def test_a_section_without_blocks_is_not_shown():
    def only_deposit(raw):
        block_of(raw, "co-1")["needs"] = ["deposit"]

    parts = shown(changed_form(only_deposit), deposit_minor=None).sections

    assert "cost" not in {part.id for part in parts}


def test_one_treatment_has_no_interval():
    assert "for 1 treatment." in shown(sessions=1).canonical_json


def test_a_day_is_told_in_words():
    assert day_in_words(VISIT) == "Tuesday 1 December 2026"
