"""Staff pages: the packages on offer, and selling one to a patient."""

import uuid
from dataclasses import dataclass

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from app.auth.guards import guard
from app.auth.permissions import Permission
from app.billing import queries
from app.billing.models import Package
from app.billing.quote import deposit_of, read_deposit_rule
from app.billing.schemas import DEPOSIT_KINDS
from app.billing.services.create_package import (
    MOST_SESSIONS,
    NewPackage,
    create_package,
    retire_package,
    rule_of,
)
from app.billing.services.sell_package import sell_package
from app.catalogue.queries import content_of, get_catalogue_in_force
from app.database import TenantScope
from app.forms import Form, asking_again, sent_form
from app.idempotency import idempotent
from app.kit.money import format_money
from app.patients.queries import get_patient
from app.staff_pages import go_to
from app.tenants.queries import get_location, list_locations, list_open_locations

bp = Blueprint("package_pages", __name__, url_prefix="/clinics/<uuid:clinic_id>")


@dataclass(frozen=True)
class Offer:
    """A package in words."""

    package: Package
    price: str
    deposit_words: str


@bp.get("/packages")
@guard(Permission.PACKAGE_SELL)
def show_packages(scope: TenantScope) -> str:
    """List the packages on offer."""
    return render_template(
        "billing/packages.html",
        offers=[_offer(package) for package in queries.list_packages(scope)],
        where={one.id: one.listed_name for one in list_locations(scope)},
        procedures=_procedures(scope),
    )


@bp.get("/packages/new")
@guard(Permission.PACKAGE_MANAGE)
def ask_for_package(scope: TenantScope) -> str:
    """Ask for a new package."""
    return _package_page(scope, Form())


@bp.post("/packages/new")
@guard(Permission.PACKAGE_MANAGE)
@idempotent
def add_package(scope: TenantScope) -> Response:
    """Put a package on offer, or say what is wrong with it."""
    form = sent_form()
    names = {"price_minor": "price", "": "name"}
    with asking_again(form, lambda form: _package_page(scope, form), names):
        wanted = _new_package(scope, form)
        form.check()
        create_package(scope, wanted)
    return go_to(scope, "/packages", "package")


@bp.post("/packages/<uuid:package_id>/retire")
@guard(Permission.PACKAGE_MANAGE)
def retire(scope: TenantScope, package_id: uuid.UUID) -> Response:
    """Take a package off the offer."""
    retire_package(scope, package_id=package_id)
    return go_to(scope, "/packages", "retired")


@bp.get("/patients/<uuid:patient_id>/purchases/new")
@guard(Permission.PACKAGE_SELL)
def ask_for_sale(scope: TenantScope, patient_id: uuid.UUID) -> str:
    """Show what a patient can buy, each with its deposit."""
    return _sale_page(scope, patient_id, Form())


@bp.post("/patients/<uuid:patient_id>/purchases/new")
@guard(Permission.PACKAGE_SELL)
@idempotent
def sell(scope: TenantScope, patient_id: uuid.UUID) -> Response:
    """Sell a package; the price is the package's own."""
    form = sent_form()
    page = {"package_id": "package_id", "": "package_id"}
    with asking_again(form, lambda form: _sale_page(scope, patient_id, form), page):
        package_id = form.key_of("package_id", "Choose a package.")
        form.check()
        purchase = sell_package(scope, package_id=package_id, patient_id=patient_id)
    return go_to(scope, f"/purchases/{purchase.id}", "sold")


def _package_page(scope: TenantScope, form: Form) -> str:
    locations = list_open_locations(scope)
    return render_template(
        "billing/new_package.html",
        form=form,
        locations=[
            {"value": str(one.id), "label": f"{one.name} ({one.currency})"} for one in locations
        ],
        procedures=[{"value": key, "label": title} for key, title in _procedures(scope).items()],
    )


def _new_package(scope: TenantScope, form: Form) -> NewPackage:
    location_id = form.key_of("location_id", "Choose a location.")
    form.check()
    currency = get_location(scope, location_id).currency
    kind = form.choice("deposit_kind", DEPOSIT_KINDS, "Choose how the deposit is worked out.")
    value: str | int = form.typed("deposit_value").strip().removesuffix("%").strip()
    if kind == "fixed":
        value = form.minor("deposit_value", currency, "Enter an amount like 50 or 50.00.")
    wanted = NewPackage(
        location_id=location_id,
        code=form.text("code", "Enter a short code.", most=40),
        name=form.text("name", "Enter a name."),
        procedure_id=form.text("procedure_id", "Choose a procedure."),
        sessions=form.whole("sessions", "Enter 1 to 24.", low=1, high=MOST_SESSIONS),
        price_minor=form.minor("price", currency, "Enter an amount like 526.50."),
        deposit=read_deposit_rule("none", 0),
        terms=form.text("terms", "Say what happens to the deposit.", most=4000),
    )
    form.check()
    rule = read_deposit_rule(kind, value)
    return NewPackage(**{**vars(wanted), "deposit": rule})


def _sale_page(scope: TenantScope, patient_id: uuid.UUID, form: Form) -> str:
    where = {one.id: one.name for one in list_open_locations(scope)}
    options = [
        {
            "value": str(offer.package.id),
            "label": f"{offer.package.name}, {offer.price}",
            "hint": f"{offer.deposit_words}. {where[offer.package.location_id]}.",
        }
        for offer in map(_offer, queries.list_packages(scope))
        if offer.package.location_id in where
    ]
    patient = get_patient(scope, patient_id)
    return render_template("billing/sell.html", form=form, patient=patient, options=options)


def _offer(package: Package) -> Offer:
    deposit = deposit_of(package.price_minor, package.currency, rule_of(package))
    words = f"Deposit {format_money(deposit, package.currency)}" if deposit else "No deposit"
    return Offer(package, format_money(package.price_minor, package.currency), words)


def _procedures(scope: TenantScope) -> dict[str, str]:
    catalogue = content_of(get_catalogue_in_force(scope))
    return {one.id: one.title for one in catalogue.procedures}
