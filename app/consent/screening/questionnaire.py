"""Which questions a plan calls for, and how what was typed becomes answers.

Every message names its question by id, so that a page can stand beside the field, and repeats no
answer, so that it may be logged.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from app.catalogue.answers import NO, SOMEWHERE_ELSE, UNSURE, YES, Answer
from app.catalogue.content import Catalogue
from app.catalogue.expressions import holds
from app.catalogue.facts import PlanFacts, derive_facts, make_situation
from app.catalogue.loader import questions_of
from app.catalogue.overlay import told_in
from app.catalogue.rules import Question, Rule
from app.kit.speech import say, spoken

EARLIEST_ANSWER = date(1900, 1, 1)


@dataclass(frozen=True)
class Problem:
    """Something wrong with what was sent. ``questions`` are ids; ``message`` is for the person."""

    code: str
    questions: tuple[str, ...]
    message: str


def rules_for(catalogue: Catalogue, plan: PlanFacts, visit_date: date) -> tuple[Rule, ...]:
    """Return the rules that concern this plan's device, areas, indication and market."""
    facts = derive_facts(catalogue, plan, visit_date)
    situation = make_situation(catalogue, facts, visit_date)
    scope = "rf" if plan.energy == "radiofrequency" else "mech"
    return tuple(
        rule
        for rule in catalogue.rules
        if rule.scope in ("all", scope)
        and (rule.applies_when is None or holds(rule.applies_when, situation))
    )


def questions_for(
    catalogue: Catalogue, plan: PlanFacts, *, visit_date: date, asked_of: str = "patient"
) -> tuple[Question, ...]:
    """Return the questions that apply, in the order of the sections, follow-ups after parents.

    ``asked_of`` is patient, practitioner or derived. Follow-ups are included; show one only when
    :func:`is_shown` says so.
    """
    rules = rules_for(catalogue, plan, visit_date)
    wanted = {name for rule in rules for name in questions_of(rule)}
    order = [section.id for section in catalogue.sections]
    chosen = [
        question
        for question in catalogue.questions
        if question.id in wanted and question.asked_of == asked_of
    ]
    return tuple(sorted(chosen, key=lambda question: order.index(question.section)))


def questions_by_section(
    catalogue: Catalogue, questions: tuple[Question, ...]
) -> tuple[tuple[str, str, tuple[Question, ...]], ...]:
    """Return (section id, title, its questions) for every section that has any."""
    grouped = (
        (part.id, part.title, tuple(one for one in questions if one.section == part.id))
        for part in catalogue.sections
    )
    return tuple(group for group in grouped if group[2])


def is_shown(question: Question, answers: Mapping[str, Answer]) -> bool:
    """Return whether a question is open: follow-ups wait for a yes, a date or not sure."""
    if question.follows is None:
        return True
    parent = answers.get(question.follows)
    return parent is not None and parent.value != NO


def parse_answers(
    questions: tuple[Question, ...], raw: Mapping[str, object], *, today: date
) -> tuple[dict[str, Answer], tuple[Problem, ...]]:
    """Return the answers that could be read, and what is wrong with the others.

    A value is text (``yes``, ``no``, ``unsure``, the id of a choice, or an ISO date) or a mapping
    ``{"value": …, "on": …, "areas": […]}``. Blank values count as not answered and are no problem
    here: :func:`missing_questions` lists them. ``today`` is the day in the location's zone.
    """
    known = {question.id: question for question in questions}
    answers: dict[str, Answer] = {}
    problems = [
        Problem("unknown_question", (name,), say("There is no such question on this form."))
        for name in raw
        if name not in known
    ]
    for name, question in known.items():
        value = raw.get(name)
        if value in (None, "", {}):
            continue
        read = _read_answer(question, value, today)
        if isinstance(read, Problem):
            problems.append(read)
        else:
            answers[name] = read
    return answers, tuple(problems)


