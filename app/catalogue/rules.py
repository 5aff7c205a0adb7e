"""The shapes of screening: questions, and rules over their answers and over the plan.

A rule asks its question, fires when its condition holds, and then acts: block, defer, review, leave
out a spot, substitute or warn. Every number and word of it is data that a clinician approves.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from app.catalogue.expressions import Condition


class Action(StrEnum):
    """What follows from a rule, the outcome of screening included."""

    CLEAR = "clear"
    WARN = "warn"
    SUBSTITUTE = "substitute"
    EXCLUDE_AREA = "exclude_area"
    REVIEW = "review"
    DEFER = "defer"
    BLOCK = "block"

    @property
    def strength(self) -> int:
        """Its class of precedence; leaving out a spot and substituting are equally strong."""
        return _STRENGTH[self]


_STRENGTH = {
    Action.CLEAR: 0,
    Action.WARN: 1,
    Action.SUBSTITUTE: 2,
    Action.EXCLUDE_AREA: 2,
    Action.REVIEW: 3,
    Action.DEFER: 4,
    Action.BLOCK: 5,
}
ActionWord = Literal["warn", "substitute", "exclude_area", "review", "defer", "block"]


@dataclass(frozen=True)
class Section:
    """A group of questions with a title."""

    id: str
    title: str


@dataclass(frozen=True)
class Choice:
    """One option of a choice question; ``points`` count in scored questions."""

    id: str
    text: str
    points: int = 0


@dataclass(frozen=True)
class Question:
    """One question with the reason why it is asked.

    ``follows`` shows it only after its parent was answered yes, not sure or with a date.
    ``asks_area`` lets the answer name areas of the plan. ``labels`` replaces the words of yes, no
    or unsure where the plain ones would not fit.
    """

    id: str
    section: str
    text: str
    why: str
    answer: Literal["yes_no_unsure", "date_or_no", "choice", "derived"]
    asked_of: Literal["patient", "practitioner", "derived"] = "patient"
    follows: str | None = None
    asks_area: bool = False
    hint: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True)
class Contradiction:
    """Answers that cannot both be true, and the sentence that says so."""

    id: str
    questions: tuple[str, ...]
    when: Condition
    text: str


@dataclass(frozen=True)
class Wait:
    """How long to wait: from the date answered to ``question``, from today, or by the interval.

    ``until`` means that only a new answer, on or after the earliest date, lifts it.
    """

    question: str | None = None
    weeks: int = 0
    days: int = 0
    until: str | None = None
    interval: bool = False

    @property
    def total_days(self) -> int:
        """The length of the wait in days."""
        return self.weeks * 7 + self.days


@dataclass(frozen=True)
class Effect:
    """What a policy option does in place of the rule's own action."""

    action: ActionWord
    wait: Wait | None = None
    after_wait: ActionWord | None = None


@dataclass(frozen=True)
class Variant:
    """A case in which the rule acts in another way; the first whose condition holds wins."""

    when: Condition
    action: ActionWord
    wait: Wait | None = None
    after_wait: ActionWord | None = None


@dataclass(frozen=True)
class Policy:
    """A switch that the clinic sets; without a setting the default holds."""

    default: str
    options: Mapping[str, Effect]


@dataclass(frozen=True)
class Override:
    """A block that two clinicians may lift: what it needs, and when it may be lifted at all."""

    needs: str
    when: Condition | None = None


@dataclass(frozen=True)
class Rule:
    """One screening rule. ``clinician`` and ``patient`` are the two sentences that explain it.

    ``confidence`` and ``source`` are those of the catalogue's facts; ``added`` marks rules that are
    not among the base ones. ``shorten`` says whether a clinician may shorten the deferral: by
    default one of confidence C or D may be. ``standing`` says whether the clinic may decide a
    review of it once for all; by default it may where the confidence is C or D.
    """

    id: str
    ask: Literal["base", "every"]
    question: str
    fires_when: Condition
    action: ActionWord
    clinician: str
    patient: str
    confidence: str
    scope: Literal["all", "mech", "rf"] = "all"
    applies_when: Condition | None = None
    also: ActionWord | None = None
    wait: Wait | None = None
    after_wait: ActionWord | None = None
    variants: tuple[Variant, ...] = ()
    override: Override | None = None
    until: str | None = None
    refer: str | None = None
    substitute: str | None = None
    adds_risk: str | None = None
    requires: tuple[str, ...] = ()
    policy: Policy | None = None
    never: str | None = None
    areas_from: str | None = None
    shorten: Literal["by_confidence", "allowed", "never"] = "by_confidence"
    standing: Literal["by_confidence", "allowed", "never"] = "by_confidence"
    added: bool = False
    source: tuple[str, ...] = ()

    @property
    def may_be_shortened(self) -> bool:
        """Whether a clinician may shorten the deferral with a reason."""
        if self.shorten == "by_confidence":
            return self.confidence[0] in "CD"
        return self.shorten == "allowed"
