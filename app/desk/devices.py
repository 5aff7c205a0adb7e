"""Pages for devices, what their labels say, and their cartridges."""

import uuid
from typing import Any

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from app.auth.guards import guard
from app.auth.permissions import Permission
from app.catalogue.content import Catalogue
from app.catalogue.queries import get_catalogue
from app.database import TenantScope
from app.desk.choices import deepest_um, location_options, options
from app.forms import Form, asking_again, sent_form
from app.idempotency import idempotent
from app.kit.clock import today_in
from app.staff_pages import asked_id, go_to
from app.tenants.queries import (
    find_lot,
    get_device,
    get_location,
    list_devices_with_lots,
    list_locations,
)
from app.tenants.services import manage_clinic

bp = Blueprint("devices", __name__, url_prefix="/clinics/<uuid:clinic_id>/settings")


@bp.get("/devices")
@guard(Permission.CLINIC_READ)
def show_devices(scope: TenantScope) -> str:
    """List devices with their cartridges, by location."""
    return render_template(
        "desk/devices.html",
        locations=list_locations(scope),
        devices=list_devices_with_lots(scope),
        kinds={one.id: one.title for one in get_catalogue(scope).device_kinds},
        today={one.id: today_in(one.zone) for one in list_locations(scope)},
    )


@bp.get("/devices/new")
@guard(Permission.CLINIC_MANAGE)
def ask_for_device(scope: TenantScope) -> str:
    """Ask for a device and what its label says."""
    location = asked_id("location") or ""
    return _device_page(scope, Form({"location_id": str(location), "kind": "pen", "age_min": "18"}))


@bp.post("/devices/new")
@guard(Permission.CLINIC_MANAGE)
@idempotent
def add_device(scope: TenantScope) -> Response:
    """Add a device."""
    form = sent_form()
    with asking_again(form, lambda again: _device_page(scope, again)):
        manage_clinic.add_device(scope, **_new_device(scope, form))
    return go_to(scope, "/settings/devices", "device")


def _device_page(scope: TenantScope, form: Form) -> str:
    catalogue = get_catalogue(scope)
    return render_template(
        "desk/new_device.html",
        form=form,
        locations=location_options(scope),
        kinds=options((one.id, one.title) for one in catalogue.device_kinds),
        indications=options((one.id, one.title) for one in catalogue.indications),
        areas=options((one.id, one.title) for one in catalogue.areas),
    )


def _new_device(scope: TenantScope, form: Form) -> dict[str, Any]:
    catalogue = get_catalogue(scope)
    location_id = form.key_of("location_id", "Choose where it is used.")
    kind = form.choice("kind", catalogue.device_kind, "Choose the kind of device.")
    wanted = {
        "location_id": location_id,
        "kind": kind,
        "model": form.text("model", "Enter the model.", most=100),
        "serial": form.text("serial", "Enter the serial number.", most=100),
    }
    has_label = form.choice("has_label", ("yes", "no"), "Say whether you have its label.")
    label = _label(form, catalogue) if has_label == "yes" else {}
    form.check()
    market = {"market": get_location(scope, location_id).market}
    return wanted | {"label": [label | market] if label else []}


def _label(form: Form, catalogue: Catalogue) -> dict[str, Any]:
    found = {
        "cap_um": deepest_um(form, "cap"),
        "age_min": form.whole("age_min", "Enter an age from 0 to 99.", low=0, high=99),
        "areas": [one for one in form.chosen("areas") if one in catalogue.area],
        "indications": [one for one in form.chosen("indications") if one in catalogue.indication],
        "skin_types": [1, 2, 3, 4, 5, 6],
    }
    for name in ("areas", "indications"):
        if not found[name]:
            form.fail(name, "Tick what the label names.")
    return found


@bp.get("/devices/<uuid:device_id>/lots/new")
@guard(Permission.CLINIC_MANAGE)
def ask_for_lot(scope: TenantScope, device_id: uuid.UUID) -> str:
    """Ask for a box of cartridges."""
    return _lot_page(scope, device_id, Form())


@bp.post("/devices/<uuid:device_id>/lots/new")
@guard(Permission.CLINIC_MANAGE)
@idempotent
def add_lot(scope: TenantScope, device_id: uuid.UUID) -> Response:
    """Add a lot of cartridges."""
    form = sent_form()
    with asking_again(form, lambda again: _lot_page(scope, device_id, again)):
        lot = form.text("lot", "Enter the lot number from the box.", most=100)
        expires_on = form.day("expires", "Enter the last day of use from the box.")
        if find_lot(scope, device_id, lot) is not None:
            form.fail("lot", "This lot is entered already.")
        form.check()
        manage_clinic.add_lot(scope, device_id=device_id, lot=lot, expires_on=expires_on)
    return go_to(scope, "/settings/devices", "lot")


def _lot_page(scope: TenantScope, device_id: uuid.UUID, form: Form) -> str:
    return render_template("desk/new_lot.html", form=form, device=get_device(scope, device_id))
