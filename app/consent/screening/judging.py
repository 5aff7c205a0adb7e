"""Judges answers and a plan by the rules of the catalogue.

Pure: the same answers, plan and days give the same outcome. All rules that fire are reported, and
the strongest decides: block, defer, review, exclude area or substitute, warn. Days are those of the
location's zone, and deferrals are judged on the day of the visit.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from app.catalogue.answers import UNSURE, Answer
from app.catalogue.content import Catalogue
from app.catalogue.expressions import Situation, holds, questions_in
from app.catalogue.facts import PlanFacts, derive_facts, earliest_by_interval, make_situation
from app.catalogue.loader import questions_of
from app.catalogue.rules import Action, Rule, Wait
from app.consent.screening.outcome import ExcludedSpots, FiredRule, ScreeningOutcome
from app.consent.screening.questionnaire import (
    Problem,
    check_answers,
    is_shown,
    missing_questions,
    questions_for,
    rules_for,
)
from app.errors import Invalid
from app.kit.speech import mark

UNSURE_FOR_PATIENT = mark(
    "You were not sure about one question. A clinician will look at it with you."
)


class AnswersNotUsable(Invalid):
    """Some answers are impossible. ``problems`` name the questions, never what was answered."""

    code = "answers_not_usable"
    title = "Please check your answers"

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__(
            problems[0].message if problems else self.title,
            problems=[
                {"code": one.code, "questions": list(one.questions), "message": one.message}
                for one in problems
            ],
        )


@dataclass(frozen=True)
class _Case:
    """What a rule does in this situation, before its wait is looked at."""

    action: Action
    wait: Wait | None
    also: Action | None = None
    after_wait: Action | None = None


@dataclass(frozen=True)
class _Verdict:
    """What is left of a case once its wait has been held against the days."""

    action: Action | None
    earliest: date | None = None
    opens_on: date | None = None
    new_answer: bool = False


@dataclass(frozen=True)
class _Bench:
    """Everything that judging needs, together."""

    catalogue: Catalogue
    plan: PlanFacts
    situation: Situation
    today: date

    @property
    def answers(self) -> Mapping[str, Answer]:
        return self.situation.answers

    @property
    def visit_date(self) -> date:
        return self.situation.visit_date


def evaluate(
    catalogue: Catalogue,
    answers: Mapping[str, Answer],
    facts: PlanFacts,
    visit_date: date,
    today: date,
) -> ScreeningOutcome:
    """Return what the rules make of the answers; raises AnswersNotUsable.

    ``visit_date`` and ``today`` are days in the location's zone; ``today`` is the day on which the
    answers were given. Missing answers are listed, not raised.
    """
    problems = check_answers(catalogue, answers, facts, today=today)
    if problems:
        raise AnswersNotUsable(problems)
    derived = derive_facts(catalogue, facts, visit_date)
    given = _open_ones(catalogue, answers)
    situation = replace(make_situation(catalogue, derived, visit_date), answers=given)
    bench = _Bench(
        catalogue, facts, replace(situation, answers=_open_ones(catalogue, answers)), today
    )
    fired: list[FiredRule] = []
    opening: list[date] = []
    for rule in rules_for(catalogue, facts, visit_date):
        verdict = _judge(rule, bench)
        if verdict.opens_on is not None and verdict.opens_on > today:
            opening.append(verdict.opens_on)
        if verdict.action is not None:
            fired.append(_report(rule, verdict, verdict.action, bench))
    return _sum_up(bench, fired, max(opening, default=None))


def _open_ones(catalogue: Catalogue, answers: Mapping[str, Answer]) -> dict[str, Answer]:
    """Return the answers without those to follow-ups that are closed by their parent's answer."""
    asked = catalogue.question
    return {name: one for name, one in answers.items() if is_shown(asked[name], answers)}


def _judge(rule: Rule, bench: _Bench) -> _Verdict:
    answer = bench.answers.get(rule.question)
    if answer is not None and answer.is_elsewhere:
        return _Verdict(None)
    verdict = _Verdict(None)
    also: Action | None = None
    if holds(rule.fires_when, bench.situation):
        case = _choose_case(rule, bench)
        verdict, also = _hold_against_days(rule, case, bench), case.also
    if also is not None and verdict.action is not None:
        verdict = replace(verdict, action=_stronger(verdict.action, also))
    if _is_unsure(rule, bench):
        least = Action.BLOCK if _is_barred_anyway(rule, bench) else Action.REVIEW
        verdict = replace(verdict, action=_stronger(verdict.action, least))
    return verdict


def _is_barred_anyway(rule: Rule, bench: _Bench) -> bool:
    """Whether a "not sure" came with a plain yes to what bars: chemotherapy now, an open ulcer."""
    bars = (one.when for one in rule.variants if one.action == "block")
    return any(holds(one, bench.situation) for one in bars)


def _choose_case(rule: Rule, bench: _Bench) -> _Case:
    for variant in rule.variants:
        if holds(variant.when, bench.situation):
            wait = variant.wait or rule.wait
            return _Case(Action(variant.action), wait, None, _action(variant.after_wait))
    if rule.policy is not None:
        chosen = bench.plan.policies.get(rule.id, rule.policy.default)
        effect = rule.policy.options[
            chosen if chosen in rule.policy.options else rule.policy.default
        ]
        after = _action(effect.after_wait)
        return _Case(Action(effect.action), effect.wait or rule.wait, None, after)
    return _Case(Action(rule.action), rule.wait, _action(rule.also), _action(rule.after_wait))


