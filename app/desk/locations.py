"""Pages for locations: zone, currency and law in the words of people."""

import re
import uuid
from collections.abc import Collection
from datetime import date
from typing import cast

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from app.auth.guards import guard
from app.auth.permissions import Permission
from app.catalogue.content import Catalogue
from app.catalogue.queries import get_catalogue
from app.database import TenantScope
from app.desk.choices import ZONES, options, zone_options
from app.forms import Form, ask_again, asking_again, boxes_of, sent_form
from app.idempotency import idempotent
from app.kit.clock import day_in
from app.kit.money import EXPONENTS
from app.plans.queries import list_visit_lines
from app.policies.definitions import PREMISES, names_any
from app.staff_pages import go_to
from app.tenants.errors import VisitsOutsideHours
from app.tenants.models import Location
from app.tenants.opening_hours import WEEKDAYS, HoursRefused, OddDay, read_hours, spans_in
from app.tenants.queries import get_location, list_locations
from app.tenants.services import manage_location
from app.tenants.services.manage_location import NewLocation

WEEKDAY_WORDS = dict(
    zip(
        WEEKDAYS,
        ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
        strict=True,
    )
)
ODD_DAY = re.compile(r"(\d{1,2})[ .](\d{1,2})[ .](\d{4})\s+(closed|[\d:,;-]+)(?:\s+(.*))?")
# The shortest numbers are those of the emergency services.
FEWEST_DIGITS = 3
bp = Blueprint("locations", __name__, url_prefix="/clinics/<uuid:clinic_id>/settings")


@bp.get("/locations")
@guard(Permission.CLINIC_READ)
def show_locations(scope: TenantScope) -> str:
    """List the clinic's locations with what governs days, money and law there."""
    catalogue = get_catalogue(scope)
    law = {one.id: one.title for one in catalogue.jurisdictions}
    return render_template("desk/locations.html", locations=list_locations(scope), law=law)


@bp.get("/locations/new")
@guard(Permission.CLINIC_MANAGE)
def ask_for_location(scope: TenantScope) -> str:
    """Ask for a location."""
    return _location_page(scope, Form())


@bp.post("/locations/new")
@guard(Permission.CLINIC_MANAGE)
@idempotent
def add_location(scope: TenantScope) -> Response:
    """Add a location."""
    form = sent_form()
    with asking_again(form, lambda again: _location_page(scope, again)):
        made = manage_location.add_location(scope, _new_location(form, get_catalogue(scope)))
    return go_to(scope, f"/settings/locations/{made.id}", "location")


@bp.get("/locations/<uuid:location_id>")
@guard(Permission.CLINIC_READ)
def show_location(scope: TenantScope, location_id: uuid.UUID) -> str:
    """Show a location, ready to be changed by those who may."""
    place = get_location(scope, location_id)
    return _location_page(scope, _form_of(place), place)


@bp.post("/locations/<uuid:location_id>")
@guard(Permission.CLINIC_MANAGE)
def change_location(scope: TenantScope, location_id: uuid.UUID) -> Response:
    """Change a location from the version that was read."""
    form, place = sent_form(), get_location(scope, location_id)
    with asking_again(form, lambda again: _location_page(scope, again, place)):
        wanted = _new_location(form, get_catalogue(scope), place)
        version = form.whole("version", "Open this page again.", low=1, high=10**9)
        form.check()
        try:
            manage_location.change_location(
                scope,
                location_id=location_id,
                wanted=wanted,
                version=version,
                visits_outside=_confirmed(form),
            )
        except VisitsOutsideHours as refused:
            outside = [uuid.UUID(one) for one in cast(list[str], refused.extra["visits"])]
            form.take(refused, {})
            form.sent.poplist("visits_outside")
            ask_again(form, lambda again: _location_page(scope, again, place, outside), 409)
    return go_to(scope, f"/settings/locations/{location_id}", "location-changed")


def _confirmed(form: Form) -> list[uuid.UUID]:
    """Return the visits that were shown, where somebody has said that they take place."""
    shown = form.typed("shown_visits").split(",") if form.typed("visits_outside") else []
    try:
        return [uuid.UUID(one) for one in shown]
    except ValueError:
        return []


