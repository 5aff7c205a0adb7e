"""The small typed language in which data says when something applies.

Conditions are parsed from plain mappings into the classes below and then asked about one situation.
Nothing is ever evaluated as code, and an unknown word is refused when the data is loaded.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TypeAlias

from app.catalogue.answers import YES, Answer, add_months

Plain: TypeAlias = str | int | bool
FactValue: TypeAlias = str | int | bool | frozenset[str] | None

DEEPEST = 12
FACT_KINDS: Mapping[str, str] = {
    "age": "number",
    "market": "text",
    "jurisdiction": "text",
    "procedure": "text",
    "energy": "text",
    "indication": "text",
    "device_kind": "text",
    "areas": "set",
    "area_groups": "set",
    "max_depth_um": "number",
    "skin_type": "number",
    "add_ons": "set",
    "has_anaesthetic": "flag",
    "anaesthetic_legal_class": "text",
    "intimate": "flag",
    "injects_substance": "flag",
    "labelled_for_indication": "flag",
    "areas_over_label": "set",
    "areas_over_range": "set",
    "areas_beyond_rf_limit": "set",
    "areas_too_soon": "set",
}
_FACT_TESTS: Mapping[str, frozenset[str]] = {
    "number": frozenset({"is", "at_least", "below", "known"}),
    "text": frozenset({"is", "in", "known"}),
    "flag": frozenset({"is"}),
    "set": frozenset({"includes", "not_empty"}),
}
_ANSWER_TESTS = frozenset(
    {
        "is",
        "in",
        "in_area_group",
        "newer_than_weeks",
        "newer_than_months",
        "older_than_months",
    }
)


class ConditionRefused(ValueError):
    """The condition does not follow the language; the message is one sentence."""


@dataclass(frozen=True)
class All:
    """Every part holds."""

    parts: "tuple[Condition, ...]"


@dataclass(frozen=True)
class AnyOf:
    """At least one part holds."""

    parts: "tuple[Condition, ...]"


@dataclass(frozen=True)
class Not:
    """The part does not hold."""

    part: "Condition"


@dataclass(frozen=True)
class FactTest:
    """A test on one fact of the plan; an unknown fact passes only ``known: false``."""

    fact: str
    test: str
    value: Plain | tuple[str, ...]


@dataclass(frozen=True)
class AnswerTest:
    """A test on one answer; a question without an answer passes none."""

    question: str
    test: str
    value: str | int | tuple[str, ...]


@dataclass(frozen=True)
class ScoreTest:
    """The points of the chosen options of some questions add up to at least a number."""

    questions: tuple[str, ...]
    at_least: int


Condition: TypeAlias = All | AnyOf | Not | FactTest | AnswerTest | ScoreTest


@dataclass(frozen=True)
class Situation:
    """Everything that a condition may be asked about.

    ``points`` gives (question id, choice id) its points; ``area_groups`` gives an area its group.
    """

    facts: Mapping[str, FactValue]
    answers: Mapping[str, Answer]
    visit_date: date
    area_groups: Mapping[str, str] = field(default_factory=dict)
    points: Mapping[tuple[str, str], int] = field(default_factory=dict)


def parse_condition(raw: object, *, within: int = 0) -> Condition:
    """Return the condition that a mapping from the data means; raises ConditionRefused."""
    if within > DEEPEST:
        raise ConditionRefused(f"Conditions lie at most {DEEPEST} deep in each other.")
    if not isinstance(raw, Mapping) or not raw:
        raise ConditionRefused("A condition is a mapping such as {answer: …, is: …}.")
    keys = set(raw)
    if keys in ({"all"}, {"any"}):
        (word,) = keys
        parts = _parse_parts(raw[word], within + 1)
        return All(parts) if word == "all" else AnyOf(parts)
    if keys == {"not"}:
        return Not(parse_condition(raw["not"], within=within + 1))
    if keys == {"score_of", "at_least"}:
        return ScoreTest(_texts(raw["score_of"]), _number(raw["at_least"]))
    if "fact" in keys and len(keys) == 2:
        return _parse_fact(raw)
    if "answer" in keys and len(keys) == 2:
        return _parse_answer(raw)
    raise ConditionRefused(f"No condition has the words {', '.join(sorted(map(str, keys)))}.")


def _parse_parts(raw: object, within: int) -> tuple[Condition, ...]:
    if not isinstance(raw, list | tuple) or not raw:
        raise ConditionRefused("'all' and 'any' need a list with at least one condition.")
    return tuple(parse_condition(part, within=within) for part in raw)


def _parse_fact(raw: Mapping[str, object]) -> FactTest:
    name = str(raw["fact"])
    (test,) = set(raw) - {"fact"}
    kind = FACT_KINDS.get(name)
    if kind is None:
        raise ConditionRefused(f"There is no fact called '{name}'.")
    if test not in _FACT_TESTS[kind]:
        raise ConditionRefused(f"The fact '{name}' cannot be tested with '{test}'.")
    value = raw[test]
    if test in {"in", "includes"}:
        return FactTest(name, test, _texts(value))
    if test in {"known", "not_empty"} or kind == "flag":
        return FactTest(name, test, _flag(value))
    return FactTest(name, test, _number(value) if kind == "number" else _text(value))


def _parse_answer(raw: Mapping[str, object]) -> AnswerTest:
    (test,) = set(raw) - {"answer"}
    if test not in _ANSWER_TESTS:
        raise ConditionRefused(f"An answer cannot be tested with '{test}'.")
    question, value = _text(raw["answer"]), raw[test]
    if test == "in":
        return AnswerTest(question, test, _texts(value))
    if test in {"is", "in_area_group"}:
        return AnswerTest(question, test, _text(value))
    return AnswerTest(question, test, _number(value))


def _text(raw: object) -> str:
    if not isinstance(raw, str):
        raise ConditionRefused(f"'{raw}' should be text (in YAML, yes and no need quotes).")
    return raw


def _texts(raw: object) -> tuple[str, ...]:
    if not isinstance(raw, list | tuple):
        raise ConditionRefused(f"'{raw}' should be a list.")
    return tuple(_text(item) for item in raw)


def _number(raw: object) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int):
        raise ConditionRefused(f"'{raw}' should be a whole number.")
    return raw


def _flag(raw: object) -> bool:
    if not isinstance(raw, bool):
        raise ConditionRefused(f"'{raw}' should be true or false.")
    return raw


def holds(condition: Condition, situation: Situation) -> bool:
    """Return whether the condition is true of the situation."""
    match condition:
        case All(parts):
            return all(holds(part, situation) for part in parts)
        case AnyOf(parts):
            return any(holds(part, situation) for part in parts)
        case Not(part):
            return not holds(part, situation)
        case FactTest():
            return _fact_holds(condition, situation.facts.get(condition.fact))
        case AnswerTest():
            answer = situation.answers.get(condition.question)
            return answer is not None and _answer_holds(condition, answer, situation)
        case _:
            return score_of(condition.questions, situation) >= condition.at_least


def score_of(questions: tuple[str, ...], situation: Situation) -> int:
    """Return the sum of points of what was chosen; unanswered questions count nothing."""
    chosen = ((name, situation.answers.get(name)) for name in questions)
    return sum(situation.points.get((name, answer.value), 0) for name, answer in chosen if answer)


def _fact_holds(condition: FactTest, value: FactValue) -> bool:
    wanted = condition.value
    if condition.test == "known":
        return (value is not None) is wanted
    if isinstance(value, frozenset):
        if condition.test == "not_empty":
            return bool(value) is wanted
        return isinstance(wanted, tuple) and not value.isdisjoint(wanted)
    if value is None:
        return False
    if condition.test == "in":
        return isinstance(wanted, tuple) and value in wanted
    if condition.test == "is":
        return value == wanted
    reached = isinstance(value, int) and isinstance(wanted, int) and value >= wanted
    return reached if condition.test == "at_least" else not reached


def _answer_holds(condition: AnswerTest, answer: Answer, situation: Situation) -> bool:
    wanted = condition.value
    if condition.test == "is":
        return answer.value == wanted
    if condition.test == "in":
        return isinstance(wanted, tuple) and answer.value in wanted
    if condition.test == "in_area_group":
        return wanted in _groups_meant(answer, situation)
    if answer.value != YES or answer.on is None or not isinstance(wanted, int):
        return False
    if condition.test == "newer_than_weeks":
        return situation.visit_date < answer.on + timedelta(weeks=wanted)
    if condition.test == "newer_than_months":
        return situation.visit_date < add_months(answer.on, wanted)
    return situation.visit_date > add_months(answer.on, wanted)


def _groups_meant(answer: Answer, situation: Situation) -> set[str]:
    planned = situation.facts.get("areas")
    areas = answer.areas or (planned if isinstance(planned, frozenset) else ())
    return {situation.area_groups[area] for area in areas if area in situation.area_groups}


def questions_in(condition: Condition | None) -> Iterator[str]:
    """Yield the ids of the questions that a condition looks at, in reading order."""
    match condition:
        case All(parts) | AnyOf(parts):
            for part in parts:
                yield from questions_in(part)
        case Not(part):
            yield from questions_in(part)
        case AnswerTest(question):
            yield question
        case ScoreTest(questions):
            yield from questions
        case _:
            return