def _action(word: str | None) -> Action | None:
    return None if word is None else Action(word)


def _hold_against_days(rule: Rule, case: _Case, bench: _Bench) -> _Verdict:
    if case.action is not Action.DEFER or case.wait is None:
        return _Verdict(case.action)
    if case.wait.until is not None:
        days = case.wait.total_days
        earliest = bench.today + timedelta(days=days) if days else None
        return _Verdict(Action.DEFER, earliest, new_answer=True)
    earliest = _end_of_wait(rule, case.wait, bench)
    if earliest is None or bench.visit_date < earliest:
        return _Verdict(Action.DEFER, earliest)
    return _Verdict(case.after_wait, opens_on=earliest)


def _end_of_wait(rule: Rule, wait: Wait, bench: _Bench) -> date | None:
    if wait.interval:
        ends = earliest_by_interval(bench.catalogue, bench.plan)
        return max((ends[area] for area in _areas_of(rule, bench)), default=None)
    answer = bench.answers.get(wait.question or "")
    since = None if answer is None else answer.on
    return None if since is None else since + timedelta(days=wait.total_days)


def _stronger(first: Action | None, second: Action) -> Action:
    return first if first is not None and first.strength >= second.strength else second


def _is_unsure(rule: Rule, bench: _Bench) -> bool:
    return any(
        answer.value == UNSURE and not answer.is_elsewhere
        for name in own_questions(rule, bench.catalogue)
        if (answer := bench.answers.get(name)) is not None
    )


def own_questions(rule: Rule, catalogue: Catalogue) -> Iterator[str]:
    """Yield the questions whose "not sure" concerns a rule: its own, and their follow-ups."""
    own = {rule.question, *questions_in(rule.fires_when)}
    yield from own
    for name in questions_of(rule):
        if name not in own and catalogue.question[name].follows in own:
            yield name


def _areas_of(rule: Rule, bench: _Bench) -> tuple[str, ...]:
    planned = tuple(bench.plan.areas)
    if rule.areas_from is not None:
        meant = bench.situation.facts[rule.areas_from]
        return tuple(one for one in planned if isinstance(meant, frozenset) and one in meant)
    answer = bench.answers.get(rule.question)
    named = answer.areas if answer is not None else ()
    return tuple(one for one in planned if one in named) or planned


def _report(rule: Rule, verdict: _Verdict, action: Action, bench: _Bench) -> FiredRule:
    unsure = _is_unsure(rule, bench)
    certain = holds(rule.fires_when, bench.situation) or _is_barred_anyway(rule, bench)
    override = rule.override if action is Action.BLOCK else None
    return FiredRule(
        rule_id=rule.id,
        question_id=rule.question,
        action=action,
        clinician=rule.clinician if certain else f"Not sure. {rule.clinician}",
        patient=rule.patient if certain else UNSURE_FOR_PATIENT,
        confidence=rule.confidence,
        source=rule.source,
        areas=_areas_of(rule, bench),
        unsure=unsure,
        earliest_date=verdict.earliest,
        needs_new_answer=verdict.new_answer,
        needs_evidence=unsure and rule.override is None and _is_strict(rule),
        may_be_shortened=action is Action.DEFER and rule.may_be_shortened,
        override_needs=None if override is None else override.needs,
        override_open=override is not None
        and (override.when is None or holds(override.when, bench.situation)),
        until=rule.until,
        refer=rule.refer,
        substitute=rule.substitute,
        adds_risk=rule.adds_risk,
        requires=rule.requires,
        never=rule.never,
    )


def _is_strict(rule: Rule) -> bool:
    """Whether "not sure" is not for a clinician alone: a block, or a wait that nobody shortens."""
    return rule.shorten == "never" or "block" in (
        rule.action,
        *(variant.action for variant in rule.variants),
    )


def _sum_up(bench: _Bench, fired: list[FiredRule], opens_on: date | None) -> ScreeningOutcome:
    strongest_first = sorted(fired, key=lambda rule: -rule.action.strength)
    waits = [rule.earliest_date for rule in fired if rule.earliest_date is not None]
    return ScreeningOutcome(
        action=strongest_first[0].action if fired else Action.CLEAR,
        fired=tuple(strongest_first),
        missing=_missing(bench, "patient"),
        missing_practitioner=_missing(bench, "practitioner"),
        earliest_date=max(waits, default=None),
        opens_on=opens_on,
        needs_new_answer=any(rule.needs_new_answer for rule in fired),
        excluded_spots=tuple(
            ExcludedSpots(rule.rule_id, rule.areas)
            for rule in fired
            if bench.catalogue.rule[rule.rule_id].action == "exclude_area"
        ),
        substitutes=_once(rule.substitute for rule in fired),
        extra_risks=_once(rule.adds_risk for rule in fired),
        requires=_once(name for rule in fired for name in rule.requires),
    )


def _missing(bench: _Bench, asked_of: str) -> tuple[str, ...]:
    asked = questions_for(
        bench.catalogue, bench.plan, visit_date=bench.visit_date, asked_of=asked_of
    )
    return missing_questions(asked, bench.answers)


def _once(names: Iterator[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name is not None))