def _location_page(
    scope: TenantScope,
    form: Form,
    place: Location | None = None,
    outside: Collection[uuid.UUID] = (),
) -> str:
    laws = get_catalogue(scope).jurisdictions
    zones = zone_options()
    if place is not None and all(one["value"] != place.zone for one in zones):
        zones = [*zones, {"value": place.zone, "label": place.zone}]
    return render_template(
        "desk/location.html" if place else "desk/new_location.html",
        form=form,
        site=place,
        zones=[{"value": "", "label": "Choose a time zone"}, *zones],
        currencies=options([("", "Choose a currency"), *((code, code) for code in EXPONENTS)]),
        laws=options([("", "Choose a country or state"), *((one.id, one.title) for one in laws)]),
        weekdays=WEEKDAY_WORDS,
        premises=PREMISES,
        has_hours=any(form.typed(f"open_{day}") for day in WEEKDAYS),
        outside=_outside_lines(scope, place, outside),
        shown_visits=",".join(str(one) for one in outside),
        matches_no_rule=place is not None and not names_any(place.premises_kind, PREMISES),
    )


def _outside_lines(
    scope: TenantScope, place: Location | None, visit_ids: Collection[uuid.UUID]
) -> list[dict[str, object]]:
    if place is None or not visit_ids:
        return []
    lines = list_visit_lines(scope, visit_ids)
    return [{"line": one, "day": day_in(one.visit.planned_at, place.zone)} for one in lines]


def _new_location(form: Form, catalogue: Catalogue, place: Location | None = None) -> NewLocation:
    markets: dict[str, str] = {one.id: one.market for one in catalogue.jurisdictions}
    if place is not None:
        markets = {place.jurisdiction: place.market, **markets}
    law = form.choice("jurisdiction", markets, "Choose whose law holds there.")
    zones = ZONES if place is None else (*ZONES, place.zone)
    wanted = NewLocation(
        name=form.text("name", "Enter a name for the location."),
        address=form.text("address", "Enter its address.", most=500),
        zone=form.choice("zone", zones, "Choose its time zone."),
        currency=form.choice("currency", EXPONENTS, "Choose its currency.")
        if place is None
        else place.currency,
        jurisdiction=law,
        market=markets.get(law, ""),
        premises_kind=form.text("premises_kind", "Say what kind of premises it is.", most=100),
        premises_registration=form.optional("premises_registration"),
        premises_registered_until=form.optional_day(
            "registered", "Enter the last day of the registration."
        ),
        emergency_contact=_number_in(form),
        opening_hours=_hours_in(form),
    )
    form.check()
    return wanted


def _number_in(form: Form) -> str:
    """Return whom patients call; a name may stand beside the number."""
    told = "Enter the phone number that patients call."
    found = form.text("emergency_contact", told)
    if sum(one.isdigit() for one in found) < FEWEST_DIGITS:
        form.fail("emergency_contact", told)
    return found


def _hours_in(form: Form) -> dict[str, object]:
    """Return the hours that were typed: a line for each weekday, and one line for each odd day."""
    week: dict[str, list[list[str]]] = {}
    for day in WEEKDAYS:
        try:
            week[day] = [list(one) for one in spans_in(form.typed(f"open_{day}"), f"open_{day}")]
        except HoursRefused as refused:
            form.fail(f"open_{day}", refused.reason)
    days = []
    for line in form.typed("odd_days").splitlines():
        if line.strip():
            days.append(_odd_day(form, line))
    return {"week": {day: spans for day, spans in week.items() if spans}, "days": days}


def _odd_day(form: Form, line: str) -> dict[str, object]:
    """Read "24 12 2026 closed Christmas Eve" or "24 12 2026 09:00-12:00 Christmas Eve"."""
    found = ODD_DAY.fullmatch(line.strip())
    try:
        if found is None:
            raise ValueError
        on = date(int(found[3]), int(found[2]), int(found[1]))
        spans = (
            [] if found[4] == "closed" else [list(one) for one in spans_in(found[4], "odd_days")]
        )
    except (ValueError, HoursRefused):
        form.fail("odd_days", f"Write a line like “24 12 2026 closed Christmas Eve”, not “{line}”.")
        return {"on": "2000-01-01", "spans": [], "why": ""}
    return {"on": on.isoformat(), "spans": spans, "why": (found[5] or "").strip()}


def _form_of(place: Location) -> Form:
    hours = read_hours(place.opening_hours)
    return Form(
        {
            "version": str(place.version),
            "name": place.name,
            "address": place.address,
            "zone": place.zone,
            "jurisdiction": place.jurisdiction,
            "premises_kind": place.premises_kind,
            "premises_registration": place.premises_registration or "",
            "emergency_contact": place.emergency_contact,
            **boxes_of("registered", place.premises_registered_until),
            **{
                f"open_{day}": ", ".join(f"{a}-{b}" for a, b in hours.week.get(day, ()))
                for day in WEEKDAYS
            },
            "odd_days": "\n".join(_line_of(one) for one in hours.days),
        }
    )


def _line_of(one: OddDay) -> str:
    spans = ",".join(f"{start}-{end}" for start, end in one.spans) or "closed"
    return f"{one.on.day} {one.on.month} {one.on.year} {spans} {one.why}".strip()
