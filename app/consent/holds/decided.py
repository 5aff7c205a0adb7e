"""The decisions in force for a consent, and the plan as they leave it.

Before signing, the newest hold counts: open, nothing is decided; closed, its decision holds. A hold
after signing narrows what was signed further and never widens it.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from app.consent import queries
from app.consent.ciphers import open_text
from app.consent.consent_facts import (
    Ground,
    ground_of,
    qualification_in_words,
    registration_in_words,
)
from app.consent.holds import queries as hold_queries
from app.consent.holds.decision import Covered, Limits, Terms, narrow, terms_from_json
from app.consent.holds.models import Hold, HoldAgreement, HoldDecision
from app.consent.holds.outside import outside_person
from app.consent.models import Consent
from app.consent.screening.stored_answers import read_outcome
from app.database import TenantScope
from app.plans.queries import get_plan_version
from app.tenants.queries import get_staff, list_qualifications


@dataclass(frozen=True)
class Second:
    """The second person's word: who, whether they agree, and why."""

    name: str
    agrees: bool
    reason: str


@dataclass(frozen=True)
class Decided:
    """A decision opened: ``by`` and ``second`` are names with professions and registrations."""

    row: HoldDecision
    terms: Terms
    reason: str
    by: str
    second: Second | None


def read_decision(scope: TenantScope, consent: Consent, row: HoldDecision) -> Decided:
    """Return a decision with its terms, its reason and the people; raises NotReadable."""

    def opened(column: str, cipher: bytes) -> str:
        place = f"hold_decision.{column}"
        return open_text(scope, consent.patient_id, place, row.id, cipher)

    said = hold_queries.find_agreement(scope, row.id)
    return Decided(
        row,
        terms_from_json(opened("terms", row.terms_cipher)),
        opened("reason", row.reason_cipher),
        _staff_in_words(scope, row.decided_by, row.qualification_id),
        None if said is None else _second(scope, consent, said),
    )


def decisions_in_force(scope: TenantScope, consent: Consent) -> tuple[Decided, ...]:
    """Return the decision from before signing and the newest one after it, where there are any."""
    holds = hold_queries.list_holds(scope, consent.id)
    if not holds:
        return ()
    by_number = {one.number: one for one in hold_queries.list_decisions(scope, consent.id)}
    before = [one for one in holds if not one.is_after_signing][-1:]
    after = [one for one in holds if one.is_after_signing and one.decided_number is not None][-1:]
    rows = [
        by_number[one.decided_number] for one in (*before, *after) if one.decided_number is not None
    ]
    return tuple(read_decision(scope, consent, row) for row in rows)


def find_decided(scope: TenantScope, consent: Consent) -> Decided | None:
    """Return the decision that let the patient sign, or None where none was needed."""
    found = decisions_in_force(scope, consent)
    signed_on = [one for one in found if not _is_after(scope, one)]
    return signed_on[0] if signed_on else None


def ground_as_decided(scope: TenantScope, consent: Consent) -> Ground:
    """Return what a consent stands on, narrowed by every decision in force."""
    ground = ground_of(scope, get_plan_version(scope, consent.plan_version_id))
    ground = narrowed(ground, decisions_in_force(scope, consent))
    return replace(ground, facts=narrow(ground.facts, *_standing_limits(scope, consent, ground)))


def _standing_limits(scope: TenantScope, consent: Consent, ground: Ground) -> list[Limits]:
    """Return what standing decisions, as applied to the newest answers, narrow."""
    row = queries.find_latest_answers(scope, consent.id)
    fired = [] if row is None else read_outcome(scope, consent, row)["fired"]
    return [
        Limits(
            dict.fromkeys(ground.facts.areas, one["max_depth_um"]) if one["max_depth_um"] else {},
            without=tuple(one["without"]),
        )
        for one in fired
        if one.get("standing_number")
    ]


def narrowed(ground: Ground, decided: Sequence[Decided]) -> Ground:
    """Return a ground whose plan is narrowed by some decisions."""
    return replace(ground, facts=narrow(ground.facts, *(one.terms.limits for one in decided)))


def opens_on(decided: Sequence[Decided]) -> date | None:
    """Return the day that decisions delay until, or None."""
    days = [one.row.delay_until for one in decided if one.row.delay_until is not None]
    return max(days, default=None)


def expires_on(decided: Sequence[Decided]) -> date | None:
    """Return the last day of the decisions, or None where they run as long as the consent."""
    days = [one.row.expires_on for one in decided if one.row.expires_on is not None]
    return min(days, default=None)


def covered_by_decisions(scope: TenantScope, consent: Consent) -> frozenset[Covered]:
    """Return the rules, with the answers behind them, that decisions in force were about."""
    found = decisions_in_force(scope, consent)
    return frozenset(one for decided in found for one in decided.terms.covered)


def newest_of(hold: Hold, rows: Sequence[HoldDecision]) -> HoldDecision | None:
    """Return the newest decision about a hold."""
    return next((one for one in reversed(rows) if one.hold_id == hold.id), None)


def _is_after(scope: TenantScope, decided: Decided) -> bool:
    return hold_queries.get_hold(scope, decided.row.hold_id).is_after_signing


def _second(scope: TenantScope, consent: Consent, said: HoldAgreement) -> Second:
    place = "hold_agreement.reason"
    reason = open_text(scope, consent.patient_id, place, said.id, said.reason_cipher)
    if said.staff_id is not None and said.qualification_id is not None:
        name = _staff_in_words(scope, said.staff_id, said.qualification_id)
    else:
        name = outside_person(scope, consent, said.outside_review_id).in_words
    return Second(name, said.agrees, reason)


def _staff_in_words(scope: TenantScope, staff_id: uuid.UUID, qualification_id: uuid.UUID) -> str:
    held = {one.id: one for one in list_qualifications(scope, staff_id)}
    own = held.get(qualification_id)
    name = get_staff(scope, staff_id).name
    return f"{name}, {qualification_in_words(own)}, {registration_in_words(own)}"
