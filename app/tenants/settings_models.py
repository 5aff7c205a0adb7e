"""What an owner sets and what proves a qualification; settings are versions that never change."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import ARRAY, JSON, CheckConstraint, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base, TenantOwned, one_of, tenant_fk, tenant_table

EVIDENCE_KINDS = ("application/pdf", "image/png")
REMINDER_KINDS = ("registration", "insurance", "premises")


class ClinicLogo(TenantOwned, Base):
    """A logo as a flat PNG that we drew ourselves: nothing of the uploaded file is kept."""

    __tablename__ = "clinic_logo"
    __table_args__ = tenant_table(append_only=True)

    png: Mapped[bytes]
    sha256: Mapped[bytes]
    width: Mapped[int]
    height: Mapped[int]
    added_by: Mapped[uuid.UUID | None]
    added_at: Mapped[datetime]


class ClinicSettings(TenantOwned, Base):
    """One version of the clinic's settings. A change is a new version; papers pin the id.

    ``quiet_from`` and ``quiet_until`` are "HH:MM" on the clock of the location that a message is
    about; both NULL means no quiet hours. ``retention_years`` maps a retention class to years.
    ``privacy_notice`` is what the clinic itself tells patients about their data.
    """

    __tablename__ = "clinic_settings"
    __table_args__ = tenant_table(
        tenant_fk("logo_id", "clinic_logo"),
        UniqueConstraint("tenant_id", "number"),
        CheckConstraint("number >= 1", name="number"),
        CheckConstraint("(quiet_from IS NULL) = (quiet_until IS NULL)", name="quiet_hours_whole"),
        append_only=True,
    )

    number: Mapped[int]
    legal_name: Mapped[str]
    address: Mapped[str]
    brand_colour: Mapped[str]
    logo_id: Mapped[uuid.UUID | None]
    languages: Mapped[list[str]] = mapped_column(ARRAY(Text))
    quiet_from: Mapped[str | None]
    quiet_until: Mapped[str | None]
    retention_years: Mapped[dict[str, Any]] = mapped_column(JSON)
    privacy_notice: Mapped[str] = mapped_column(default="")
    reason: Mapped[str | None]
    made_by: Mapped[uuid.UUID | None]
    made_at: Mapped[datetime]


class QualificationEvidence(TenantOwned, Base):
    """A file that shows a qualification, encrypted under the clinic's key in the object store."""

    __tablename__ = "qualification_evidence"
    __table_args__ = tenant_table(
        tenant_fk("qualification_id", "qualification"),
        one_of("media_type", EVIDENCE_KINDS),
        Index("qualification_evidence_ix", "tenant_id", "qualification_id"),
        append_only=True,
    )

    qualification_id: Mapped[uuid.UUID]
    media_type: Mapped[str]
    length: Mapped[int]
    sha256: Mapped[bytes]
    cipher_sha256: Mapped[bytes]
    object_name: Mapped[str]
    added_by: Mapped[uuid.UUID | None]
    added_at: Mapped[datetime]


class ExpiryReminder(TenantOwned, Base):
    """That somebody was told of an end: once for each end and each number of days before it."""

    __tablename__ = "expiry_reminder"
    __table_args__ = tenant_table(
        one_of("kind", REMINDER_KINDS),
        UniqueConstraint("tenant_id", "kind", "subject_id", "ends_on", "days_before"),
        append_only=True,
    )

    kind: Mapped[str]
    subject_id: Mapped[uuid.UUID]
    ends_on: Mapped[date]
    days_before: Mapped[int]
    sent_at: Mapped[datetime]
