"""Rights, for programs."""

import uuid
from typing import Any

from flask import Response, make_response
from flask_smorest import Blueprint

from app import audit
from app.auth.guards import guard
from app.auth.permissions import Permission
from app.database import TenantScope
from app.idempotency import idempotent
from app.patients.addendum_models import PatientAddendum
from app.patients.export_models import DataExport
from app.patients.limit_models import PatientLimit
from app.patients.queries import get_patient
from app.patients.services.limit_use import lift_limit, place_limit
from app.rights.export_queries import get_export
from app.rights.models import RightsRequest
from app.rights.overview import overview_of
from app.rights.schemas import (
    AddendumRequest,
    AddendumResponse,
    DataExportResponse,
    DecisionsResponse,
    LimitRequest,
    LimitResponse,
    RightsRequestRequest,
    RightsRequestResponse,
    RightsResponse,
)
from app.rights.services.correct_record import correct_record
from app.rights.services.decide_erasure import decide_erasure
from app.rights.services.export_data import read_export, request_export, send_export
from app.rights.services.take_request import close_request, take_request
from app.vault.backups import backup_days

bp = Blueprint(
    "rights",
    __name__,
    url_prefix="/api/v1/clinics/<uuid:clinic_id>",
    description="What patients may ask about their data",
)
MANAGE = Permission.RIGHTS_MANAGE


@bp.get("/patients/<uuid:patient_id>/rights")
@guard(MANAGE)
@bp.response(200, RightsResponse)
def get(scope: TenantScope, patient_id: uuid.UUID) -> dict[str, Any]:
    """Return limits, requests, decisions and copies of one patient's data."""
    patient = get_patient(scope, patient_id)
    audit.record(scope, "rights:overview:read", subject_id=patient.id, patient_id=patient.id)
    found = overview_of(scope, patient)
    return {
        "limits": [*found.limits, *found.lifted],
        "requests": found.requests,
        "decisions": found.decisions,
        "exports": found.exports,
    }


@bp.post("/patients/<uuid:patient_id>/rights-requests")
@guard(MANAGE)
@idempotent
@bp.arguments(RightsRequestRequest)
@bp.response(201, RightsRequestResponse)
def take(scope: TenantScope, wanted: dict[str, Any], patient_id: uuid.UUID) -> RightsRequest:
    """Write down what a patient asks."""
    return take_request(scope, patient_id=patient_id, **wanted)


@bp.post("/rights-requests/<uuid:rights_request_id>/decide")
@guard(MANAGE, step_up=True)
@bp.response(200, DecisionsResponse)
def decide(scope: TenantScope, rights_request_id: uuid.UUID) -> dict[str, Any]:
    """Decide a request for erasure, class by class."""
    decided = decide_erasure(scope, request_id=rights_request_id, backup_days=backup_days())
    return {"decisions": decided}


@bp.post("/rights-requests/<uuid:rights_request_id>/close")
@guard(MANAGE)
@bp.response(200, RightsRequestResponse)
def close(scope: TenantScope, rights_request_id: uuid.UUID) -> RightsRequest:
    """Note that a request was answered."""
    return close_request(scope, request_id=rights_request_id)


@bp.post("/patients/<uuid:patient_id>/limits")
@guard(MANAGE)
@idempotent
@bp.arguments(LimitRequest)
@bp.response(201, LimitResponse)
def place(scope: TenantScope, wanted: dict[str, Any], patient_id: uuid.UUID) -> PatientLimit:
    """Set a legal hold, a restriction or an objection."""
    return place_limit(scope, patient_id=patient_id, **wanted)


@bp.post("/limits/<uuid:patient_limit_id>/lift")
@guard(MANAGE, step_up=True)
@bp.response(200, LimitResponse)
def lift(scope: TenantScope, patient_limit_id: uuid.UUID) -> PatientLimit:
    """Lift a limit."""
    return lift_limit(scope, limit_id=patient_limit_id)


@bp.post("/patients/<uuid:patient_id>/addenda")
@guard(MANAGE)
@idempotent
@bp.arguments(AddendumRequest)
@bp.response(201, AddendumResponse)
def correct(scope: TenantScope, wanted: dict[str, Any], patient_id: uuid.UUID) -> PatientAddendum:
    """Put a patient's correction beside the record."""
    return correct_record(scope, patient_id=patient_id, **wanted)


@bp.post("/patients/<uuid:patient_id>/data-exports")
@guard(MANAGE)
@idempotent
@bp.response(201, DataExportResponse)
def request_copy(scope: TenantScope, patient_id: uuid.UUID) -> DataExport:
    """Begin a copy of a patient's data; a job makes it."""
    return request_export(scope, patient_id=patient_id)


@bp.get("/data-exports/<uuid:data_export_id>")
@guard(MANAGE)
@bp.response(200, DataExportResponse)
def get_copy(scope: TenantScope, data_export_id: uuid.UUID) -> DataExport:
    """Return how far a copy is."""
    export = get_export(scope, data_export_id)
    audit.record(scope, "rights:export:read", subject_id=export.id, patient_id=export.patient_id)
    return export


@bp.get("/data-exports/<uuid:data_export_id>/file")
@guard(MANAGE, step_up=True)
@bp.response(200, content_type="application/zip")
def fetch_copy(scope: TenantScope, data_export_id: uuid.UUID) -> Response:
    """Return a copy of a patient's data as a ZIP file."""
    return zip_file(read_export(scope, export_id=data_export_id))


@bp.post("/data-exports/<uuid:data_export_id>/send")
@guard(MANAGE)
@bp.response(200, DataExportResponse)
def send_copy(scope: TenantScope, data_export_id: uuid.UUID) -> DataExport:
    """Send the patient a link to their copy."""
    return send_export(scope, export_id=data_export_id)


def zip_file(data: bytes) -> Response:
    """Return a download whose name says nothing about anybody."""
    response = make_response(data)
    response.headers["Content-Type"] = "application/zip"
    response.headers["Content-Disposition"] = 'attachment; filename="my-data.zip"'
    return response
