"""The shortest interval between treatments of an area, and a clinician's decision to shorten it."""

from dataclasses import replace
from datetime import date
from typing import Any

from app.care.visit_ground import VisitGround
from app.catalogue.facts import earliest_by_interval
from app.catalogue.rules import Action
from app.consent.holds.decided import decisions_in_force
from app.consent.queries import get_consent
from app.consent.screening.judging import evaluate
from app.database import TenantScope
from app.kit.clock import day_in

RULE = "interval_too_short"


def too_soon(ground: VisitGround) -> list[dict[str, Any]]:
    """Return the rule about intervals as it fires today, ready to be decided about, or nothing."""
    if not any(
        ground.today < day for day in earliest_by_interval(ground.catalogue, ground.facts).values()
    ):
        return []
    rules = tuple(one for one in ground.catalogue.rules if one.id == RULE)
    catalogue = replace(ground.catalogue, rules=rules)
    outcome = evaluate(catalogue, {}, ground.facts, ground.today, ground.today)
    return [one.as_dict() for one in outcome.fired if one.action is Action.DEFER]


def shortened_on(scope: TenantScope, ground: VisitGround) -> date | None:
    """Return the day on which a clinician shortened the running interval, or None.

    It counts for the interval that ran on that day: whatever is treated after it begins a new one.
    """
    consent_id = ground.standing.consent_id if ground.standing.allowed else None
    if consent_id is None:
        return None
    days = [
        day_in(one.row.decided_at, ground.location.zone)
        for one in decisions_in_force(scope, get_consent(scope, consent_id))
        if any(lifted.rule == RULE for lifted in one.terms.shortened)
    ]
    return max(days, default=None)
