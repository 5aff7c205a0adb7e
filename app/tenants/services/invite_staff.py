"""An owner invites somebody by address and role, sends the invitation again, or cancels it.

Whether the address has an account here is never looked at, so that inviting tells nobody anything.
"""

import uuid
from dataclasses import dataclass
from datetime import timedelta

from app import audit
from app.auth.permissions import ROLE_WORDS, includes
from app.auth.secrets import issue_secret, revoke_secrets
from app.auth.services import normal_email
from app.database import TenantScope
from app.errors import Invalid
from app.kit.clock import now
from app.kit.ids import new_id
from app.messaging.services import queue_message
from app.pages_setup import moment
from app.tenants import queries, staff_queries
from app.tenants.errors import AlreadyStaff, BeyondOwnRole, InvitationEnded, InvitationOpen
from app.tenants.links import invitation_url
from app.tenants.models import InvitationState, Role, StaffInvitation

LASTS = timedelta(hours=72)


@dataclass(frozen=True)
class NewInvitation:
    """Whom to invite, as what; ``location_ids`` empty means the whole clinic."""

    email: str
    role: Role
    location_ids: tuple[uuid.UUID, ...] = ()


def invite_staff(scope: TenantScope, wanted: NewInvitation) -> StaffInvitation:
    """Invite an address for 72 hours; the link goes to that address alone.

    Raises AlreadyStaff, InvitationOpen, LocationUnknown, Invalid, or BeyondOwnRole where the role
    reaches further than the inviter's own.
    """
    email = normal_email(wanted.email)
    inviter = queries.get_staff(scope, _staff_id(scope))
    if not includes(inviter.role, wanted.role.value):
        raise BeyondOwnRole
    location_ids = checked_places(scope, wanted.role, wanted.location_ids)
    _refuse_known(scope, email)
    _retire_expired(scope, email)
    invitation = StaffInvitation(
        tenant_id=scope.tenant_id,
        id=new_id(),
        email=email,
        role=wanted.role.value,
        location_ids=list(location_ids),
        state=InvitationState.PENDING.value,
        created_at=now(),
        created_by=inviter.id,
        sent_at=now(),
        expires_at=now() + LASTS,
    )
    scope.session.add(invitation)
    audit.record(scope, "tenants:invitation:send", subject_id=invitation.id, role=wanted.role.value)
    _send(scope, invitation)
    return invitation


def resend_invitation(scope: TenantScope, *, invitation_id: uuid.UUID) -> StaffInvitation:
    """Send a new link for another 72 hours; the one before dies. Raises InvitationEnded."""
    invitation = _open_invitation(scope, invitation_id)
    revoke_secrets(scope, "invitation", subject_id=invitation.id)
    invitation.sent_at, invitation.expires_at = now(), now() + LASTS
    # Whoever sends it answers for it, also where the first sender has left.
    invitation.created_by = _staff_id(scope)
    invitation.version += 1
    audit.record(scope, "tenants:invitation:resend", subject_id=invitation.id)
    _send(scope, invitation)
    return invitation


def cancel_invitation(scope: TenantScope, *, invitation_id: uuid.UUID) -> StaffInvitation:
    """Take an invitation back; its link dies at once. Raises InvitationEnded."""
    invitation = _open_invitation(scope, invitation_id)
    end_invitation(scope, invitation)
    audit.record(scope, "tenants:invitation:cancel", subject_id=invitation.id)
    return invitation


def end_invitation(scope: TenantScope, invitation: StaffInvitation) -> None:
    """Let an open invitation end without an answer; its link dies."""
    revoke_secrets(scope, "invitation", subject_id=invitation.id)
    invitation.state, invitation.ended_at = InvitationState.CANCELLED.value, now()
    invitation.version += 1


def cancel_invitations_of(scope: TenantScope, staff_id: uuid.UUID) -> None:
    """Cancel what somebody sent who may not invite any more."""
    for one in staff_queries.list_open_invitations(scope, created_by=[staff_id]):
        end_invitation(scope, one)
        audit.record(scope, "tenants:invitation:cancel", subject_id=one.id)


def checked_places(
    scope: TenantScope, role: Role, location_ids: tuple[uuid.UUID, ...]
) -> tuple[uuid.UUID, ...]:
    """Return the locations of a limit, each once; raises LocationUnknown, or Invalid for owners."""
    if role is Role.OWNER and location_ids:
        told = "An owner works in the whole clinic."
        raise Invalid(told, fields={"location_ids": told})
    for location_id in location_ids:
        queries.get_location(scope, location_id)
    return tuple(dict.fromkeys(location_ids))


def _staff_id(scope: TenantScope) -> uuid.UUID:
    if scope.actor.id is None:
        raise ValueError("an invitation is sent by a member of staff")
    return scope.actor.id


def _open_invitation(scope: TenantScope, invitation_id: uuid.UUID) -> StaffInvitation:
    invitation = staff_queries.get_invitation_for_update(scope, invitation_id)
    if invitation.state != InvitationState.PENDING.value:
        raise InvitationEnded(f"This invitation was {invitation.state} already.")
    return invitation


def _refuse_known(scope: TenantScope, email: str) -> None:
    known = staff_queries.find_staff_by_email(scope, email)
    if known is None:
        return
    told = f"{known.name} works here with this address already."
    if known.disabled_at is not None:
        told = f"{known.name} worked here with this address. Let them in again from the staff list."
    raise AlreadyStaff(told, fields={"email": told})


def _retire_expired(scope: TenantScope, email: str) -> None:
    waiting = staff_queries.find_open_invitation(scope, email)
    if waiting is None:
        return
    if waiting.expires_at > now():
        told = "This address has an open invitation. Send that one again, or cancel it first."
        raise InvitationOpen(told, fields={"email": told})
    end_invitation(scope, waiting)
    # The new row must not meet the old one in the index of open invitations.
    scope.session.flush()


def _send(scope: TenantScope, invitation: StaffInvitation) -> None:
    token = issue_secret(scope, "invitation", subject_id=invitation.id, lasts=LASTS)
    zone = queries.get_home_zone(scope)
    values = {
        "clinic": queries.get_clinic(scope).legal_name,
        "role": ROLE_WORDS[invitation.role],
        "link": invitation_url(token),
        "expires": moment(invitation.expires_at, zone),
    }
    queue_message(scope, to=invitation.email, channel="email", template="invitation", values=values)
