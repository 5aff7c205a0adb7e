"""Forms that are signed on paper: what was printed, the scan, and who has seen the original."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, column
from sqlalchemy.orm import Mapped

from app.database import Base, TenantOwned, tenant_fk, tenant_table


class BlankForm(TenantOwned, Base):
    """A numbered form without a patient's name, printed ahead for a time without power."""

    __tablename__ = "blank_form"
    __table_args__ = tenant_table(
        tenant_fk("form_version_id", "form_version"),
        tenant_fk("location_id", "location"),
        tenant_fk("printed_by", "staff_member"),
        UniqueConstraint("tenant_id", "number"),
        append_only=True,
    )

    number: Mapped[int]
    form_version_id: Mapped[uuid.UUID]
    location_id: Mapped[uuid.UUID]
    printed_at: Mapped[datetime]
    printed_by: Mapped[uuid.UUID]


class PaperForm(TenantOwned, Base):
    """One printed form of one consent, from the print to the sealed scan.

    ``code`` stands on each page. ``shown_sha256`` is the text that was printed; on a blank form it
    is the text that the entry was compared with. ``signed_at`` is when the patient signed, as
    whoever was there says; all other moments are the server's.
    """

    __tablename__ = "paper_form"
    __table_args__ = tenant_table(
        tenant_fk("consent_id", "consent"),
        tenant_fk("blank_id", "blank_form"),
        tenant_fk("printed_by", "staff_member"),
        tenant_fk("scanned_by", "staff_member"),
        tenant_fk("confirmed_by", "staff_member"),
        tenant_fk("seen_by", "staff_member"),
        CheckConstraint("signed_at <= confirmed_at", name="not_in_the_future"),
        Index("paper_form_consent_ix", "tenant_id", "consent_id", "printed_at"),
        Index(
            "paper_form_blank_uq",
            "tenant_id",
            "blank_id",
            unique=True,
            postgresql_where=column("ended_at").is_(None),
        ),
        updatable=(
            "scanned_at",
            "scanned_by",
            "confirmed_at",
            "confirmed_by",
            "seen_by",
            "signed_at",
            "original_cipher",
            "ended_at",
        ),
    )

    consent_id: Mapped[uuid.UUID]
    blank_id: Mapped[uuid.UUID | None]
    code: Mapped[str]
    shown_sha256: Mapped[bytes]
    printed_at: Mapped[datetime]
    printed_by: Mapped[uuid.UUID]
    scanned_at: Mapped[datetime | None]
    scanned_by: Mapped[uuid.UUID | None]
    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[uuid.UUID | None]
    seen_by: Mapped[uuid.UUID | None]
    signed_at: Mapped[datetime | None]
    original_cipher: Mapped[bytes | None]
    ended_at: Mapped[datetime | None]


class PaperPage(TenantOwned, Base):
    """One page of a scan, drawn anew as a JPEG; emptied once the sealed document carries it."""

    __tablename__ = "paper_page"
    __table_args__ = tenant_table(
        tenant_fk("paper_id", "paper_form"),
        UniqueConstraint("tenant_id", "paper_id", "number"),
        updatable=("scan_cipher",),
        deletable=True,
    )

    paper_id: Mapped[uuid.UUID]
    number: Mapped[int]
    sha256: Mapped[bytes]
    scan_cipher: Mapped[bytes | None]
