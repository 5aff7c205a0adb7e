"""An owner changes what somebody may do and where, shuts them out, or lets them in again."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from app import audit
from app.auth.permissions import Permission, includes, may
from app.database import TenantScope
from app.errors import Stale
from app.kit.clock import now
from app.tenants import queries, staff_queries
from app.tenants.errors import BeyondOwnRole, LastOwner
from app.tenants.models import Role, StaffMember
from app.tenants.services.invite_staff import cancel_invitations_of, checked_places
from app.tenants.services.join_staff import add_places


@dataclass(frozen=True)
class StaffTerms:
    """What a member of staff is for and where; ``location_ids`` empty means the whole clinic."""

    role: Role
    location_ids: tuple[uuid.UUID, ...] = ()


def change_staff(
    scope: TenantScope, *, staff_id: uuid.UUID, terms: StaffTerms, version: int
) -> StaffMember:
    """Give somebody another role or other locations, from their very next request on.

    Raises Stale where somebody changed them since ``version`` was read, LastOwner, and
    BeyondOwnRole: nobody gives what they do not have, themselves included.
    """
    owners = staff_queries.list_owners_for_update(scope)
    member = staff_queries.get_staff_for_update(scope, staff_id)
    if member.version != version:
        raise Stale
    _refuse_more_than_own(scope, terms.role)
    if terms.role is not Role.OWNER:
        _refuse_last_owner(owners, member)
    location_ids = checked_places(scope, terms.role, terms.location_ids)
    before, member.role = member.role, terms.role.value
    for row in staff_queries.list_rows_of_places(scope, staff_id):
        scope.session.delete(row)
    # A place that stays is deleted and written again: the old row goes first.
    scope.session.flush()
    add_places(scope, staff_id, location_ids)
    member.version += 1
    if not may(member.role, Permission.STAFF_MANAGE):
        cancel_invitations_of(scope, staff_id)
    audit.record(
        scope,
        "tenants:staff:change",
        subject_id=staff_id,
        role=member.role,
        before=before,
        locations=len(location_ids),
    )
    return member


def disable_staff(scope: TenantScope, *, staff_id: uuid.UUID) -> StaffMember:
    """Shut a member of staff out, on their very next request; raises LastOwner.

    What they asked jobs to do is not done any more, and what they invited ends.
    """
    owners = staff_queries.list_owners_for_update(scope)
    member = staff_queries.get_staff_for_update(scope, staff_id)
    if member.disabled_at is not None:
        return member
    # Asked after the lock: whoever was shut out while waiting shuts nobody out.
    _refuse_more_than_own(scope, Role(member.role))
    _refuse_last_owner(owners, member)
    member.disabled_at = now()
    member.version += 1
    values = {"staff_id": staff_id, "at": now()}
    scope.session.execute(staff_queries.END_MEMBERSHIP, values)
    cancel_invitations_of(scope, staff_id)
    audit.record(scope, "tenants:staff:disable", subject_id=staff_id)
    return member


def enable_staff(scope: TenantScope, *, staff_id: uuid.UUID) -> StaffMember:
    """Let somebody work here again, in the role that they had; they sign in anew."""
    member = staff_queries.get_staff_for_update(scope, staff_id)
    if member.disabled_at is None:
        return member
    _refuse_more_than_own(scope, Role(member.role))
    member.disabled_at = None
    member.version += 1
    scope.session.execute(staff_queries.RESTORE_MEMBERSHIP, {"staff_id": staff_id})
    audit.record(scope, "tenants:staff:enable", subject_id=staff_id)
    return member


def _refuse_last_owner(owners: Sequence[StaffMember], member: StaffMember) -> None:
    is_owner = any(one.id == member.id for one in owners)
    if is_owner and len(owners) == 1:
        raise LastOwner("A clinic keeps at least one owner.")


def _refuse_more_than_own(scope: TenantScope, role: Role) -> None:
    if scope.actor.id is None:
        raise BeyondOwnRole
    own = queries.get_staff(scope, scope.actor.id)
    if own.disabled_at is not None or not includes(own.role, role.value):
        raise BeyondOwnRole
