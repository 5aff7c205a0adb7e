"""One step of an export: a bounded number of rows and files, stored, noted, and the next enqueued.

Killed in the middle, the step runs again and writes the same parts. A clinic works on while it is
exported, so the last step reads, in one snapshot, what was written since the beginning; a later
line for the same row replaces the earlier one. So the whole is the clinic at one instant.
"""

import uuid
from dataclasses import dataclass
from datetime import timedelta

from app import audit, jobs
from app.audit.sealing import seal_events
from app.auth.permissions import Permission
from app.database import TenantScope
from app.documents.files import store
from app.kit.clock import now
from app.leaving import queries
from app.leaving.export_files import put_file_of
from app.leaving.frame import put_frame
from app.leaving.models import ClinicExport, ExportState
from app.leaving.parts import put_part
from app.leaving.row_lines import lines_of, patients_of
from app.leaving.services.ask_export import KEPT, enqueue_step, fail_export
from app.leaving.tables import Shape, shapes
from app.leaving.values import to_json
from app.storage.errors import StoreUnavailable
from app.vault import KeyBunch

PAGE, PAGE_OF_FILES = 200, 20
STEP_ROWS, STEP_BYTES = 2_000, 8 * 1024 * 1024
MOST_TRIES = 12
LONGEST_WAIT = timedelta(minutes=15)


@dataclass
class Budget:
    """What one step may still read."""

    rows: int
    bytes_until: int

    def is_spent(self, export: ClinicExport) -> bool:
        """Return whether the step has done enough."""
        return self.rows <= 0 or export.bytes_done >= self.bytes_until


def take_step(scope: TenantScope, *, export_id: uuid.UUID, most_rows: int = STEP_ROWS) -> None:
    """Take the next step of an export, about ``most_rows`` long, unless it has ended.

    Where the store takes nothing the export waits and says so; after twelve tries it fails.
    """
    _read_one_instant(scope)
    export = queries.get_export_for_update(scope, export_id)
    if export.state not in queries.UNDER_WAY:
        return
    if not _asker_still_may(scope, export):
        fail_export(scope, export, "asker_left")
        return
    try:
        with scope.session.begin_nested():
            _step(scope, export, most_rows)
    except StoreUnavailable as problem:
        _wait(scope, export, problem.code)
        return
    export.step += 1
    export.tries, export.problem, export.progressed_at = 0, None, now()
    if export.state == ExportState.RUNNING:
        enqueue_step(scope, export)


def _asker_still_may(scope: TenantScope, export: ClinicExport) -> bool:
    """Whether who asked is still an owner: a job has no more rights than its person has now."""
    if export.asked_by is None:
        return True
    return jobs.staff_may_still(scope, export.asked_by, Permission.CLINIC_LEAVE)


def _read_one_instant(scope: TenantScope) -> None:
    scope.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def _step(scope: TenantScope, export: ClinicExport, most_rows: int) -> None:
    if not export.since:
        export.since = queries.find_oldest_running(scope)
        export.rows_expected = sum(queries.count_rows(scope, shape) for shape in shapes())
    export.state = ExportState.RUNNING
    budget = Budget(most_rows, bytes_until=export.bytes_done + STEP_BYTES)
    while export.table_number < len(shapes()):
        if budget.is_spent(export):
            return
        _read_page(scope, export, shapes()[export.table_number], budget)
    _finish(scope, export)


def _read_page(scope: TenantScope, export: ClinicExport, shape: Shape, budget: Budget) -> None:
    most = PAGE_OF_FILES if shape.has_files else PAGE
    got = put_rows(scope, export, shape, after=export.after_key, most=most)
    budget.rows -= got.rows
    export.after_key = got.last_key
    if got.rows < most:
        export.table_number += 1
        export.after_key = None


@dataclass(frozen=True)
class Page:
    """How many rows a page had, and the key of the last."""

    rows: int
    last_key: list[str] | None


def put_rows(
    scope: TenantScope,
    export: ClinicExport,
    shape: Shape,
    *,
    after: list[str] | None,
    most: int,
    since: str | None = None,
) -> Page:
    """Store the next rows of a table, and the files that they own."""
    rows = queries.page_rows(scope, shape, after=after, most=most, since=since)
    if not rows:
        return Page(0, after)
    keys = KeyBunch(scope.tenant_id)
    keys.gather(patients_of(rows))
    put_part(
        scope,
        export,
        f"tables/{shape.name}/{export.parts:07d}.jsonl",
        lines_of(shape, rows, keys),
        rows=len(rows),
        of_table=shape.name,
    )
    export.rows_done += len(rows)
    if shape.has_files:
        for row in rows:
            put_file_of(scope, export, shape, row, keys)
    return Page(len(rows), [to_json(rows[-1][column.name]) for column in shape.key])


def _finish(scope: TenantScope, export: ClinicExport) -> None:
    """Read what changed since the beginning, add what explains the export, and offer it."""
    seal_events(scope, everything=True)
    scope.session.flush()
    in_parts = queries.count_rows_of_parts(scope, export.id)
    for shape in shapes():
        since: str | None = export.since
        if shape.is_deletable and not _is_untouched(scope, export, shape, in_parts):
            _forget_table(scope, export, shape)
            since = None
        after, full = None, PAGE
        while full == PAGE:
            page = put_rows(scope, export, shape, after=after, most=PAGE, since=since)
            after, full = page.last_key, page.rows
    export.manifest_sha256 = put_frame(scope, export)
    export.state, export.finished_at = ExportState.DONE, now()
    export.expires_at = now() + KEPT
    audit.record(
        scope,
        "leaving:export:finish",
        subject_id=export.id,
        manifest_sha256=export.manifest_sha256.hex(),
        parts=export.parts,
    )


def _is_untouched(
    scope: TenantScope, export: ClinicExport, shape: Shape, in_parts: dict[str, int]
) -> bool:
    """Whether every row of the parts is still there as it was: then none of them was deleted."""
    same = queries.count_rows(scope, shape, since=export.since)
    return same == in_parts.get(shape.name, 0)


def _forget_table(scope: TenantScope, export: ClinicExport, shape: Shape) -> None:
    scope.session.flush()
    for part in queries.list_parts_of_table(scope, export.id, shape.name):
        store().delete(part.object_name)
        export.rows_done -= part.rows
        scope.session.delete(part)
    scope.session.flush()


def _wait(scope: TenantScope, export: ClinicExport, problem: str) -> None:
    export.tries += 1
    export.problem, export.progressed_at = problem, now()
    if export.tries >= MOST_TRIES:
        fail_export(scope, export, problem)
        return
    export.state = ExportState.WAITING
    enqueue_step(scope, export, after=min(LONGEST_WAIT, timedelta(seconds=5 * 2**export.tries)))
