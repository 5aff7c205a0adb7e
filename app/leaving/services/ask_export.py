"""Ask for an export, throw one away, let old ones go, and push on what came to a stop."""

import contextlib
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
from app.storage.errors import StoreUnavailable

KEPT = timedelta(days=7)
STOPPED_AFTER, GIVEN_UP_AFTER = timedelta(hours=1), timedelta(days=2)


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


def fail_export(scope: TenantScope, export: ClinicExport, problem: str) -> None:
    """End an export that comes to nothing, and remove what there is of it."""
    export.state, export.problem, export.progressed_at = ExportState.FAILED, problem, now()
    with contextlib.suppress(StoreUnavailable):  # The night takes away what stays.
        delete_parts(scope, export)
    audit.record(scope, "leaving:export:fail", subject_id=export.id, why=problem)


def drop_exports(scope: TenantScope) -> None:
    """Let nobody download what still holds a patient who was erased, finished or being made."""
    for export in queries.list_kept_exports_for_update(scope):
        fail_export(scope, export, "patient_erased")


def resume_exports(scope: TenantScope) -> None:
    """Go on with exports whose job died; after two days without a step they have failed."""
    for export in queries.list_kept_exports_for_update(scope):
        idle = now() - export.progressed_at
        if export.state == ExportState.DONE or idle < STOPPED_AFTER:
            continue
        if idle > GIVEN_UP_AFTER:
            fail_export(scope, export, "stopped")
        else:
            enqueue_step(scope, export)
