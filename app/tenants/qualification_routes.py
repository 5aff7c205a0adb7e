"""Qualifications of the staff, for programs."""

import uuid
from collections.abc import Sequence
from typing import Any

from flask_smorest import Blueprint

from app.auth.guards import guard
from app.auth.permissions import Permission
from app.database import TenantScope
from app.idempotency import idempotent
from app.tenants import place_queries, queries
from app.tenants.models import Qualification, QualificationScope
from app.tenants.place_schemas import (
    QualificationRequest,
    QualificationResponse,
    RenewalRequest,
    ScopeRequest,
    ScopeResponse,
)
from app.tenants.services import manage_qualification
from app.tenants.services.manage_qualification import NewQualification, NewScope, Renewal
from app.versioned import versioned

bp = Blueprint(
    "qualifications_api",
    __name__,
    url_prefix="/api/v1/clinics/<uuid:clinic_id>",
    description="Qualifications",
)


@bp.get("/staff/<uuid:staff_id>/qualifications")
@guard(Permission.CLINIC_READ)
@bp.response(200, QualificationResponse(many=True))
def list_qualifications(scope: TenantScope, staff_id: uuid.UUID) -> Sequence[Qualification]:
    """List a member of staff's qualifications."""
    return queries.list_qualifications(scope, queries.get_staff(scope, staff_id).id)


@bp.post("/staff/<uuid:staff_id>/qualifications")
@guard(Permission.STAFF_MANAGE)
@idempotent
@bp.arguments(QualificationRequest)
@bp.response(201, QualificationResponse)
def add_qualification(
    scope: TenantScope, wanted: dict[str, Any], staff_id: uuid.UUID
) -> Qualification:
    """Record a qualification and what it covers at which location."""
    wanted["scopes"] = tuple(_scope_of(one) for one in wanted["scopes"])
    return manage_qualification.add_qualification(
        scope, staff_id=staff_id, wanted=NewQualification(**wanted)
    )


@bp.put("/qualifications/<uuid:qualification_id>")
@guard(Permission.STAFF_MANAGE)
@versioned
@bp.arguments(RenewalRequest)
@bp.response(200, QualificationResponse)
def renew_qualification(
    scope: TenantScope,
    wanted: dict[str, Any],
    qualification_id: uuid.UUID,
    expected_version: int,
) -> Qualification:
    """Enter new last days; ``If-Match`` names the version that was read. A check is said anew."""
    return manage_qualification.renew_qualification(
        scope,
        qualification_id=qualification_id,
        wanted=Renewal(**wanted),
        version=expected_version,
    )


@bp.delete("/qualifications/<uuid:qualification_id>")
@guard(Permission.STAFF_MANAGE)
@bp.response(200, QualificationResponse)
def end_qualification(scope: TenantScope, qualification_id: uuid.UUID) -> Qualification:
    """End a qualification at once; it stays readable."""
    return manage_qualification.end_qualification(scope, qualification_id=qualification_id)


@bp.post("/qualifications/<uuid:qualification_id>/check")
@guard(Permission.QUALIFICATION_VERIFY)
@bp.response(200, QualificationResponse)
def verify_qualification(scope: TenantScope, qualification_id: uuid.UUID) -> Qualification:
    """Say that one has checked somebody else's qualification against its register."""
    return manage_qualification.verify_qualification(scope, qualification_id=qualification_id)


@bp.get("/qualifications/<uuid:qualification_id>/scopes")
@guard(Permission.CLINIC_READ)
@bp.response(200, ScopeResponse(many=True))
def list_scopes(scope: TenantScope, qualification_id: uuid.UUID) -> Sequence[QualificationScope]:
    """List what a qualification allows, at which location and for which procedure."""
    found = place_queries.get_qualification(scope, qualification_id)
    return place_queries.list_scopes(scope, found.id)


@bp.post("/qualifications/<uuid:qualification_id>/scopes")
@guard(Permission.STAFF_MANAGE)
@idempotent
@bp.arguments(ScopeRequest)
@bp.response(201, ScopeResponse)
def extend_qualification(
    scope: TenantScope, wanted: dict[str, Any], qualification_id: uuid.UUID
) -> QualificationScope:
    """Enter what a qualification allows at one more location, or for one more procedure."""
    return manage_qualification.extend_qualification(
        scope, qualification_id=qualification_id, allowed=_scope_of(wanted)
    )


def _scope_of(raw: dict[str, Any]) -> NewScope:
    given = dict(raw)
    for name in ("areas", "device_kinds"):
        given[name] = None if given[name] is None else tuple(given[name])
    return NewScope(**given)
