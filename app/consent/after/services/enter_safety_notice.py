"""The clinic enters what was said about the safety of a device or a material, or takes it back."""

import uuid
from dataclasses import dataclass
from datetime import date

from app import audit
from app.catalogue.queries import get_catalogue
from app.consent.after.safety_models import About, SafetyNotice
from app.consent.after.safety_queries import get_notice_for_update
from app.database import TenantScope
from app.errors import Invalid
from app.kit.clock import earliest_today, now
from app.kit.ids import new_id
from app.plans.models import Anaesthetic
from app.tenants.queries import list_devices_with_lots, list_locations

SHORTEST, LONGEST = 15, 1000


@dataclass(frozen=True)
class NewNotice:
    """What was said, about what, when and where it can be read."""

    about: str
    subject: str
    said_on: date
    says: str
    source: str


def enter_safety_notice(scope: TenantScope, wanted: NewNotice) -> SafetyNotice:
    """Keep a safety communication; consents asked for before it are asked for anew.

    Raises Invalid with what is wrong in ``fields``.
    """
    _check(scope, wanted)
    if scope.actor.id is None:
        raise ValueError("a safety communication is entered by somebody")
    notice = SafetyNotice(
        tenant_id=scope.tenant_id,
        id=new_id(),
        about=wanted.about,
        subject=wanted.subject,
        said_on=wanted.said_on,
        says=wanted.says.strip(),
        source=wanted.source.strip(),
        entered_by=scope.actor.id,
        entered_at=now(),
    )
    scope.session.add(notice)
    audit.record(
        scope,
        "consent:safety_notice:enter",
        subject_id=notice.id,
        about=notice.about,
        subject=notice.subject,
    )
    return notice


def end_safety_notice(scope: TenantScope, *, notice_id: uuid.UUID) -> SafetyNotice:
    """Let a safety communication count no more; repeating it changes nothing."""
    notice = get_notice_for_update(scope, notice_id)
    if notice.ended_at is None:
        notice.ended_at, notice.ended_by = now(), scope.actor.id
        audit.record(scope, "consent:safety_notice:end", subject_id=notice.id)
    return notice


def subjects(scope: TenantScope) -> dict[tuple[str, str], str]:
    """Return everything that a safety communication can be about, with its name."""
    catalogue = get_catalogue(scope)
    devices = [one.row for one in list_devices_with_lots(scope)]
    used = {kind for one in catalogue.procedures for kind in one.device_kinds}
    kinds = {one: catalogue.device_kind[one].title for one in sorted(used)}
    return {
        **{(About.DEVICE_KIND.value, one): f"Every {name.lower()}" for one, name in kinds.items()},
        **{(About.DEVICE.value, str(one.id)): f"{one.model}, {one.serial}" for one in devices},
        **{(About.ADD_ON.value, one.id): one.title for one in catalogue.add_ons},
        **{
            (About.ANAESTHETIC.value, one.value): f"Numbing cream: {one.value}"
            for one in Anaesthetic
            if one is not Anaesthetic.NONE
        },
    }


def _check(scope: TenantScope, wanted: NewNotice) -> None:
    wrong: dict[str, str] = {}
    if (wanted.about, wanted.subject) not in subjects(scope):
        wrong["subject"] = "Choose what it is about."
    if wanted.said_on > earliest_today(one.zone for one in list_locations(scope)):
        wrong["said_on"] = "This day is still to come."
    if not SHORTEST <= len(wanted.says.strip()) <= LONGEST:
        wrong["says"] = f"Say what was said, in {SHORTEST} to {LONGEST} characters."
    if not 3 <= len(wanted.source.strip()) <= LONGEST:
        wrong["source"] = "Say where it can be read."
    if wrong:
        raise Invalid(next(iter(wrong.values())), fields=wrong)
