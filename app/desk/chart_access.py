"""Who looked at which chart, when and why: lines with names, made from the record of acts.

Why is the reason that the reader stated on that day; else that they treat the patient; else what
their role does for every patient; else nothing, and then it says so.
"""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from app.audit.models import AuditEvent
from app.audit.queries import REASON_GIVEN, Place, Wanted, page_events
from app.audit.sentences import REASONS, in_words, reason_in_words
from app.audit.told import told_to_patient
from app.database import TenantScope
from app.desk.chart_queries import map_kept_records, map_patient_names, map_treating_staff
from app.kit.clock import day_in
from app.kit.speech import mark, say
from app.staff_pages import ROLE_WORDS
from app.tenants.queries import list_staff

MOST = 500
DESK_ROLES = frozenset({"front_desk", "manager", "billing"})
TREATS = "Treats the patient"
DESK_WORK = "Appointments, messages or money"
NO_REASON = "No reason stated"
WATCHES = "Checks who looked"
OWN, PATIENT, SYSTEM = "It is their own", "The patient", "The system"
# The same in a letter to the patient.
TO_THE_PATIENT: Mapping[str, str] = {
    TREATS: mark("they treat you"),
    DESK_WORK: mark("appointments, messages or money"),
    NO_REASON: mark("they did not say. You can ask us"),
    WATCHES: mark("they checked who had looked"),
    OWN: mark("it is your own record"),
    REASONS["covering"]: mark("covering for a colleague"),
    REASONS["asked"]: mark("you asked them to"),
    REASONS["question"]: mark("a colleague asked for advice"),
    REASONS["complaint"]: mark("a complaint or an incident"),
    REASONS["money"]: mark("a question about money or an appointment"),
    REASONS["quality"]: mark("checking the clinic’s own quality"),
    REASONS["mistake"]: mark("by mistake: they wanted another patient"),
}
WITHOUT_NAME: Mapping[str, str] = {PATIENT: mark("You"), SYSTEM: mark("The system")}


@dataclass(frozen=True)
class Look:
    """One look at one chart, with names as they are today."""

    event_id: uuid.UUID
    at: datetime
    patient_id: uuid.UUID
    patient: str
    staff_id: uuid.UUID | None
    name: str
    role: str
    what: str
    why: str
    action: str


@dataclass
class Sitting:
    """What one person opened in one chart on one day."""

    name: str
    role: str
    patient_id: uuid.UUID
    patient: str
    day: date
    first: datetime
    last: datetime
    whats: list[str] = field(default_factory=list)
    actions: list[str] = field(default_factory=list)
    why: str = NO_REASON
    times: int = 0


def list_looks(
    scope: TenantScope,
    wanted: Wanted,
    *,
    zone: str,
    before: Place | None = None,
    size: int = MOST,
) -> tuple[list[Look], Place | None]:
    """Return looks, the newest first, and where the next page begins."""
    events = page_events(scope, wanted, before=before, size=size)
    following = (events[-1].at, events[-1].id) if len(events) == size else None
    staff = {one.id: one for one in list_staff(scope)}
    # A person is one chart, under whichever of their records it was opened.
    kept = map_kept_records(scope, {one.patient_id for one in events if one.patient_id})
    patients = map_patient_names(scope, set(kept.values()))
    treating = map_treating_staff(scope, kept)
    stated = _stated(events, kept, zone)
    looks = []
    for event in events:
        if event.action == REASON_GIVEN or event.patient_id is None:
            continue
        member = staff.get(event.actor_id) if event.actor_id else None
        whose = kept.get(event.patient_id, event.patient_id)
        said = stated.get((event.actor_id, whose, day_in(event.at, zone)))
        looks.append(
            Look(
                event_id=event.id,
                at=event.at,
                patient_id=whose,
                patient=patients.get(whose, ""),
                staff_id=event.actor_id if member else None,
                name=member.name if member else _without_name(event),
                role=ROLE_WORDS.get(member.role, member.role) if member else "",
                what=in_words(event.action),
                action=event.action,
                why=said
                or _usual_why(event, member.role if member else "", treating.get(whose, set())),
            )
        )
    return looks, following


def sittings(looks: Iterable[Look], zone: str) -> list[Sitting]:
    """Return looks put together by person, patient and day, the newest first."""
    found: dict[tuple[str, uuid.UUID, date, uuid.UUID | None], Sitting] = {}
    for look in looks:
        day = day_in(look.at, zone)
        key = (look.name, look.patient_id, day, look.staff_id)
        one = found.get(key)
        if one is None:
            one = found[key] = Sitting(
                look.name, look.role, look.patient_id, look.patient, day, look.at, look.at
            )
            one.why = look.why
        one.first, one.times = min(one.first, look.at), one.times + 1
        # Whoever checks who looked and opens the chart as well is asked for the second.
        one.why = look.why if one.why == WATCHES else one.why
        if look.what not in one.whats:
            one.whats.append(look.what)
            one.actions.append(look.action)
    return list(found.values())


def words_to_the_patient(one: Sitting) -> dict[str, object]:
    """Return a line of the letter: the same facts, said to the person whose chart it is."""
    return {
        "who": one.name if one.role else say(WITHOUT_NAME.get(one.name, one.name)),
        "role": say(one.role) if one.role else "",
        "at": one.first,
        "whats": list(dict.fromkeys(told_to_patient(action) for action in one.actions)),
        "why": say(TO_THE_PATIENT[one.why]),
    }


def is_involved(scope: TenantScope, patient_id: uuid.UUID, staff_id: uuid.UUID) -> bool:
    """Return whether somebody plans for or treats a patient, or has done so."""
    treating = map_treating_staff(scope, map_kept_records(scope, {patient_id}))
    return any(staff_id in those for those in treating.values())


def _stated(
    events: Sequence[AuditEvent], kept: Mapping[uuid.UUID, uuid.UUID], zone: str
) -> dict[object, str]:
    said: dict[object, str] = {}
    for event in reversed(events):
        reason = reason_in_words(event) if event.action == REASON_GIVEN else None
        if reason and event.patient_id:
            whose = kept.get(event.patient_id, event.patient_id)
            said[event.actor_id, whose, day_in(event.at, zone)] = reason
    return said


def _usual_why(event: AuditEvent, role: str, treating: Collection[uuid.UUID]) -> str:
    if event.actor_kind == "patient":
        return OWN
    if event.action == "chart:access:read":
        return WATCHES
    if event.actor_id in treating:
        return TREATS
    return DESK_WORK if role in DESK_ROLES else NO_REASON


def _without_name(event: AuditEvent) -> str:
    return PATIENT if event.actor_kind == "patient" else SYSTEM
