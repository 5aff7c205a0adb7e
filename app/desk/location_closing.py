"""Pages for closing a location from a day on, and for opening it again."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from app.auth.guards import guard
from app.auth.permissions import Permission
from app.database import TenantScope
from app.forms import Form, asking_again, sent_form
from app.plans.queries import VisitLine, list_visits_expected
from app.staff_pages import go_to
from app.tenants.models import Location, StaffMember
from app.tenants.queries import get_location, list_locations
from app.tenants.services import close_location as closing
from app.tenants.services.close_location import MOST_VISITS_NAMED
from app.tenants.staff_queries import list_staff_only_at

bp = Blueprint(
    "location_closing",
    __name__,
    url_prefix="/clinics/<uuid:clinic_id>/settings/locations/<uuid:location_id>",
)


@bp.get("/close")
@guard(Permission.CLINIC_MANAGE)
def ask_to_close(scope: TenantScope, location_id: uuid.UUID) -> str:
    """Ask from which day on nobody is treated there, and say what that means."""
    location = get_location(scope, location_id)
    return _page(scope, location, Form({"version": str(location.version)}))


@bp.post("/close")
@guard(Permission.CLINIC_MANAGE)
def close(scope: TenantScope, location_id: uuid.UUID) -> Response:
    """Close the location, or list who is still expected there."""
    form, location = sent_form(), get_location(scope, location_id)
    with asking_again(
        form, lambda again: _page(scope, location, again), {"closed_from": "from", "": "from"}
    ):
        closed_from = form.day("from", "Enter the first day on which it is closed.")
        reason = form.text("reason", "Say why, for whoever reads it later.", most=300)
        version = form.whole("version", "Open this page again.", low=1, high=10**9)
        form.check()
        closing.close_location(
            scope, location_id=location.id, closed_from=closed_from, reason=reason, version=version
        )
    return go_to(scope, f"/settings/locations/{location_id}", "location-closed")


@bp.post("/reopen")
@guard(Permission.CLINIC_MANAGE)
def reopen(scope: TenantScope, location_id: uuid.UUID) -> Response:
    """Open the location again, or call its closing off."""
    version = sent_form().whole("version", "", low=0, high=10**9)
    closing.reopen_location(scope, location_id=location_id, version=version)
    return go_to(scope, f"/settings/locations/{location_id}", "location-open")


def _page(scope: TenantScope, location: Location, form: Form) -> str:
    zone = ZoneInfo(location.zone)
    return render_template(
        "desk/close_location.html",
        form=form,
        site=location,
        visits=[
            {"line": one, "day": one.visit.planned_at.astimezone(zone).date()}
            for one in _in_the_way(scope, location, form)
        ],
        most=MOST_VISITS_NAMED,
        only_here=_only_here(scope, location),
    )


def _only_here(scope: TenantScope, location: Location) -> Sequence[StaffMember]:
    """Return who would be left without any open location."""
    closed = {one.id for one in list_locations(scope) if one.is_closed}
    return list_staff_only_at(scope, closed | {location.id})


def _in_the_way(scope: TenantScope, location: Location, form: Form) -> list[VisitLine]:
    """Return the visits from the day on that was typed; none while no day was."""
    typed = Form(form.sent).day("from", "")
    if typed == date.min:
        return []
    since = datetime.combine(typed, time.min, tzinfo=ZoneInfo(location.zone))
    return list(list_visits_expected(scope, location.id, since, most=MOST_VISITS_NAMED))
