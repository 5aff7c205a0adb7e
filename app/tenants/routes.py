"""Signing up, staff and devices, for programs."""

import uuid
from collections.abc import Sequence
from typing import Any

from flask_smorest import Blueprint

from app.auth.guards import guard, public
from app.auth.permissions import Permission
from app.database import TenantScope
from app.idempotency import idempotent
from app.tenants import queries
from app.tenants.models import CartridgeLot, Clinic, Device
from app.tenants.place_schemas import ClinicResponse
from app.tenants.schemas import (
    ConfirmSignUpRequest,
    DeviceRequest,
    DeviceResponse,
    LotRequest,
    LotResponse,
    SignUpRequest,
)
from app.tenants.services import manage_clinic
from app.tenants.services.sign_up_clinic import NewClinic
from app.tenants.signing_up import ask_for_clinic, confirm_clinic

bp = Blueprint("tenants", __name__, url_prefix="/api/v1/clinics", description="Clinics")


@bp.post("")
@public
@bp.arguments(SignUpRequest)
@bp.response(202)
def sign_up(wanted: dict[str, Any]) -> None:
    """Ask for a clinic; the letter to its owner holds the secret that makes it."""
    password = wanted.pop("password")
    ask_for_clinic(NewClinic(**wanted), password)


@bp.post("/confirm")
@public
@bp.arguments(ConfirmSignUpRequest)
@bp.response(201, ClinicResponse)
def confirm(wanted: dict[str, str]) -> Clinic:
    """Make the clinic by the secret of the letter and the password; its owner signs in next."""
    scope, _ = confirm_clinic(**wanted)
    return queries.get_clinic(scope)


@bp.get("/<uuid:clinic_id>/locations/<uuid:location_id>/devices")
@guard(Permission.CLINIC_READ)
@bp.response(200, DeviceResponse(many=True))
def list_devices(scope: TenantScope, location_id: uuid.UUID) -> Sequence[Device]:
    """List the devices of a location."""
    return queries.list_devices(scope, queries.get_location(scope, location_id).id)


@bp.post("/<uuid:clinic_id>/devices")
@guard(Permission.CLINIC_MANAGE)
@idempotent
@bp.arguments(DeviceRequest)
@bp.response(201, DeviceResponse)
def add_device(scope: TenantScope, wanted: dict[str, Any]) -> Device:
    """Add a device with what its label says."""
    return manage_clinic.add_device(scope, **wanted)


@bp.post("/<uuid:clinic_id>/devices/<uuid:device_id>/lots")
@guard(Permission.CLINIC_MANAGE)
@idempotent
@bp.arguments(LotRequest)
@bp.response(201, LotResponse)
def add_lot(scope: TenantScope, wanted: dict[str, Any], device_id: uuid.UUID) -> CartridgeLot:
    """Add a lot of cartridges for a device."""
    return manage_clinic.add_lot(scope, device_id=device_id, **wanted)
