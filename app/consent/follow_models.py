"""How a form was followed: reminders, and that the clinic called it back."""

import uuid
from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped

from app.database import Base, TenantOwned, tenant_fk, tenant_table


class ConsentVoid(TenantOwned, Base):
    """That the clinic called a form or a consent back, by whom and why. The reason is encrypted."""

    __tablename__ = "consent_void"
    __table_args__ = tenant_table(
        tenant_fk("consent_id", "consent"),
        tenant_fk("voided_by", "staff_member"),
        UniqueConstraint("tenant_id", "consent_id"),
        append_only=True,
    )

    consent_id: Mapped[uuid.UUID]
    reason_cipher: Mapped[bytes]
    voided_by: Mapped[uuid.UUID]
    voided_at: Mapped[datetime]


class ConsentReminder(TenantOwned, Base):
    """That a patient was reminded of a form, the first time, the second, and so on."""

    __tablename__ = "consent_reminder"
    __table_args__ = tenant_table(
        tenant_fk("consent_id", "consent"),
        tenant_fk("message_id", "message"),
        UniqueConstraint("tenant_id", "consent_id", "number"),
        UniqueConstraint("tenant_id", "message_id"),
        append_only=True,
    )

    consent_id: Mapped[uuid.UUID]
    number: Mapped[int]
    message_id: Mapped[uuid.UUID]
    reminded_at: Mapped[datetime]
