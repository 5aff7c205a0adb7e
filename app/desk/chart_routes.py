"""Who looked at which chart, for programs."""

import uuid
from typing import Any

from flask_smorest import Blueprint
from marshmallow import fields

from app import audit
from app.audit.places import read_place, write_place
from app.audit.queries import Wanted
from app.auth.guards import guard
from app.auth.permissions import Permission
from app.database import TenantScope
from app.desk.chart_access import list_looks
from app.patients.queries import get_patient
from app.schemas import StrictSchema
from app.tenants.queries import get_staff

PAGE = 100
bp = Blueprint(
    "chart_access", __name__, url_prefix="/api/v1/clinics/<uuid:clinic_id>", description="Audit"
)


class LookPageRequest(StrictSchema):
    """``before`` is ``next`` of the page before."""

    before = fields.String(load_default="")


class LookResponse(StrictSchema):
    """One look at one chart: who, in which role, what and why, in plain words."""

    event_id = fields.UUID(required=True)
    at = fields.AwareDateTime(required=True)
    patient_id = fields.UUID(required=True)
    staff_id = fields.UUID(required=True, allow_none=True)
    name = fields.String(required=True)
    role = fields.String(required=True)
    what = fields.String(required=True)
    why = fields.String(required=True)


class LookPageResponse(StrictSchema):
    """A page of looks, the newest first; ``next`` is empty at the end."""

    looks = fields.List(fields.Nested(LookResponse), required=True)
    next = fields.String(required=True)


@bp.get("/patients/<uuid:patient_id>/looks")
@guard(Permission.AUDIT_READ)
@bp.arguments(LookPageRequest, location="query")
@bp.response(200, LookPageResponse)
def list_patient_looks(
    scope: TenantScope, wanted: dict[str, str], patient_id: uuid.UUID
) -> dict[str, Any]:
    """List who looked at a patient's chart, when and why."""
    patient = get_patient(scope, patient_id)
    audit.record(scope, "chart:access:read", subject_id=patient.id, patient_id=patient.id)
    return _page(scope, Wanted(patient_id=patient.id, looks_at_charts=True), wanted["before"])


@bp.get("/staff/<uuid:staff_id>/looks")
@guard(Permission.AUDIT_READ)
@bp.arguments(LookPageRequest, location="query")
@bp.response(200, LookPageResponse)
def list_staff_looks(
    scope: TenantScope, wanted: dict[str, str], staff_id: uuid.UUID
) -> dict[str, Any]:
    """List whose charts a member of staff looked at, when and why."""
    member = get_staff(scope, staff_id)
    return _page(scope, Wanted(actor_id=member.id, looks_at_charts=True), wanted["before"])


def _page(scope: TenantScope, wanted: Wanted, before: str) -> dict[str, Any]:
    looks, following = list_looks(scope, wanted, zone="UTC", before=read_place(before), size=PAGE)
    return {"looks": looks, "next": write_place(following)}
