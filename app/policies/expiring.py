"""What ends soon: registrations, insurance, premises, cartridges, and rules that change.

Each end is counted on the day it is at the location where it matters; what belongs to a person is
counted where they are registered to work, by the earliest of the clinic's days.
"""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from app.database import TenantScope
from app.kit.clock import earliest_today, today_in
from app.policies.queries import get_policies
from app.tenants import place_queries
from app.tenants.models import Location
from app.tenants.queries import get_clinic, list_locations

EndKind = Literal["registration", "insurance", "premises", "lot", "policy"]
REMINDED: tuple[EndKind, ...] = ("registration", "insurance", "premises")


@dataclass(frozen=True)
class Ending:
    """One thing that ends, or one rule that begins, on a day. ``path`` leads to where it is mended.

    ``days`` is how many days are left at its place, below 0 once it has ended; ``staff_id`` is whom
    it concerns, None for the clinic's own things.
    """

    kind: EndKind
    subject_id: uuid.UUID
    title: str
    what: str
    ends_on: date
    days: int
    path: str
    staff_id: uuid.UUID | None = None


def list_endings(scope: TenantScope, *, within: int) -> list[Ending]:
    """Return what ends within some days, or has ended and still counts; the nearest first."""
    places = list_locations(scope)
    if not places:
        return []
    today = earliest_today(one.zone for one in places)
    still_open = [one for one in places if not one.is_closed]
    found = [
        *_of_people(scope, today, within),
        *_of_places(still_open, within),
        *_of_lots(scope, places, within),
        *_of_policies(scope, still_open, within),
    ]
    return sorted(found, key=lambda one: (one.ends_on, one.title, one.kind))


def _of_people(scope: TenantScope, today: date, within: int) -> Iterator[Ending]:
    until = today + timedelta(days=within)
    for row, member in place_queries.list_ending_qualifications(scope, until=until):
        path = f"/settings/staff/{member.id}"
        if row.expires_on <= until:
            what = f"registration with {row.body}"
            days = (row.expires_on - today).days
            yield Ending(
                "registration", row.id, member.name, what, row.expires_on, days, path, member.id
            )
        ends = row.insurance_expires_on
        if ends is not None and ends <= until:
            days = (ends - today).days
            yield Ending("insurance", row.id, member.name, "insurance", ends, days, path, member.id)


def _of_places(places: Sequence[Location], within: int) -> Iterator[Ending]:
    for place in places:
        ends, today = place.premises_registered_until, today_in(place.zone)
        if ends is not None and (ends - today).days <= within:
            days = (ends - today).days
            path = f"/settings/locations/{place.id}"
            what = "registration of the premises"
            yield Ending("premises", place.id, place.name, what, ends, days, path)


def _of_lots(scope: TenantScope, places: Sequence[Location], within: int) -> Iterator[Ending]:
    zones = {one.id: one.zone for one in places}
    today = earliest_today(one.zone for one in places)
    until = today + timedelta(days=within)
    for lot, device in place_queries.list_ending_lots(scope, after=today, until=until):
        days = (lot.expires_on - today_in(zones[device.location_id])).days
        what = f"cartridges, lot {lot.lot}"
        yield Ending("lot", lot.id, device.model, what, lot.expires_on, days, "/settings/devices")


def _of_policies(scope: TenantScope, places: Sequence[Location], within: int) -> Iterator[Ending]:
    clinic_id = get_clinic(scope).id
    for place in {one.jurisdiction: one for one in places}.values():
        today = today_in(place.zone)
        for held in get_policies(scope, place, on=today).coming():
            begins = held.in_force_from
            if begins is not None and (begins - today).days <= within:
                yield Ending(
                    "policy",
                    clinic_id,
                    held.policy.title,
                    f"from then on {held.sentence}",
                    begins,
                    (begins - today).days,
                    f"/settings/locations/{place.id}/policies/{held.policy.id}",
                )
