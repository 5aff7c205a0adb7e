"""Files made for taking away: a patient's own data, or the list of patients."""

import uuid
from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base, TenantOwned, one_of, tenant_fk, tenant_table


class DataExport(TenantOwned, Base):
    """One file on its way or ready, until ``expires_at``; then its objects are deleted.

    ``patient_id`` is set for a patient's own data, which is closed under that patient's key of the
    class ``retention``: the clinical one while there is a clinical record.
    """

    __tablename__ = "data_export"
    __table_args__ = tenant_table(
        tenant_fk("patient_id", "patient"),
        one_of("kind", ["patient_data", "patient_list"]),
        one_of("state", ["queued", "ready", "failed", "expired"]),
        one_of("retention", ["clinical", "financial"]),
        Index("data_export_kind_ix", "tenant_id", "kind", "created_at"),
        Index("data_export_patient_ix", "tenant_id", "patient_id", "created_at"),
        updatable=(
            *("state", "retention", "total", "done", "cursor_id"),
            *("ready_at", "expires_at", "sent_at"),
        ),
    )

    patient_id: Mapped[uuid.UUID | None]
    kind: Mapped[str]
    state: Mapped[str]
    retention: Mapped[str | None]
    total: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    cursor_id: Mapped[uuid.UUID | None]
    created_by: Mapped[uuid.UUID | None]
    created_at: Mapped[datetime]
    ready_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]


class DataExportPart(TenantOwned, Base):
    """A piece of an export, written by one run of its job. The pieces in order are the file."""

    __tablename__ = "data_export_part"
    __table_args__ = tenant_table(
        tenant_fk("export_id", "data_export"),
        UniqueConstraint("tenant_id", "export_id", "number"),
        append_only=True,
        deletable=True,
    )

    export_id: Mapped[uuid.UUID]
    number: Mapped[int]
    object_name: Mapped[str]
    sha256: Mapped[bytes]
    cipher_sha256: Mapped[bytes]
    length: Mapped[int]
