"""What the night does about imports of patients: on with those that stopped, away with the rest."""

from dataclasses import replace
from datetime import timedelta

from app import jobs
from app.database import SYSTEM, Actor, TenantScope
from app.documents.sweeping import sweep_files
from app.kit.clock import now
from app.patients import import_queries as queries
from app.patients.services.import_patients import cancel_import

LEFT_BEHIND = timedelta(days=30)


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


def sweep_imports(scope: TenantScope) -> None:
    """Delete files that no import reads: those of imports that are over, and of killed uploads."""
    sweep_files(scope, "imports", needed=queries.list_needed_files(scope))
