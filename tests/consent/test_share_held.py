"""How many ordinary patients a clinician has to look at. Run with ``-s`` to read the numbers."""

import random
import sys
from collections import Counter

from app.consent.screening import evaluate
from tests.catalogue.plans import TODAY, VISIT, catalogue
from tests.consent.ordinary_patients import make_patient

PATIENTS = 400
FINDING_ABOVE = 0.25


def screen_many(unsure: float) -> tuple[float, Counter[str]]:
    """Return the share held and how often each rule held somebody."""
    chance = random.Random(20261121)
    held, reasons = 0, Counter()
    for _ in range(PATIENTS):
        plan, answers = make_patient(chance, unsure)
        outcome = evaluate(catalogue(), answers, plan, VISIT, TODAY)
        held += outcome.is_held
        reasons.update(rule.rule_id for rule in outcome.fired if rule.action.strength >= 3)
    return held / PATIENTS, reasons


def test_the_share_of_ordinary_patients_held_is_printed():
    sure, reasons = screen_many(unsure=0)
    hesitant, _ = screen_many(unsure=0.003)

    often = ", ".join(f"{name} {times / PATIENTS:.1%}" for name, times in reasons.most_common(8))
    sys.stdout.write(
        f"\nheld: {sure:.1%}; with 0.3 % of answers not sure: {hesitant:.1%}\n{often}\n"
    )
    if sure > FINDING_ABOVE:
        sys.stdout.write(f"FINDING: more than {FINDING_ABOVE:.0%} of ordinary patients are held.\n")
    assert 0 < sure < hesitant < 1
