"""Questions about the people of a clinic and about those who are invited."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select, text

from app.database import TenantScope
from app.tenants.errors import InvitationUnknown, StaffUnknown
from app.tenants.models import (
    InvitationState,
    Qualification,
    Role,
    StaffInvitation,
    StaffLocation,
    StaffMember,
)

RESTORE_MEMBERSHIP = text("SELECT door.restore_membership(:staff_id)")
END_MEMBERSHIP = text("SELECT door.end_membership(:staff_id, :at)")
SEEN = text("SELECT staff_id, last_seen_at FROM door.staff_seen()")


@dataclass(frozen=True)
class StaffLine:
    """One line of the staff list. ``places`` empty means the whole clinic.

    ``qualified_until`` is the last day of the longest registration in use, None without one;
    where any was checked by somebody else, of those only.
    """

    member: StaffMember
    places: tuple[uuid.UUID, ...]
    last_seen_at: datetime | None
    qualified_until: date | None
    is_checked: bool


def list_staff_lines(scope: TenantScope) -> Sequence[StaffLine]:
    """Return everybody who works or worked here, by name; four statements, however many."""
    statement = (
        select(StaffMember)
        .where(StaffMember.tenant_id == scope.tenant_id)
        .order_by(StaffMember.disabled_at.is_not(None), StaffMember.name, StaffMember.id)
    )
    members = scope.session.scalars(statement).all()
    places = _places(scope)
    seen = {row[0]: row[1] for row in scope.session.execute(SEEN)}
    until = _qualified_until(scope)
    return [
        StaffLine(
            one,
            tuple(places.get(one.id, ())),
            seen.get(one.id),
            *until.get(one.id, (None, False)),
        )
        for one in members
    ]


def list_limited_staff(scope: TenantScope) -> set[uuid.UUID]:
    """Return the ids of those who are limited to some of the clinic's locations."""
    return set(_places(scope))


def list_staff_only_at(
    scope: TenantScope, location_ids: Collection[uuid.UUID]
) -> Sequence[StaffMember]:
    """Return who works here and is limited to nothing but some of these locations, by name."""
    only = {one for one, held in _places(scope).items() if set(held) <= set(location_ids)}
    statement = (
        select(StaffMember)
        .where(
            StaffMember.tenant_id == scope.tenant_id,
            StaffMember.id.in_(only),
            StaffMember.disabled_at.is_(None),
        )
        .order_by(StaffMember.name, StaffMember.id)
    )
    return scope.session.scalars(statement).all()


def _places(scope: TenantScope) -> dict[uuid.UUID, list[uuid.UUID]]:
    statement = select(StaffLocation.staff_id, StaffLocation.location_id).where(
        StaffLocation.tenant_id == scope.tenant_id
    )
    found: dict[uuid.UUID, list[uuid.UUID]] = {}
    for staff_id, location_id in scope.session.execute(statement):
        found.setdefault(staff_id, []).append(location_id)
    return found


def _qualified_until(scope: TenantScope) -> dict[uuid.UUID, tuple[date, bool]]:
    is_checked = Qualification.verified_at.is_not(None)
    last = func.max(Qualification.expires_on)
    until = func.coalesce(last.filter(is_checked), last)
    statement = (
        select(Qualification.staff_id, until, func.bool_or(is_checked))
        .where(Qualification.tenant_id == scope.tenant_id, Qualification.ended_at.is_(None))
        .group_by(Qualification.staff_id)
    )
    return {who: (day, checked) for who, day, checked in scope.session.execute(statement)}


def get_staff_for_update(scope: TenantScope, staff_id: uuid.UUID) -> StaffMember:
    """Return a member of staff, locked until the transaction ends; raises StaffUnknown."""
    statement = (
        select(StaffMember)
        .where(StaffMember.tenant_id == scope.tenant_id, StaffMember.id == staff_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = scope.session.scalar(statement)
    if found is None:
        raise StaffUnknown("There is no such member of staff.")
    return found


def list_owners_for_update(scope: TenantScope) -> Sequence[StaffMember]:
    """Return the owners who are not disabled, locked in the order of their ids.

    Two owners who remove each other at once wait here, so that the second sees the first gone.
    """
    statement = (
        select(StaffMember)
        .where(
            StaffMember.tenant_id == scope.tenant_id,
            StaffMember.role == Role.OWNER.value,
            StaffMember.disabled_at.is_(None),
        )
        .order_by(StaffMember.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return scope.session.scalars(statement).all()


def find_staff_of_person(scope: TenantScope, person_id: uuid.UUID) -> StaffMember | None:
    """Return the place that an account has or had here, or None."""
    statement = select(StaffMember).where(
        StaffMember.tenant_id == scope.tenant_id, StaffMember.person_id == person_id
    )
    return scope.session.scalar(statement)


def find_staff_by_email(scope: TenantScope, email: str) -> StaffMember | None:
    """Return who works or worked here with an address, or None."""
    statement = (
        select(StaffMember)
        .where(StaffMember.tenant_id == scope.tenant_id, StaffMember.email == email)
        .order_by(StaffMember.disabled_at.is_not(None))
        .limit(1)
    )
    return scope.session.scalar(statement)


def list_rows_of_places(scope: TenantScope, staff_id: uuid.UUID) -> Sequence[StaffLocation]:
    """Return the rows that limit a member of staff to locations."""
    statement = select(StaffLocation).where(
        StaffLocation.tenant_id == scope.tenant_id, StaffLocation.staff_id == staff_id
    )
    return scope.session.scalars(statement).all()


def get_invitation(scope: TenantScope, invitation_id: uuid.UUID) -> StaffInvitation:
    """Return an invitation; raises InvitationUnknown."""
    found = scope.session.get(StaffInvitation, (scope.tenant_id, invitation_id))
    if found is None:
        raise InvitationUnknown("There is no such invitation.")
    return found


def get_invitation_for_update(scope: TenantScope, invitation_id: uuid.UUID) -> StaffInvitation:
    """Return an invitation, locked until the transaction ends; raises InvitationUnknown."""
    statement = (
        select(StaffInvitation)
        .where(
            StaffInvitation.tenant_id == scope.tenant_id,
            StaffInvitation.id == invitation_id,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = scope.session.scalar(statement)
    if found is None:
        raise InvitationUnknown("There is no such invitation.")
    return found


def list_open_invitations(
    scope: TenantScope, *, created_by: Collection[uuid.UUID] = ()
) -> Sequence[StaffInvitation]:
    """Return the invitations that wait for an answer, the newest first, also those out of time."""
    statement = (
        select(StaffInvitation)
        .where(
            StaffInvitation.tenant_id == scope.tenant_id,
            StaffInvitation.state == InvitationState.PENDING.value,
        )
        .order_by(StaffInvitation.created_at.desc(), StaffInvitation.id.desc())
    )
    if created_by:
        statement = statement.where(StaffInvitation.created_by.in_(created_by))
    return scope.session.scalars(statement).all()


def find_open_invitation(scope: TenantScope, email: str) -> StaffInvitation | None:
    """Return the invitation of an address that waits for an answer, or None."""
    statement = select(StaffInvitation).where(
        StaffInvitation.tenant_id == scope.tenant_id,
        StaffInvitation.email == email,
        StaffInvitation.state == InvitationState.PENDING.value,
    )
    return scope.session.scalar(statement)
