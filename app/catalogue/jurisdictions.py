"""The rules of places, as facts with their basis; a clinic's lawyer confirms each.

Unverified law is shown as clinic policy, never as law: ``Policy.shown_basis`` decides that here.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal


@dataclass(frozen=True)
class PlacePolicy:
    """One rule of a place with where it comes from.

    A rule that the product obeys ``sets`` a policy of ``app.policies`` to a ``number``, a ``flag``
    or ``words``; the others are there to be read. ``citation`` names the passage of the source.
    """

    id: str
    basis: Literal["law", "guidance", "clinic"]
    in_force_from: date | None
    verified: bool
    text: str
    source: tuple[str, ...]
    confidence: str
    sets: str | None = None
    number: int | None = None
    flag: bool | None = None
    words: tuple[str, ...] | None = None
    citation: str = ""

    @property
    def value(self) -> int | bool | tuple[str, ...] | None:
        """What the policy is set to, or None where the rule is only to be read."""
        given = (one for one in (self.number, self.flag, self.words) if one is not None)
        return next(given, None)

    @property
    def shown_basis(self) -> str:
        """How it may be quoted in a refusal: unverified law is the clinic's own policy."""
        return self.basis if self.verified else "clinic"


@dataclass(frozen=True)
class CoolingOff:
    """When a course may be cancelled after buying; money in minor units."""

    days: int
    longer_than_months: int
    price_above_minor: int
    currency: str
    counted_from: str


@dataclass(frozen=True)
class CancelCap:
    """The most that may be kept when a course is cancelled midway; minor units and percent."""

    before_start_minor: int
    after_start_minor: int
    after_start_percent_of_balance: int
    currency: str


@dataclass(frozen=True)
class Jurisdiction:
    """A place whose law governs a location; what the product obeys of it is in ``policies``."""

    id: str
    title: str
    market: Literal["US", "UK", "EU", "JP"]
    min_age: int
    policies: tuple[PlacePolicy, ...]
    confidence: str
    device_label_age: int | None = None
    covers_states: bool = False
    distance_sale_cancel_days: int | None = None
    oral_explanation_required: bool = False
    copy_required: bool = False
    retention_years: int | None = None
    wait_days: int | None = None
    content_list_art18: bool = False
    cooling_off: CoolingOff | None = None
    midterm_cancel_cap: CancelCap | None = None
    split_contracts_may_be_summed: bool = False


@dataclass(frozen=True)
class ReportRoute:
    """Where a clinic in a market reports harm from a device."""

    market: Literal["US", "UK", "EU", "JP"]
    name: str
