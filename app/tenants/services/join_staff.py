"""Somebody accepts an invitation: of any number of tries and racers, one becomes a member."""

import uuid
from dataclasses import dataclass, replace

from app import audit
from app.auth.guards import LinkNotUsable
from app.auth.permissions import Permission, includes, may
from app.auth.secrets import use_token
from app.database import Actor, TenantScope
from app.kit.clock import now
from app.kit.ids import new_id
from app.tenants import queries, staff_queries
from app.tenants.errors import AlreadyStaff
from app.tenants.models import (
    InvitationState,
    Role,
    StaffInvitation,
    StaffLocation,
    StaffMember,
)
from app.tenants.services.sign_up_clinic import add_staff_row, checked_name


@dataclass(frozen=True)
class Joining:
    """Who joins: an account whose address is exactly the invited one, and the name to show."""

    person_id: uuid.UUID
    name: str


def accept_invitation(
    scope: TenantScope, *, invitation_id: uuid.UUID, token: str, joining: Joining
) -> StaffMember:
    """Make the invited account a member of staff. The caller has proved that it is that account.

    Raises LinkNotUsable for a link that was used, cancelled or replaced, that has run out, or whose
    sender may not invite any more; AlreadyStaff where the account has a place here.
    """
    if not use_token(scope.session, "invitation", token):
        raise LinkNotUsable
    invitation = staff_queries.get_invitation_for_update(scope, invitation_id)
    _check_standing(scope, invitation)
    if staff_queries.find_staff_of_person(scope, joining.person_id) is not None:
        raise AlreadyStaff("This account works at the clinic already.")
    staff_id = new_id()
    joined = replace(scope, actor=Actor("staff", staff_id, joining.person_id))
    member = add_member(
        joined,
        staff_id=staff_id,
        joining=joining,
        email=invitation.email,
        role=Role(invitation.role),
        location_ids=tuple(invitation.location_ids),
    )
    invitation.state, invitation.ended_at = InvitationState.ACCEPTED.value, now()
    # The member's row is in this transaction, and the key to it is checked at once.
    scope.session.flush()
    invitation.staff_id = staff_id
    invitation.version += 1
    audit.record(joined, "tenants:invitation:accept", subject_id=invitation.id, staff_id=staff_id)
    return member


def add_member(
    scope: TenantScope,
    *,
    staff_id: uuid.UUID,
    joining: Joining,
    email: str,
    role: Role,
    location_ids: tuple[uuid.UUID, ...],
) -> StaffMember:
    """Add an account to the staff, limited to some locations or, with none, to nothing."""
    name = checked_name(joining.name, "name")
    member = add_staff_row(scope, staff_id, joining.person_id, name, email, role)
    add_places(scope, staff_id, location_ids)
    audit.record(scope, "tenants:staff:join", subject_id=member.id, role=role.value)
    return member


def add_places(
    scope: TenantScope, staff_id: uuid.UUID, location_ids: tuple[uuid.UUID, ...]
) -> None:
    """Limit a member of staff to some more locations."""
    for location_id in location_ids:
        queries.get_location(scope, location_id)
        scope.session.add(
            StaffLocation(
                tenant_id=scope.tenant_id,
                id=new_id(),
                staff_id=staff_id,
                location_id=location_id,
            )
        )


def _check_standing(scope: TenantScope, invitation: StaffInvitation) -> None:
    if invitation.state != InvitationState.PENDING.value or invitation.expires_at <= now():
        raise LinkNotUsable
    sender = queries.get_staff(scope, invitation.created_by)
    if (
        sender.disabled_at is not None
        or not may(sender.role, Permission.STAFF_MANAGE)
        or not includes(sender.role, invitation.role)
    ):
        raise LinkNotUsable
