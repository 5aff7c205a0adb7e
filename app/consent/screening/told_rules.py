"""What a rule tells the patient, in the language spoken; what was stored is English and stays so.

Screening runs on the catalogue as it was approved, so that its outcome is the same in every
language. Only the sentence is looked up again where it is shown.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from app.catalogue.content import Catalogue
from app.consent.screening.judging import UNSURE_FOR_PATIENT
from app.kit.speech import say


def patient_sentence(told: Catalogue, rule: Mapping[str, Any]) -> str:
    """Return a fired rule's sentence; ``told`` is the catalogue in the language spoken."""
    if rule["patient"] == UNSURE_FOR_PATIENT:
        return say(UNSURE_FOR_PATIENT)
    if rule.get("standing_number"):
        return str(rule["patient"])  # The clinic's own words, which nobody has translated.
    return told.rule[rule["rule_id"]].patient


def patient_sentences(told: Catalogue, fired: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return the sentences of fired rules, each once."""
    return tuple(dict.fromkeys(patient_sentence(told, rule) for rule in fired))
