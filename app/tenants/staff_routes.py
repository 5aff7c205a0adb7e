"""Staff, their roles and invitations, for programs."""

import uuid
from collections.abc import Sequence
from typing import Any

from flask_smorest import Blueprint

from app.auth.guards import guard, require_step_up
from app.auth.permissions import GRANTED, ROLE_WORDS, WHOLE_CLINIC, WORDS, Permission
from app.database import TenantScope
from app.idempotency import idempotent
from app.tenants import staff_queries
from app.tenants.models import Role, StaffInvitation, StaffMember
from app.tenants.services import invite_staff, manage_staff
from app.tenants.services.invite_staff import NewInvitation
from app.tenants.services.manage_staff import StaffTerms
from app.tenants.staff_schemas import (
    InvitationRequest,
    InvitationResponse,
    RolePermissionsResponse,
    StaffLineResponse,
    StaffResponse,
    StaffTermsRequest,
)
from app.versioned import versioned

bp = Blueprint(
    "staff", __name__, url_prefix="/api/v1/clinics/<uuid:clinic_id>", description="Staff"
)


@bp.get("/staff")
@guard(Permission.CLINIC_READ)
@bp.response(200, StaffLineResponse(many=True))
def list_staff(scope: TenantScope) -> list[dict[str, Any]]:
    """List everybody who works or worked at the clinic, those who work here first."""
    return [
        {
            **{name: getattr(line.member, name) for name in StaffResponse().fields},
            "location_ids": line.places,
            "last_seen_at": line.last_seen_at,
            "qualified_until": line.qualified_until,
        }
        for line in staff_queries.list_staff_lines(scope)
    ]


@bp.put("/staff/<uuid:staff_id>")
@guard(Permission.STAFF_MANAGE, step_up=True)
@idempotent
@versioned
@bp.arguments(StaffTermsRequest)
@bp.response(200, StaffResponse)
def change_staff(
    scope: TenantScope, wanted: dict[str, Any], staff_id: uuid.UUID, expected_version: int
) -> StaffMember:
    """Change role and locations; ``If-Match`` names the version that was read."""
    terms = StaffTerms(wanted["role"], tuple(wanted["location_ids"]))
    return manage_staff.change_staff(
        scope, staff_id=staff_id, terms=terms, version=expected_version
    )


@bp.delete("/staff/<uuid:staff_id>")
@guard(Permission.STAFF_MANAGE)
@bp.response(200, StaffResponse)
def disable_staff(scope: TenantScope, staff_id: uuid.UUID) -> StaffMember:
    """Shut a member of staff out, on their very next request."""
    return manage_staff.disable_staff(scope, staff_id=staff_id)


@bp.post("/staff/<uuid:staff_id>/enable")
@guard(Permission.STAFF_MANAGE, step_up=True)
@bp.response(200, StaffResponse)
def enable_staff(scope: TenantScope, staff_id: uuid.UUID) -> StaffMember:
    """Let a member of staff in again."""
    return manage_staff.enable_staff(scope, staff_id=staff_id)


@bp.get("/permissions")
@guard(Permission.CLINIC_READ)
@bp.response(200, RolePermissionsResponse(many=True))
def list_permissions(scope: TenantScope) -> list[dict[str, Any]]:
    """List what each role may do: the very table that the guards ask."""
    return [
        {
            "permission": permission.value,
            "meaning": WORDS.get(permission, permission.value),
            "roles": [role for role in ROLE_WORDS if role in allowed],
            "is_for_the_whole_clinic": permission in WHOLE_CLINIC,
        }
        for permission, allowed in GRANTED.items()
    ]


@bp.get("/invitations")
@guard(Permission.STAFF_MANAGE)
@bp.response(200, InvitationResponse(many=True))
def list_invitations(scope: TenantScope) -> Sequence[StaffInvitation]:
    """List the invitations that wait for an answer."""
    return staff_queries.list_open_invitations(scope)


@bp.post("/invitations")
@guard(Permission.STAFF_MANAGE)
@idempotent
@bp.arguments(InvitationRequest)
@bp.response(201, InvitationResponse)
def invite(scope: TenantScope, wanted: dict[str, Any]) -> StaffInvitation:
    """Invite an address; another owner is invited with a fresh second factor only."""
    if wanted["role"] is Role.OWNER:
        require_step_up()
    location_ids = tuple(wanted["location_ids"])
    return invite_staff.invite_staff(
        scope, NewInvitation(wanted["email"], wanted["role"], location_ids)
    )


@bp.post("/invitations/<uuid:invitation_id>/resend")
@guard(Permission.STAFF_MANAGE)
@idempotent
@bp.response(200, InvitationResponse)
def resend(scope: TenantScope, invitation_id: uuid.UUID) -> StaffInvitation:
    """Send a fresh link; the one before dies."""
    return invite_staff.resend_invitation(scope, invitation_id=invitation_id)


@bp.delete("/invitations/<uuid:invitation_id>")
@guard(Permission.STAFF_MANAGE)
@bp.response(200, InvitationResponse)
def cancel(scope: TenantScope, invitation_id: uuid.UUID) -> StaffInvitation:
    """Take an invitation back."""
    return invite_staff.cancel_invitation(scope, invitation_id=invitation_id)
