"""Pages for the people of a clinic: who works here, what each role may do, changes and ends."""

import uuid
from datetime import date, timedelta

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from app.auth.guards import guard, has_permission
from app.auth.permissions import (
    GRANTED,
    ROLE_HINTS,
    ROLE_WORDS,
    WHOLE_CLINIC,
    WORDS,
    Permission,
    may,
)
from app.database import TenantScope
from app.forms import Form, asking_again, sent_form
from app.kit.clock import now, today_in
from app.staff_pages import go_to
from app.tenants import queries, staff_queries
from app.tenants.models import Role, StaffMember
from app.tenants.services import manage_staff
from app.tenants.services.manage_staff import StaffTerms
from app.tenants.staff_queries import StaffLine

bp = Blueprint("people_pages", __name__, url_prefix="/clinics/<uuid:clinic_id>/settings")
SOON = timedelta(days=60)


@bp.get("/staff")
@guard(Permission.CLINIC_READ)
def show_staff(scope: TenantScope) -> str:
    """List who works here with role, places, last visit and qualification; then who is invited."""
    locations = queries.list_locations(scope)
    zone = queries.get_home_zone(scope)
    today = today_in(zone)
    manages = has_permission(Permission.STAFF_MANAGE)
    closed = {one.id for one in locations if one.is_closed}
    return render_template(
        "tenants/staff.html",
        lines=[
            {
                "line": one,
                "qualified": _qualified(one, today),
                "is_stranded": bool(one.places) and set(one.places) <= closed,
            }
            for one in staff_queries.list_staff_lines(scope)
        ],
        invitations=staff_queries.list_open_invitations(scope) if manages else [],
        roles=ROLE_WORDS,
        where={one.id: one.listed_name for one in locations},
        zone=zone,
        now=now(),
    )


def _qualified(one: StaffLine, today: date) -> tuple[str, str] | None:
    """Return the state of somebody's qualification in words, or None where they need none."""
    until = one.qualified_until
    if until is None:
        treats = may(one.member.role, Permission.TREATMENT_START)
        return (
            ("No qualification entered", "plain")
            if treats and one.member.disabled_at is None
            else None
        )
    day = f"{until:%-d %B %Y}"
    if until < today:
        return f"Qualification ended on {day}", "stop"
    if not one.is_checked:
        return "Qualification not checked yet", "wait"
    if until <= today + SOON:
        return f"Qualification ends on {day}", "wait"
    return f"Qualified until {day}", "good"


@bp.get("/roles")
@guard(Permission.CLINIC_READ)
def show_roles(scope: TenantScope) -> str:
    """Show the whole table of permissions: the very one that the guards ask."""
    return render_template(
        "tenants/roles.html",
        granted=[
            (WORDS.get(one, one.value), allowed, one in WHOLE_CLINIC)
            for one, allowed in GRANTED.items()
        ],
        roles=ROLE_WORDS,
        hints=ROLE_HINTS,
    )


@bp.get("/staff/<uuid:staff_id>/change")
@guard(Permission.STAFF_MANAGE, step_up=True)
def ask_to_change(scope: TenantScope, staff_id: uuid.UUID) -> str:
    """Ask for another role or other locations."""
    member = queries.get_staff(scope, staff_id)
    places = queries.list_places_of_staff(scope, staff_id)
    form = Form(
        {
            "role": member.role,
            "version": str(member.version),
            "reach": "some" if places else "all",
        }
    )
    form.sent.setlist("location_ids", [str(one) for one in places])
    return _change_page(scope, member, form)


@bp.post("/staff/<uuid:staff_id>/change")
@guard(Permission.STAFF_MANAGE, step_up=True)
def change(scope: TenantScope, staff_id: uuid.UUID) -> Response:
    """Change role and locations at once."""
    form = sent_form()
    member = queries.get_staff(scope, staff_id)
    with asking_again(form, lambda again: _change_page(scope, member, again), {"": "role"}):
        terms = read_terms(scope, form)
        version = form.whole("version", "Open this page again.", low=1, high=999_999_999)
        form.check()
        if version != member.version:
            form.fail("", "Somebody else changed this in the meantime. Here is how it stands now.")
            form.sent["version"] = str(member.version)
            form.check()
        manage_staff.change_staff(scope, staff_id=staff_id, terms=terms, version=version)
    return go_to(scope, "/settings/staff", "changed")


