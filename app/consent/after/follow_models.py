"""How a form was followed: reminders, that the clinic called it back, that the patient said no."""

import uuid
from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped

from app.consent.after.withdrawal_models import WithdrawalWay
from app.database import Base, TenantOwned, one_of, tenant_fk, tenant_table


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


class ConsentDecline(TenantOwned, Base):
    """That a patient said no before signing, and through whom.

    ``why_cipher`` is their own reason, of a short list and in their own words; NULL where they
    gave none, which is just as good.
    """

    __tablename__ = "consent_decline"
    __table_args__ = tenant_table(
        tenant_fk("consent_id", "consent"),
        tenant_fk("recorded_by", "staff_member"),
        UniqueConstraint("tenant_id", "consent_id"),
        one_of("way", [way.value for way in WithdrawalWay]),
        append_only=True,
    )

    consent_id: Mapped[uuid.UUID]
    way: Mapped[str]
    why_cipher: Mapped[bytes | None]
    recorded_by: Mapped[uuid.UUID | None]
    declined_at: Mapped[datetime]


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
