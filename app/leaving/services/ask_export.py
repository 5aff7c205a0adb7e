"""Ask for an export, throw one away, and let old ones go."""

import uuid
from datetime import timedelta

from app import audit, jobs
from app.database import TenantScope
from app.kit.clock import now
from app.kit.ids import new_id
from app.leaving import queries
from app.leaving.errors import ExportUnderWay
from app.leaving.models import ClinicExport, ExportState
from app.leaving.parts import delete_parts

KEPT = timedelta(days=7)


def ask_export(scope: TenantScope) -> ClinicExport:
    """Begin an export of the whole clinic; raises ExportUnderWay."""
    queries.lock_exports(scope)
    if queries.find_export_under_way(scope) is not None:
        raise ExportUnderWay("Wait until it is finished, or stop it.")
    export = ClinicExport(
        tenant_id=scope.tenant_id,
        id=new_id(),
        asked_by=scope.actor.id,
        asked_at=now(),
        progressed_at=now(),
        state=ExportState.QUEUED,
    )
    scope.session.add(export)
    audit.record(scope, "leaving:export:ask", subject_id=export.id)
    enqueue_step(scope, export)
    return export


def enqueue_step(scope: TenantScope, export: ClinicExport, after: timedelta | None = None) -> None:
    """Let the worker take the export's next step, one at a time."""
    jobs.enqueue(
        scope,
        "leaving.export_step",
        lock=f"export:{export.id}",
        not_before=now() + after if after else None,
        export_id=export.id,
    )


def discard_export(scope: TenantScope, *, export_id: uuid.UUID) -> ClinicExport:
    """Throw an export away, finished or not: its files and what is known of them."""
    export = queries.get_export_for_update(scope, export_id)
    if export.state != ExportState.DISCARDED:
        delete_parts(scope, export)
        export.state = ExportState.DISCARDED
        export.progressed_at = now()
        audit.record(scope, "leaving:export:discard", subject_id=export.id)
    return export


def expire_exports(scope: TenantScope) -> None:
    """Throw finished exports away once their time is over."""
    for export in queries.list_exports_to_expire(scope, now()):
        discard_export(scope, export_id=export.id)
