"""The page that says what ends within sixty days, each with the way to mend it."""

from flask import Blueprint, render_template

from app.auth.guards import guard
from app.auth.permissions import Permission
from app.database import TenantScope
from app.policies.expiring import list_endings

bp = Blueprint("expiring", __name__, url_prefix="/clinics/<uuid:clinic_id>/settings")
WITHIN = 60


@bp.get("/expiring")
@guard(Permission.CLINIC_READ)
def show_expiring(scope: TenantScope) -> str:
    """Show what ends, or begins, within sixty days; what has ended stands first."""
    return render_template(
        "desk/expiring.html", endings=list_endings(scope, within=WITHIN), within=WITHIN
    )
