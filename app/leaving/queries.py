"""Questions about a clinic's exports, and about all its tables as they stand.

The statements over tables are made from metadata; each names the clinic as any other does.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    RowMapping,
    func,
    literal_column,
    select,
    tuple_,
)

from app.database import Base, TenantScope
from app.errors import NotFound
from app.leaving.models import ClinicExport, ClinicExportPart, ExportState
from app.leaving.tables import Shape
from app.leaving.values import from_json
from app.tenants.models import Clinic

PATIENT = "_patient"
UNDER_WAY = (ExportState.QUEUED, ExportState.RUNNING, ExportState.WAITING)
XIDS = 2**32


class ExportUnknown(NotFound):
    """The clinic has no such export."""

    code = "export_unknown"


def list_exports(scope: TenantScope) -> Sequence[ClinicExport]:
    """Return the clinic's latest exports, the newest first."""
    statement = (
        select(ClinicExport)
        .where(ClinicExport.tenant_id == scope.tenant_id)
        .order_by(ClinicExport.asked_at.desc(), ClinicExport.id.desc())
        .limit(20)
    )
    return scope.session.scalars(statement).all()


def get_export(scope: TenantScope, export_id: uuid.UUID) -> ClinicExport:
    """Return an export; raises ExportUnknown."""
    found = scope.session.get(ClinicExport, (scope.tenant_id, export_id))
    if found is None:
        raise ExportUnknown("There is no such export.")
    return found


