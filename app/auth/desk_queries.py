"""Questions about a clinic's shared devices and who may switch on them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, text

from app.auth.models import SharedDevice, StaffPin
from app.database import TenantScope
from app.errors import NotFound


@dataclass(frozen=True)
class OnDuty:
    """A member of staff who can switch to themselves by a PIN."""

    staff_id: uuid.UUID
    person_id: uuid.UUID
    name: str
    pin_hash: str


ON_DUTY = text(
    "SELECT s.id AS staff_id, s.person_id, s.name, p.pin_hash FROM staff_member s"
    " JOIN staff_pin p ON p.tenant_id = s.tenant_id AND p.staff_id = s.id"
    " WHERE s.tenant_id = :tenant_id AND p.tenant_id = :tenant_id AND s.disabled_at IS NULL"
    " ORDER BY s.name, s.id"
)
STAFF_OF_PERSON = text(
    "SELECT id FROM staff_member WHERE tenant_id = :tenant_id AND person_id = :person_id"
    " AND disabled_at IS NULL"
)


def list_shared_devices(scope: TenantScope) -> Sequence[SharedDevice]:
    """Return the clinic's shared devices, those in use first."""
    statement = (
        select(SharedDevice)
        .where(SharedDevice.tenant_id == scope.tenant_id)
        .order_by(SharedDevice.revoked_at.is_not(None), SharedDevice.enrolled_at)
    )
    return scope.session.scalars(statement).all()


def get_shared_device(scope: TenantScope, device_id: uuid.UUID) -> SharedDevice:
    """Return a shared device; raises NotFound."""
    found = scope.session.get(SharedDevice, (scope.tenant_id, device_id))
    if found is None:
        raise NotFound("There is no such device.")
    return found


def list_on_duty(scope: TenantScope) -> list[OnDuty]:
    """Return who can switch by a PIN, by name."""
    rows = scope.session.execute(ON_DUTY, {"tenant_id": scope.tenant_id}).mappings()
    return [OnDuty(**row) for row in rows]


def find_staff_of_person(scope: TenantScope, person_id: uuid.UUID) -> uuid.UUID | None:
    """Return the staff id of a person who works in the clinic."""
    values = {"tenant_id": scope.tenant_id, "person_id": person_id}
    found: uuid.UUID | None = scope.session.execute(STAFF_OF_PERSON, values).scalar()
    return found


def find_pin(scope: TenantScope, staff_id: uuid.UUID) -> StaffPin | None:
    """Return the PIN of a member of staff."""
    statement = select(StaffPin).where(
        StaffPin.tenant_id == scope.tenant_id, StaffPin.staff_id == staff_id
    )
    return scope.session.scalar(statement)
