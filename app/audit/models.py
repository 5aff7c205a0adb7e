"""The audit event, and the chain that a later job lays over the events of a clinic."""

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base, TenantOwned, TenantRow, tenant_fk, tenant_table

# What stands in the reports of who looked: each code that ends with ":read", and each reason that
# was given. A report walks an index of these alone, and says so in the very words of its condition.
# No colon stands in it, since a colon begins a parameter.
LOOKS = text("action ~ '[^a-z_]read$|^chart[^a-z_]reason[^a-z_]give$'")


class AuditEvent(TenantOwned, Base):
    """An act. ``details`` is canonical JSON of ids and codes; ``mac`` covers the whole row.

    ``patient_id`` says whose chart the act was about; a read of a chart always has it.
    """

    __tablename__ = "audit_event"
    __table_args__ = tenant_table(
        Index("audit_event_at_ix", "tenant_id", "at", "id"),
        Index("audit_event_subject_ix", "tenant_id", "subject_id", "at", "id"),
        Index("audit_event_patient_ix", "tenant_id", "patient_id", "at", "id"),
        Index("audit_event_actor_ix", "tenant_id", "actor_id", "at", "id"),
        Index("audit_event_action_ix", "tenant_id", "action", "at", "id"),
        Index(
            "audit_event_looks_at_ix",
            "tenant_id",
            "patient_id",
            "at",
            "id",
            postgresql_where=LOOKS,
        ),
        Index(
            "audit_event_looks_by_ix",
            "tenant_id",
            "actor_id",
            "at",
            "id",
            postgresql_where=LOOKS,
        ),
        append_only=True,
    )

    at: Mapped[datetime]
    actor_kind: Mapped[str]
    actor_id: Mapped[uuid.UUID | None]
    person_id: Mapped[uuid.UUID | None]
    action: Mapped[str]
    subject_id: Mapped[uuid.UUID | None]
    patient_id: Mapped[uuid.UUID | None]
    details: Mapped[str]
    mac: Mapped[bytes]


class AuditLink(TenantRow, Base):
    """One link of a clinic's chain: it covers one event and, by its hash, everything before it."""

    __tablename__ = "audit_link"
    __table_args__ = tenant_table(
        tenant_fk("event_id", "audit_event"),
        UniqueConstraint("tenant_id", "event_id"),
        append_only=True,
    )

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, sort_order=-1)
    event_id: Mapped[uuid.UUID]
    digest: Mapped[bytes]
    hash: Mapped[bytes]
    sealed_at: Mapped[datetime]


class AuditHead(TenantRow, Base):
    """Where a clinic's chain ends, what of it is anchored outside, and what the last check said.

    ``mac`` covers number and hash. The rest is for the eye: a verifier believes the anchors' own
    files and never these columns.
    """

    __tablename__ = "audit_head"
    __table_args__ = tenant_table()

    seq: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[bytes]
    mac: Mapped[bytes]
    sealed_at: Mapped[datetime]
    anchored_seq: Mapped[int] = mapped_column(BigInteger, default=0)
    anchor_number: Mapped[int | None] = mapped_column(BigInteger)
    anchored_at: Mapped[datetime | None]
    verified_at: Mapped[datetime | None]
    verified_seq: Mapped[int | None] = mapped_column(BigInteger)
    failed_checks: Mapped[int] = mapped_column(default=0)