def get_export_for_update(scope: TenantScope, export_id: uuid.UUID) -> ClinicExport:
    """Return an export, locked until the transaction ends; raises ExportUnknown."""
    statement = (
        select(ClinicExport)
        .where(ClinicExport.tenant_id == scope.tenant_id, ClinicExport.id == export_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = scope.session.scalar(statement)
    if found is None:
        raise ExportUnknown("There is no such export.")
    return found


def find_export_under_way(scope: TenantScope) -> ClinicExport | None:
    """Return the export that is being made, or None."""
    statement = select(ClinicExport).where(
        ClinicExport.tenant_id == scope.tenant_id, ClinicExport.state.in_(UNDER_WAY)
    )
    return scope.session.scalar(statement)


def page_parts(
    scope: TenantScope, export_id: uuid.UUID, *, after: int = -1, most: int = 500
) -> Sequence[ClinicExportPart]:
    """Return the next parts of an export, in their order."""
    statement = (
        select(ClinicExportPart)
        .where(
            ClinicExportPart.tenant_id == scope.tenant_id,
            ClinicExportPart.export_id == export_id,
            ClinicExportPart.number > after,
        )
        .order_by(ClinicExportPart.number)
        .limit(most)
    )
    return scope.session.scalars(statement).all()


def list_gaps(scope: TenantScope, export_id: uuid.UUID) -> Sequence[ClinicExportPart]:
    """Return the files that an export names and could not read."""
    statement = select(ClinicExportPart).where(
        ClinicExportPart.tenant_id == scope.tenant_id,
        ClinicExportPart.export_id == export_id,
        ClinicExportPart.gap.is_not(None),
    )
    return scope.session.scalars(statement).all()


def exists_source(scope: TenantScope, export_id: uuid.UUID, source: str) -> bool:
    """Return whether a stored object is in an export already."""
    statement = select(ClinicExportPart.id).where(
        ClinicExportPart.tenant_id == scope.tenant_id,
        ClinicExportPart.export_id == export_id,
        ClinicExportPart.source == source,
    )
    return scope.session.scalar(statement) is not None


def count_rows_of_parts(scope: TenantScope, export_id: uuid.UUID) -> dict[str, int]:
    """Return how many rows of each table the parts of an export hold."""
    statement = (
        select(ClinicExportPart.of_table, func.sum(ClinicExportPart.rows))
        .where(
            ClinicExportPart.tenant_id == scope.tenant_id,
            ClinicExportPart.export_id == export_id,
            ClinicExportPart.of_table.is_not(None),
        )
        .group_by(ClinicExportPart.of_table)
    )
    return {str(name): int(rows) for name, rows in scope.session.execute(statement)}


def count_rows(scope: TenantScope, shape: Shape, *, since: str | None = None) -> int:
    """Return how many rows a table has; with ``since``, how many were left as they are."""
    table = shape.table
    statement = select(func.count()).select_from(table).where(table.c.tenant_id == scope.tenant_id)
    if since is not None:
        statement = statement.where(~_written_since(shape, since))
    return int(scope.session.execute(statement).scalar_one())


def page_rows(
    scope: TenantScope,
    shape: Shape,
    *,
    after: list[str] | None,
    most: int,
    since: str | None = None,
) -> Sequence[RowMapping]:
    """Return the next rows of a table by its key, each with the patient that it is about.

    With ``since``, only rows written by that transaction or a later one.
    """
    table = shape.table
    statement = (
        select(*shape.columns, _patient_of(shape).label(PATIENT))
        .where(table.c.tenant_id == scope.tenant_id)
        .order_by(*shape.key)
        .limit(most)
    )
    if after is not None:
        place = [from_json(c, value) for c, value in zip(shape.key, after, strict=True)]
        statement = statement.where(tuple_(*shape.key) > tuple_(*place))
    if since is not None:
        statement = statement.where(_written_since(shape, since))
    return scope.session.execute(statement).mappings().all()


def _written_since(shape: Shape, since: str) -> ColumnElement[bool]:
    # A row carries the low 32 bits of its transaction; age() compares them past a wraparound.
    at = f"CAST('{int(since) % XIDS}' AS xid)"
    return literal_column(f"age({shape.name}.xmin)") <= literal_column(f"age({at})")


def _patient_of(shape: Shape) -> ColumnElement[Any]:
    """Return the patient's id as an expression: a column, or a look-up by the row's ids."""
    if not (shape.to_patient and (shape.ciphers or shape.has_files)):
        return literal_column("CAST(NULL AS uuid)")
    return follow(shape.table.c, shape.to_patient)


def follow(columns: Any, way: tuple[tuple[str, str], ...]) -> ColumnElement[Any]:
    """Return the patient's id as an expression over a table's columns, along a way."""
    (column, target), rest = way[0], way[1:]
    if not rest:
        found: ColumnElement[Any] = columns[column]
        return found
    table = Base.metadata.tables[target].alias()
    return (
        select(follow(table.c, rest))
        .where(table.c.tenant_id == columns["tenant_id"], table.c.id == columns[column])
        .scalar_subquery()
    )


def find_oldest_running(scope: TenantScope) -> str:
    """Return the oldest transaction that has not ended; all before it are in every snapshot."""
    statement = select(func.pg_snapshot_xmin(func.pg_current_snapshot()))
    return str(scope.session.execute(statement).scalar_one())


def list_parts_of_table(
    scope: TenantScope, export_id: uuid.UUID, name: str
) -> Sequence[ClinicExportPart]:
    """Return the parts of an export that hold rows of one table."""
    statement = select(ClinicExportPart).where(
        ClinicExportPart.tenant_id == scope.tenant_id,
        ClinicExportPart.export_id == export_id,
        ClinicExportPart.of_table == name,
    )
    return scope.session.scalars(statement).all()


def list_exports_to_expire(scope: TenantScope, at: datetime) -> Sequence[ClinicExport]:
    """Return finished exports whose time is over, and failed ones."""
    over = (ClinicExport.state == ExportState.DONE) & (ClinicExport.expires_at <= at)
    statement = select(ClinicExport).where(
        ClinicExport.tenant_id == scope.tenant_id,
        over | (ClinicExport.state == ExportState.FAILED),
    )
    return scope.session.scalars(statement).all()


def list_kept_exports_for_update(scope: TenantScope) -> Sequence[ClinicExport]:
    """Return exports that hold anything: finished or being made; locked."""
    statement = (
        select(ClinicExport)
        .where(
            ClinicExport.tenant_id == scope.tenant_id,
            ClinicExport.state.in_([*UNDER_WAY, ExportState.DONE]),
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return scope.session.scalars(statement).all()


def lock_exports(scope: TenantScope) -> None:
    """Let one request at a time ask for an export: the clinic's own row is locked."""
    statement = select(Clinic.id).where(Clinic.tenant_id == scope.tenant_id).with_for_update()
    scope.session.execute(statement)
