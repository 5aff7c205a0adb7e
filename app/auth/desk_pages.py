"""Pages of a shared desk: who works here now, the owner's list of devices, and one's own PIN."""

import uuid
from typing import Any

from flask import Blueprint, Response, jsonify, make_response, render_template, request
from flask_smorest import Blueprint as ApiBlueprint

from app.auth import desk_queries, services, shared_desk
from app.auth.cookies import SIGN_COOKIE, drop_cookie, set_cookie, set_staff_cookie
from app.auth.csrf import csrf_token
from app.auth.guards import (
    DESK_COOKIE,
    STAFF_COOKIE,
    guard,
    half_signed_in,
    shared_device,
    unit,
)
from app.auth.models import SharedDevice
from app.auth.pages import go
from app.auth.passkey_routes import ASKING_COOKIE
from app.auth.permissions import Permission
from app.auth.queries import LoginSession, find_login_session
from app.auth.routes import lasts
from app.auth.schemas import (
    CredentialRequest,
    PinRequest,
    SharedDeviceRequest,
    SharedDeviceResponse,
    SignInResponse,
)
from app.auth.services import WrongCredentials
from app.auth.visitors import visitor
from app.database import TenantScope
from app.errors import TooManyTries
from app.forms import Form, asking_again, sent_form
from app.kit.clock import now
from app.kit.ids import hash_secret

bp = Blueprint("shared_desk", __name__)
api = ApiBlueprint("shared_desk_api", __name__, url_prefix="/api/v1", description="Shared desk")
DEVICE_SECONDS = int(shared_desk.DEVICE_LASTS.total_seconds())


@bp.get("/shared-desk")
@shared_device
def show_desk(scope: TenantScope, device_id: uuid.UUID) -> str:
    """Ask who works here now."""
    return _desk_page(scope, device_id, "")


def _desk_page(scope: TenantScope, device_id: uuid.UUID, error: str) -> str:
    return render_template(
        "account/shared_desk.html",
        device=desk_queries.get_shared_device(scope, device_id),
        people=desk_queries.list_on_duty(scope),
        chosen=request.form.get("staff_id", ""),
        error=error,
    )


@bp.post("/shared-desk")
@shared_device
def switch(scope: TenantScope, device_id: uuid.UUID) -> Response:
    """Switch to somebody by their PIN; whoever was here before is out."""
    form = sent_form()
    try:
        token = shared_desk.switch_by_pin(
            scope,
            device_id,
            staff_id=form.key_of("staff_id", ""),
            pin=form.typed("pin"),
            visitor=visitor(),
            lasts_seconds=lasts(),
        )
    except (WrongCredentials, TooManyTries) as problem:
        page = _desk_page(scope, device_id, problem.message)
        return make_response(page, int(problem.status))
    _end_session_before()
    response = go(f"/clinics/{scope.tenant_id}/today", token=token)
    # Nothing that the one before saw is found again by going back.
    drop_cookie(response, SIGN_COOKIE)
    return response


def _end_session_before() -> None:
    held = request.cookies.get(STAFF_COOKIE, "")
    found = find_login_session(unit().session, hash_secret(held), now(), shared_desk.IDLE_SECONDS)
    if held and found is not None:
        services.sign_out(unit().session, found)


@api.post("/shared-desk/passkey")
@shared_device
@api.arguments(CredentialRequest)
@api.response(200, SignInResponse)
def switch_by_passkey(scope: TenantScope, device_id: uuid.UUID, wanted: dict[str, Any]) -> Response:
    """Switch to whoever's passkey it is."""
    token = shared_desk.switch_by_passkey(
        scope,
        device_id,
        **wanted,
        browser=request.cookies.get(ASKING_COOKIE, ""),
        visitor=visitor(),
        lasts_seconds=lasts(),
    )
    _end_session_before()
    response = jsonify(csrf_token=csrf_token(token), has_second_factor=False)
    set_staff_cookie(response, token, seconds=lasts())
    return response


@bp.get("/shared-desk/alive")
@half_signed_in
def keep_alive(_login: LoginSession) -> Response:
    """Note that somebody is typing, so that a long note is not lost to the lock."""
    return make_response("", 204)


