"""A list of patients comes in: read, mapped, tried out row by row, then imported as a whole.

Nothing is half imported. The trial decides which rows are accepted; all of those are added in one
transaction, or none. Before it, keys are made in small steps, each a job of its own, so that a
killed worker goes on where it stopped.
"""

import json
import uuid
from collections.abc import Mapping
from hashlib import sha256

from app import audit, jobs
from app.database import TenantScope
from app.documents.files import store
from app.errors import Invalid, TooLarge
from app.kit.clock import now
from app.kit.csv_text import TextTable, UnreadableTable, read_table
from app.kit.ids import new_id
from app.patients import import_queries as queries
from app.patients.duplicates import find_alike
from app.patients.errors import ImportMoved
from app.patients.import_models import ImportState, PatientImport
from app.patients.import_rows import FIELDS, ORDERS, Mapped, Problem, read_row
from app.patients.services.add_patient import NewPatient
from app.patients.services.finish_import import add_accepted, found_row
from app.storage.object_store import name_within
from app.tenants.queries import get_location, get_open_location
from app.vault import open_file_for_clinic, patient_key, seal_file_for_clinic, seal_for_clinic

MOST_BYTES = 1_500_000
MOST_ROWS = 5_000
MOST_COLUMNS = 60
CHECKED_AT_ONCE = 250
KEYS_AT_ONCE = 250


def upload_list(scope: TenantScope, data: bytes) -> PatientImport:
    """Keep a file, encrypted, and read its headings; raises Invalid or TooLarge in plain words."""
    if len(data) > MOST_BYTES:
        raise TooLarge("The file is larger than 1.5 MB. Split it.")
    try:
        table = read_table(data, most_rows=MOST_ROWS, most_columns=MOST_COLUMNS)
    except UnreadableTable as bad:
        raise Invalid(bad.reason, fields={"file": bad.reason}) from bad
    import_id = new_id()
    name = name_within("imports", scope.tenant_id, import_id)
    store().put(name, seal_file_for_clinic(scope, object_name=name, data=data))
    headings = json.dumps(table.headings, ensure_ascii=False)
    made = PatientImport(
        tenant_id=scope.tenant_id,
        id=import_id,
        state=ImportState.MAPPING,
        object_name=name,
        sha256=sha256(data).digest(),
        encoding=table.encoding,
        delimiter=table.delimiter,
        headings_cipher=seal_for_clinic(
            scope, place="patient_import.headings", row_id=import_id, text=headings
        ),
        rows=len(table.rows),
        created_by=scope.actor.id,
        created_at=now(),
    )
    scope.session.add(made)
    audit.record(scope, "patients:import:upload", subject_id=import_id, rows=made.rows)
    return made


def read_list(scope: TenantScope, one: PatientImport) -> TextTable:
    """Return the table of an uploaded file; raises StoreUnavailable."""
    data = open_file_for_clinic(
        scope, object_name=one.object_name, data=store().get(one.object_name)
    )
    return read_table(data, most_rows=MOST_ROWS, most_columns=MOST_COLUMNS)


def map_columns(
    scope: TenantScope,
    *,
    import_id: uuid.UUID,
    columns: Mapping[str, int],
    order: str,
    location_id: uuid.UUID,
) -> PatientImport:
    """Say which column is what, and begin the trial; raises Invalid or ImportMoved."""
    one = _at_step(scope, import_id, ImportState.MAPPING)
    has_name = "name" in columns or "given_name" in columns or "family_name" in columns
    if not has_name or "date_of_birth" not in columns or not set(columns) <= set(FIELDS):
        raise Invalid(
            "Choose the columns of the name and of the date of birth.",
            fields={"columns": "Choose the columns of the name and of the date of birth."},
        )
    if len(set(columns.values())) != len(columns) or min(columns.values()) < 0:
        raise Invalid("Each column can be one thing only.", fields={"columns": "used twice"})
    if order not in ORDERS:
        raise Invalid("Choose the order of dates.", fields={"order": "unknown"})
    one.location_id = get_open_location(scope, location_id).id
    one.mapping = {"columns": dict(columns), "order": order}
    one.state, one.done, one.version = ImportState.CHECKING, 0, one.version + 1
    audit.record(scope, "patients:import:map", subject_id=one.id)
    _go_on(scope, one)
    return one


def step_import(scope: TenantScope, *, import_id: uuid.UUID) -> None:
    """Do the next piece of an import's work; one transaction, safe to do again."""
    one = queries.get_import_for_update(scope, import_id)
    if one.state == ImportState.CHECKING:
        _check_some(scope, one)
    elif one.state == ImportState.IMPORTING:
        _prepare_or_finish(scope, one)


