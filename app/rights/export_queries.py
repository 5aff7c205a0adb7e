"""Questions about copies that are made for taking away."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from app.database import TenantScope
from app.patients.export_models import DataExport, DataExportPart
from app.patients.export_queries import list_parts
from app.patients.person import person_ids
from app.rights.errors import ExportUnknown


def get_export(scope: TenantScope, export_id: uuid.UUID) -> DataExport:
    """Return a copy of one person's data; raises ExportUnknown."""
    found = scope.session.get(DataExport, (scope.tenant_id, export_id))
    if found is None or found.patient_id is None:
        raise ExportUnknown("There is no such copy.")
    return found


def get_export_for_update(scope: TenantScope, export_id: uuid.UUID) -> DataExport:
    """Return a copy, locked until the transaction ends; raises ExportUnknown."""
    statement = (
        select(DataExport)
        .where(DataExport.tenant_id == scope.tenant_id, DataExport.id == export_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = scope.session.scalar(statement)
    if found is None or found.patient_id is None:
        raise ExportUnknown("There is no such copy.")
    return found


def get_patient_of_export(scope: TenantScope, export_id: uuid.UUID) -> uuid.UUID:
    """Return whose copy it is; raises ExportUnknown."""
    found = get_export(scope, export_id).patient_id
    if found is None:
        raise ExportUnknown("There is no such copy.")
    return found


def find_queued(scope: TenantScope, patient_id: uuid.UUID) -> DataExport | None:
    """Return the copy that is being made of one very record's person, or None."""
    statement = select(DataExport).where(
        DataExport.tenant_id == scope.tenant_id,
        DataExport.patient_id == patient_id,
        DataExport.state == "queued",
    )
    return scope.session.scalars(statement.limit(1)).first()


def list_exports(scope: TenantScope, patient_id: uuid.UUID) -> Sequence[DataExport]:
    """Return the copies that were made for a person on any record, the newest first."""
    statement = (
        select(DataExport)
        .where(
            DataExport.tenant_id == scope.tenant_id,
            DataExport.patient_id.in_(person_ids(scope, patient_id)),
        )
        .order_by(DataExport.created_at.desc(), DataExport.id.desc())
    )
    return scope.session.scalars(statement).all()


def find_part(scope: TenantScope, export_id: uuid.UUID) -> DataExportPart | None:
    """Return the only piece of a person's copy."""
    return next(iter(list_parts(scope, export_id)), None)


def list_queued(scope: TenantScope) -> Sequence[DataExport]:
    """Return exports of any kind that wait to be made, locked; not those being made just now."""
    statement = (
        select(DataExport)
        .where(DataExport.tenant_id == scope.tenant_id, DataExport.state == "queued")
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    return scope.session.scalars(statement).all()


def list_expired(scope: TenantScope, at: datetime) -> Sequence[DataExport]:
    """Return exports of any kind whose time is over and whose files are still there."""
    statement = select(DataExport).where(
        DataExport.tenant_id == scope.tenant_id,
        DataExport.state.in_(["queued", "ready", "failed"]),
        DataExport.expires_at <= at,
    )
    return scope.session.scalars(statement).all()
