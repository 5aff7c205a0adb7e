"""The jobs of this room; each is thin and may run twice."""

import uuid

from app import jobs
from app.auth.permissions import Permission
from app.database import TenantScope
from app.rights.queries import list_with_files_left
from app.rights.services.carry_out import carry_out, due_decisions, start_removing_files
from app.rights.services.decide_erasure import start_carrying_out
from app.rights.services.export_data import expire_exports, make_export, retry_exports
from app.rights.services.remove_files import remove_files


@jobs.handler("rights.carry_out", outlives="a patient's right was decided")
def carry_out_one(scope: TenantScope, *, rights_decision_id: uuid.UUID) -> None:
    """Erase one class of one patient's data, if its day has come."""
    carry_out(scope, decision_id=rights_decision_id)


@jobs.handler("rights.remove_files", outlives="a patient's right was decided")
def remove(scope: TenantScope, *, rights_decision_id: uuid.UUID) -> None:
    """Delete the files of a class that was erased."""
    remove_files(scope, decision_id=rights_decision_id)


@jobs.handler("rights.nightly", nightly=True)
def start_what_is_due(scope: TenantScope) -> None:
    """Start every erasure whose day may have come, and what is left of those carried out."""
    for decision_id in due_decisions(scope):
        start_carrying_out(scope, decision_id)
    for decision_id in list_with_files_left(scope):
        start_removing_files(scope, decision_id)


@jobs.handler("rights.make_export", needs=Permission.RIGHTS_MANAGE)
def make(scope: TenantScope, *, data_export_id: uuid.UUID) -> None:
    """Make a copy of one person's data."""
    make_export(scope, export_id=data_export_id)


@jobs.handler("rights.expire_exports", nightly=True)
def expire(scope: TenantScope) -> None:
    """Make copies that nobody made, and delete those whose time is over."""
    retry_exports(scope)
    expire_exports(scope)
