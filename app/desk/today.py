"""Today first: who comes, what is missing for each, and the one act that fixes it."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from app.auth.guards import guard, has_permission
from app.auth.permissions import Permission
from app.care.withdrawal_queries import count_open_withdrawals
from app.catalogue.queries import get_catalogue
from app.consent.after.withdrawal_queries import map_withdrawals_of_plans
from app.consent.holds.queries import count_undecided
from app.database import TenantScope
from app.desk import queries
from app.desk.needs import (
    ENTERED_LATER,
    VISIT_WORDS,
    areas_in_words,
    consent_need,
    needs_of,
    withdrawn_need,
)
from app.errors import Invalid
from app.forms import EARLIEST, LATEST
from app.kit.clock import today_in
from app.plans.models import VisitState
from app.plans.queries import VisitLine, list_visits_between
from app.plans.services.plan_visit import ALLOWED, move_visit
from app.policies.expiring import list_endings
from app.staff_pages import asked_id, go_to
from app.tenants.models import Location
from app.tenants.queries import list_locations_in_reach, list_places_of_staff, map_staff_names

ENDING_WITHIN = 60
# A number on the day's page says that there is something to do; nobody counts further.
MOST_COUNTED = 50
bp = Blueprint("today", __name__, url_prefix="/clinics/<uuid:clinic_id>")
OPEN = frozenset({VisitState.PLANNED, VisitState.ARRIVED})


@bp.get("/today")
@guard(Permission.CLINIC_READ)
def show_today(scope: TenantScope) -> str | Response:
    """List a location's visits of one day in its own zone.

    Signing in leads here, so that those who see no plans are sent on to what they may see.
    """
    if not has_permission(Permission.PLAN_READ):
        return go_to(scope, "/patients" if has_permission(Permission.PATIENT_READ) else "/settings")
    locations = list_locations_in_reach(scope)
    location = _chosen(scope, locations)
    if location is None:
        return render_template("desk/no_location.html")
    shown = _asked_day(location)
    visits = _visits_on(scope, location, shown)
    return render_template(
        "desk/today.html",
        location=location,
        locations=[one for one in locations if not one.is_closed or one is location],
        place=location.name,
        day=shown,
        is_today=shown == today_in(location.zone),
        withdrawn=in_few(count_open_withdrawals(scope, most=MOST_COUNTED + 1)),
        ending=len(list_endings(scope, within=ENDING_WITHIN)),
        holds=in_few(count_undecided(scope, most=MOST_COUNTED + 1)),
        before=shown - timedelta(days=1),
        after=shown + timedelta(days=1),
        locked=queries.list_locked_links(scope, location.id),
        lines=_lines(scope, location, visits),
        words=VISIT_WORDS,
    )


@bp.post("/visits/<uuid:visit_id>/state")
@guard(Permission.VISIT_WRITE)
def note_state(scope: TenantScope, visit_id: uuid.UUID) -> Response:
    """Note that a patient is here, did not come, or is expected after all."""
    try:
        wanted = VisitState(request.form.get("to", ""))
    except ValueError:
        raise Invalid("There is no such state of a visit.") from None
    visit = move_visit(scope, visit_id=visit_id, to=wanted)
    day = _day_in(request.form.get("day", "")) or ""
    return go_to(scope, f"/today?location={visit.location_id}&day={day}", "moved")


def in_few(many: int) -> str:
    """Return a number as a word of a page: what is more than anybody counts is "50+"."""
    return f"{MOST_COUNTED}+" if many > MOST_COUNTED else str(many)


def _chosen(scope: TenantScope, locations: Sequence[Location]) -> Location | None:
    """Return the location that was asked for, else where the member of staff works."""
    wanted = [asked_id("location"), *list_places_of_staff(scope, scope.actor.id)]
    by_id = {one.id: one for one in locations}
    found = [by_id[one] for one in wanted if one in by_id]
    still_open = [one for one in locations if not one.is_closed]
    return next(iter([*found, *still_open, *locations]), None)


def _asked_day(location: Location) -> date:
    return _day_in(request.args.get("day", "")) or today_in(location.zone)


def _day_in(text: str) -> date | None:
    """Return the day that an address names, or None where it names no day that could be one."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if EARLIEST <= day.year <= LATEST else None


def _visits_on(scope: TenantScope, location: Location, day: date) -> Sequence[VisitLine]:
    zone = ZoneInfo(location.zone)
    starts, ends = (
        datetime.combine(one, time.min, tzinfo=zone) for one in (day, day + timedelta(days=1))
    )
    return list_visits_between(scope, location.id, starts, ends)


def _lines(
    scope: TenantScope, location: Location, visits: Sequence[VisitLine]
) -> list[dict[str, object]]:
    plans = queries.map_plan_lines(scope, plan_ids={one.visit.plan_id for one in visits})
    consents = queries.map_newest_consents(scope, plans)
    deposits = queries.map_deposits_due(scope, {one.visit.patient_id for one in visits})
    withdrawals = map_withdrawals_of_plans(scope, plans)
    names = map_staff_names(scope)
    titles = {one.id: one.title for one in get_catalogue(scope).areas}
    lines: list[dict[str, object]] = []
    for one in visits:
        visit, plan = one.visit, plans[one.visit.plan_id]
        state = VisitState(visit.state)
        deposit = deposits.get(visit.patient_id)
        consent = consents.get(visit.plan_id)
        ended = withdrawals.get(visit.plan_id)
        withdrawn = withdrawn_need(ended.withdrawn_at if ended else None, location.zone)
        needs = needs_of(plan, consent, deposit, visit.planned_at, withdrawn)
        lines.append(
            {
                "visit": visit,
                "time": f"{visit.planned_at.astimezone(ZoneInfo(location.zone)):%H:%M}",
                "patient": one.patient_name,
                "who": names.get(visit.practitioner_id, ""),
                "outside": names.get(visit.outside_hours_by) if visit.outside_hours_by else None,
                "what": areas_in_words(plan.areas, titles),
                "state": VISIT_WORDS[state],
                "needs": needs if state in OPEN else [],
                "later": (ENTERED_LATER,) if consent and consent.is_entered_later else (),
                "may_become": ALLOWED.get(state, frozenset()),
                "is_open": state in OPEN,
                "may_start": state in OPEN and not consent_need(plan, consent, visit.planned_at),
            }
        )
    return lines
