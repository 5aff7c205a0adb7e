"""The shapes of aftercare advice: phases, extras by area, warning signs and whom to call."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from app.kit.speech import say


@dataclass(frozen=True)
class Advice:
    """One piece of advice; ``groups`` limits it to areas that carry one of these groups."""

    id: str
    text: str
    groups: tuple[str, ...] = ()


@dataclass(frozen=True)
class AftercarePhase:
    """A span of hours after treatment with what to do and what to leave; None means open-ended."""

    id: str
    title: str
    from_hours: int
    to_hours: int | None
    do: tuple[Advice, ...]
    dont: tuple[Advice, ...]


@dataclass(frozen=True)
class AreaAftercare:
    """Extra advice for the areas that carry a group."""

    group: str
    title: str
    items: tuple[Advice, ...]


@dataclass(frozen=True)
class RedFlag:
    """Signs of trouble that call for the same kind of help."""

    id: str
    title: str
    level: Literal["emergency", "same_day", "within_48h", "routine"]
    signs: tuple[Advice, ...]


@dataclass(frozen=True)
class HelpNumbers:
    """A market's emergency numbers, and its lines for medical advice."""

    emergency: tuple[str, ...]
    advice: tuple[str, ...]


@dataclass(frozen=True)
class Aftercare:
    """All aftercare content."""

    confidence: str
    source: tuple[str, ...]
    phases: tuple[AftercarePhase, ...]
    by_area: tuple[AreaAftercare, ...]
    rf_extra: tuple[Advice, ...]
    red_flags: tuple[RedFlag, ...]
    numbers: Mapping[str, HelpNumbers]


@dataclass(frozen=True)
class AreaAdvice:
    """The advice that applies to one treatment, in the order in which it is read."""

    phases: tuple[AftercarePhase, ...]
    extras: tuple[AreaAftercare, ...]


def advice_for(content: Aftercare, groups: tuple[str, ...], energy: str) -> AreaAdvice:
    """Return what applies to areas that carry ``groups``; radiofrequency adds its own part."""
    extras = tuple(extra for extra in content.by_area if extra.group in groups)
    if energy == "radiofrequency":
        title = say("Extra after radiofrequency")
        extras = (*extras, AreaAftercare("rf", title, content.rf_extra))
    phases = tuple(
        replace(phase, do=_fitting(phase.do, groups), dont=_fitting(phase.dont, groups))
        for phase in content.phases
    )
    return AreaAdvice(phases, extras)


def _fitting(advice: tuple[Advice, ...], groups: tuple[str, ...]) -> tuple[Advice, ...]:
    return tuple(one for one in advice if not one.groups or not set(one.groups).isdisjoint(groups))
