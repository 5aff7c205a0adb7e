"""An owner closes a location from a day on, or opens it again; what was done there stays."""

import uuid
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from app import audit
from app.database import TenantScope
from app.errors import Invalid, Stale
from app.kit.clock import today_in
from app.tenants import place_queries
from app.tenants.errors import LocationClosed, LocationHasVisits
from app.tenants.models import Location

MOST_VISITS_NAMED = 100


def close_location(
    scope: TenantScope, *, location_id: uuid.UUID, closed_from: date, reason: str, version: int
) -> Location:
    """Close a location from one of its own days on, today or later.

    Raises LocationHasVisits naming the visits that are planned there from that day on,
    LocationClosed where it is closed already, and Stale.
    """
    location = _locked(scope, location_id, version)
    if location.closed_from is not None:
        raise LocationClosed("Somebody has closed this location already. Read it again.")
    if closed_from < today_in(location.zone):
        told = "This day has passed there. Enter today or a later day."
        raise Invalid(told, fields={"closed_from": told})
    starts = datetime.combine(closed_from, time.min, tzinfo=ZoneInfo(location.zone))
    expected = place_queries.list_expected_visits(
        scope, location.id, since=starts, most=MOST_VISITS_NAMED
    )
    if expected:
        told = "Patients are expected there from that day on. Cancel their visits first."
        raise LocationHasVisits(told, visits=[str(one) for one in expected])
    location.closed_from, location.closed_reason = closed_from, reason.strip()
    location.version += 1
    audit.record(
        scope, "tenants:location:close", subject_id=location.id, since=closed_from.isoformat()
    )
    return location


def reopen_location(scope: TenantScope, *, location_id: uuid.UUID, version: int) -> Location:
    """Open a location again at once, or call its closing off; one that is open stays open."""
    location = _locked(scope, location_id, version)
    if location.closed_from is None:
        return location
    location.closed_from = location.closed_reason = None
    location.version += 1
    audit.record(scope, "tenants:location:reopen", subject_id=location.id)
    return location


def _locked(scope: TenantScope, location_id: uuid.UUID, version: int) -> Location:
    location = place_queries.get_location_for_update(scope, location_id)
    if location.version != version:
        raise Stale("Somebody else has changed this location since you opened it. Read it again.")
    return location
