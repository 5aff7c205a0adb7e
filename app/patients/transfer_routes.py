"""Lists of patients in and out, for programs."""

import base64
import uuid
from typing import Any

from flask import Response, make_response
from flask_smorest import Blueprint

from app.auth.guards import guard
from app.auth.permissions import Permission
from app.database import TenantScope
from app.errors import Invalid
from app.idempotency import idempotent
from app.patients import import_queries
from app.patients.export_models import DataExport
from app.patients.export_queries import get_list
from app.patients.import_models import PatientImport, PatientImportRow
from app.patients.import_rows import Problem
from app.patients.services import import_patients
from app.patients.services.export_patients import read_list_file, request_list
from app.patients.transfer_schemas import (
    ImportRowResponse,
    ImportRowsQuery,
    PatientImportMapping,
    PatientImportRequest,
    PatientImportResponse,
    PatientListResponse,
)

bp = Blueprint(
    "patient_lists",
    __name__,
    url_prefix="/api/v1/clinics/<uuid:clinic_id>",
    description="Lists of patients, in and out",
)
ROWS = 100
IMPORT, EXPORT = Permission.PATIENT_IMPORT, Permission.PATIENT_EXPORT


@bp.post("/patient-imports")
@guard(IMPORT)
@idempotent
@bp.arguments(PatientImportRequest)
@bp.response(201, PatientImportResponse)
def upload(scope: TenantScope, wanted: dict[str, str]) -> PatientImport:
    """Send a list of patients as CSV, written as base64."""
    try:
        data = base64.b64decode(wanted["file"], validate=True)
    except ValueError as bad:
        raise Invalid("The file is not base64.", fields={"file": "not base64"}) from bad
    return import_patients.upload_list(scope, data)


@bp.get("/patient-imports/<uuid:patient_import_id>")
@guard(IMPORT)
@bp.response(200, PatientImportResponse)
def get(scope: TenantScope, patient_import_id: uuid.UUID) -> PatientImport:
    """Return how far an import is."""
    return import_queries.get_import(scope, patient_import_id)


@bp.get("/patient-imports/<uuid:patient_import_id>/rows")
@guard(IMPORT)
@bp.arguments(ImportRowsQuery, location="query")
@bp.response(200, ImportRowResponse(many=True))
def list_rows(
    scope: TenantScope, asked: dict[str, int], patient_import_id: uuid.UUID
) -> list[dict[str, Any]]:
    """List what was found in each row, 100 at most; ``after`` is the last row of the page before.

    After the import this is its report: also who was left out since somebody like them came in.
    """
    one = import_queries.get_import(scope, patient_import_id)
    rows = import_queries.list_rows(scope, one.id, after=asked["after"] - 1, most=ROWS)
    return [{"row": row.number + 1, "outcome": row.outcome, "problems": _told(row)} for row in rows]


@bp.post("/patient-imports/<uuid:patient_import_id>/mapping")
@guard(IMPORT)
@bp.arguments(PatientImportMapping)
@bp.response(200, PatientImportResponse)
def map_columns(
    scope: TenantScope, wanted: dict[str, Any], patient_import_id: uuid.UUID
) -> PatientImport:
    """Say which column is what, and begin the trial."""
    return import_patients.map_columns(scope, import_id=patient_import_id, **wanted)


@bp.post("/patient-imports/<uuid:patient_import_id>/start")
@guard(IMPORT)
@bp.response(200, PatientImportResponse)
def start(scope: TenantScope, patient_import_id: uuid.UUID) -> PatientImport:
    """Import every accepted row, all of them or none."""
    return import_patients.start_import(scope, import_id=patient_import_id)


@bp.post("/patient-imports/<uuid:patient_import_id>/cancel")
@guard(IMPORT)
@bp.response(200, PatientImportResponse)
def cancel(scope: TenantScope, patient_import_id: uuid.UUID) -> PatientImport:
    """Give an import up before anybody came in by it."""
    return import_patients.cancel_import(scope, import_id=patient_import_id)


@bp.post("/patient-lists")
@guard(EXPORT, step_up=True)
@idempotent
@bp.response(201, PatientListResponse)
def request_export(scope: TenantScope) -> DataExport:
    """Begin to write the list of all patients."""
    return request_list(scope)


@bp.get("/patient-lists/<uuid:patient_list_id>")
@guard(EXPORT)
@bp.response(200, PatientListResponse)
def get_export(scope: TenantScope, patient_list_id: uuid.UUID) -> DataExport:
    """Return how far a list is."""
    return get_list(scope, patient_list_id)


@bp.get("/patient-lists/<uuid:patient_list_id>/file")
@guard(EXPORT, step_up=True)
@bp.response(200, content_type="text/csv")
def fetch(scope: TenantScope, patient_list_id: uuid.UUID) -> Response:
    """Return a finished list as CSV."""
    return csv_file(read_list_file(scope, export_id=patient_list_id), "patients")


def csv_file(data: bytes, name: str) -> Response:
    """Return a download in CSV."""
    response = make_response(data)
    response.headers["Content-Type"] = "text/csv; charset=utf-8; header=present"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _told(row: PatientImportRow) -> list[dict[str, str]]:
    return [
        {"column": one["column"], "code": one["code"], "message": Problem(**one).sentence()}
        for one in row.problems
    ]
