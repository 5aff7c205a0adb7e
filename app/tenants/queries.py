"""Questions about a clinic, its places, people and devices."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import select, text
from sqlalchemy.orm import object_session

from app.database import ScopedSession, TenantScope
from app.kit.clock import now
from app.tenants.errors import DeviceUnknown, LocationClosed, LocationUnknown, StaffUnknown
from app.tenants.models import (
    CartridgeLot,
    Clinic,
    Device,
    Location,
    Qualification,
    QualificationScope,
    StaffLocation,
    StaffMember,
)

CREATE_CLINIC = text("SELECT door.create_clinic(:name, :at)")
ADD_MEMBERSHIP = text("SELECT door.add_membership(:person_id, :staff_id)")
LOTS_SHOWN = timedelta(days=366)


@dataclass(frozen=True)
class Covered:
    """A qualification with what it allows, each with the name of the location."""

    row: Qualification
    parts: list[tuple[QualificationScope, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Stocked:
    """A device with its cartridges."""

    row: Device
    lots: list[CartridgeLot] = field(default_factory=list)


def get_clinic(scope: TenantScope) -> Clinic:
    """Return the entered clinic."""
    return scope.session.scalars(select(Clinic).where(Clinic.tenant_id == scope.tenant_id)).one()


def list_locations(scope: TenantScope) -> Sequence[Location]:
    """Return the clinic's locations by name."""
    statement = (
        select(Location).where(Location.tenant_id == scope.tenant_id).order_by(Location.name)
    )
    return scope.session.scalars(statement).all()


def get_home_zone(scope: TenantScope) -> str:
    """Return the zone of the clinic's oldest location, for what belongs to no location."""
    oldest = min(list_locations(scope), key=lambda one: one.created_at, default=None)
    return oldest.zone if oldest else "UTC"


def list_locations_in_reach(scope: TenantScope) -> Sequence[Location]:
    """Return the locations at which whoever acts may work, by name."""
    return [one for one in list_locations(scope) if is_in_reach(one)]


def is_in_reach(location: Location) -> bool:
    """Return whether whoever acts may work at a location that they asked for."""
    session = object_session(location)
    places = session.places if isinstance(session, ScopedSession) else None
    return places is None or location.id in places


def list_open_locations(scope: TenantScope) -> Sequence[Location]:
    """Return the locations in reach that are not closed today, for whoever chooses one."""
    return [one for one in list_locations_in_reach(scope) if not one.is_closed]


def get_open_location(scope: TenantScope, location_id: uuid.UUID) -> Location:
    """Return a location for something new; raises LocationUnknown, or LocationClosed."""
    location = get_location(scope, location_id)
    if location.is_closed:
        raise LocationClosed(f"{location.name} is closed. Choose another location.")
    return location


def get_location(scope: TenantScope, location_id: uuid.UUID) -> Location:
    """Return a location; raises LocationUnknown."""
    found = scope.session.get(Location, (scope.tenant_id, location_id))
    if found is None:
        raise LocationUnknown("There is no such location.")
    return found


def list_staff(scope: TenantScope) -> Sequence[StaffMember]:
    """Return everybody who works or worked here, by name."""
    statement = (
        select(StaffMember)
        .where(StaffMember.tenant_id == scope.tenant_id)
        .order_by(StaffMember.name, StaffMember.id)
    )
    return scope.session.scalars(statement).all()


def get_staff(scope: TenantScope, staff_id: uuid.UUID) -> StaffMember:
    """Return a member of staff; raises StaffUnknown."""
    found = scope.session.get(StaffMember, (scope.tenant_id, staff_id))
    if found is None:
        raise StaffUnknown("There is no such member of staff.")
    return found


def list_owners(scope: TenantScope) -> Sequence[StaffMember]:
    """Return the owners who are not disabled."""
    statement = select(StaffMember).where(
        StaffMember.tenant_id == scope.tenant_id,
        StaffMember.role == "owner",
        StaffMember.disabled_at.is_(None),
    )
    return scope.session.scalars(statement).all()


def list_scopes_of_staff(
    scope: TenantScope, staff_id: uuid.UUID, *, location_id: uuid.UUID, procedure_id: str
) -> Sequence[tuple[Qualification, QualificationScope]]:
    """Return each qualification with what it allows for a procedure at a location."""
    statement = (
        select(Qualification, QualificationScope)
        .join(
            QualificationScope,
            (QualificationScope.tenant_id == Qualification.tenant_id)
            & (QualificationScope.qualification_id == Qualification.id),
        )
        .where(
            Qualification.tenant_id == scope.tenant_id,
            QualificationScope.tenant_id == scope.tenant_id,
            Qualification.staff_id == staff_id,
            QualificationScope.location_id == location_id,
            QualificationScope.procedure_id == procedure_id,
            Qualification.ended_at.is_(None),
        )
        .order_by(Qualification.expires_on.desc(), QualificationScope.max_depth_um.desc())
    )
    return [(row[0], row[1]) for row in scope.session.execute(statement)]