def _read_answer(question: Question, raw: object, today: date) -> Answer | Problem:
    given = raw if isinstance(raw, Mapping) else {"value": raw}
    if set(given) - {"value", "on", "areas"}:
        return _problem(
            question, "wrong_shape", say("This answer has fields that do not belong to it.")
        )
    value, on = given.get("value"), given.get("on") or None
    if question.answer == "date_or_no" and on is None and value not in (YES, NO, UNSURE):
        value, on = YES, value
    areas = given.get("areas") or ()
    if not isinstance(areas, list | tuple) or not all(isinstance(one, str) for one in areas):
        return _problem(question, "wrong_shape", say("The areas should be a list."))
    if areas and not question.asks_area:
        return _problem(question, "wrong_shape", say("This question takes no area."))
    if not isinstance(value, str) or value not in allowed_values(question):
        return _problem(question, "not_an_option", say("Please choose one of the answers."))
    if question.answer != "date_or_no":
        if on is not None:
            return _problem(question, "wrong_shape", say("This question takes no date."))
        return Answer(value, areas=tuple(areas))
    return _read_dated(question, Answer(value, areas=tuple(areas)), on, today)


def _read_dated(question: Question, answer: Answer, on: object, today: date) -> Answer | Problem:
    if answer.value != YES:
        return answer
    try:
        day = date.fromisoformat(on if isinstance(on, str) else "")
    except ValueError:
        return _problem(
            question, "not_a_date", say("Please give a date, or choose No or Not sure.")
        )
    dated = replace(answer, on=day)
    return next(iter(_date_problems(question, dated, today)), dated)


def _date_problems(question: Question, answer: Answer, today: date) -> Iterator[Problem]:
    if answer.on is None:
        return
    if answer.on > today:
        yield _problem(
            question, "date_in_future", say("This date is in the future. Please check it.")
        )
    elif answer.on < EARLIEST_ANSWER:
        yield _problem(
            question, "date_too_early", say("This date is too long ago. Please check it.")
        )


def _problem(question: Question, code: str, message: str) -> Problem:
    return Problem(code, (question.id,), message)


def allowed_values(question: Question) -> tuple[str, ...]:
    """Return the values that a question takes; every question may be answered Not sure."""
    if question.answer == "choice":
        return (*(choice.id for choice in question.choices), UNSURE)
    return (YES, NO, UNSURE)


def check_answers(
    catalogue: Catalogue, answers: Mapping[str, Answer], plan: PlanFacts, *, today: date
) -> tuple[Problem, ...]:
    """Return what is impossible about a set of answers: the future, other areas, contradictions."""
    problems: list[Problem] = []
    for name, answer in answers.items():
        question = catalogue.question.get(name)
        if question is None or question.asked_of == "derived":
            problems.append(Problem("unknown_question", (name,), say("There is no such question.")))
            continue
        problems.extend(_answer_problems(question, answer, plan, today))
    return (*problems, *_contradictions(catalogue, answers, plan, today))


def _answer_problems(
    question: Question, answer: Answer, plan: PlanFacts, today: date
) -> Iterator[Problem]:
    yield from _date_problems(question, answer, today)
    if answer.value not in allowed_values(question):
        yield _problem(question, "not_an_option", say("Please choose one of the answers."))
    if question.answer == "date_or_no" and answer.value == YES and answer.on is None:
        yield _problem(question, "not_a_date", say("Please give a date, or choose No or Not sure."))
    if answer.areas and not question.asks_area:
        yield _problem(question, "wrong_shape", say("This question takes no area."))
    if set(answer.areas) - set(plan.areas) - {SOMEWHERE_ELSE}:
        yield _problem(question, "unknown_area", say("This area is not part of the plan."))


def _contradictions(
    catalogue: Catalogue, answers: Mapping[str, Answer], plan: PlanFacts, today: date
) -> Iterator[Problem]:
    situation = make_situation(catalogue, derive_facts(catalogue, plan, today), today)
    situation = replace(situation, answers=answers)
    for pair in told_in(catalogue, spoken()).contradictions:
        if holds(pair.when, situation):
            yield Problem("contradiction", pair.questions, pair.text)
    for name, answer in answers.items():
        question = catalogue.question.get(name)
        if question is None or question.follows is None:
            continue
        if not is_shown(question, answers) and answer.value == YES:
            yield Problem(
                "contradiction",
                (question.follows, name),
                say("Your answers to these two questions do not fit together. Please change one."),
            )


def missing_questions(
    questions: tuple[Question, ...], answers: Mapping[str, Answer]
) -> tuple[str, ...]:
    """Return the ids of the questions that are open and have no answer yet, in form order."""
    return tuple(
        question.id
        for question in questions
        if is_shown(question, answers) and question.id not in answers
    )
