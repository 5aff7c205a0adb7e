"""An owner adds a place of treatment, or changes one; its currency stays what it was."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app import audit
from app.database import TenantScope
from app.errors import Invalid, Stale
from app.kit import money
from app.kit.clock import now
from app.kit.ids import new_id
from app.tenants import place_queries, visit_queries
from app.tenants.errors import VisitsOutsideHours
from app.tenants.models import Location
from app.tenants.opening_hours import HoursRefused, closed_because, read_hours
from app.tenants.services.sign_up_clinic import checked_name


@dataclass(frozen=True)
class NewLocation:
    """A place of treatment; ``market`` is the country whose device labels count."""

    name: str
    address: str
    zone: str
    currency: str
    jurisdiction: str
    market: str
    premises_kind: str
    emergency_contact: str
    premises_registration: str | None = None
    premises_registered_until: date | None = None
    opening_hours: Mapping[str, Any] = field(default_factory=dict)


def add_location(scope: TenantScope, wanted: NewLocation) -> Location:
    """Add a location; raises Invalid for an unknown zone or a currency that is not accepted."""
    location = Location(
        tenant_id=scope.tenant_id, id=new_id(), created_at=now(), **_checked(wanted)
    )
    scope.session.add(location)
    audit.record(scope, "tenants:location:add", subject_id=location.id)
    return location


def change_location(
    scope: TenantScope,
    *,
    location_id: uuid.UUID,
    wanted: NewLocation,
    version: int,
    visits_outside: Collection[uuid.UUID] = (),
) -> Location:
    """Change a location; raises Stale when somebody changed it since ``version`` was read.

    What was agreed and sealed before keeps the zone and the law that it was made under. Visits that
    new hours leave out are named by VisitsOutsideHours until ``visits_outside`` confirms each of
    them; who said so is kept.
    """
    location = place_queries.get_location_for_update(scope, location_id)
    if location.version != version:
        raise Stale("Somebody else has changed this location since you opened it. Read it again.")
    if wanted.currency != location.currency:
        told = f"Prices and receipts here are in {location.currency}. Add another location instead."
        raise Invalid(told, fields={"currency": told})
    columns = _checked(wanted)
    changed = [name for name, value in columns.items() if getattr(location, name) != value]
    outside = _visits_outside(scope, location, wanted)
    if not set(outside) <= set(visits_outside):
        told = "Patients are expected at times that these hours leave out."
        raise VisitsOutsideHours(
            told, visits=[str(one) for one in outside], fields={"visits_outside": told}
        )
    if outside:
        values = {"tenant_id": scope.tenant_id, "ids": outside, "by": scope.actor.id}
        scope.session.execute(visit_queries.CONFIRM_VISITS, values)
    for name, value in columns.items():
        setattr(location, name, value)
    location.version += 1
    audit.record(
        scope,
        "tenants:location:change",
        subject_id=location.id,
        fields=",".join(sorted(changed)),
        visits_outside=len(outside),
    )
    return location


def _visits_outside(scope: TenantScope, location: Location, wanted: NewLocation) -> list[uuid.UUID]:
    """Return the visits still to come that other hours, or another clock, leave out."""
    hours = read_hours(wanted.opening_hours)
    if (hours, wanted.zone) == (read_hours(location.opening_hours), location.zone):
        return []
    expected = visit_queries.list_unconfirmed_visits(scope, location.id, since=now())
    return [one for one, at in expected if closed_because(hours, at, wanted.zone)]


def _checked(wanted: NewLocation) -> dict[str, Any]:
    """Return the columns of a location; raises Invalid naming the field."""
    try:
        ZoneInfo(wanted.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Invalid("There is no such time zone.", fields={"zone": "IANA name"}) from None
    if wanted.currency not in money.EXPONENTS:
        raise Invalid("This currency is not accepted.", fields={"currency": "unknown"})
    try:
        hours = read_hours(wanted.opening_hours)
    except HoursRefused as refused:
        raise Invalid(refused.reason, fields={refused.field: refused.reason}) from refused
    return {
        "name": checked_name(wanted.name, "name"),
        "address": wanted.address.strip(),
        "zone": wanted.zone,
        "currency": wanted.currency,
        "jurisdiction": wanted.jurisdiction,
        "market": wanted.market,
        "premises_kind": wanted.premises_kind.strip(),
        "premises_registration": (wanted.premises_registration or "").strip() or None,
        "premises_registered_until": wanted.premises_registered_until,
        "emergency_contact": wanted.emergency_contact.strip(),
        "opening_hours": hours.as_data(),
    }
