"""The page on which a clinic approves the clinical catalogue."""

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from app.auth.guards import guard
from app.auth.permissions import Permission
from app.catalogue.errors import CatalogueNotApproved
from app.catalogue.models import CatalogueVersion
from app.catalogue.queries import content_of, get_catalogue_in_force
from app.catalogue.services import approve_shipped_catalogue
from app.catalogue.shipped import sha256_of, shipped_catalogue
from app.database import TenantScope
from app.idempotency import idempotent
from app.kit.ids import new_id
from app.staff_pages import go_to

bp = Blueprint("catalogue_pages", __name__, url_prefix="/clinics/<uuid:clinic_id>/settings")


@bp.get("/catalogue")
@guard(Permission.CLINIC_READ)
def show_catalogue(scope: TenantScope) -> str:
    """Show what is in force, and what comes with this release."""
    text, shipped = shipped_catalogue()
    approved = _in_force(scope)
    return render_template(
        "catalogue/catalogue.html",
        approved=approved,
        catalogue=content_of(approved) if approved else shipped,
        shipped=shipped,
        is_newest=approved is not None and approved.sha256 == sha256_of(text),
        key=new_id().hex,
    )


@bp.post("/catalogue")
@guard(Permission.CLINIC_MANAGE)
@idempotent
def approve(scope: TenantScope) -> Response:
    """Approve the catalogue that comes with this release."""
    approve_shipped_catalogue(scope)
    return go_to(scope, "/settings/catalogue", "catalogue")


def _in_force(scope: TenantScope) -> CatalogueVersion | None:
    try:
        return get_catalogue_in_force(scope)
    except CatalogueNotApproved:
        return None
