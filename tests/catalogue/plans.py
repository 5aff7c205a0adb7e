"""Plans for tests: an ordinary treatment of acne scars on the cheeks, and changes to it."""

from dataclasses import replace
from datetime import date

from app.catalogue.answers import NO, Answer
from app.catalogue.content import Catalogue, DeviceLabel, LabelUse
from app.catalogue.facts import PlanFacts, PlannedDevice
from app.catalogue.rules import Question
from app.catalogue.shipped import shipped_catalogue

TODAY = date(2026, 11, 21)
VISIT = date(2026, 12, 1)
LABEL = DeviceLabel(
    id="test_pen_uk",
    device="Test Pen",
    kind="pen",
    market="UK",
    cap_um=1500,
    age_min=18,
    uses=(LabelUse(("acne_scars_atrophic",), ("face_cheeks", "face_nose"), (1, 2, 3, 4)),),
    confidence="D",
)
PEN = PlannedDevice(kind="pen", name="Test Pen", labels=(LABEL,))
RF = PlannedDevice(kind="rf", name="Test RF", rf_limits_um={"face_cheeks": 3000})
ORDINARY = PlanFacts(
    procedure="mechanical_microneedling",
    energy="none",
    areas={"face_cheeks": 1500},
    device=PEN,
    indication="acne_scars_atrophic",
    market="UK",
    jurisdiction="GB-SCT",
    skin_type=2,
    date_of_birth=date(1990, 5, 17),
)


def catalogue() -> Catalogue:
    """Return the shipped catalogue."""
    return shipped_catalogue()[1]


def make_plan(**changes: object) -> PlanFacts:
    """Return the ordinary plan with some fields changed."""
    return replace(ORDINARY, **changes)


def make_rf_plan(**changes: object) -> PlanFacts:
    """Return a radiofrequency plan within the limit that the clinic entered."""
    rf = {"procedure": "rf_microneedling", "energy": "radiofrequency", "device": RF}
    return make_plan(**{**rf, **changes})


def all_clear(questions: tuple[Question, ...]) -> dict[str, Answer]:
    """Return answers in which nothing is wrong: no to everything, the mildest of each choice."""
    answers = {}
    for question in questions:
        if question.follows is None:
            first = question.choices[0].id if question.choices else NO
            answers[question.id] = Answer(first)
    return answers
