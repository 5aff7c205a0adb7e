"""Exports of the whole clinic, for programs."""

import uuid
from collections.abc import Sequence

from flask import Response, stream_with_context
from flask_smorest import Blueprint

from app import audit
from app.auth.guards import guard
from app.auth.permissions import Permission
from app.database import TenantScope
from app.idempotency import idempotent
from app.kit.clock import now
from app.leaving import queries
from app.leaving.archive import require_finished, stream_zip
from app.leaving.clinic_queries import find_leaving
from app.leaving.models import ClinicExport
from app.leaving.schemas import ExportResponse, LeavingRequest, LeavingResponse
from app.leaving.services.ask_export import ask_export, discard_export
from app.leaving.services.ask_to_leave import ask_to_leave, call_off

bp = Blueprint(
    "leaving",
    __name__,
    url_prefix="/api/v1/clinics/<uuid:clinic_id>",
    description="Export and leaving",
)


@bp.get("/exports")
@guard(Permission.CLINIC_LEAVE)
@bp.response(200, ExportResponse(many=True))
def list_exports(scope: TenantScope) -> Sequence[ClinicExport]:
    """List the latest exports."""
    return queries.list_exports(scope)


@bp.post("/exports")
@guard(Permission.CLINIC_LEAVE, step_up=True)
@idempotent
@bp.response(202, ExportResponse)
def ask_for_export(scope: TenantScope) -> ClinicExport:
    """Begin an export of everything."""
    return ask_export(scope)


@bp.get("/exports/<uuid:export_id>")
@guard(Permission.CLINIC_LEAVE)
@bp.response(200, ExportResponse)
def get_export(scope: TenantScope, export_id: uuid.UUID) -> ClinicExport:
    """Return how far an export has come."""
    return queries.get_export(scope, export_id)


@bp.delete("/exports/<uuid:export_id>")
@guard(Permission.CLINIC_LEAVE)
@bp.response(204)
def discard(scope: TenantScope, export_id: uuid.UUID) -> None:
    """Stop an export, or throw a finished one away."""
    discard_export(scope, export_id=export_id)


@bp.get("/leaving")
@guard(Permission.CLINIC_LEAVE)
@bp.response(200, LeavingResponse)
def get_leaving(scope: TenantScope) -> dict[str, object]:
    """Return how far the clinic is on its way out; null where it stays."""
    return {"leaving": find_leaving(scope)}


@bp.post("/leaving")
@guard(Permission.CLINIC_LEAVE, step_up=True)
@idempotent
@bp.arguments(LeavingRequest)
@bp.response(202, LeavingResponse)
def leave(scope: TenantScope, asked: dict[str, str]) -> dict[str, object]:
    """Ask that the clinic be deleted in thirty days."""
    ask_to_leave(scope, typed_name=asked["legal_name"])
    return {"leaving": find_leaving(scope)}


@bp.post("/leaving/call-off")
@guard(Permission.CLINIC_LEAVE, step_up=True)
@idempotent
@bp.response(200, LeavingResponse)
def stay(scope: TenantScope) -> dict[str, object]:
    """Call the deletion off."""
    call_off(scope)
    return {"leaving": None}


@bp.get("/exports/<uuid:export_id>/file")
@guard(Permission.CLINIC_LEAVE, step_up=True)
@bp.response(200, {"type": "string", "format": "binary"}, content_type="application/zip")
def download(scope: TenantScope, export_id: uuid.UUID) -> Response:
    """Give a finished export out, in plain, to somebody who has just proved who they are."""
    return send_export(scope, export_id)


def send_export(scope: TenantScope, export_id: uuid.UUID) -> Response:
    """Return the zip file of a finished export as it is made; raises ExportNotReady, ExportGone."""
    export = queries.get_export(scope, export_id)
    require_finished(export, now())
    audit.record(scope, "leaving:export:download", subject_id=export.id)
    body = stream_with_context(stream_zip(scope.tenant_id, scope.actor, export.id))
    response = Response(body, mimetype="application/zip")
    day = export.asked_at.date().isoformat()
    response.headers["Content-Disposition"] = f'attachment; filename="clinic-export-{day}.zip"'
    return response