def _change_page(scope: TenantScope, member: StaffMember, form: Form) -> str:
    return render_template(
        "tenants/change_staff.html", form=form, member=member, **choices_of_terms(scope, form)
    )


def read_terms(scope: TenantScope, form: Form) -> StaffTerms:
    """Return the role and the locations that were chosen; problems are noted on the form."""
    role = form.choice("role", [one.value for one in Role], "Choose what they do.")
    reach = form.choice("reach", ("all", "some"), "Choose where they work.")
    chosen = set(form.chosen("location_ids"))
    found = tuple(one.id for one in queries.list_locations(scope) if str(one.id) in chosen)
    if reach == "some" and not found:
        form.fail("location_ids", "Choose at least one location.")
    if reach == "some" and role == Role.OWNER.value:
        form.fail("reach", "An owner works in the whole clinic.")
    form.check()
    return StaffTerms(Role(role), found if reach == "some" else ())


def choices_of_terms(scope: TenantScope, form: Form) -> dict[str, list[dict[str, str]]]:
    """Return what can be chosen as role, reach and locations; a closed one only where it was."""
    return {
        "locations": [
            {"value": str(one.id), "label": one.listed_name}
            for one in queries.list_locations(scope)
            if not one.is_closed or str(one.id) in form.chosen("location_ids")
        ],
        "roles": [
            {"value": value, "label": word.capitalize(), "hint": ROLE_HINTS[value]}
            for value, word in ROLE_WORDS.items()
        ],
        "reaches": [
            {
                "value": "all",
                "label": "In the whole clinic",
                "hint": "Also at locations that you add later.",
            },
            {
                "value": "some",
                "label": "Only at some locations",
                "hint": "Patients, plans and visits of other locations do not exist for them.",
            },
        ],
    }


@bp.get("/staff/<uuid:staff_id>/disable")
@guard(Permission.STAFF_MANAGE)
def ask_to_disable(scope: TenantScope, staff_id: uuid.UUID) -> str:
    """Say what will happen before somebody is shut out."""
    return _disable_page(scope, staff_id, Form())


@bp.post("/staff/<uuid:staff_id>/disable")
@guard(Permission.STAFF_MANAGE)
def disable(scope: TenantScope, staff_id: uuid.UUID) -> Response:
    """Shut a member of staff out at once."""
    form = sent_form()
    with asking_again(form, lambda again: _disable_page(scope, staff_id, again)):
        manage_staff.disable_staff(scope, staff_id=staff_id)
    return go_to(scope, "/settings/staff", "disabled")


def _disable_page(scope: TenantScope, staff_id: uuid.UUID, form: Form) -> str:
    return render_template(
        "tenants/disable_staff.html", form=form, member=queries.get_staff(scope, staff_id)
    )


@bp.get("/staff/<uuid:staff_id>/enable")
@guard(Permission.STAFF_MANAGE, step_up=True)
def ask_to_enable(scope: TenantScope, staff_id: uuid.UUID) -> str:
    """Say what letting somebody in again means."""
    return _enable_page(scope, staff_id, Form())


@bp.post("/staff/<uuid:staff_id>/enable")
@guard(Permission.STAFF_MANAGE, step_up=True)
def enable(scope: TenantScope, staff_id: uuid.UUID) -> Response:
    """Let a member of staff in again."""
    form = sent_form()
    with asking_again(form, lambda again: _enable_page(scope, staff_id, again)):
        manage_staff.enable_staff(scope, staff_id=staff_id)
    return go_to(scope, "/settings/staff", "enabled")


def _enable_page(scope: TenantScope, staff_id: uuid.UUID, form: Form) -> str:
    member = queries.get_staff(scope, staff_id)
    return render_template(
        "tenants/enable_staff.html", form=form, member=member, role=ROLE_WORDS[member.role]
    )
