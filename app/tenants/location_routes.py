"""A clinic's places of treatment, for programs."""

import uuid
from collections.abc import Sequence
from typing import Any

from flask_smorest import Blueprint

from app.auth.guards import guard
from app.auth.permissions import Permission
from app.database import TenantScope
from app.idempotency import idempotent
from app.tenants import queries
from app.tenants.models import Location
from app.tenants.place_schemas import (
    ClosingRequest,
    LocationChange,
    LocationRequest,
    LocationResponse,
)
from app.tenants.services import close_location, manage_location
from app.tenants.services.manage_location import NewLocation
from app.versioned import versioned

bp = Blueprint(
    "locations_api",
    __name__,
    url_prefix="/api/v1/clinics/<uuid:clinic_id>/locations",
    description="Locations",
)


@bp.get("")
@guard(Permission.CLINIC_READ)
@bp.response(200, LocationResponse(many=True))
def list_locations(scope: TenantScope) -> Sequence[Location]:
    """List the clinic's locations."""
    return queries.list_locations(scope)


@bp.post("")
@guard(Permission.CLINIC_MANAGE)
@idempotent
@bp.arguments(LocationRequest)
@bp.response(201, LocationResponse)
def add_location(scope: TenantScope, wanted: dict[str, Any]) -> Location:
    """Add a location."""
    return manage_location.add_location(scope, NewLocation(**wanted))


@bp.get("/<uuid:location_id>")
@guard(Permission.CLINIC_READ)
@bp.response(200, LocationResponse)
def get_location(scope: TenantScope, location_id: uuid.UUID) -> Location:
    """Return a location."""
    return queries.get_location(scope, location_id)


@bp.put("/<uuid:location_id>")
@guard(Permission.CLINIC_MANAGE)
@versioned
@bp.arguments(LocationChange)
@bp.response(200, LocationResponse)
def change_location(
    scope: TenantScope, wanted: dict[str, Any], location_id: uuid.UUID, expected_version: int
) -> Location:
    """Change a location; ``If-Match`` names the version that was read.

    Refused with the ids of visits that the new hours leave out, until ``visits_outside`` holds all
    of them.
    """
    kept = wanted.pop("visits_outside")
    return manage_location.change_location(
        scope,
        location_id=location_id,
        wanted=NewLocation(**wanted),
        version=expected_version,
        visits_outside=kept,
    )


@bp.post("/<uuid:location_id>/close")
@guard(Permission.CLINIC_MANAGE)
@versioned
@bp.arguments(ClosingRequest)
@bp.response(200, LocationResponse)
def close(
    scope: TenantScope, wanted: dict[str, Any], location_id: uuid.UUID, expected_version: int
) -> Location:
    """Close a location from a day on; refused with the ids of visits that are planned after it."""
    return close_location.close_location(
        scope, location_id=location_id, **wanted, version=expected_version
    )


@bp.post("/<uuid:location_id>/reopen")
@guard(Permission.CLINIC_MANAGE)
@versioned
@bp.response(200, LocationResponse)
def reopen(scope: TenantScope, location_id: uuid.UUID, expected_version: int) -> Location:
    """Open a closed location again, or call its closing off."""
    return close_location.reopen_location(scope, location_id=location_id, version=expected_version)
