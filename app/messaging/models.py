"""The outbox. Address and body are ciphertext; the subject never holds health data."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base, TenantOwned, one_of, tenant_fk, tenant_table


class MessageState(StrEnum):
    """What has become of a message."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"


class Message(TenantOwned, Base):
    """One message to one person; closed under a patient's own contact key where it is to one.

    ``location_id`` is the location that it is about: its clock decides when a try may leave.
    """

    __tablename__ = "message"
    __table_args__ = tenant_table(
        tenant_fk("location_id", "location"),
        one_of("state", [state.value for state in MessageState]),
        one_of("channel", ["email", "sms"]),
        Index("message_created_ix", "tenant_id", "created_at", "id"),
        Index("message_location_ix", "tenant_id", "location_id", "created_at", "id"),
        Index("message_patient_ix", "tenant_id", "patient_id", "created_at"),
        updatable=("state", "attempts", "not_before", "sent_at", "last_error"),
    )

    patient_id: Mapped[uuid.UUID | None]
    location_id: Mapped[uuid.UUID | None]
    channel: Mapped[str]
    template: Mapped[str]
    subject: Mapped[str]
    to_cipher: Mapped[bytes]
    body_cipher: Mapped[bytes]
    state: Mapped[str]
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None]
    created_at: Mapped[datetime]
    not_before: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
