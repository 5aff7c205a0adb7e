"""How long a patient's record has to be kept, and so from which day it may be erased.

The place of each treatment decides, and the longest of all that apply. Facts lie in
``data/retention.yaml``; nobody has verified them for this clinic, so each is called the clinic's
own policy, with what it is thought to rest on beside it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).parent / "data" / "retention.yaml"
ADULT = 18


@dataclass(frozen=True)
class KeepRule:
    """A rule of one place. ``until_age`` prolongs it for somebody treated as a minor.

    ``not_verified`` says what a shipped rule is thought to rest on; empty where nothing is missing.
    """

    jurisdiction: str
    years: int
    until_age: int | None
    basis: str
    not_verified: str = ""


@dataclass(frozen=True)
class Kept:
    """Until when, by which rule and counted from what. ``due_on`` is the first day without."""

    rule: KeepRule
    counted_from: date
    due_on: date


def _read() -> dict[str, dict[str, Mapping[str, Any]]]:
    found: dict[str, dict[str, Mapping[str, Any]]] = yaml.safe_load(FILE.read_text())
    return found


RULES = _read()


def rule_for(
    retention: str, jurisdiction: str, *, own_years: int = 0, own_basis: str = "clinic"
) -> KeepRule:
    """Return the rule of a place: its own, else its country's, else the longest that we know.

    :param own_years: what the clinic has set, on ``own_basis``; it can only prolong.
    """
    rules = RULES[retention]
    place = jurisdiction
    while place not in rules and "-" in place:
        place = place.rpartition("-")[0]
    raw = rules.get(place, rules["default"])
    if own_years > raw["years"]:
        return KeepRule(jurisdiction, own_years, raw.get("until_age"), own_basis)
    rests_on = f"{raw['basis']}: {raw['source']}" if raw["basis"] != "clinic" else ""
    return KeepRule(jurisdiction, raw["years"], raw.get("until_age"), "clinic", rests_on)


def keep(rule: KeepRule, last: date, born: date | None) -> Kept:
    """Return until when one rule keeps a record whose last entry was on a day."""
    due = _years_after(last, rule.years) + timedelta(days=1)
    if rule.until_age is not None and born is not None and last < _years_after(born, ADULT):
        due = max(due, _years_after(born, rule.until_age))
    return Kept(rule, last, due)


def longest(kept: Iterable[Kept]) -> Kept | None:
    """Return the longest of several, or None where nothing is kept."""
    return max(kept, key=lambda one: one.due_on, default=None)


def _years_after(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)
