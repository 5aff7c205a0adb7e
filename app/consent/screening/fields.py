"""Between the fields of the page with questions and the answers that rules are asked about.

A question ``q`` has the field ``q``; its day ``q__on_day``, ``q__on_month`` and ``q__on_year``; its
places ``q__areas``, which may repeat. Values are texts, or lists of texts where a field repeats.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from app.catalogue.answers import NO, SOMEWHERE_ELSE, UNSURE, YES, Answer
from app.catalogue.content import Catalogue
from app.catalogue.facts import PlanFacts
from app.catalogue.rules import Question
from app.consent.screening.questionnaire import Problem, is_shown, questions_by_section
from app.kit.in_words import day_in_words
from app.kit.speech import mark, say

Fields = Mapping[str, str | list[str]]
_DATE_PARTS = ("year", "month", "day")
_DATE_PROBLEMS = frozenset({"not_a_date", "date_in_future", "date_too_early"})
_WORDS = {YES: mark("Yes"), NO: mark("No"), UNSURE: mark("Not sure")}


def read_fields(questions: Sequence[Question], fields: Fields) -> dict[str, object]:
    """Return the fields as :func:`parse_answers` takes them; unknown fields keep their name."""
    raw: dict[str, object] = {}
    known: set[str] = set()
    for question in questions:
        own = _own_fields(question)
        known |= set(own)
        if any(text_of(fields, name) or _list_of(fields, name) for name in own):
            raw[question.id] = _read_question(question, fields)
    raw.update({name: value for name, value in fields.items() if name not in known})
    return raw


def text_of(fields: Fields, name: str) -> str:
    """Return a field's text, the last one where it repeats, without outer blanks."""
    value = fields.get(name, "")
    return (value[-1] if value else "") if isinstance(value, list) else value.strip()


def errors_of(problems: Sequence[Problem], missing: Sequence[str]) -> list[dict[str, str]]:
    """Return problems as the page's errors: which field, and what to do."""
    errors = [
        {"field": f"{name}__on" if one.code in _DATE_PROBLEMS else name, "message": one.message}
        for one in problems
        for name in one.questions
    ]
    return errors + [
        {"field": name, "message": say("Please answer this question.")} for name in missing
    ]


def answer_in_words(question: Question, answer: Answer, catalogue: Catalogue) -> str:
    """Return an answer for people: "Yes, on Monday 2 November 2026; Cheeks"."""
    chosen = {choice.id: choice.text for choice in question.choices}
    word = (
        question.labels.get(answer.value) or chosen.get(answer.value) or say(_WORDS[answer.value])
    )
    on = ""
    if answer.on is not None:
        on = say(", on %(day)s", day=day_in_words(answer.on))
    titles = [
        say("somewhere else") if one == SOMEWHERE_ELSE else catalogue.area[one].title
        for one in answer.areas
    ]
    return f"{word}{on}" + (say("; %(places)s", places=say(", ").join(titles)) if titles else "")


def answers_in_words(
    catalogue: Catalogue, questions: Sequence[Question], answers: Mapping[str, Answer]
) -> tuple[tuple[str, str], ...]:
    """Return (question, answer) for every open question, in the order of the form."""
    return tuple(
        (one.text, answer_in_words(one, answers[one.id], catalogue))
        for one in questions
        if one.id in answers and is_shown(one, answers)
    )


def question_sections(
    catalogue: Catalogue, questions: tuple[Question, ...], plan: PlanFacts, fields: Fields
) -> list[dict[str, object]]:
    """Return the questions as the page shows them, with what was typed before."""
    asked = {one.id for one in questions}
    sections: list[dict[str, object]] = []
    for key, title, own in questions_by_section(catalogue, questions):
        tops = [one for one in own if one.follows is None or one.follows not in asked]
        shown = [_view(one, questions, catalogue, plan, fields) for one in tops]
        if shown:
            sections.append({"id": key, "title": title, "intro": None, "questions": shown})
    return sections


def _view(
    question: Question,
    questions: tuple[Question, ...],
    catalogue: Catalogue,
    plan: PlanFacts,
    fields: Fields,
) -> dict[str, object]:
    more = [_date_view(question, fields)] if question.answer == "date_or_no" else []
    more += [_areas_view(question, catalogue, plan, fields)] if question.asks_area else []
    more += [
        _view(one, questions, catalogue, plan, fields)
        for one in questions
        if one.follows == question.id
    ]
    return {
        "id": question.id,
        "kind": "choice" if question.answer == "choice" else "yes_no_unsure",
        "text": question.text,
        "hint": question.hint,
        "why": question.why,
        "options": _options(question),
        "value": text_of(fields, question.id) or None,
        "follow_ups": more,
    }


def _options(question: Question) -> list[dict[str, str]]:
    words = {**{value: say(word) for value, word in _WORDS.items()}, **question.labels}
    plain = (UNSURE,) if question.answer == "choice" else (YES, NO, UNSURE)
    chosen = [{"value": one.id, "label": one.text} for one in question.choices]
    return chosen + [{"value": value, "label": words[value]} for value in plain]


def _date_view(question: Question, fields: Fields) -> dict[str, object]:
    name = f"{question.id}__on"
    return {
        "id": name,
        "kind": "date",
        "text": say("Which day was it? The last one, if there were several."),
        "hint": None,
        "value": {part: text_of(fields, f"{name}_{part}") for part in _DATE_PARTS},
        "follow_ups": [],
    }


def _areas_view(
    question: Question, catalogue: Catalogue, plan: PlanFacts, fields: Fields
) -> dict[str, object]:
    places = [{"value": one, "label": catalogue.area[one].title} for one in plan.areas]
    places.append({"value": SOMEWHERE_ELSE, "label": say("Somewhere else")})
    name = f"{question.id}__areas"
    return {
        "id": name,
        "kind": "places",
        "text": say("Where?"),
        "hint": say("Choose all that fit. If you leave this empty, we take it that all are meant."),
        "options": places,
        "value": _list_of(fields, name),
        "follow_ups": [],
    }


def _own_fields(question: Question) -> tuple[str, ...]:
    name = question.id
    dates = tuple(f"{name}__on_{part}" for part in _DATE_PARTS)
    return (name, *dates, f"{name}__areas")


def _list_of(fields: Fields, name: str) -> list[str]:
    value = fields.get(name, [])
    return value if isinstance(value, list) else [value] if value else []


def _read_question(question: Question, fields: Fields) -> object:
    value = text_of(fields, question.id)
    # A follow-up is posted as it stands, also when it is hidden: what was not said yes to is no day
    # and no place.
    if value not in (YES, UNSURE):
        return value
    read: dict[str, object] = {"value": value}
    if question.answer == "date_or_no" and value == YES:
        read["on"] = _day(fields, f"{question.id}__on")
    if question.asks_area:
        read["areas"] = _list_of(fields, f"{question.id}__areas")
    return read


def _day(fields: Fields, name: str) -> str:
    """Return the typed day as an ISO date, or a text that is none."""
    year, month, day = (text_of(fields, f"{name}_{part}") for part in _DATE_PARTS)
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except (ValueError, OverflowError):
        return "not a date" if year or month or day else ""
