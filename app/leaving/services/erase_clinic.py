"""Erase a clinic whose time is over: keys, files, rows, and what the control plane knows of it.

Each step is a job of its own and can be repeated. Keys go first: without them nothing encrypted can
be read that is left anywhere, also in a backup. The server checks the time by its own clock.
"""

import uuid
from hashlib import sha256

import structlog

from app import audit, jobs
from app.audit.chain import FIRST_PREVIOUS
from app.audit.sealing import seal_events
from app.database import SYSTEM, TenantScope, tenant_scope, unit_of_work
from app.documents.files import sealers, store
from app.leaving import clinic_queries as queries
from app.leaving.tables import all_tables, tables_with_objects
from app.storage.object_store import folder_within
from app.tenants.models import Clinic
from app.tenants.queries import get_clinic
from app.vault import shred_clinic
from app.vault.backups import backups_end

log = structlog.get_logger(__name__)


def erase_step(scope: TenantScope) -> None:
    """Take the next step of erasing the entered clinic; nothing while it stays or has time left."""
    state = queries.find_leaving(scope)
    if state is None:
        return
    if state.erasing_since is None:
        # Committed before anything is destroyed, so that nobody calls it off halfway.
        if scope.session.execute(queries.BEGIN_ERASING).scalar_one():
            audit.record(scope, "leaving:clinic:erase", subject_id=scope.tenant_id)
            scope.session.flush()
            seal_events(scope, everything=True)
            jobs.enqueue(scope, "leaving.erase_step", lock="erase")
        return
    clinic = get_clinic(scope)
    log.info("leaving.erasing", tenant_id=str(scope.tenant_id))
    shred_clinic(scope.tenant_id)
    sealers().forget(scope.tenant_id)
    _erase_objects(scope)
    _finish(scope, clinic)


def _erase_objects(scope: TenantScope) -> None:
    for table in tables_with_objects():
        after = None
        while names := queries.page_object_names(scope, table, after=after):
            for name in names:
                store().delete(name)
            after = names[-1]
    for kind in ("imports", "evidence"):  # Also what a killed request left there without a row.
        for name in store().list_names(folder_within(kind, scope.tenant_id)):
            store().delete(name)


def _finish(scope: TenantScope, clinic: Clinic) -> None:
    """Delete every row, children before parents, and leave the tombstone; all of it or nothing."""
    last = queries.find_last_link(scope)
    seq, head = (last.seq, last.hash) if last else (0, FIRST_PREVIOUS)
    named = sha256(scope.tenant_id.bytes + clinic.legal_name.strip().casefold().encode()).digest()
    scope.session.expunge_all()
    for name in reversed(all_tables()):
        scope.session.execute(queries.ERASE_TABLE, {"name": name})
    scope.session.execute(queries.FORGET_JOBS)
    values = {"name": named, "seq": seq, "hash": head, "backups_end": backups_end()}
    scope.session.execute(queries.FINISH_LEAVING, values)
    log.info("leaving.erased", tenant_id=str(scope.tenant_id), audit_seq=seq)


def enqueue_due() -> list[uuid.UUID]:
    """Enqueue the erasing of every clinic whose time is over; return which these are.

    For an operator, after a restore or where the queue was lost: the job that each clinic left
    behind when it asked does the same.
    """
    with unit_of_work() as work:
        due = list(work.session.execute(queries.LEAVING_TENANTS).scalars())
    for tenant_id in due:
        with tenant_scope(tenant_id, SYSTEM) as scope:
            jobs.enqueue(scope, "leaving.erase_step", lock="erase")
    return due
