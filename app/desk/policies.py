"""Pages for the rules of places: read each with its basis, approve it or set one's own."""

import uuid

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from app.auth.guards import guard
from app.auth.permissions import Permission
from app.catalogue.loader import find_jurisdiction
from app.catalogue.queries import get_catalogue
from app.database import TenantScope
from app.forms import Form, asking_again, sent_form
from app.kit.clock import today_in
from app.policies import queries
from app.policies.definitions import POLICIES
from app.policies.holding import BASIS_WORDS, Holding, PlacePolicies
from app.policies.policy import Policy, Value
from app.policies.services.decide_policy import NewDecision, decide_policy
from app.staff_pages import go_to
from app.tenants.models import Location
from app.tenants.queries import get_location, list_locations, map_staff_names

MICROMETRES = "µm"

bp = Blueprint("policies", __name__, url_prefix="/clinics/<uuid:clinic_id>/settings")
BASES = [
    {"value": "law", "label": "Law", "hint": "Name the Act and its section as the source."},
    {"value": "guidance", "label": "Guidance", "hint": "Of a regulator or a college."},
    {"value": "clinic", "label": "The clinic's own policy"},
]


@bp.get("/policies")
@guard(Permission.CLINIC_READ)
def show_policies(scope: TenantScope) -> str:
    """Show what holds in each place where the clinic works, and what comes."""
    facts = get_catalogue(scope)
    places = []
    for place in _places(scope):
        known = find_jurisdiction(facts, place.jurisdiction)
        held = queries.get_policies(scope, place)
        places.append(
            {
                "code": place.jurisdiction,
                "location_id": place.id,
                "title": known.title if known else place.jurisdiction,
                "held": [held.holding(name) for name in POLICIES],
                "coming": held.coming(),
                "notes": [one for one in known.policies if not one.sets] if known else [],
            }
        )
    return render_template("desk/policies.html", sites=places, bases=BASIS_WORDS)


@bp.get("/locations/<uuid:location_id>/policies/<policy>")
@guard(Permission.CLINIC_READ)
def show_policy(scope: TenantScope, location_id: uuid.UUID, policy: str) -> str:
    """Show one policy with everything that was, is and will be said of it."""
    place, found = get_location(scope, location_id), queries.get_definition(policy)
    return _page(scope, place, found, _form_of(queries.get_policies(scope, place), found))


@bp.post("/locations/<uuid:location_id>/policies/<policy>")
@guard(Permission.CLINIC_MANAGE)
def decide(scope: TenantScope, location_id: uuid.UUID, policy: str) -> Response:
    """Record the clinic's decision."""
    place, found, form = (
        get_location(scope, location_id),
        queries.get_definition(policy),
        sent_form(),
    )
    with asking_again(form, lambda again: _page(scope, place, found, again)):
        wanted = NewDecision(
            jurisdiction=place.jurisdiction,
            policy=found.id,
            value=_value_of(form, found),
            basis=form.choice("basis", BASIS_WORDS, "Say what it rests on."),
            verified=form.typed("verified") == "yes",
            source=form.optional("source", most=300) or "",
            reason=form.text("reason", "Say why, for whoever reads this in some years.", most=500),
            in_force_from=form.day("from", "Enter the day from which it holds."),
            after=form.whole("after", "Open this page again.", low=0, high=10**6),
        )
        held = queries.get_policies(scope, place).holding(found.id)
        _refuse_borrowed_source(form, wanted, held)
        form.check()
        decide_policy(scope, wanted)
    return go_to(scope, f"/settings/locations/{place.id}/policies/{found.id}", "policy")


def _value_of(form: Form, policy: Policy) -> Value:
    if policy.kind == "words":
        return tuple(one for one in policy.options if one in form.chosen("value"))
    if policy.kind == "truth":
        return form.choice("value", ("yes", "no"), "Say yes or no.") == "yes"
    if policy.unit == MICROMETRES:
        return _depth_of(form, policy)
    told = f"Enter a whole number from {policy.low} to {policy.high}."
    return form.whole("value", told, low=policy.low, high=policy.high)


def _depth_of(form: Form, policy: Policy) -> int:
    """Return a depth in micrometres; people type millimetres."""
    told = f"Enter millimetres from {policy.low / 1000:g} to {policy.high / 1000:g}, like 1.5."
    depth = form.depth_um("value", told)
    if not policy.low <= depth <= policy.high:
        form.fail("value", told)
    return depth


def _refuse_borrowed_source(form: Form, wanted: NewDecision, held: Holding) -> None:
    """Refuse a value of one's own that would still name the source of the value before it."""
    is_borrowed = wanted.basis != "clinic" and wanted.source == held.source
    if is_borrowed and wanted.value != held.value:
        form.fail(
            "basis",
            "This source gave the value before yours. Name the source of your own value, "
            "or choose the clinic's own policy.",
        )


def _form_of(held: PlacePolicies, policy: Policy) -> Form:
    now_held, day = held.holding(policy.id), held.day
    form = Form(
        {
            "basis": now_held.basis,
            "source": now_held.source,
            "verified": "yes" if now_held.verified and now_held.basis != "clinic" else "",
            "from_day": str(day.day),
            "from_month": str(day.month),
            "from_year": str(day.year),
        }
    )
    value = now_held.value
    if isinstance(value, tuple):
        form.sent.setlist("value", list(value))
    else:
        form.sent["value"] = _typed(value, policy)
    return form


def _typed(value: int, policy: Policy) -> str:
    if policy.kind == "truth":
        return "yes" if value else "no"
    return f"{value / 1000:g}" if policy.unit == MICROMETRES else str(value)


def _page(scope: TenantScope, place: Location, policy: Policy, form: Form) -> str:
    held = queries.get_policies(scope, place)
    known = find_jurisdiction(get_catalogue(scope), place.jurisdiction)
    return render_template(
        "desk/policy.html",
        form=form,
        policy=policy,
        title=known.title if known else place.jurisdiction,
        held=held.holding(policy.id),
        unit="mm" if policy.unit == MICROMETRES else policy.unit,
        zone=place.zone,
        line=reversed(held.timeline(policy.id)),
        after=queries.count_decisions(scope, place.jurisdiction, policy.id),
        today=held.day,
        bases=BASES,
        basis_words=BASIS_WORDS,
        options=[{"value": one, "label": one.replace("_", " ")} for one in policy.options],
        names=map_staff_names(scope),
    )


def _places(scope: TenantScope) -> list[Location]:
    """Return one location for each jurisdiction in which the clinic works."""
    found: dict[str, Location] = {}
    for one in list_locations(scope):
        found.setdefault(one.jurisdiction, one)
    return sorted(found.values(), key=lambda one: today_in(one.zone).isoformat() + one.jurisdiction)
