"""Tell people in time that something of theirs ends: once for each end and each number of days."""

from collections.abc import Sequence

from app import audit
from app.database import TenantScope
from app.kit.clock import now
from app.kit.ids import new_id
from app.messaging.services import queue_message
from app.policies.expiring import REMINDED, Ending, list_endings
from app.tenants import place_queries
from app.tenants.models import StaffMember
from app.tenants.queries import get_clinic, get_staff, list_owners
from app.tenants.settings_models import ExpiryReminder

STAGES = (60, 30, 7, 0)


def remind_of_endings(scope: TenantScope) -> int:
    """Queue what is due tonight and return how many messages; a night that was missed is made up.

    The person and every owner are told, each once: an owner whose own registration ends gets one.
    """
    endings = [one for one in list_endings(scope, within=STAGES[0]) if one.kind in REMINDED]
    said = {
        (one.kind, one.subject_id, one.ends_on, one.days_before)
        for one in place_queries.list_reminders(scope, [one.subject_id for one in endings])
    }
    queued = 0
    for ending in endings:
        stage = due_stage(ending.days)
        key = (ending.kind, ending.subject_id, ending.ends_on, stage)
        if stage is None or key in said:
            continue
        queued += _tell(scope, ending, stage)
    return queued


def due_stage(days: int) -> int | None:
    """Return the nearest stage that has come with so many days left; None once it has ended."""
    if days < 0:
        return None
    return min((stage for stage in STAGES if days <= stage), default=None)


def _tell(scope: TenantScope, ending: Ending, stage: int) -> int:
    people = _whom(scope, ending)
    scope.session.add(
        ExpiryReminder(
            tenant_id=scope.tenant_id,
            id=new_id(),
            kind=ending.kind,
            subject_id=ending.subject_id,
            ends_on=ending.ends_on,
            days_before=stage,
            sent_at=now(),
        )
    )
    for member in people:
        queue_message(
            scope,
            to=member.email,
            channel="email",
            template="expiry_reminder",
            values={
                "name": member.name,
                "clinic": get_clinic(scope).legal_name,
                "whose": "yours" if member.id == ending.staff_id else f"of {ending.title}",
                "what": ending.what,
                "day": f"{ending.ends_on.day} {ending.ends_on:%B %Y}",
                "days": _in_words(ending.days),
            },
            location_id=ending.subject_id if ending.kind == "premises" else None,
        )
    audit.record(
        scope,
        "policies:ending:remind",
        subject_id=ending.subject_id,
        kind=ending.kind,
        days_before=stage,
        told=len(people),
    )
    return len(people)


def _whom(scope: TenantScope, ending: Ending) -> Sequence[StaffMember]:
    own = [] if ending.staff_id is None else [get_staff(scope, ending.staff_id)]
    return [*own, *(one for one in list_owners(scope) if one.id != ending.staff_id)]


def _in_words(days: int) -> str:
    return {0: "today", 1: "tomorrow"}.get(days, f"in {days} days")
