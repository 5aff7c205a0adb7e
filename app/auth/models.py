"""The tables of a shared desk: devices that staff switch on, and the PINs by which they do."""

import uuid
from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from app.database import Base, TenantOwned, tenant_fk, tenant_table


class SharedDevice(TenantOwned, Base):
    """A tablet or computer of the clinic. Its secret is a ``shared_device`` secret of its id."""

    __tablename__ = "shared_device"
    __table_args__ = tenant_table(
        tenant_fk("enrolled_by", "staff_member"),
        Index("shared_device_enrolled_ix", "tenant_id", "enrolled_at"),
        updatable=("last_used_at", "revoked_at"),
    )

    name: Mapped[str]
    enrolled_by: Mapped[uuid.UUID]
    enrolled_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class StaffPin(TenantOwned, Base):
    """The PIN of a member of staff for this clinic's shared devices, as an argon2id hash."""

    __tablename__ = "staff_pin"
    __table_args__ = tenant_table(
        tenant_fk("staff_id", "staff_member"),
        UniqueConstraint("tenant_id", "staff_id"),
        updatable=("pin_hash", "set_at"),
    )

    staff_id: Mapped[uuid.UUID]
    pin_hash: Mapped[str]
    set_at: Mapped[datetime]
