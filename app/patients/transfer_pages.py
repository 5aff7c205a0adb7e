"""Pages for bringing a list of patients in, with its report, and for taking the list away."""

import json
import uuid

from flask import Blueprint, Response, render_template, request

from app.auth.guards import guard
from app.auth.permissions import Permission
from app.database import TenantScope
from app.forms import Form, asking_again, sent_form, to_choose
from app.idempotency import idempotent
from app.kit.csv_text import DELIMITERS, csv_file_of
from app.patients import import_queries as queries
from app.patients.export_queries import list_lists
from app.patients.import_models import ImportState, PatientImport, PatientImportRow
from app.patients.import_rows import FIELDS, ORDERS, Problem, guess_columns
from app.patients.services import import_patients
from app.patients.services.export_patients import read_list_file, request_list
from app.patients.transfer_routes import csv_file
from app.staff_pages import go_to
from app.tenants.queries import list_open_locations
from app.vault import open_for_clinic

bp = Blueprint("transfer_pages", __name__, url_prefix="/clinics/<uuid:clinic_id>/patients")
IMPORT, EXPORT = Permission.PATIENT_IMPORT, Permission.PATIENT_EXPORT
SHOWN_PROBLEMS, SAMPLE = 200, 3
ONE = "/imports/<uuid:patient_import_id>"
WORKING = (ImportState.CHECKING, ImportState.IMPORTING)


@bp.get("/imports")
@guard(IMPORT)
def show_imports(scope: TenantScope) -> str:
    """Ask for a file, and show earlier ones."""
    return _upload_page(scope, Form())


@bp.post("/imports")
@guard(IMPORT)
@idempotent
def upload(scope: TenantScope) -> Response:
    """Take a file."""
    form = sent_form()
    with asking_again(form, lambda again: _upload_page(scope, again), {"": "file"}):
        sent = request.files.get("file")
        data = sent.read() if sent is not None else b""
        if not data:
            form.fail("file", "Choose a file.")
        form.check()
        one = import_patients.upload_list(scope, data)
    return go_to(scope, f"/patients/imports/{one.id}")


@bp.get(ONE)
@guard(IMPORT)
def show_import(scope: TenantScope, patient_import_id: uuid.UUID) -> str:
    """Show an import at its step: columns, trial, report, progress, or its end."""
    return _page(scope, queries.get_import(scope, patient_import_id), Form())


@bp.post(f"{ONE}/mapping")
@guard(IMPORT)
@idempotent
def map_columns(scope: TenantScope, patient_import_id: uuid.UUID) -> Response:
    """Take the columns and begin the trial."""
    form, one = sent_form(), queries.get_import(scope, patient_import_id)
    names = {"": "column_name", "columns": "column_name"}
    with asking_again(form, lambda again: _page(scope, one, again), names):
        columns = {
            field: int(typed)
            for field in FIELDS
            if (typed := form.typed(f"column_{field}")).isascii() and typed.isdigit()
        }
        order = form.choice("order", ORDERS, "Choose the order of dates.")
        location_id = form.key_of("location_id", "Choose the location.")
        form.check()
        import_patients.map_columns(
            scope, import_id=one.id, columns=columns, order=order, location_id=location_id
        )
    return go_to(scope, f"/patients/imports/{one.id}")


@bp.post(f"{ONE}/start")
@guard(IMPORT)
@idempotent
def start(scope: TenantScope, patient_import_id: uuid.UUID) -> Response:
    """Import every accepted row."""
    one = queries.get_import(scope, patient_import_id)
    form = sent_form()
    with asking_again(form, lambda again: _page(scope, one, again)):
        import_patients.start_import(scope, import_id=one.id)
    return go_to(scope, f"/patients/imports/{one.id}")


@bp.post(f"{ONE}/cancel")
@guard(IMPORT)
@idempotent
def cancel(scope: TenantScope, patient_import_id: uuid.UUID) -> Response:
    """Give an import up."""
    one = queries.get_import(scope, patient_import_id)
    form = sent_form()
    with asking_again(form, lambda again: _page(scope, one, again)):
        import_patients.cancel_import(scope, import_id=one.id)
    return go_to(scope, "/patients/imports")


