"""Questions about lists of patients that are written for taking away."""

import uuid
from collections.abc import Sequence

from sqlalchemy import func, select

from app.database import TenantScope
from app.patients.errors import ListUnknown
from app.patients.export_models import DataExport, DataExportPart
from app.patients.models import Patient


def get_list(scope: TenantScope, export_id: uuid.UUID) -> DataExport:
    """Return a list of patients; raises ListUnknown."""
    found = scope.session.get(DataExport, (scope.tenant_id, export_id))
    if found is None or found.kind != "patient_list":
        raise ListUnknown("There is no such list.")
    return found


def get_list_for_update(scope: TenantScope, export_id: uuid.UUID) -> DataExport:
    """Return a list of patients, locked until the transaction ends; raises ListUnknown."""
    statement = (
        select(DataExport)
        .where(DataExport.tenant_id == scope.tenant_id, DataExport.id == export_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = scope.session.scalar(statement)
    if found is None or found.kind != "patient_list":
        raise ListUnknown("There is no such list.")
    return found


def find_running_list(scope: TenantScope) -> DataExport | None:
    """Return the list that is being written, or None."""
    statement = select(DataExport).where(
        DataExport.tenant_id == scope.tenant_id,
        DataExport.kind == "patient_list",
        DataExport.state == "queued",
    )
    return scope.session.scalars(statement.limit(1)).first()


def list_lists(scope: TenantScope, *, most: int = 10) -> Sequence[DataExport]:
    """Return the newest lists of patients."""
    statement = (
        select(DataExport)
        .where(DataExport.tenant_id == scope.tenant_id, DataExport.kind == "patient_list")
        .order_by(DataExport.created_at.desc(), DataExport.id.desc())
        .limit(most)
    )
    return scope.session.scalars(statement).all()


def list_parts(scope: TenantScope, export_id: uuid.UUID) -> Sequence[DataExportPart]:
    """Return the pieces of a list in order."""
    statement = (
        select(DataExportPart)
        .where(DataExportPart.tenant_id == scope.tenant_id, DataExportPart.export_id == export_id)
        .order_by(DataExportPart.number)
    )
    return scope.session.scalars(statement).all()


def count_patients(scope: TenantScope) -> int:
    """Return how many patients a list would have."""
    statement = select(func.count()).where(
        Patient.tenant_id == scope.tenant_id,
        Patient.merged_into.is_(None),
        Patient.erased_at.is_(None),
    )
    return scope.session.execute(statement).scalar_one()


def page_by_id(scope: TenantScope, *, after: uuid.UUID | None, size: int) -> Sequence[Patient]:
    """Return a page of patients by id, which never changes: a name may, between two pages."""
    statement = select(Patient).where(
        Patient.tenant_id == scope.tenant_id,
        Patient.merged_into.is_(None),
        Patient.erased_at.is_(None),
    )
    if after is not None:
        statement = statement.where(Patient.id > after)
    return scope.session.scalars(statement.order_by(Patient.id).limit(size)).all()