def list_qualifications(scope: TenantScope, staff_id: uuid.UUID) -> Sequence[Qualification]:
    """Return a member of staff's qualifications, the longest valid first."""
    statement = (
        select(Qualification)
        .where(Qualification.tenant_id == scope.tenant_id, Qualification.staff_id == staff_id)
        .order_by(Qualification.expires_on.desc())
    )
    return scope.session.scalars(statement).all()


def list_devices(scope: TenantScope, location_id: uuid.UUID) -> Sequence[Device]:
    """Return the devices in use at a location."""
    statement = (
        select(Device)
        .where(
            Device.tenant_id == scope.tenant_id,
            Device.location_id == location_id,
            Device.retired_at.is_(None),
        )
        .order_by(Device.model)
    )
    return scope.session.scalars(statement).all()


def get_device(scope: TenantScope, device_id: uuid.UUID) -> Device:
    """Return a device; raises DeviceUnknown."""
    found = scope.session.get(Device, (scope.tenant_id, device_id))
    if found is None:
        raise DeviceUnknown("There is no such device.")
    return found


def list_usable_lots(
    scope: TenantScope, device_id: uuid.UUID, *, on: date
) -> Sequence[CartridgeLot]:
    """Return lots for a device that are neither recalled nor past their last day."""
    statement = (
        select(CartridgeLot)
        .where(
            CartridgeLot.tenant_id == scope.tenant_id,
            CartridgeLot.device_id == device_id,
            CartridgeLot.recalled_at.is_(None),
            CartridgeLot.expires_on >= on,
        )
        .order_by(CartridgeLot.expires_on)
    )
    return scope.session.scalars(statement).all()


def find_lot(scope: TenantScope, device_id: uuid.UUID, lot: str) -> CartridgeLot | None:
    """Return a lot by the text on its box."""
    statement = select(CartridgeLot).where(
        CartridgeLot.tenant_id == scope.tenant_id,
        CartridgeLot.device_id == device_id,
        CartridgeLot.lot == lot,
    )
    return scope.session.scalar(statement)


def list_places_of_staff(scope: TenantScope, staff_id: uuid.UUID | None) -> Sequence[uuid.UUID]:
    """Return the ids of the locations at which a member of staff works."""
    statement = select(StaffLocation.location_id).where(
        StaffLocation.tenant_id == scope.tenant_id, StaffLocation.staff_id == staff_id
    )
    return scope.session.scalars(statement).all()


def list_qualifications_with_scopes(scope: TenantScope, staff_id: uuid.UUID) -> Sequence[Covered]:
    """Return a member of staff's qualifications with what each allows, and the location's name."""
    statement = (
        select(Qualification, QualificationScope, Location.name)
        .outerjoin(
            QualificationScope,
            (QualificationScope.tenant_id == Qualification.tenant_id)
            & (QualificationScope.qualification_id == Qualification.id),
        )
        .outerjoin(
            Location,
            (Location.tenant_id == QualificationScope.tenant_id)
            & (Location.id == QualificationScope.location_id),
        )
        .where(
            Qualification.tenant_id == scope.tenant_id,
            Qualification.staff_id == staff_id,
        )
        .order_by(Qualification.expires_on.desc(), Qualification.id, Location.name)
    )
    held: dict[uuid.UUID, Covered] = {}
    for row, allowed, name in scope.session.execute(statement):
        covered = held.setdefault(row.id, Covered(row))
        if allowed is not None:
            covered.parts.append((allowed, name))
    return list(held.values())


def list_devices_with_lots(scope: TenantScope) -> Sequence[Stocked]:
    """Return the devices in use with their cartridges, the longest usable first.

    Lots that ended more than a year ago are left out: what was treated with them says so itself.
    """
    statement = (
        select(Device)
        .where(Device.tenant_id == scope.tenant_id, Device.retired_at.is_(None))
        .order_by(Device.model, Device.serial)
    )
    held = {row.id: Stocked(row) for row in scope.session.scalars(statement)}
    lots = (
        select(CartridgeLot)
        .where(
            CartridgeLot.tenant_id == scope.tenant_id,
            CartridgeLot.device_id.in_(held),
            CartridgeLot.expires_on >= now().date() - LOTS_SHOWN,
        )
        .order_by(CartridgeLot.expires_on.desc())
    )
    for lot in scope.session.scalars(lots):
        held[lot.device_id].lots.append(lot)
    return list(held.values())


def map_staff_names(scope: TenantScope) -> dict[uuid.UUID, str]:
    """Return the names of everybody who works or worked here, by id."""
    statement = select(StaffMember.id, StaffMember.name).where(
        StaffMember.tenant_id == scope.tenant_id
    )
    return {row[0]: row[1] for row in scope.session.execute(statement)}
