"""The clinic's approved catalogue, for programs."""

from flask_smorest import Blueprint
from marshmallow import fields

from app.auth.guards import guard
from app.auth.permissions import Permission
from app.catalogue import queries
from app.catalogue.models import CatalogueVersion
from app.catalogue.services import approve_shipped_catalogue
from app.database import TenantScope
from app.idempotency import idempotent
from app.schemas import StrictSchema

bp = Blueprint(
    "catalogue",
    __name__,
    url_prefix="/api/v1/clinics/<uuid:clinic_id>/catalogue",
    description="The clinical catalogue",
)


class CatalogueResponse(StrictSchema):
    """An approved version of the catalogue."""

    id = fields.UUID(required=True)
    number = fields.Integer(required=True)
    sha256 = fields.Function(lambda version: version.sha256.hex(), required=True)
    approved_at = fields.AwareDateTime(required=True)


@bp.get("")
@guard(Permission.CLINIC_READ)
@bp.response(200, CatalogueResponse)
def get_in_force(scope: TenantScope) -> CatalogueVersion:
    """Return the version in force."""
    return queries.get_catalogue_in_force(scope)


@bp.post("")
@guard(Permission.CLINIC_MANAGE)
@idempotent
@bp.response(201, CatalogueResponse)
def approve(scope: TenantScope) -> CatalogueVersion:
    """Approve the catalogue that comes with this release."""
    return approve_shipped_catalogue(scope)