@bp.get(f"{ONE}/report")
@guard(IMPORT)
def fetch_report(scope: TenantScope, patient_import_id: uuid.UUID) -> Response:
    """Return what the trial found in each row, as CSV; it repeats nothing that was typed."""
    one = queries.get_import(scope, patient_import_id)
    rows = [("row", "outcome", "column", "what to do")]
    for row in queries.list_rows(scope, one.id):
        told = _told(row) or [{"column": "", "sentence": ""}]
        rows += [(str(row.number + 1), row.outcome, t["column"], t["sentence"]) for t in told]
    return csv_file(csv_file_of(rows), "import-report")


@bp.get("/lists")
@guard(EXPORT)
def show_lists(scope: TenantScope) -> str:
    """Show the lists of patients that were written."""
    lists = list_lists(scope)
    waits = any(one.state == "queued" for one in lists)
    return render_template("patients/lists.html", lists=lists, waits=waits, form=Form())


@bp.post("/lists")
@guard(EXPORT, step_up=True)
@idempotent
def request_export(scope: TenantScope) -> Response:
    """Begin to write the list of all patients."""
    request_list(scope)
    return go_to(scope, "/patients/lists")


@bp.get("/lists/<uuid:patient_list_id>/file")
@guard(EXPORT, step_up=True)
def fetch_list(scope: TenantScope, patient_list_id: uuid.UUID) -> Response:
    """Return a finished list as CSV."""
    return csv_file(read_list_file(scope, export_id=patient_list_id), "patients")


def _upload_page(scope: TenantScope, form: Form) -> str:
    return render_template(
        "patients/imports.html",
        form=form,
        imports=queries.list_imports(scope),
        most_rows=import_patients.MOST_ROWS,
    )


def _page(scope: TenantScope, one: PatientImport, form: Form) -> str:
    is_mapping = one.state == ImportState.MAPPING
    headings = _headings(scope, one)
    guessed = guess_columns(headings)
    counts = queries.count_outcomes(scope, one.id)
    problems = queries.list_rows(scope, one.id, outcome="problem", most=SHOWN_PROBLEMS)
    return render_template(
        "patients/import.html",
        form=form,
        one=one,
        headings=headings,
        delimiter=DELIMITERS[one.delimiter],
        fields=[
            {
                "name": f"column_{name}",
                "label": label,
                "value": form.sent.get(f"column_{name}", str(guessed.get(name, ""))),
            }
            for name, (label, _) in FIELDS.items()
        ],
        columns=[
            {"value": "", "label": "Not in the file"},
            *(
                {"value": str(number), "label": heading or f"Column {number + 1}"}
                for number, heading in enumerate(headings)
            ),
        ],
        orders=[{"value": value, "label": label} for value, label in ORDERS.items()],
        locations=to_choose(
            [{"value": str(x.id), "label": x.name} for x in list_open_locations(scope)],
            "Choose a location",
        ),
        sample=import_patients.read_list(scope, one).rows[:SAMPLE] if is_mapping else [],
        counts=counts,
        late=queries.count_late_twins(scope, one.id) if one.state == ImportState.DONE else 0,
        problems=[{"number": row.number + 1, "told": _told(row)} for row in problems],
        total=counts.get("accepted", 0) if one.state == ImportState.IMPORTING else one.rows,
        waits=one.state in WORKING,
    )


def _headings(scope: TenantScope, one: PatientImport) -> list[str]:
    text = open_for_clinic(
        scope, place="patient_import.headings", row_id=one.id, cipher=one.headings_cipher
    )
    found: list[str] = json.loads(text)
    return found


def _told(row: PatientImportRow) -> list[dict[str, str]]:
    return [
        {
            "column": FIELDS[one["column"]][0] if one["column"] in FIELDS else "The row",
            "sentence": Problem(**one).sentence(),
        }
        for one in row.problems
    ]