@bp.get("/clinics/<uuid:clinic_id>/settings/shared-devices")
@guard(Permission.CLINIC_MANAGE)
def show_devices(scope: TenantScope) -> str:
    """List the clinic's shared devices."""
    return _devices_page(scope, Form())


def _devices_page(scope: TenantScope, form: Form) -> str:
    return render_template(
        "account/shared_devices.html",
        form=form,
        devices=desk_queries.list_shared_devices(scope),
    )


@bp.post("/clinics/<uuid:clinic_id>/settings/shared-devices")
@guard(Permission.CLINIC_MANAGE, step_up=True)
def enrol(scope: TenantScope) -> Response:
    """Make this very device a shared one; the owner is signed out of it."""
    form = sent_form()
    with asking_again(form, lambda again: _devices_page(scope, again), {"": "name"}):
        _, token = shared_desk.enrol_device(scope, name=form.typed("name"))
    _end_session_before()
    response = go("/shared-desk")
    drop_cookie(response, STAFF_COOKIE)
    set_cookie(response, DESK_COOKIE, token, seconds=DEVICE_SECONDS)
    return response


@bp.post("/clinics/<uuid:clinic_id>/settings/shared-devices/<uuid:shared_device_id>/revoke")
@guard(Permission.CLINIC_MANAGE)
def revoke(scope: TenantScope, shared_device_id: uuid.UUID) -> Response:
    """Take a device's right away at once."""
    shared_desk.revoke_device(scope, device_id=shared_device_id)
    return go(f"/clinics/{scope.tenant_id}/settings/shared-devices")


@bp.get("/clinics/<uuid:clinic_id>/my-pin")
@guard(Permission.CLINIC_READ, step_up=True)
def ask_for_pin(scope: TenantScope) -> str:
    """Ask for one's own PIN."""
    return _pin_page(Form())


def _pin_page(form: Form) -> str:
    return render_template("account/pin.html", form=form)


@bp.post("/clinics/<uuid:clinic_id>/my-pin")
@guard(Permission.CLINIC_READ, step_up=True)
def set_pin(scope: TenantScope) -> Response:
    """Set one's own PIN."""
    form = sent_form()
    with asking_again(form, _pin_page, {"": "pin"}):
        shared_desk.set_pin(scope, pin=form.typed("pin"))
    return go(f"/clinics/{scope.tenant_id}/today?said=pin")


@api.get("/clinics/<uuid:clinic_id>/shared-devices")
@guard(Permission.CLINIC_MANAGE)
@api.response(200, SharedDeviceResponse(many=True))
def list_devices(scope: TenantScope) -> list[SharedDevice]:
    """List the clinic's shared devices, those in use first."""
    return list(desk_queries.list_shared_devices(scope))


@api.post("/clinics/<uuid:clinic_id>/shared-devices")
@guard(Permission.CLINIC_MANAGE, step_up=True)
@api.arguments(SharedDeviceRequest)
@api.response(201, SharedDeviceResponse)
def enrol_device(scope: TenantScope, wanted: dict[str, str]) -> Response:
    """Make the device that asks a shared one, by a cookie of its own."""
    device, token = shared_desk.enrol_device(scope, **wanted)
    response = jsonify(SharedDeviceResponse().dump(device))
    set_cookie(response, DESK_COOKIE, token, seconds=DEVICE_SECONDS)
    response.status_code = 201
    return response


@api.delete("/clinics/<uuid:clinic_id>/shared-devices/<uuid:shared_device_id>")
@guard(Permission.CLINIC_MANAGE)
@api.response(200, SharedDeviceResponse)
def revoke_device(scope: TenantScope, shared_device_id: uuid.UUID) -> SharedDevice:
    """Take a device's right away at once."""
    return shared_desk.revoke_device(scope, device_id=shared_device_id)


@api.put("/clinics/<uuid:clinic_id>/my-pin")
@guard(Permission.CLINIC_READ, step_up=True)
@api.arguments(PinRequest)
@api.response(204)
def set_own_pin(scope: TenantScope, wanted: dict[str, str]) -> None:
    """Set the person's own PIN for the clinic's shared devices."""
    shared_desk.set_pin(scope, **wanted)
