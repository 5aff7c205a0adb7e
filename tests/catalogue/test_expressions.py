"""The condition language means what it says, and refuses what it does not know."""

from datetime import date

import pytest

from app.catalogue.answers import NO, YES, Answer, add_months, age_on
from app.catalogue.expressions import (
    ConditionRefused,
    Situation,
    holds,
    parse_condition,
    questions_in,
)

VISIT = date(2026, 12, 1)
SITUATION = Situation(
    facts={
        "age": 30,
        "energy": "none",
        "areas": frozenset({"face_nose"}),
        "areas_too_soon": frozenset(),
        "skin_type": None,
        "has_anaesthetic": False,
    },
    answers={
        "peel": Answer(YES, date(2026, 6, 1)),
        "mole": Answer(NO),
        "hours": Answer("many"),
    },
    visit_date=VISIT,
    area_groups={"face_nose": "face"},
    points={("hours", "many"): 4},
)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({"fact": "age", "at_least": 30}, True),
        ({"fact": "age", "at_least": 31}, False),
        ({"fact": "age", "below": 30}, False),
        ({"fact": "age", "is": 30}, True),
        ({"fact": "energy", "in": ["none", "radiofrequency"]}, True),
        ({"fact": "areas", "includes": ["scalp", "face_nose"]}, True),
        ({"fact": "areas", "includes": ["scalp"]}, False),
        ({"fact": "areas_too_soon", "not_empty": False}, True),
        ({"fact": "skin_type", "at_least": 1}, False),
        ({"fact": "skin_type", "below": 9}, False),
        ({"fact": "skin_type", "known": False}, True),
        ({"fact": "has_anaesthetic", "is": False}, True),
        ({"answer": "mole", "is": "no"}, True),
        ({"answer": "mole", "in": ["yes", "unsure"]}, False),
        ({"answer": "never_asked", "is": "no"}, False),
        ({"answer": "peel", "newer_than_weeks": 26}, False),
        ({"answer": "peel", "newer_than_weeks": 27}, True),
        ({"answer": "peel", "newer_than_months": 6}, False),
        ({"answer": "peel", "newer_than_months": 7}, True),
        ({"answer": "peel", "older_than_months": 6}, False),
        ({"answer": "peel", "older_than_months": 5}, True),
        ({"answer": "peel", "in_area_group": "face"}, True),
        ({"answer": "peel", "in_area_group": "body"}, False),
        ({"score_of": ["hours", "mole"], "at_least": 4}, True),
        ({"score_of": ["hours"], "at_least": 5}, False),
        ({"not": {"answer": "mole", "is": "no"}}, False),
        ({"all": [{"fact": "age", "is": 30}, {"answer": "mole", "is": "yes"}]}, False),
        ({"any": [{"fact": "age", "is": 30}, {"answer": "mole", "is": "yes"}]}, True),
    ],
)
def test_a_condition_holds(raw, expected):
    assert holds(parse_condition(raw), SITUATION) is expected


@pytest.mark.parametrize(
    "raw",
    [
        None,
        {},
        "age > 3",
        {"fact": "shoe_size", "is": 43},
        {"fact": "age", "includes": ["x"]},
        {"fact": "age", "is": "thirty"},
        {"fact": "age", "is": True},
        {"fact": "energy", "is": 3},
        {"fact": "areas", "includes": "scalp"},
        {"fact": "has_anaesthetic", "is": "yes"},
        {"answer": "mole", "is": True},
        {"answer": "mole", "is": "no", "in": ["no"]},
        {"answer": "mole", "sounds_like": "no"},
        {"all": []},
        {"all": {"fact": "age", "is": 3}},
        {"__import__": "os"},
    ],
)
def test_what_is_not_in_the_language_is_refused(raw):
    with pytest.raises(ConditionRefused):
        parse_condition(raw)


def test_the_questions_of_a_condition_can_be_listed():
    raw = {"any": [{"not": {"answer": "a", "is": "no"}}, {"score_of": ["b", "c"], "at_least": 1}]}

    assert list(questions_in(parse_condition(raw))) == ["a", "b", "c"]


def test_months_end_on_the_last_day_where_the_day_is_missing():
    assert add_months(date(2026, 8, 31), 6) == date(2027, 2, 28)
    assert add_months(date(2026, 12, 15), 1) == date(2027, 1, 15)


def test_age_counts_from_the_birthday():
    assert age_on(date(2008, 12, 1), date(2026, 11, 30)) == 17
    assert age_on(date(2008, 12, 1), date(2026, 12, 1)) == 18
