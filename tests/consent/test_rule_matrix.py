"""Every rule against every kind of answer, and every wait and birthday at the edge of its day."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.catalogue.answers import UNSURE, YES, Answer
from app.catalogue.facts import PlanFacts
from app.catalogue.rules import Action, Question, Rule
from app.consent.screening.judging import AnswersNotUsable, evaluate
from app.consent.screening.outcome import FiredRule, ScreeningOutcome
from app.consent.screening.questionnaire import questions_for, rules_for
from app.kit.clock import day_in
from tests.catalogue.plans import (
    ORDINARY,
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
PLANS = (ORDINARY, make_rf_plan(), make_plan(**SCALP), make_plan(**LEGS), make_plan(**SCAR))
ZONES = ("Europe/London", "America/New_York", "Asia/Tokyo", "Pacific/Auckland")
# Days on which the clocks of each zone change in 2026, and one on which none does.
DAYS = (date(2026, 3, 29), date(2026, 10, 25), date(2026, 11, 1), date(2026, 9, 27), VISIT)


def asked_rules() -> list[Rule]:
    """Return the rules whose question somebody answers."""
    questions = catalogue().question
    return [one for one in catalogue().rules if questions[one.question].asked_of != "derived"]


def plan_for(rule: Rule) -> PlanFacts:
    return next(one for one in PLANS if rule in rules_for(catalogue(), one, VISIT))


def judge(plan: PlanFacts, visit: date = VISIT, today: date = TODAY, **changes) -> ScreeningOutcome:
    patient = questions_for(catalogue(), plan, visit_date=visit)
    practitioner = questions_for(catalogue(), plan, visit_date=visit, asked_of="practitioner")
    answers = {**all_clear((*patient, *practitioner)), **changes}
    return evaluate(catalogue(), answers, plan, visit, today)


def fired(outcome: ScreeningOutcome, rule: Rule) -> FiredRule | None:
    return next((one for one in outcome.fired if one.rule_id == rule.id), None)


def worst(question: Question) -> Answer:
    """Return the answer that is most likely to stop somebody."""
    if question.choices:
        return Answer(question.choices[-1].id)
    return Answer(YES, TODAY) if question.answer == "date_or_no" else Answer(YES)


RULES = asked_rules()
NAMES = [one.id for one in RULES]
WAITING = [one for one in RULES if one.wait is not None and one.wait.question == one.question]


@pytest.mark.parametrize("rule", RULES, ids=NAMES)
def test_a_no_makes_no_rule_act(rule: Rule) -> None:
    assert fired(judge(plan_for(rule)), rule) is None


@pytest.mark.parametrize("rule", RULES, ids=NAMES)
def test_a_yes_makes_its_rule_act_or_waits_for_its_day(rule: Rule) -> None:
    question = catalogue().question[rule.question]
    changes = {rule.question: worst(question)}
    if rule.question == "isotretinoin_now":
        changes["isotretinoin_recent"] = Answer(YES, TODAY)
    outcome = judge(plan_for(rule), visit=TODAY, **changes)

    found = fired(outcome, rule)
    # A score needs more than one of its questions.
    assert found is not None or "bdd" in rule.id
    assert outcome.action.strength >= (found.action.strength if found else 0)


@pytest.mark.parametrize("rule", RULES, ids=NAMES)
def test_a_not_sure_always_stops_and_says_whether_evidence_is_needed(rule: Rule) -> None:
    outcome = judge(plan_for(rule), **{rule.question: Answer(UNSURE)})

    found = fired(outcome, rule)
    assert found is not None
    assert found.unsure
    assert found.action.strength >= Action.REVIEW.strength
    assert not outcome.may_sign
    blocks = "block" in (rule.action, *(one.action for one in rule.variants))
    strict = rule.override is None and (blocks or rule.shorten == "never")
    assert found.needs_evidence is strict


@pytest.mark.parametrize("rule", WAITING, ids=[one.id for one in WAITING])
@pytest.mark.parametrize("off", [-1, 0, 1])
def test_a_wait_ends_on_its_day_and_not_one_before(rule: Rule, off: int) -> None:
    plan = plan_for(rule)
    days = _days_of(rule, plan)
    on = VISIT - timedelta(days=days) + timedelta(days=off)

    outcome = judge(plan, today=max(TODAY, on), **{rule.question: Answer(YES, on)})

    found = fired(outcome, rule)
    waits = found is not None and found.action is Action.DEFER
    assert waits == (off > 0)
    if waits:
        assert found.earliest_date == VISIT + timedelta(days=off)


@pytest.mark.parametrize("rule", WAITING, ids=[one.id for one in WAITING])
@pytest.mark.parametrize("off", [-1, 0, 1])
def test_a_day_after_today_is_an_error_and_never_no_wait(rule: Rule, off: int) -> None:
    answers = {rule.question: Answer(YES, TODAY + timedelta(days=off))}

    if off > 0:
        with pytest.raises(AnswersNotUsable):
            judge(plan_for(rule), **answers)
    else:
        judge(plan_for(rule), **answers)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("day", DAYS)
def test_a_birthday_begins_at_midnight_of_the_location(zone: str, day: date) -> None:
    plan = make_plan(date_of_birth=date(day.year - 18, day.month, day.day))
    midnight = datetime.combine(day, time(), ZoneInfo(zone))

    before = day_in(midnight - timedelta(seconds=1), zone)
    after = day_in(midnight, zone)

    assert _age_stops(plan, before)
    assert not _age_stops(plan, after)


@pytest.mark.parametrize("zone", ZONES)
def test_somebody_born_on_a_leap_day_is_of_age_on_the_first_of_march_everywhere(zone: str) -> None:
    plan = make_plan(date_of_birth=date(2008, 2, 29))
    midnight = datetime(2026, 3, 1, tzinfo=ZoneInfo(zone))

    assert _age_stops(plan, day_in(midnight - timedelta(seconds=1), zone))
    assert not _age_stops(plan, day_in(midnight, zone))


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("day", DAYS)
def test_a_wait_counts_days_of_the_location_also_when_the_clocks_change(
    zone: str, day: date
) -> None:
    rule = catalogue().rule["hair_removal"]
    evening = datetime.combine(day - timedelta(days=7), time(23, 59), ZoneInfo(zone))
    answered = {"hair_removal": Answer(YES, day_in(evening, zone))}
    morning = datetime.combine(day, time(0, 1), ZoneInfo(zone))
    eve = datetime.combine(day - timedelta(days=1), time(23, 59), ZoneInfo(zone))

    free = judge(ORDINARY, day_in(morning, zone), day - timedelta(days=7), **answered)
    early = judge(ORDINARY, day_in(eve, zone), day - timedelta(days=7), **answered)

    assert fired(free, rule) is None
    assert fired(early, rule) is not None


def _age_stops(plan: PlanFacts, visit: date) -> bool:
    outcome = judge(plan, visit, visit)
    return fired(outcome, catalogue().rule["age_u18"]) is not None


def _days_of(rule: Rule, plan: PlanFacts) -> int:
    """Return the days of the wait as it is for this plan, looked up by what the rule reports."""
    found = fired(judge(plan, TODAY, TODAY, **{rule.question: Answer(YES, TODAY)}), rule)
    assert found is not None
    assert found.earliest_date is not None
    return (found.earliest_date - TODAY).days
