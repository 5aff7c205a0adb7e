"""An owner adds locations, staff, qualifications and devices."""

import uuid
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app import audit
from app.database import TenantScope
from app.errors import Invalid
from app.kit import money
from app.kit.clock import now
from app.kit.ids import new_id
from app.tenants import queries
from app.tenants.models import (
    CartridgeLot,
    Device,
    Location,
    Qualification,
    QualificationScope,
    Role,
    StaffLocation,
    StaffMember,
)
from app.tenants.services.sign_up_clinic import add_staff_row, checked_name


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


@dataclass(frozen=True)
class NewScope:
    """What a qualification allows at a location; the depth is inclusive and in micrometres."""

    location_id: uuid.UUID
    procedure_id: str
    max_depth_um: int
    basis: str
    areas: tuple[str, ...] | None = None
    prescribed_anaesthetic: bool = False


@dataclass(frozen=True)
class NewQualification:
    """A registration with a professional body and what it covers."""

    kind: str
    body: str
    registration_number: str
    is_prescriber: bool
    expires_on: date
    scopes: tuple[NewScope, ...]
    insurance: str | None = None


def add_location(scope: TenantScope, wanted: NewLocation) -> Location:
    """Add a location; raises Invalid for an unknown zone or a currency that is not accepted."""
    try:
        ZoneInfo(wanted.zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise Invalid("There is no such time zone.", fields={"zone": "IANA name"}) from None
    if wanted.currency not in money.EXPONENTS:
        raise Invalid("This currency is not accepted.", fields={"currency": "unknown"})
    location = Location(
        tenant_id=scope.tenant_id,
        id=new_id(),
        name=checked_name(wanted.name, "name"),
        address=wanted.address.strip(),
        zone=wanted.zone,
        currency=wanted.currency,
        jurisdiction=wanted.jurisdiction,
        market=wanted.market,
        premises_kind=wanted.premises_kind,
        premises_registration=wanted.premises_registration,
        emergency_contact=wanted.emergency_contact,
        created_at=now(),
    )
    scope.session.add(location)
    audit.record(scope, "tenants:location:add", subject_id=location.id)
    return location


def add_staff(
    scope: TenantScope,
    *,
    person_id: uuid.UUID,
    name: str,
    email: str,
    role: Role,
    location_ids: tuple[uuid.UUID, ...],
) -> StaffMember:
    """Add a person with an account to the staff, at some locations."""
    for location_id in location_ids:
        queries.get_location(scope, location_id)
    member = add_staff_row(scope, new_id(), person_id, checked_name(name, "name"), email, role)
    for location_id in location_ids:
        scope.session.add(
            StaffLocation(
                tenant_id=scope.tenant_id,
                id=new_id(),
                staff_id=member.id,
                location_id=location_id,
            )
        )
    audit.record(scope, "tenants:staff:add", subject_id=member.id, role=role.value)
    return member


def disable_staff(scope: TenantScope, *, staff_id: uuid.UUID) -> StaffMember:
    """Shut a member of staff out, on their very next request; the last owner stays.

    Raises Invalid when nobody could manage the clinic afterwards.
    """
    member = queries.get_staff(scope, staff_id)
    owners = [owner for owner in queries.list_owners(scope) if owner.id != staff_id]
    if member.role == Role.OWNER and not owners:
        raise Invalid("A clinic keeps at least one owner.", fields={"staff_id": "last owner"})
    member.disabled_at = now()
    scope.session.execute(queries.END_MEMBERSHIP, {"staff_id": staff_id})
    audit.record(scope, "tenants:staff:disable", subject_id=staff_id)
    return member


def add_qualification(
    scope: TenantScope, *, staff_id: uuid.UUID, wanted: NewQualification
) -> Qualification:
    """Record a qualification as seen and verified by whoever enters it."""
    queries.get_staff(scope, staff_id)
    row = Qualification(
        tenant_id=scope.tenant_id,
        id=new_id(),
        staff_id=staff_id,
        kind=wanted.kind,
        body=wanted.body,
        registration_number=wanted.registration_number,
        is_prescriber=wanted.is_prescriber,
        expires_on=wanted.expires_on,
        insurance=wanted.insurance,
        verified_by=scope.actor.id,
        verified_at=now(),
        created_at=now(),
    )
    scope.session.add(row)
    for allowed in wanted.scopes:
        queries.get_location(scope, allowed.location_id)
        scope.session.add(_scope_row(scope, row.id, allowed))
    audit.record(scope, "tenants:qualification:add", subject_id=row.id, staff_id=staff_id)
    return row


def _scope_row(
    scope: TenantScope, qualification_id: uuid.UUID, allowed: NewScope
) -> QualificationScope:
    return QualificationScope(
        tenant_id=scope.tenant_id,
        id=new_id(),
        qualification_id=qualification_id,
        location_id=allowed.location_id,
        procedure_id=allowed.procedure_id,
        max_depth_um=allowed.max_depth_um,
        areas=list(allowed.areas) if allowed.areas is not None else None,
        prescribed_anaesthetic=allowed.prescribed_anaesthetic,
        basis=allowed.basis,
        created_at=now(),
    )


def add_device(
    scope: TenantScope,
    *,
    location_id: uuid.UUID,
    kind: str,
    model: str,
    serial: str,
    label: list[dict[str, Any]],
) -> Device:
    """Add a device; ``label`` lists what its maker's label says, per market."""
    queries.get_location(scope, location_id)
    device = Device(
        tenant_id=scope.tenant_id,
        id=new_id(),
        location_id=location_id,
        kind=kind,
        model=model,
        serial=serial,
        label=label,
        created_at=now(),
    )
    scope.session.add(device)
    audit.record(scope, "tenants:device:add", subject_id=device.id)
    return device


def add_lot(
    scope: TenantScope, *, device_id: uuid.UUID, lot: str, expires_on: date
) -> CartridgeLot:
    """Add a lot of cartridges that came in."""
    queries.get_device(scope, device_id)
    row = CartridgeLot(
        tenant_id=scope.tenant_id,
        id=new_id(),
        device_id=device_id,
        lot=lot.strip(),
        expires_on=expires_on,
        received_at=now(),
    )
    scope.session.add(row)
    audit.record(scope, "tenants:lot:add", subject_id=row.id, device_id=device_id)
    return row
