"""What the night does about imports of patients: on with those that stopped, away with the rest."""

import uuid
from dataclasses import replace
from datetime import timedelta

from app import jobs
from app.database import SYSTEM, Actor, TenantScope
from app.documents.files import store
from app.kit.clock import now
from app.kit.ids import made_at
from app.patients import import_queries as queries
from app.patients.services.import_patients import cancel_import
from app.storage.object_store import folder_within

LEFT_BEHIND = timedelta(days=30)
# An upload that is under way has its file before its row.
YOUNG = timedelta(hours=1)


def give_up_left_behind(scope: TenantScope) -> None:
    """Give up imports that nobody finished within 30 days."""
    for one in queries.list_left_behind(scope, now() - LEFT_BEHIND):
        cancel_import(scope, import_id=one.id)


def retry_imports(scope: TenantScope) -> None:
    """Go on with imports whose job died, for whoever began them, who may not be allowed any more.

    A job that is still there finds the work done.
    """
    for one in queries.list_working(scope):
        actor = Actor("staff", one.created_by) if one.created_by else SYSTEM
        jobs.enqueue(
            replace(scope, actor=actor),
            "patients.step_import",
            lock=f"import:{one.id}",
            patient_import_id=one.id,
        )


def sweep_files(scope: TenantScope) -> int:
    """Delete files that no import reads: of those that are over, and of uploads that were killed.

    Return how many there were.
    """
    needed, swept = set(queries.list_needed_files(scope)), 0
    for name in store().list_names(folder_within("imports", scope.tenant_id)):
        import_id = uuid.UUID(hex=name.rpartition("/")[2])
        if name not in needed and made_at(import_id) < now() - YOUNG:
            store().delete(name)
            swept += 1
    return swept
