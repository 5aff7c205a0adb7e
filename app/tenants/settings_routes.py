"""The clinic and the versions of its settings, for programs."""

from collections.abc import Sequence
from typing import Any

from flask_smorest import Blueprint

from app.auth.guards import guard
from app.auth.permissions import Permission
from app.database import TenantScope
from app.tenants import place_queries, queries
from app.tenants.models import Clinic
from app.tenants.place_schemas import ClinicResponse, SettingsRequest, SettingsResponse
from app.tenants.services.save_settings import NewSettings, save_settings
from app.tenants.settings_models import ClinicSettings
from app.versioned import versioned

bp = Blueprint(
    "settings_api",
    __name__,
    url_prefix="/api/v1/clinics/<uuid:clinic_id>",
    description="The clinic and its settings",
)


@bp.get("")
@guard(Permission.CLINIC_READ)
@bp.response(200, ClinicResponse)
def get_clinic(scope: TenantScope) -> Clinic:
    """Return the clinic; its version is what ``If-Match`` names when settings are saved."""
    return queries.get_clinic(scope)


@bp.get("/settings")
@guard(Permission.CLINIC_READ)
@bp.response(200, SettingsResponse)
def get_settings(scope: TenantScope) -> ClinicSettings:
    """Return the settings in force."""
    return place_queries.get_settings(scope)


@bp.get("/settings/versions")
@guard(Permission.CLINIC_READ)
@bp.response(200, SettingsResponse(many=True))
def list_versions(scope: TenantScope) -> Sequence[ClinicSettings]:
    """List the versions of the settings, the newest first."""
    return place_queries.list_settings(scope)


@bp.put("/settings")
@guard(Permission.CLINIC_MANAGE)
@versioned
@bp.arguments(SettingsRequest)
@bp.response(200, SettingsResponse)
def save(scope: TenantScope, wanted: dict[str, Any], expected_version: int) -> ClinicSettings:
    """Save the next version; ``If-Match`` names the clinic's version that was read."""
    wanted["languages"] = tuple(wanted["languages"])
    return save_settings(scope, NewSettings(**wanted), version=expected_version)
