"""How many ordinary patients a clinician has to look at. Run with ``-s`` to read the numbers."""

import random
import sys
from collections import Counter
from collections.abc import Mapping

from app.consent.holds.standing_rules import OFFERS, Standing, apply_standing
from app.consent.screening.judging import evaluate
from tests.catalogue.plans import TODAY, VISIT, catalogue
from tests.consent.ordinary_patients import make_patient

PATIENTS = 400
FINDING_ABOVE = 0.25


def screen_many(
    unsure: float, standing: Mapping[str, Standing] | None = None
) -> tuple[float, Counter[str]]:
    """Return the share held and how often each rule held somebody."""
    chance = random.Random(20261121)
    held, reasons = 0, Counter()
    for _ in range(PATIENTS):
        plan, answers = make_patient(chance, unsure)
        outcome = evaluate(catalogue(), answers, plan, VISIT, TODAY)
        outcome = apply_standing(outcome, catalogue(), standing or {})
        held += outcome.is_held
        reasons.update(rule.rule_id for rule in outcome.fired if rule.action.strength >= 3)
    return held / PATIENTS, reasons


def told(reasons: Counter[str]) -> str:
    return ", ".join(f"{name} {times / PATIENTS:.1%}" for name, times in reasons.most_common(8))


def test_the_share_of_ordinary_patients_held_is_printed():
    sure, reasons = screen_many(unsure=0)
    hesitant, _ = screen_many(unsure=0.003)
    eased, left = screen_many(unsure=0, standing=OFFERS)

    sys.stdout.write(
        f"\nheld: {sure:.1%}; with 0.3 % of answers not sure: {hesitant:.1%}\n{told(reasons)}\n"
        f"with every offered standing decision approved: {eased:.1%}\n{told(left)}\n"
    )
    for name, share in (("as shipped", sure), ("with what is offered", eased)):
        if share > FINDING_ABOVE:
            sys.stdout.write(
                f"FINDING, {name}: more than {FINDING_ABOVE:.0%} of ordinary patients are held.\n"
            )
    assert 0 < eased < sure < hesitant < 1
