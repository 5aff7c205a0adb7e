"""The audit event: one row per act, inserted in the same transaction as the act."""

import uuid
from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from app.database import Base, TenantOwned, tenant_table


class AuditEvent(TenantOwned, Base):
    """An act. ``details`` is canonical JSON of ids and field names; ``mac`` covers the whole
    row."""

    __tablename__ = "audit_event"
    __table_args__ = tenant_table(
        Index("audit_event_at_ix", "tenant_id", "at", "id"),
        Index("audit_event_subject_ix", "tenant_id", "subject_id", "at"),
        append_only=True,
    )

    at: Mapped[datetime]
    actor_kind: Mapped[str]
    actor_id: Mapped[uuid.UUID | None]
    person_id: Mapped[uuid.UUID | None]
    action: Mapped[str]
    subject_id: Mapped[uuid.UUID | None]
    details: Mapped[str]
    mac: Mapped[bytes]
