"""What a policy says on a day, and on which basis: shipped facts and decisions as one line of time.

Pure. The last entry whose day has come holds; on the same day the clinic's word counts, and of two
decisions the later one. So a law with a future date takes over on that date, unless the clinic has
decided otherwise from that day or later. Law that somebody has verified is a floor: from its day
on nothing that asks for less holds, whenever that was decided.
"""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from app.catalogue.jurisdictions import Jurisdiction, PlacePolicy
from app.kit.speech import mark, say
from app.policies.definitions import POLICIES
from app.policies.models import PolicyDecision
from app.policies.policy import Policy, Value

BASIS_WORDS = {
    "law": mark("Law"),
    "guidance": mark("Guidance"),
    "clinic": mark("Clinic policy"),
}


@dataclass(frozen=True)
class Decided:
    """Who decided this value, when and why, and as which number of this policy's decisions."""

    number: int
    by: uuid.UUID
    at: datetime
    reason: str


@dataclass(frozen=True)
class Holding:
    """One value of a policy with where it comes from and since when it holds."""

    policy: Policy
    value: Value
    basis: str
    verified: bool
    in_force_from: date | None
    source: str
    text: str = ""
    decided: Decided | None = None

    @property
    def shown_basis(self) -> str:
        """How it may be called: unverified law is the clinic's own policy."""
        return self.basis if self.verified else "clinic"

    @property
    def sentence(self) -> str:
        """The value in words, without a full stop."""
        return self.policy.sentence(self.value)

    def quote(self) -> str:
        """Return what a refusal rests on: "Law: patients are 18 or older, asp 13, s 2"."""
        basis, sentence = say(BASIS_WORDS[self.shown_basis]), self.sentence
        if not self.source or self.shown_basis == "clinic":
            return say("%(basis)s: %(rule)s.", basis=basis, rule=sentence)
        return say(
            "%(basis)s: %(rule)s, %(source)s.", basis=basis, rule=sentence, source=self.source
        )


class PlacePolicies:
    """Every policy of one place on one day. ``timeline`` also tells what comes."""

    def __init__(
        self, place: Jurisdiction | None, decisions: Iterable[PolicyDecision], day: date
    ) -> None:
        self.day = day
        decided = list(decisions)
        self._timelines: Mapping[str, tuple[Holding, ...]] = {
            name: _timeline(policy, place, [one for one in decided if one.policy == name])
            for name, policy in POLICIES.items()
        }

    def holding(self, policy: str) -> Holding:
        """Return what holds on the day."""
        return self._held(policy, self.day)

    def floor(self, policy: str) -> Holding | None:
        """Return the verified law in force on the day: the last one, where there is any."""
        return _floor(self._timelines[policy], self.day)

    def _held(self, policy: str, day: date) -> Holding:
        line = self._timelines[policy]
        last, law = [one for one in line if _has_come(one, day)][-1], _floor(line, day)
        if law is not None and last.policy.is_laxer(last.value, law.value):
            return law
        return last

    def number(self, policy: str) -> int:
        """Return the value of a policy that is a whole number."""
        value = self.holding(policy).value
        if isinstance(value, tuple):
            raise TypeError(f"{policy} is no number")
        return int(value)

    def words(self, policy: str) -> tuple[str, ...]:
        """Return the value of a policy that is a list of words."""
        value = self.holding(policy).value
        if not isinstance(value, tuple):
            raise TypeError(f"{policy} is no list")
        return value

    def timeline(self, policy: str) -> tuple[Holding, ...]:
        """Return everything that was, is and will be said of a policy, in the order of its days."""
        return self._timelines[policy]

    def coming(self) -> tuple[Holding, ...]:
        """Return what comes into force after the day, the nearest first."""
        later = (
            one
            for line in self._timelines.values()
            for one in line
            if not _has_come(one, self.day)
            and one is self._held(one.policy.id, one.in_force_from or self.day)
        )
        return tuple(sorted(later, key=lambda one: one.in_force_from or date.min))


def _has_come(one: Holding, day: date) -> bool:
    return one.in_force_from is None or one.in_force_from <= day


def _floor(line: tuple[Holding, ...], day: date) -> Holding | None:
    laws = [one for one in line if one.basis == "law" and one.verified and _has_come(one, day)]
    return laws[-1] if laws else None


def _timeline(
    policy: Policy, place: Jurisdiction | None, decisions: Iterable[PolicyDecision]
) -> tuple[Holding, ...]:
    default = Holding(policy, policy.default, "clinic", True, None, "", policy.why)
    known = () if place is None else place.policies
    shipped = [_of_place(policy, one) for one in known if one.sets == policy.id]
    own = [_of_clinic(policy, one) for one in sorted(decisions, key=lambda one: one.number)]
    # Sorting is stable, so what stands later here wins on the same day.
    first = () if any(one.in_force_from is None for one in shipped) else (default,)
    line = [*first, *shipped, *own]
    return tuple(sorted(line, key=lambda one: one.in_force_from or date.min))


def _of_place(policy: Policy, one: PlacePolicy) -> Holding:
    value = one.value
    if value is None or not policy.fits(value):
        raise ValueError(f"{one.id} sets {policy.id} to something that it cannot be")
    return Holding(
        policy, value, one.basis, one.verified, one.in_force_from, one.citation, one.text
    )


def _of_clinic(policy: Policy, one: PolicyDecision) -> Holding:
    value = one.value["value"]
    return Holding(
        policy=policy,
        value=tuple(value) if isinstance(value, list) else value,
        basis=one.basis,
        verified=one.verified,
        in_force_from=one.in_force_from,
        source=one.source,
        decided=Decided(one.number, one.decided_by, one.decided_at, one.reason),
    )
