"""Pages for places of treatment: zone, currency and law in the words of people."""

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from app.auth.guards import guard
from app.auth.permissions import Permission
from app.catalogue.content import Catalogue
from app.database import TenantScope
from app.desk.choices import ZONES, catalogue_for, options, zone_options
from app.forms import Form, asking_again, sent_form
from app.idempotency import idempotent
from app.kit.money import EXPONENTS
from app.staff_pages import go_to
from app.tenants.queries import list_locations
from app.tenants.services.manage_location import NewLocation
from app.tenants.services.manage_location import add_location as add_place

bp = Blueprint("locations", __name__, url_prefix="/clinics/<uuid:clinic_id>/settings")


@bp.get("/locations")
@guard(Permission.CLINIC_READ)
def show_locations(scope: TenantScope) -> str:
    """List the clinic's locations with what governs days, money and law there."""
    catalogue = catalogue_for(scope)
    law = {one.id: one.title for one in catalogue.jurisdictions}
    return render_template("desk/locations.html", locations=list_locations(scope), law=law)


@bp.get("/locations/new")
@guard(Permission.CLINIC_MANAGE)
def ask_for_location(scope: TenantScope) -> str:
    """Ask for a place of treatment."""
    return _location_page(scope, Form({"zone": "Europe/London", "currency": "GBP"}))


@bp.post("/locations/new")
@guard(Permission.CLINIC_MANAGE)
@idempotent
def add_location(scope: TenantScope) -> Response:
    """Add a location."""
    form = sent_form()
    with asking_again(form, lambda again: _location_page(scope, again)):
        add_place(scope, _new_location(form, catalogue_for(scope)))
    return go_to(scope, "/settings/locations", "location")


def _location_page(scope: TenantScope, form: Form) -> str:
    places = catalogue_for(scope).jurisdictions
    return render_template(
        "desk/new_location.html",
        form=form,
        zones=zone_options(),
        currencies=options((code, code) for code in EXPONENTS),
        laws=options([("", "Choose a place"), *((one.id, one.title) for one in places)]),
    )


def _new_location(form: Form, catalogue: Catalogue) -> NewLocation:
    markets = {one.id: one.market for one in catalogue.jurisdictions}
    law = form.choice("jurisdiction", markets, "Choose whose law holds there.")
    wanted = NewLocation(
        name=form.text("name", "Enter a name for the location."),
        address=form.text("address", "Enter its address.", most=500),
        zone=form.choice("zone", ZONES, "Choose its time zone."),
        currency=form.choice("currency", EXPONENTS, "Choose its currency."),
        jurisdiction=law,
        market=markets.get(law, ""),
        premises_kind=form.text("premises_kind", "Say what kind of premises it is.", most=100),
        premises_registration=form.optional("premises_registration"),
        emergency_contact=form.text("emergency_contact", "Enter whom patients call."),
    )
    form.check()
    return wanted
