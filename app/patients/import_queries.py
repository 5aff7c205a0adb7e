"""Questions about lists of patients on their way in."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select

from app.database import TenantScope
from app.patients.errors import ImportUnknown
from app.patients.import_models import ImportState, PatientImport, PatientImportRow
from app.patients.import_rows import LATE_TWIN

WORKING = (ImportState.CHECKING.value, ImportState.IMPORTING.value)
OPEN = (*WORKING, ImportState.MAPPING.value, ImportState.CHECKED.value)


def get_import(scope: TenantScope, import_id: uuid.UUID) -> PatientImport:
    """Return an import; raises ImportUnknown."""
    found = scope.session.get(PatientImport, (scope.tenant_id, import_id))
    if found is None:
        raise ImportUnknown("There is no such import.")
    return found


def get_import_for_update(scope: TenantScope, import_id: uuid.UUID) -> PatientImport:
    """Return an import, locked until the transaction ends; raises ImportUnknown."""
    statement = (
        select(PatientImport)
        .where(PatientImport.tenant_id == scope.tenant_id, PatientImport.id == import_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = scope.session.scalar(statement)
    if found is None:
        raise ImportUnknown("There is no such import.")
    return found


def list_imports(scope: TenantScope, *, most: int = 20) -> Sequence[PatientImport]:
    """Return the newest imports."""
    statement = (
        select(PatientImport)
        .where(PatientImport.tenant_id == scope.tenant_id)
        .order_by(PatientImport.created_at.desc(), PatientImport.id.desc())
        .limit(most)
    )
    return scope.session.scalars(statement).all()


def list_rows(
    scope: TenantScope,
    import_id: uuid.UUID,
    *,
    outcome: str | None = None,
    after: int = 0,
    most: int | None = None,
) -> Sequence[PatientImportRow]:
    """Return rows of an import by number, of one outcome or all but the accepted (``problem``)."""
    statement = select(PatientImportRow).where(
        PatientImportRow.tenant_id == scope.tenant_id,
        PatientImportRow.import_id == import_id,
        PatientImportRow.number > after,
    )
    if outcome == "problem":
        statement = statement.where(PatientImportRow.outcome != "accepted")
    elif outcome is not None:
        statement = statement.where(PatientImportRow.outcome == outcome)
    statement = statement.order_by(PatientImportRow.number).limit(most)
    return scope.session.scalars(statement).all()


def count_outcomes(scope: TenantScope, import_id: uuid.UUID) -> dict[str, int]:
    """Return how many rows have which outcome."""
    statement = (
        select(PatientImportRow.outcome, func.count())
        .where(
            PatientImportRow.tenant_id == scope.tenant_id, PatientImportRow.import_id == import_id
        )
        .group_by(PatientImportRow.outcome)
    )
    return {row[0]: row[1] for row in scope.session.execute(statement)}


def count_late_twins(scope: TenantScope, import_id: uuid.UUID) -> int:
    """Return how many rows the import left out that its trial had accepted."""
    statement = select(PatientImportRow.problems).where(
        PatientImportRow.tenant_id == scope.tenant_id,
        PatientImportRow.import_id == import_id,
        PatientImportRow.outcome == "duplicate",
    )
    found = scope.session.scalars(statement).all()
    return sum(any(one["code"] == LATE_TWIN for one in problems) for problems in found)


def list_left_behind(scope: TenantScope, before: datetime) -> Sequence[PatientImport]:
    """Return imports that somebody began before an instant and never finished."""
    statement = select(PatientImport).where(
        PatientImport.tenant_id == scope.tenant_id,
        PatientImport.created_at < before,
        PatientImport.state.in_(OPEN),
    )
    return scope.session.scalars(statement).all()


def list_working(scope: TenantScope) -> Sequence[PatientImport]:
    """Return imports that wait for a job."""
    statement = select(PatientImport).where(
        PatientImport.tenant_id == scope.tenant_id, PatientImport.state.in_(WORKING)
    )
    return scope.session.scalars(statement).all()


def list_needed_files(scope: TenantScope) -> Sequence[str]:
    """Return the names of the files that an import still reads."""
    statement = select(PatientImport.object_name).where(
        PatientImport.tenant_id == scope.tenant_id, PatientImport.state.in_(OPEN)
    )
    return scope.session.scalars(statement).all()
