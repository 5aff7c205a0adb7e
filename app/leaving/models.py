"""Exports of a whole clinic: how far each has come, and the parts that it is made of."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, BigInteger, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base, TenantOwned, one_of, tenant_fk, tenant_table


class ExportState(StrEnum):
    """Where an export stands. Only a finished one can be downloaded."""

    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"
    DISCARDED = "discarded"


class ClinicExport(TenantOwned, Base):
    """One export. ``table_number`` and ``after_key`` say where the next step goes on.

    ``since`` is the oldest transaction that was running at the beginning: rows written by it or
    later are read again at the end, in one snapshot. ``rows_expected`` is a count at the beginning.
    """

    __tablename__ = "clinic_export"
    __table_args__ = tenant_table(
        one_of("state", [state.value for state in ExportState]),
        Index("clinic_export_asked_ix", "tenant_id", "asked_at", "id"),
    )

    asked_by: Mapped[uuid.UUID | None]
    asked_at: Mapped[datetime]
    state: Mapped[str]
    step: Mapped[int] = mapped_column(default=0)
    since: Mapped[str | None]
    table_number: Mapped[int] = mapped_column(default=0)
    after_key: Mapped[list[str] | None] = mapped_column(JSON)
    parts: Mapped[int] = mapped_column(default=0)
    rows_expected: Mapped[int] = mapped_column(BigInteger, default=0)
    rows_done: Mapped[int] = mapped_column(BigInteger, default=0)
    files_done: Mapped[int] = mapped_column(BigInteger, default=0)
    bytes_done: Mapped[int] = mapped_column(BigInteger, default=0)
    tries: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str | None]
    progressed_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    manifest_sha256: Mapped[bytes | None]


class ClinicExportPart(TenantOwned, Base):
    """One file of an export: its name inside, where it lies encrypted, and what it must hash to.

    ``source`` is the stored object that a file came from; ``gap`` says why it could not be read.
    """

    __tablename__ = "clinic_export_part"
    __table_args__ = tenant_table(
        tenant_fk("export_id", "clinic_export"),
        UniqueConstraint("tenant_id", "export_id", "number"),
        UniqueConstraint("tenant_id", "export_id", "name"),
        Index("clinic_export_part_source_ix", "tenant_id", "export_id", "source"),
        append_only=True,
        deletable=True,
    )

    export_id: Mapped[uuid.UUID]
    number: Mapped[int]
    name: Mapped[str]
    object_name: Mapped[str]
    sha256: Mapped[bytes]
    length: Mapped[int] = mapped_column(BigInteger)
    rows: Mapped[int]
    of_table: Mapped[str | None]
    source: Mapped[str | None]
    gap: Mapped[str | None]
