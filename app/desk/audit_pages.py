"""The record of acts, for the owner and the auditor: who did what and when, and what guards it."""

import uuid
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template, request

from app.audit.chain_state import chain_state
from app.audit.places import read_place, write_place
from app.audit.queries import Wanted, page_events
from app.audit.routes import of_kind
from app.audit.schemas import details_of
from app.audit.sentences import KINDS, in_words
from app.auth.guards import guard
from app.auth.permissions import Permission
from app.database import TenantScope
from app.desk.chart_queries import map_patient_names
from app.staff_pages import asked_id
from app.tenants.queries import get_home_zone, list_staff

bp = Blueprint("audit_pages", __name__, url_prefix="/clinics/<uuid:clinic_id>/audit")
PAGE = 50
WITHOUT_NAMES = {"system": "Needlepoint", "patient": "A patient", "staff": "Somebody who left"}


@bp.get("")
@guard(Permission.AUDIT_READ)
def show_audit(scope: TenantScope) -> str:
    """List what was done in plain words, the newest first, as narrowed as was asked."""
    zone = get_home_zone(scope)
    errors: list[dict[str, str]] = []
    kind = request.args.get("kind", "")
    since = _day("since", "From", errors)
    until = _day("until", "To", errors)
    wanted = Wanted(
        actor_id=asked_id("person"),
        patient_id=asked_id("patient"),
        subject_id=asked_id("subject"),
        since=_start_of(since, zone),
        until=_start_of(until + timedelta(days=1), zone) if until else None,
        **of_kind(kind),
    )
    before = read_place(request.args.get("before", ""))
    events = page_events(scope, wanted, before=before, size=PAGE)
    following = (events[-1].at, events[-1].id) if len(events) == PAGE else None
    staff = list_staff(scope)
    # Where an event names no patient, what it is about may be one.
    about = {whose for one in events if (whose := one.patient_id or one.subject_id)}
    patients = map_patient_names(scope, about)
    names = {one.id: one.name for one in staff}
    return render_template(
        "audit/events.html",
        errors=errors,
        lines=[_line(one, names, patients) for one in events],
        staff=[{"value": "", "label": "Everybody"}]
        + [{"value": str(one.id), "label": one.name} for one in staff],
        kinds=[{"value": "", "label": "Everything"}]
        + [{"value": code, "label": words} for code, (words, _) in KINDS.items()],
        asked=request.args,
        patient=_asked_patient(scope, wanted.patient_id),
        following=write_place(following),
        next_query=lambda place: urlencode({**request.args, "before": place}),
        is_first=before is None,
        zone=zone,
        state=chain_state(scope) if before is None else None,
    )


@bp.get("/chain")
@guard(Permission.AUDIT_READ)
def show_chain(scope: TenantScope) -> str:
    """Say up to where the record is sealed, anchored outside, time-stamped and checked."""
    return render_template(
        "audit/chain.html",
        state=chain_state(scope),
        zone=get_home_zone(scope),
        clinic_id=scope.tenant_id,
    )


def _line(
    event: Any, names: dict[uuid.UUID, str], patients: dict[uuid.UUID, str]
) -> dict[str, object]:
    whose = event.patient_id or event.subject_id
    is_own = event.actor_kind == "patient" and whose in patients
    who = patients[whose] if is_own else names.get(event.actor_id)
    return {
        "at": event.at,
        "who": who or WITHOUT_NAMES.get(event.actor_kind, "Somebody"),
        "is_patient": event.actor_kind == "patient",
        "what": in_words(event.action),
        "patient_id": None if is_own else whose,
        "patient": None if is_own else patients.get(whose),
        "subject": names.get(event.subject_id) if event.subject_id != event.actor_id else None,
        "code": event.action,
        "event_id": event.id,
        "subject_id": event.subject_id,
        "details": details_of(event),
    }


def _asked_patient(scope: TenantScope, patient_id: uuid.UUID | None) -> str | None:
    return map_patient_names(scope, {patient_id}).get(patient_id) if patient_id else None


def _day(name: str, label: str, errors: list[dict[str, str]]) -> date | None:
    text = request.args.get(name, "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        errors.append({"field": name, "message": f"{label}: enter a day, for example 2026-11-24."})
        return None


def _start_of(day: date | None, zone: str) -> datetime | None:
    if day is None or not date(1900, 1, 1) <= day <= date(2200, 1, 1):
        return None
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
