"""An owner adds devices and cartridges."""

import uuid
from datetime import date
from typing import Any

from app import audit
from app.database import TenantScope
from app.kit.clock import now
from app.kit.ids import new_id
from app.tenants import queries
from app.tenants.models import (
    CartridgeLot,
    Device,
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
    queries.get_open_location(scope, location_id)
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