def start_import(scope: TenantScope, *, import_id: uuid.UUID) -> PatientImport:
    """Import every accepted row, each looked for on the books once more.

    Raises ImportMoved, or Invalid where there is none.
    """
    one = _at_step(scope, import_id, ImportState.CHECKED)
    if not queries.count_outcomes(scope, one.id).get("accepted"):
        raise Invalid("No row can be imported. Put the file right and send it again.")
    one.state, one.done, one.version = ImportState.IMPORTING, 0, one.version + 1
    audit.record(scope, "patients:import:start", subject_id=one.id)
    _go_on(scope, one)
    return one


def cancel_import(scope: TenantScope, *, import_id: uuid.UUID) -> PatientImport:
    """Give an import up before anybody came in by it; the file is deleted. Raises ImportMoved."""
    one = queries.get_import_for_update(scope, import_id)
    if one.state == ImportState.DONE:
        raise ImportMoved("The patients were imported already.", state=one.state)
    if one.state != ImportState.CANCELLED:
        one.state, one.finished_at, one.version = ImportState.CANCELLED, now(), one.version + 1
        audit.record(scope, "patients:import:cancel", subject_id=one.id)
        _forget_file(scope, one)
    return one


def forget_file(scope: TenantScope, *, import_id: uuid.UUID) -> None:
    """Delete the file of an import that is over."""
    one = queries.get_import(scope, import_id)
    if one.state in (ImportState.DONE, ImportState.CANCELLED):
        store().delete(one.object_name)
        audit.record(scope, "patients:import:forget", subject_id=one.id)


def _check_some(scope: TenantScope, one: PatientImport) -> None:
    table, mapped = read_list(scope, one), _mapped(scope, one)
    width = len(table.headings)
    seen = {_twin_key(found) for found in _before(table, mapped, one.done) if found}
    here = table.rows[one.done : one.done + CHECKED_AT_ONCE]
    for number, row in enumerate(here, one.done + 1):
        wanted, problems = read_row(row, mapped, width=width)
        outcome = "accepted" if wanted else "refused"
        if wanted is not None:
            problems = _twins(scope, wanted, seen)
            outcome = "duplicate" if problems else "accepted"
            seen.add(_twin_key(wanted))
        scope.session.add(found_row(scope, one.id, number, outcome, problems))
    one.done += len(here)
    if one.done >= len(table.rows):
        one.state, one.version = ImportState.CHECKED, one.version + 1
        audit.record(scope, "patients:import:check", subject_id=one.id)
    else:
        _go_on(scope, one)


def _prepare_or_finish(scope: TenantScope, one: PatientImport) -> None:
    accepted = queries.list_rows(scope, one.id, outcome="accepted")
    if one.done < len(accepted):
        for row in accepted[one.done : one.done + KEYS_AT_ONCE]:
            for retention in ("clinical", "contact"):
                patient_key(scope.tenant_id, row.patient_id, retention)
        one.done = min(len(accepted), one.done + KEYS_AT_ONCE)
        _go_on(scope, one)
        return
    add_accepted(scope, one, accepted, read_list(scope, one), _mapped(scope, one))
    one.state, one.finished_at, one.version = ImportState.DONE, now(), one.version + 1
    _forget_file(scope, one)


def _mapped(scope: TenantScope, one: PatientImport) -> Mapped:
    if one.mapping is None or one.location_id is None:
        raise ImportMoved("Say first which column is what.", state=one.state)
    location = get_location(scope, one.location_id)
    return Mapped(one.mapping["columns"], one.mapping["order"], location)


def _before(table: TextTable, mapped: Mapped, done: int) -> list[NewPatient | None]:
    return [read_row(row, mapped, width=len(table.headings))[0] for row in table.rows[:done]]


def _twin_key(one: NewPatient) -> tuple[str, str]:
    return " ".join(one.name.casefold().split()), one.date_of_birth.isoformat()


def _twins(scope: TenantScope, wanted: NewPatient, seen: set[tuple[str, str]]) -> list[Problem]:
    if _twin_key(wanted) in seen:
        return [Problem("name", "twin_here")]
    if find_alike(scope, name=wanted.name, born=wanted.date_of_birth, contact_tokens=()):
        return [Problem("name", "twin_known")]
    return []


def _at_step(scope: TenantScope, import_id: uuid.UUID, step: ImportState) -> PatientImport:
    one = queries.get_import_for_update(scope, import_id)
    if one.state != step:
        raise ImportMoved("Look at the import again: it is at another step.", state=one.state)
    return one


def _go_on(scope: TenantScope, one: PatientImport) -> None:
    jobs.enqueue(scope, "patients.step_import", lock=f"import:{one.id}", patient_import_id=one.id)


def _forget_file(scope: TenantScope, one: PatientImport) -> None:
    jobs.enqueue(scope, "patients.forget_file", lock=f"import:{one.id}", patient_import_id=one.id)
