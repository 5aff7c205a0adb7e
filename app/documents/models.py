"""Sealed documents: what was sealed, where its encrypted file lies, and what the stamp says."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base, TenantOwned, one_of, tenant_fk, tenant_table
from app.documents.stamp_state import StampState


class DocumentKind(StrEnum):
    """What a sealed document is."""

    PATIENT_CONSENT = "patient_consent"
    EXECUTED_CONSENT = "executed_consent"
    WITHDRAWAL = "withdrawal"
    DECISION = "decision"
    AFTERCARE = "aftercare"
    RECEIPT = "receipt"


class SealingOperation(TenantOwned, Base):
    """What is being sealed: committed before the renderer starts, so that a repeat resumes.

    ``frozen_cipher`` holds every value that the document will show. ``object_name`` is where the
    file will lie; a file without a finished operation is an orphan and is never treated as signed.
    Until ``leased_until`` others wait for the one who seals; then they void the row and seal anew.
    """

    __tablename__ = "sealing_operation"
    __table_args__ = tenant_table(
        tenant_fk("patient_id", "patient"),
        one_of("state", ["started", "done", "void"]),
        one_of("kind", [kind.value for kind in DocumentKind]),
        Index(
            "sealing_operation_one_at_a_time_uq",
            "tenant_id",
            "subject_id",
            "kind",
            unique=True,
            postgresql_where=text("state = 'started'"),
        ),
        updatable=("state", "finished_at"),
    )

    patient_id: Mapped[uuid.UUID]
    kind: Mapped[str]
    subject_id: Mapped[uuid.UUID]
    frozen_cipher: Mapped[bytes]
    object_name: Mapped[str]
    state: Mapped[str]
    created_at: Mapped[datetime]
    leased_until: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class Document(TenantOwned, Base):
    """A sealed file, revision 1, kept for ever. Hashes are of the plaintext and the ciphertext.

    ``settings_id`` pins the version of the clinic's settings whose name, colour and logo it bears.
    """

    __tablename__ = "document"
    __table_args__ = tenant_table(
        tenant_fk("patient_id", "patient"),
        tenant_fk("operation_id", "sealing_operation"),
        tenant_fk("predecessor_id", "document"),
        tenant_fk("settings_id", "clinic_settings"),
        one_of("kind", [kind.value for kind in DocumentKind]),
        one_of("stamp_state", [state.value for state in StampState]),
        UniqueConstraint("tenant_id", "operation_id"),
        UniqueConstraint("tenant_id", "sha256"),
        Index("document_subject_ix", "tenant_id", "subject_id", "kind"),
        Index("document_patient_ix", "tenant_id", "patient_id", "sealed_at"),
        append_only=True,
    )

    patient_id: Mapped[uuid.UUID]
    kind: Mapped[str]
    subject_id: Mapped[uuid.UUID]
    operation_id: Mapped[uuid.UUID]
    predecessor_id: Mapped[uuid.UUID | None]
    settings_id: Mapped[uuid.UUID]
    title: Mapped[str]
    retention: Mapped[str]
    object_name: Mapped[str]
    sha256: Mapped[bytes]
    cipher_sha256: Mapped[bytes]
    length: Mapped[int]
    sealed_at: Mapped[datetime]
    stamp_state: Mapped[str]
    stamp_reason: Mapped[str | None]
    stamped_at: Mapped[datetime | None]
    certificate_sha256: Mapped[bytes]
    created_at: Mapped[datetime]


class DocumentFile(TenantOwned, Base):
    """A derived rendition (long-term archive level) of which revision 1 is a byte prefix."""

    __tablename__ = "document_file"
    __table_args__ = tenant_table(
        tenant_fk("document_id", "document"),
        UniqueConstraint("tenant_id", "document_id", "sha256"),
        append_only=True,
    )

    document_id: Mapped[uuid.UUID]
    level: Mapped[str]
    sha256: Mapped[bytes]
    cipher_sha256: Mapped[bytes]
    length: Mapped[int]
    object_name: Mapped[str]
    created_at: Mapped[datetime] = mapped_column()
