"""An owner adds staff, devices and cartridges."""

import uuid
from datetime import date
from typing import Any

from app import audit
from app.database import TenantScope
from app.errors import Invalid
from app.kit.clock import now
from app.kit.ids import new_id
from app.tenants import queries
from app.tenants.models import (
    CartridgeLot,
    Device,
    Role,
    StaffLocation,
    StaffMember,
)
from app.tenants.services.sign_up_clinic import add_staff_row, checked_name


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
