"""Tries answers on a plan: the rules' whole outcome, with nothing stored and no patient asked.

For programs of a clinic that test their own rules or their own patients' cases. It is not the
patient's word: only what a patient answers on their own way is ever signed.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from app import audit
from app.catalogue.rules import Question
from app.consent.consent_facts import Ground, ground_of
from app.consent.forms.assembly import personal_risks_of
from app.consent.forms.risk_blocks import RiskTelling
from app.consent.screening.judging import AnswersNotUsable, evaluate
from app.consent.screening.outcome import ScreeningOutcome
from app.consent.screening.questionnaire import parse_answers, questions_for
from app.database import TenantScope
from app.errors import Invalid
from app.plans.queries import get_latest_version, get_plan


@dataclass(frozen=True)
class Tried:
    """What the rules made of the answers, and on what ground."""

    ground: Ground
    outcome: ScreeningOutcome

    def personal_risks(self) -> Mapping[str, tuple[str, ...]]:
        """Return the risks that are likelier for this patient, each with its reasons."""
        risks = personal_risks_of(self.outcome)
        return RiskTelling(self.ground.catalogue, self.ground.facts, risks).reasons()


def ground_for_trying(
    scope: TenantScope, *, plan_id: uuid.UUID, visit_on: date | None = None
) -> Ground:
    """Return what the latest version of a plan stands on, on the given or the next day of visit.

    Raises PlanUnknown, or Invalid for a day that is over.
    """
    ground = ground_of(scope, get_latest_version(scope, get_plan(scope, plan_id)))
    if visit_on is None:
        return ground
    if visit_on < ground.today:
        raise Invalid("The day of the visit is over.", fields={"visit_on": "This day is over."})
    return replace(ground, visit_date=visit_on)


def questions_of_plan(ground: Ground) -> tuple[Question, ...]:
    """Return what is asked of the patient, and then what is asked of the practitioner."""
    return tuple(
        one
        for asked_of in ("patient", "practitioner")
        for one in questions_for(
            ground.catalogue, ground.facts, visit_date=ground.visit_date, asked_of=asked_of
        )
    )


def try_answers(
    scope: TenantScope,
    *,
    plan_id: uuid.UUID,
    answers: Mapping[str, object],
    visit_on: date | None = None,
) -> Tried:
    """Return what the rules make of the answers.

    Raises PlanUnknown, Invalid for a day that is over, or AnswersNotUsable.
    """
    ground = ground_for_trying(scope, plan_id=plan_id, visit_on=visit_on)
    given, problems = parse_answers(questions_of_plan(ground), answers, today=ground.today)
    if problems:
        raise AnswersNotUsable(problems)
    outcome = evaluate(ground.catalogue, given, ground.facts, ground.visit_date, ground.today)
    audit.record(
        scope,
        "consent:screening:try",
        subject_id=plan_id,
        patient_id=ground.version.patient_id,
    )
    return Tried(ground, outcome)
