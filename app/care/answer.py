"""The one answer before a needle moves: may we, where, how deep, until when, and why not.

Each reason is a plain sentence for a front desk with what to do next, and says nothing of what a
patient answered.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Topic(StrEnum):
    """What a reason is about, the strongest first: it is the order in which people read them."""

    PATIENT = "patient"
    VISIT = "visit"
    CONSENT = "consent"
    HEALTH = "health"
    AREA = "area"
    PRACTITIONER = "practitioner"
    PREMISES = "premises"
    INTERVAL = "interval"
    DEVICE = "device"
    LOT = "lot"


_ORDER = {topic: place for place, topic in enumerate(Topic)}


class Fix(StrEnum):
    """The one thing to do about a reason; pages know where that is done."""

    RIGHTS = "rights"
    CONSENT = "consent"
    ASK_HEALTH = "ask_health"
    CHOOSE = "choose"
    PLAN_VISIT = "plan_visit"
    CHANGE_PLAN = "change_plan"
    STAFF = "staff"
    SETTINGS = "settings"


@dataclass(frozen=True)
class Reason:
    """Why not, as a sentence, and what to do next, as another."""

    code: str
    topic: Topic
    text: str
    next_step: str
    fix: Fix

    def as_dict(self) -> dict[str, str]:
        """Return the reason as JSON-ready values."""
        return {
            "code": self.code,
            "topic": self.topic.value,
            "text": self.text,
            "next_step": self.next_step,
            "fix": self.fix.value,
        }


@dataclass(frozen=True)
class MayStart:
    """The answer. ``areas`` maps area ids to the deepest needle allowed, in µm.

    Where ``allowed`` is false ``areas`` is empty and ``reasons`` are complete, the strongest
    first. ``notes`` are sentences that stop nothing, such as an area that is not covered.
    """

    allowed: bool
    areas: Mapping[str, int]
    reasons: tuple[Reason, ...]
    until: datetime | None = None
    notes: tuple[str, ...] = field(default=())


def strongest_first(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """Return reasons in the order in which people should read them; equal ones keep theirs."""
    return tuple(sorted(reasons, key=lambda one: _ORDER[one.topic]))
