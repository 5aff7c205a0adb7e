"""Lists of patients on their way in: the file, what was found in each row, what came of it."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base, TenantOwned, one_of, tenant_fk, tenant_table


class ImportState(StrEnum):
    """Where an import stands. Patients exist from ``done`` on, all at once, and never before."""

    MAPPING = "mapping"
    CHECKING = "checking"
    CHECKED = "checked"
    IMPORTING = "importing"
    DONE = "done"
    CANCELLED = "cancelled"


class PatientImport(TenantOwned, Base):
    """One uploaded file. ``headings_cipher`` and the file itself are closed for the clinic."""

    __tablename__ = "patient_import"
    __table_args__ = tenant_table(
        tenant_fk("location_id", "location"),
        one_of("state", [state.value for state in ImportState]),
        Index("patient_import_created_ix", "tenant_id", "created_at"),
        updatable=("state", "mapping", "location_id", "done", "finished_at", "version"),
    )

    state: Mapped[str]
    object_name: Mapped[str]
    sha256: Mapped[bytes]
    encoding: Mapped[str]
    delimiter: Mapped[str]
    headings_cipher: Mapped[bytes]
    mapping: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    location_id: Mapped[uuid.UUID | None]
    rows: Mapped[int]
    done: Mapped[int] = mapped_column(default=0)
    created_by: Mapped[uuid.UUID | None]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)


class PatientImportRow(TenantOwned, Base):
    """What the dry run found in one row. ``problems`` are codes; no typed words are kept here.

    ``patient_id`` is decided in the dry run, so that keys can be made before the patients are.
    """

    __tablename__ = "patient_import_row"
    __table_args__ = tenant_table(
        tenant_fk("import_id", "patient_import"),
        UniqueConstraint("tenant_id", "import_id", "number"),
        one_of("outcome", ["accepted", "refused", "duplicate"]),
        append_only=True,
        deletable=True,
    )

    import_id: Mapped[uuid.UUID]
    number: Mapped[int]
    outcome: Mapped[str]
    problems: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    patient_id: Mapped[uuid.UUID]
