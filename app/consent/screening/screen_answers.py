"""Judges a patient's answers as this clinic does: by the rules, then by what stands decided."""

from collections.abc import Mapping

from app.catalogue.answers import Answer
from app.consent.consent_facts import Ground
from app.consent.holds.standing_queries import map_active
from app.consent.holds.standing_rules import apply_standing
from app.consent.screening.judging import evaluate
from app.consent.screening.outcome import ScreeningOutcome
from app.database import TenantScope


def screen(scope: TenantScope, ground: Ground, answers: Mapping[str, Answer]) -> ScreeningOutcome:
    """Return the outcome for the day of the visit; raises AnswersNotUsable."""
    outcome = evaluate(ground.catalogue, answers, ground.facts, ground.visit_date, ground.today)
    return apply_standing(outcome, ground.catalogue, map_active(scope))
