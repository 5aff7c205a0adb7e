"""The right questions are asked, and what was typed is read with care."""

from datetime import timedelta

import pytest

from app.catalogue.answers import NO, UNSURE, YES, Answer
from app.consent.screening.questionnaire import (
    allowed_values,
    check_answers,
    missing_questions,
    parse_answers,
    questions_by_section,
    questions_for,
)
from tests.catalogue.plans import ORDINARY, TODAY, VISIT, catalogue, make_plan, make_rf_plan


def asked(plan=ORDINARY, who="patient"):
    return questions_for(catalogue(), plan, visit_date=VISIT, asked_of=who)


def ids(questions):
    return {question.id for question in questions}


def parse(**raw):
    return parse_answers(asked(), raw, today=TODAY)


def test_only_questions_that_concern_the_plan_are_asked():
    assert not {"legs_circulation", "scalp_specific", "scar_recent"} & ids(asked())
    assert "metal_implant" not in ids(asked())
    assert "metal_implant" in ids(asked(make_rf_plan()))
    assert "legs_circulation" in ids(asked(make_plan(areas={"thighs": 1000})))


def test_practitioners_and_derived_questions_stand_apart():
    assert ids(asked(who="practitioner")) == {"alcohol_today"}
    assert "depth_over_label" in ids(asked(who="derived"))
    assert not ids(asked()) & ids(asked(who="derived"))


def test_questions_come_in_their_sections_with_no_empty_one():
    grouped = questions_by_section(catalogue(), asked())

    assert grouped[0][1] == "Your health now"
    assert sum(len(part) for _, _, part in grouped) == len(asked())
    assert all(part for _, _, part in grouped)


def test_every_question_says_why_it_is_asked_and_may_be_answered_not_sure():
    for question in catalogue().questions:
        assert question.why
        assert UNSURE in allowed_values(question)


def test_plain_values_and_dates_are_read():
    answers, problems = parse(
        pregnancy="no",
        botulinum_recent="2026-11-01",
        bdd_hours="under_one",
        filler_recent={"value": "yes", "on": "2026-10-01", "areas": ["face_cheeks"]},
        peel_superficial="unsure",
    )

    assert problems == ()
    assert answers["pregnancy"] == Answer(NO)
    assert answers["botulinum_recent"].on.isoformat() == "2026-11-01"
    assert answers["filler_recent"].areas == ("face_cheeks",)
    assert answers["peel_superficial"] == Answer(UNSURE)


@pytest.mark.parametrize(
    ("question", "value", "code"),
    [
        ("pregnancy", "maybe", "not_an_option"),
        ("pregnancy", 1, "not_an_option"),
        ("pregnancy", ["no"], "not_an_option"),
        ("pregnancy", {"value": "no", "on": "2026-01-01"}, "wrong_shape"),
        ("pregnancy", {"value": "no", "note": "x"}, "wrong_shape"),
        ("pregnancy", {"value": "yes", "areas": ["face_cheeks"]}, "wrong_shape"),
        ("hair_removal", {"value": "yes", "areas": "face_cheeks"}, "wrong_shape"),
        ("bdd_hours", "yes", "not_an_option"),
        ("botulinum_recent", "yesterday", "not_a_date"),
        ("botulinum_recent", "yes", "not_a_date"),
        ("botulinum_recent", "2026-02-30", "not_a_date"),
        ("botulinum_recent", "2026-11-22", "date_in_future"),
        ("botulinum_recent", "1850-01-01", "date_too_early"),
        ("no_such_question", "yes", "unknown_question"),
    ],
)
def test_a_value_that_cannot_be_read_names_its_question(question, value, code):
    answers, problems = parse(koebner="no", **{question: value})

    assert [(one.code, one.questions) for one in problems] == [(code, (question,))]
    assert answers == {"koebner": Answer(NO)}


def test_today_is_not_the_future():
    assert parse(botulinum_recent=TODAY.isoformat())[1] == ()


def test_a_blank_is_not_a_problem_but_missing():
    answers, problems = parse(pregnancy="", koebner=None)

    assert problems == ()
    assert {"pregnancy", "koebner"} <= set(missing_questions(asked(), answers))


def test_a_follow_up_is_open_only_after_a_yes_or_not_sure():
    for value, is_open in ((YES, True), (UNSURE, True), (NO, False)):
        missing = missing_questions(asked(), {"diabetes": Answer(value)})
        assert ("diabetes_uncontrolled" in missing) is is_open


def test_a_yes_below_a_no_is_a_contradiction_of_the_two():
    answers = {"diabetes": Answer(NO), "diabetes_uncontrolled": Answer(YES)}

    (problem,) = check_answers(catalogue(), answers, ORDINARY, today=TODAY)

    assert problem.questions == ("diabetes", "diabetes_uncontrolled")


def test_an_area_that_is_not_planned_is_refused():
    answers = {"hair_removal": Answer(YES, TODAY - timedelta(days=1), ("scalp",))}

    (problem,) = check_answers(catalogue(), answers, ORDINARY, today=TODAY)

    assert problem.code == "unknown_area"


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ({"bdd_hours": Answer(YES)}, "not_an_option"),
        ({"hair_removal": Answer(YES)}, "not_a_date"),
        ({"hair_removal": Answer(YES, TODAY + timedelta(days=1))}, "date_in_future"),
    ],
)
def test_answers_are_checked_again_before_they_are_judged(answers, code):
    (problem,) = check_answers(catalogue(), answers, ORDINARY, today=TODAY)

    assert problem.code == code


def test_nobody_answers_what_the_plan_answers():
    answers = {"depth_over_label": Answer(NO)}

    (problem,) = check_answers(catalogue(), answers, ORDINARY, today=TODAY)

    assert problem.code == "unknown_question"
