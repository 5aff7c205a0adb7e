"""What screening found, as values to store, to show to a clinician and to tell a patient."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date

from app.catalogue.rules import Action


@dataclass(frozen=True)
class FiredRule:
    """One rule that had something to say, and why.

    ``clinician`` and ``patient`` are the two sentences. ``earliest_date`` belongs to a deferral;
    None there means that nobody can name a day. ``needs_new_answer``: only a new answer, on or
    after that day, lifts it. ``needs_evidence``: a "not sure" that only a test, a device card or an
    examination can clear. ``override_needs`` says what two clinicians need to lift a block, and
    ``override_open`` whether that is possible for this plan. ``standing_number`` is the version of
    the clinic's standing decision that made a review a caution: ``confirm`` is for the practitioner
    at the visit, ``max_depth_um`` and ``without`` narrow the plan.
    """

    rule_id: str
    question_id: str
    action: Action
    clinician: str
    patient: str
    confidence: str
    source: tuple[str, ...]
    areas: tuple[str, ...]
    unsure: bool
    earliest_date: date | None
    needs_new_answer: bool
    needs_evidence: bool
    may_be_shortened: bool
    override_needs: str | None
    override_open: bool
    until: str | None
    refer: str | None
    substitute: str | None
    adds_risk: str | None
    requires: tuple[str, ...]
    never: str | None
    standing_number: int | None = None
    confirm: str = ""
    max_depth_um: int | None = None
    without: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, object]:
        """Return the rule as JSON-ready values."""
        return {name: _plain(value) for name, value in vars(self).items()}


@dataclass(frozen=True)
class ExcludedSpots:
    """Spots to mark on the body map and leave out; the rest of these areas stays."""

    rule_id: str
    areas: tuple[str, ...]


@dataclass(frozen=True)
class ScreeningOutcome:
    """The result for one set of answers, one plan and one day of visit.

    ``action`` is the strongest of all that fired. ``earliest_date`` is the first day on which all
    deferrals with a day are over; ``opens_on`` the day from which a grant may run where a wait ends
    between today and the visit. ``missing`` and ``missing_practitioner`` are question ids.
    """

    action: Action
    fired: tuple[FiredRule, ...]
    missing: tuple[str, ...]
    missing_practitioner: tuple[str, ...]
    earliest_date: date | None
    opens_on: date | None
    needs_new_answer: bool
    excluded_spots: tuple[ExcludedSpots, ...]
    substitutes: tuple[str, ...]
    extra_risks: tuple[str, ...]
    requires: tuple[str, ...]

    @property
    def is_complete(self) -> bool:
        """Whether the patient has answered every open question."""
        return not self.missing

    @property
    def is_held(self) -> bool:
        """Whether a clinician, a date or a block stands between the patient and signing."""
        return self.action.strength >= Action.REVIEW.strength

    @property
    def may_sign(self) -> bool:
        """Whether screening lets the patient go on to sign."""
        return self.is_complete and not self.is_held

    def as_dict(self) -> dict[str, object]:
        """Return the outcome as JSON-ready values."""
        plain = {name: _plain(value) for name, value in vars(self).items()}
        plain["fired"] = [rule.as_dict() for rule in self.fired]
        plain["excluded_spots"] = [
            {"rule_id": spot.rule_id, "areas": list(spot.areas)} for spot in self.excluded_spots
        ]
        return plain


def without(outcome: ScreeningOutcome, rule_ids: Collection[str]) -> ScreeningOutcome:
    """Return an outcome as if some of its rules had not fired, since they were decided about."""
    fired = tuple(one for one in outcome.fired if one.rule_id not in rule_ids)
    waits = [one.earliest_date for one in fired if one.earliest_date is not None]
    return replace(
        outcome,
        action=fired[0].action if fired else Action.CLEAR,
        fired=fired,
        earliest_date=max(waits, default=None),
        needs_new_answer=any(one.needs_new_answer for one in fired),
    )


def _plain(value: object) -> object:
    if isinstance(value, Action):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return list(value)
    return value
