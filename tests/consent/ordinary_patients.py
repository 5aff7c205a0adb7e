"""Generates ordinary patients for a face treatment, so that the share held can be counted.

The prevalences are plausible guesses for adults of 25 to 60 who come for cosmetic treatment of the
face (confidence D): they are stated here to be argued with, not measured.
"""

import random
from datetime import date, timedelta

from app.catalogue.answers import NO, UNSURE, YES, Answer
from app.catalogue.facts import PlanFacts
from app.catalogue.rules import Question
from app.consent.screening.questionnaire import is_shown, questions_for
from tests.catalogue.plans import TODAY, VISIT, catalogue, make_plan

YES_SHARE = {
    "pregnancy": 0.01,
    "breastfeeding": 0.02,
    "faint": 0.05,
    "otc_bleed": 0.40,
    "bleeding_disorder": 0.005,
    "diabetes": 0.05,
    "diabetes_uncontrolled": 0.15,
    "immunosuppression": 0.03,
    "immunosuppression_severe": 0.05,
    "radiotherapy": 0.004,
    "skin_cancer_area": 0.015,
    "connective_tissue": 0.01,
    "connective_tissue_active": 0.3,
    "cardiac": 0.03,
    "implanted_device": 0.004,
    "wound_healing": 0.02,
    "smoking": 0.18,
    "methb_g6pd": 0.002,
    "anticoagulant": 0.02,
    "steroid_high": 0.02,
    "photosensitiser": 0.05,
    "allergy_anaesthetic": 0.015,
    "allergy_metal": 0.10,
    "allergy_other": 0.18,
    "anaphylaxis": 0.015,
    "hsv_active": 0.01,
    "hsv_history_area": 0.20,
    "skin_infection_area": 0.01,
    "acne_active": 0.06,
    "derm_active_area": 0.03,
    "koebner": 0.03,
    "keloid_self": 0.02,
    "keloid_family": 0.02,
    "changing_lesion": 0.01,
    "raised_mole": 0.15,
    "tattoo_pmu": 0.04,
    "pih_melasma_hx": 0.12,
    "last_session_not_healed": 0.01,
}
# Share of people with such a date, and how many days back it lies at most.
DATE_SHARE = {
    "acute_illness": (0.04, 7),
    "isotretinoin_recent": (0.04, 3650),
    "sun_tan": (0.08, 14),
    "retinoid_topical": (0.35, 3),
    "botulinum_recent": (0.20, 270),
    "filler_recent": (0.10, 720),
    "threads_recent": (0.01, 720),
    "peel_superficial": (0.08, 365),
    "laser_nonablative": (0.12, 365),
    "surgery_area": (0.02, 3650),
    "hair_removal": (0.25, 21),
}
CHOICE_SHARE = {
    "allergy_metal_kind": {"nickel_contact": 0.95, "steel_or_other": 0.05},
    "peel_strength": {"light": 0.9, "deep": 0.1},
    "laser_kind": {"non_ablative": 0.92, "ablative": 0.08},
    "bdd_hours": {"under_one": 0.92, "one_to_three": 0.06, "over_three": 0.02},
    "bdd_distress": {"not_at_all": 0.75, "a_little": 0.22, "a_lot": 0.03},
    "bdd_hope": {"somewhat_better": 0.9, "flawless": 0.08, "life_changes": 0.02},
}
SKIN_TYPES = {1: 0.08, 2: 0.27, 3: 0.28, 4: 0.18, 5: 0.12, 6: 0.07}


def make_patient(chance: random.Random, unsure: float) -> tuple[PlanFacts, dict[str, Answer]]:
    """Return a plan and complete answers; ``unsure`` is the share of Not sure on each question."""
    plan = make_plan(
        skin_type=_pick(chance, SKIN_TYPES),
        date_of_birth=date(chance.randint(1966, 2001), chance.randint(1, 12), 15),
        anaesthetic="otc",
    )
    answers: dict[str, Answer] = {}
    for question in questions_for(catalogue(), plan, visit_date=VISIT):
        if is_shown(question, answers):
            answers[question.id] = _answer(question, chance, unsure)
    if answers["isotretinoin_recent"].value == YES:
        recent = answers["isotretinoin_recent"].on
        takes_now = recent is not None and (TODAY - recent).days < 30
        answers["isotretinoin_now"] = Answer(YES if takes_now else NO)
    else:
        answers["isotretinoin_now"] = Answer(NO)
    return plan, answers


def _answer(question: Question, chance: random.Random, unsure: float) -> Answer:
    if chance.random() < unsure:
        return Answer(UNSURE)
    if question.id in CHOICE_SHARE:
        return Answer(_pick(chance, CHOICE_SHARE[question.id]))
    if question.id in DATE_SHARE:
        share, days = DATE_SHARE[question.id]
        if chance.random() >= share:
            return Answer(NO)
        return Answer(YES, TODAY - timedelta(days=chance.randint(0, days)))
    share = YES_SHARE.get(question.id, 0)
    return Answer(YES if chance.random() < share else NO)


def _pick(chance, shares):
    return chance.choices(list(shares), weights=list(shares.values()))[0]
