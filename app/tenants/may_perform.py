"""May this person do this here, today? One answer, always with a reason in words."""

import uuid
from dataclasses import dataclass
from datetime import date

from app.database import TenantScope
from app.kit.clock import day_in, now
from app.tenants import queries
from app.tenants.models import Qualification, QualificationScope


@dataclass(frozen=True)
class Answer:
    """Yes or no, why, and by which qualification."""

    allowed: bool
    reason: str
    qualification_id: uuid.UUID | None = None


@dataclass(frozen=True)
class Work:
    """What is to be done: each area with its deepest needle in micrometres."""

    procedure_id: str
    areas: tuple[tuple[str, int], ...]
    prescribed_anaesthetic: bool


def may_perform(
    scope: TenantScope, *, staff_id: uuid.UUID, location_id: uuid.UUID, work: Work
) -> Answer:
    """Decide on the day it is at the location. No scope entered there means no, and says so."""
    location = queries.get_location(scope, location_id)
    member = queries.get_staff(scope, staff_id)
    if member.disabled_at is not None:
        return Answer(False, f"{member.name} no longer works here.")
    entered = queries.list_scopes_of_staff(
        scope, staff_id, location_id=location_id, procedure_id=work.procedure_id
    )
    if not entered:
        return Answer(
            False,
            f"No qualification of {member.name} is entered for this procedure at"
            f" {location.name}. An owner can enter it under Staff.",
        )
    today = day_in(now(), location.zone)
    refusals = [_refusal(one, allowed, work, today) for one, allowed in entered]
    for (one, _), refusal in zip(entered, refusals, strict=True):
        if refusal is None:
            return Answer(True, f"{one.body} {one.registration_number}", one.id)
    return Answer(False, f"{member.name}: {refusals[0]}")


def _refusal(
    one: Qualification, allowed: QualificationScope, work: Work, today: date
) -> str | None:
    if one.expires_on < today:
        return f"the registration with {one.body} ended on {one.expires_on:%d %B %Y}."
    if work.prescribed_anaesthetic and not allowed.prescribed_anaesthetic:
        return "a prescribed anaesthetic is not covered here."
    for area, depth_um in work.areas:
        if allowed.areas is not None and area not in allowed.areas:
            return f"the area {area.replace('_', ' ')} is not covered here."
        if depth_um > allowed.max_depth_um:
            return (
                f"{depth_um / 1000:g} mm is deeper than the {allowed.max_depth_um / 1000:g} mm"
                " that are covered here."
            )
    return None
