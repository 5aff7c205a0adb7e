"""The short questions that are asked again before every treatment, and what they lead to.

Only rules that are asked every time are judged here: a clinician has dealt with the others before
the patient signed. The answers given then are there all the same, since a rule may look at both.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from app.care import queries
from app.care.confirmations import needed_confirmations
from app.care.models import AcuteCheck
from app.care.turned import with_turned
from app.care.visit_ground import VisitGround
from app.catalogue.answers import Answer
from app.catalogue.content import Catalogue
from app.catalogue.facts import PlanFacts
from app.catalogue.rules import Question
from app.consent.holds.decided import covered_by_decisions
from app.consent.holds.decision import Covered
from app.consent.holds.findings import fingerprint
from app.consent.holds.standing_queries import map_active
from app.consent.holds.standing_rules import apply_standing
from app.consent.models import Consent
from app.consent.queries import find_latest_answers, get_consent
from app.consent.screening.judging import evaluate
from app.consent.screening.models import ConsentAnswers
from app.consent.screening.outcome import ScreeningOutcome, without
from app.consent.screening.questionnaire import questions_for
from app.consent.screening.stored_answers import as_plain, read_answers
from app.database import TenantScope
from app.kit.clock import day_in
from app.vault import decrypt_field

FRESH = timedelta(hours=48)


@dataclass(frozen=True)
class AskedAnswers:
    """What an acute check holds: the answers, and why one that stood in the way is gone.

    ``confirmed`` are the keys of what the practitioner confirmed with it.
    """

    answers: Mapping[str, Answer]
    what_changed: str | None
    confirmed: tuple[str, ...] = ()


@dataclass(frozen=True)
class AcuteStanding:
    """The newest acute check of a visit, judged for the day of the treatment.

    ``unconfirmed`` is what the practitioner has yet to confirm, in words.
    """

    check: AcuteCheck
    outcome: ScreeningOutcome
    is_fresh: bool
    unconfirmed: tuple[str, ...] = ()


def acute_catalogue(catalogue: Catalogue) -> Catalogue:
    """Return the catalogue with only the rules whose question is put to a person every time.

    Rules about the plan itself were settled when it was consented to; intervals are looked at
    apart, because incidents count there too.
    """
    asked = catalogue.question
    return replace(
        catalogue,
        rules=tuple(
            rule
            for rule in catalogue.rules
            if rule.ask == "every" and asked[rule.question].asked_of != "derived"
        ),
    )


def acute_questions(
    catalogue: Catalogue, facts: PlanFacts, visit_date: date
) -> tuple[Question, ...]:
    """Return the short questions for a plan: the patient's, then the practitioner's."""
    short = acute_catalogue(catalogue)
    return (
        *questions_for(short, facts, visit_date=visit_date),
        *questions_for(short, facts, visit_date=visit_date, asked_of="practitioner"),
    )


def judge_answers(
    ground: VisitGround,
    consented: Mapping[str, Answer],
    asked: Mapping[str, Answer],
    *,
    visit_date: date,
    asked_on: date,
) -> ScreeningOutcome:
    """Return what the rules make of acute answers beside those given at the consent.

    Raises AnswersNotUsable.
    """
    short = acute_catalogue(ground.catalogue)
    return evaluate(short, {**consented, **asked}, ground.facts, visit_date, asked_on)


def consented_answers(scope: TenantScope, ground: VisitGround) -> dict[str, Answer]:
    """Return what the patient answered before they signed, or nothing without a consent."""
    found = _latest_consented(scope, ground)
    return {} if found is None else read_answers(scope, *found)


def _latest_consented(
    scope: TenantScope, ground: VisitGround
) -> tuple[Consent, ConsentAnswers] | None:
    consent_id = ground.standing.consent_id if ground.standing.allowed else None
    if consent_id is None:
        return None
    row = find_latest_answers(scope, consent_id)
    return None if row is None else (get_consent(scope, consent_id), row)


def acute_standing(scope: TenantScope, ground: VisitGround) -> AcuteStanding | None:
    """Return the newest acute check, judged anew for today, or None where nobody has asked.

    Judged anew, because the treatment may be on another day than the one that was planned.
    """
    checks = queries.list_acute_checks(scope, ground.visit.id)
    if not checks:
        return None
    check, *earlier = checks
    answers = all_answers(scope, ground, check)
    outcome = _judged(scope, ground, check)
    stands = apply_standing(outcome, ground.catalogue, map_active(scope))
    turned = with_turned(stands, [(one, _judged(scope, ground, one)) for one in earlier])
    settled = _without_decided(scope, ground, turned, answers)
    confirmed = read_check(scope, check).confirmed
    needed = needed_confirmations(scope, ground, stands)
    left = tuple(text for key, text in needed.items() if key not in confirmed)
    return AcuteStanding(check, settled, is_fresh(check.made_at, ground.at), left)


def _judged(scope: TenantScope, ground: VisitGround, check: AcuteCheck) -> ScreeningOutcome:
    asked_on = day_in(check.made_at, ground.location.zone)
    visit_date = max(ground.today, asked_on)
    answers = all_answers(scope, ground, check)
    return judge_answers(ground, {}, answers, visit_date=visit_date, asked_on=asked_on)


def all_answers(scope: TenantScope, ground: VisitGround, check: AcuteCheck) -> dict[str, Answer]:
    """Return the answers of an acute check beside those given at the consent."""
    return {**consented_answers(scope, ground), **read_check(scope, check).answers}


def _without_decided(
    scope: TenantScope,
    ground: VisitGround,
    outcome: ScreeningOutcome,
    answers: Mapping[str, Answer],
) -> ScreeningOutcome:
    """Return the outcome without rules that a clinician has decided about, on the same answers."""
    consent_id = ground.standing.consent_id if ground.standing.allowed else None
    if consent_id is None or not outcome.is_held:
        return outcome
    covered = covered_by_decisions(scope, get_consent(scope, consent_id))
    plain, rules = as_plain(answers), ground.catalogue.rule
    return without(
        outcome,
        {
            one.rule_id
            for one in outcome.fired
            if Covered(one.rule_id, one.action, fingerprint(rules[one.rule_id], plain)) in covered
        },
    )


def is_fresh(made_at: datetime, at: datetime) -> bool:
    """Return whether answers are at most 48 hours old."""
    return at - made_at <= FRESH


def read_check(scope: TenantScope, check: AcuteCheck) -> AskedAnswers:
    """Return the answers of an acute check; raises NotReadable."""
    text = decrypt_field(
        scope,
        patient_id=check.patient_id,
        place="acute_check.answers",
        row_id=check.id,
        cipher=check.answers_cipher,
    )
    return asked_from_json(text)


def asked_as_json(asked: AskedAnswers) -> str:
    """Return acute answers as the text that is encrypted."""
    return json.dumps(
        {
            "answers": {name: _plain(one) for name, one in sorted(asked.answers.items())},
            "what_changed": asked.what_changed,
            "confirmed": list(asked.confirmed),
        },
        ensure_ascii=False,
    )


def asked_from_json(text: str) -> AskedAnswers:
    """Return what ``asked_as_json`` wrote."""
    raw = json.loads(text)
    answers = {name: _answer(one) for name, one in raw["answers"].items()}
    return AskedAnswers(answers, raw["what_changed"], tuple(raw.get("confirmed", ())))


def previous_answers(
    scope: TenantScope, ground: VisitGround, questions: tuple[Question, ...]
) -> dict[str, Answer]:
    """Return what the patient last said to these questions: to the consent, or at a visit."""
    wanted = {one.id for one in questions if one.asked_of == "patient"}
    said: list[tuple[datetime, Mapping[str, Answer]]] = []
    found = _latest_consented(scope, ground)
    if found is not None:
        said.append((found[1].made_at, read_answers(scope, *found)))
    check = queries.find_latest_check(scope, ground.visit.patient_id)
    if check is not None:
        said.append((check.made_at, read_check(scope, check).answers))
    newest_last = sorted(said, key=lambda one: one[0])
    known = {name: answer for _, answers in newest_last for name, answer in answers.items()}
    return {name: _still_known(one, ground.facts) for name, one in known.items() if name in wanted}


def _still_known(answer: Answer, facts: PlanFacts) -> Answer:
    # Areas of an older plan mean nothing here; no area means every area, the careful reading.
    return replace(answer, areas=tuple(one for one in answer.areas if one in facts.areas))


def _plain(answer: Answer) -> dict[str, Any]:
    return {
        "value": answer.value,
        "on": answer.on.isoformat() if answer.on else None,
        "areas": list(answer.areas),
    }


def _answer(raw: Mapping[str, Any]) -> Answer:
    on = date.fromisoformat(raw["on"]) if raw["on"] else None
    return Answer(raw["value"], on, tuple(raw["areas"]))
