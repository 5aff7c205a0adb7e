"""What has to become of each class of a patient's data, worked out from what is recorded.

Nothing here changes anything: the same answer is shown before a decision, frozen by it, and worked
out again on the day on which it would be carried out.
"""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from app.database import TenantScope
from app.kit.clock import day_in, now, today_in
from app.patients.models import Patient
from app.patients.person import person_ids
from app.patients.reading import date_of_birth
from app.policies.queries import get_policies
from app.rights import queries
from app.rights.retention import KeepRule, Kept, keep, longest, rule_for
from app.tenants.models import Location
from app.tenants.place_queries import get_settings
from app.tenants.queries import get_location, list_locations
from app.vault import KeyShredded

CLASSES = ("marketing", "contact", "clinical", "financial")
AFTERCARE = timedelta(days=60)


@dataclass(frozen=True)
class Proposal:
    """One class. ``due_on`` None: it waits for something else than a day; ``reason`` says what."""

    retention: str
    reason: str
    basis: str
    due_on: date | None
    kept: Kept | None = None

    def columns(self) -> dict[str, Any]:
        """Return what a decision keeps of it, apart from its reason."""
        kept = self.kept
        return {
            "basis": self.basis,
            "jurisdiction": kept.rule.jurisdiction if kept else None,
            "years": kept.rule.years if kept else None,
            "counted_from": kept.counted_from if kept else None,
            "due_on": self.due_on,
        }


def propose_all(scope: TenantScope, patient: Patient) -> list[Proposal]:
    """Return what becomes of each class."""
    return [propose(scope, patient, retention) for retention in CLASSES]


def propose(scope: TenantScope, patient: Patient, retention: str) -> Proposal:
    """Return what becomes of one class, as things stand now."""
    today = today_in(get_location(scope, patient.location_id).zone)
    if retention == "marketing":
        return Proposal(retention, "objected", "law", today)
    ids = person_ids(scope, patient.id)
    if retention == "contact":
        # Nobody is reached about a record that does not exist any more.
        needed = contact_needed(scope, ids) if patient.erased_at is None else None
        due = None if needed else today
        return Proposal(retention, needed or "no_longer_needed", "law", due)
    kept = _kept(scope, patient, retention, ids)
    if kept is None:
        return Proposal(retention, "nothing_recorded", "law", today)
    reason = "kept" if kept.due_on > today else "time_is_over"
    return Proposal(retention, reason, kept.rule.basis, max(kept.due_on, today), kept)


def contact_needed(scope: TenantScope, ids: Collection[uuid.UUID]) -> str | None:
    """Return why a patient must still be reached, as a code, or None."""
    if queries.exists_planned_visit(scope, ids, now()):
        return "visit_planned"
    if queries.exists_live_consent(scope, ids, now()):
        return "consent_in_force"
    if queries.exists_unused_credit(scope, ids):
        return "sessions_left"
    treated = queries.map_last_treated(scope, ids)
    if any(at > now() - AFTERCARE for at in treated.values()):
        return "aftercare"
    return None


def _kept(
    scope: TenantScope, patient: Patient, retention: str, ids: Collection[uuid.UUID]
) -> Kept | None:
    if retention == "financial":
        return _longest(scope, retention, queries.map_last_sold(scope, ids), None)
    treated = queries.map_last_treated(scope, ids) or queries.map_last_written(scope, ids)
    return _longest(scope, retention, treated, _born(scope, patient))


def _longest(
    scope: TenantScope, retention: str, last: Mapping[uuid.UUID, datetime], born: date | None
) -> Kept | None:
    places = {one.id: one for one in list_locations(scope)}
    return longest(
        keep(
            _rule(scope, retention, places[location_id]),
            day_in(at, places[location_id].zone),
            born,
        )
        for location_id, at in last.items()
    )


def _rule(scope: TenantScope, retention: str, place: Location) -> KeepRule:
    """Return the longest of what the place asks for and what the clinic has set for it."""
    years, basis = int(get_settings(scope).retention_years.get(retention, 0)), "clinic"
    if retention == "clinical":
        policies = get_policies(scope, place)
        if policies.number("retention_years") > years:
            years = policies.number("retention_years")
            basis = policies.holding("retention_years").shown_basis
    return rule_for(retention, place.jurisdiction, own_years=years, own_basis=basis)


def _born(scope: TenantScope, patient: Patient) -> date | None:
    try:
        return date_of_birth(scope, patient)
    except KeyShredded:
        return None
