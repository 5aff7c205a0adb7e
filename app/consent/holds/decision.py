"""A decision about a hold as a value: its limits, what it lifts, and whether it may.

Pure. A decision only ever narrows what was planned. What it may lift follows from the rules that
fired: a block only where its rule names an override, a "not sure" on a rule without one only after
evidence, a wait only where its rule lets a clinician shorten it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from app.catalogue.facts import PlanFacts
from app.catalogue.reading import read_content
from app.catalogue.rules import Action
from app.consent.holds.models import DecisionKind

NO_ANAESTHETIC, NO_PRILOCAINE = "no_anaesthetic", "no_prilocaine"
SHORTEST_REASON, SHORTEST_OVERRIDE = 15, 40
LONGEST_REASON = 2000


@dataclass(frozen=True)
class Limits:
    """How a decision narrows the plan.

    ``depths`` maps area ids to the deepest needle in µm, ``left_out`` names areas that are not
    treated. ``without`` names substances that are not used.
    """

    depths: Mapping[str, int]
    left_out: tuple[str, ...] = ()
    prophylaxis: bool = False
    without: tuple[str, ...] = ()


NO_LIMITS = Limits({})


@dataclass(frozen=True)
class Lifted:
    """A block that two people lift, or a wait that one shortens: the rule, and what it said.

    ``needs`` is what the rule asks for an override; ``day`` the end of the wait that is shortened.
    """

    rule: str
    said: str
    needs: str = ""
    day: str = ""


@dataclass(frozen=True)
class Covered:
    """A rule that was looked at, as it had fired, with the answers that made it fire."""

    rule: str
    action: str
    answers: tuple[str, ...]


@dataclass(frozen=True)
class Terms:
    """Everything about a decision beside its reason and its days."""

    limits: Limits
    overrides: tuple[Lifted, ...] = ()
    shortened: tuple[Lifted, ...] = ()
    covered: tuple[Covered, ...] = ()
    asks_again: bool = False
    next_step: str = ""


def terms_as_json(terms: Terms) -> str:
    """Return terms as the text that is encrypted."""
    return json.dumps(asdict(terms), ensure_ascii=False, sort_keys=True)


def terms_from_json(text: str) -> Terms:
    """Return what ``terms_as_json`` wrote."""
    return read_content(Terms, json.loads(text), "terms")


@dataclass(frozen=True)
class Findings:
    """The rules that stand in the way, sorted by what a clinician may do about each.

    ``unproved`` maps a rule to the questions answered "not sure" that only evidence clears.
    """

    fired: tuple[Mapping[str, Any], ...]
    barred: tuple[Mapping[str, Any], ...]
    overridable: tuple[Mapping[str, Any], ...]
    lacking_evidence: tuple[Mapping[str, Any], ...]
    waiting: tuple[Mapping[str, Any], ...]
    shortenable: tuple[Mapping[str, Any], ...]
    unproved: Mapping[str, Sequence[str]]

    @property
    def needs_second(self) -> bool:
        """Whether letting the patient sign takes two people."""
        return bool(self.overridable)

    @property
    def may_be_safe(self) -> bool:
        """Whether anybody may let the patient sign as things stand."""
        return not (self.barred or self.lacking_evidence or self.waiting)

    @property
    def asks_again(self) -> bool:
        """Whether the patient has to answer again once the day has come."""
        stuck = (*self.barred, *self.overridable, *self.lacking_evidence)
        return bool(stuck) or any(one["needs_new_answer"] for one in self.fired)

    @property
    def earliest(self) -> date | None:
        """The first day that a delay may name: the end of the longest wait nobody may shorten."""
        days = [one["earliest_date"] for one in self.waiting if one["earliest_date"]]
        return max((date.fromisoformat(day) for day in days), default=None)


def sort_findings(
    fired: Sequence[Mapping[str, Any]], unproved: Mapping[str, Sequence[str]]
) -> Findings:
    """Sort stored rules that fired; ``unproved`` maps rules to the questions that lack evidence."""
    blocks = [one for one in fired if one["action"] == Action.BLOCK]
    waits = [one for one in fired if one["action"] == Action.DEFER]
    return Findings(
        fired=tuple(fired),
        barred=tuple(one for one in blocks if not one["override_open"]),
        overridable=tuple(one for one in blocks if one["override_open"]),
        lacking_evidence=tuple(
            one for one in fired if one["needs_evidence"] and unproved.get(one["rule_id"])
        ),
        unproved=unproved,
        waiting=tuple(one for one in waits if not one["may_be_shortened"]),
        shortenable=tuple(one for one in waits if one["may_be_shortened"]),
    )


def narrow(facts: PlanFacts, *limits: Limits) -> PlanFacts:
    """Return a plan as it may be done under every one of some limits; never wider."""
    for one in limits:
        areas = {
            area: min(um, one.depths.get(area, um))
            for area, um in facts.areas.items()
            if area not in one.left_out
        }
        drops = NO_ANAESTHETIC in one.without
        facts = replace(facts, areas=areas, anaesthetic="none" if drops else facts.anaesthetic)
    return facts


def wrong_limits(facts: PlanFacts, limits: Limits) -> dict[str, str]:
    """Return what is wrong with limits for a plan, by field."""
    wrong: dict[str, str] = {}
    for area, um in limits.depths.items():
        if area not in facts.areas:
            wrong["depths"] = "Only areas of the plan can be limited."
        elif not 0 < um <= facts.areas[area]:
            wrong[f"depth_{area}"] = "Enter a depth that is no deeper than planned."
    if set(limits.left_out) - set(facts.areas):
        wrong["left_out"] = "Only areas of the plan can be left out."
    elif set(limits.left_out) >= set(facts.areas):
        wrong["left_out"] = "Leave at least one area, or decide that it is not safe."
    return wrong


def shortest_reason(kind: DecisionKind, findings: Findings) -> int:
    """Return how long a reason has to be: longer where a block is lifted."""
    lifts = kind is DecisionKind.SAFE and findings.needs_second
    return SHORTEST_OVERRIDE if lifts else SHORTEST_REASON
