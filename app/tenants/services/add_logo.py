"""An owner uploads a logo: it is drawn anew, and counts only once settings name it."""

from hashlib import sha256

from app import audit
from app.database import TenantScope
from app.errors import Invalid
from app.kit.clock import now
from app.kit.ids import new_id
from app.kit.pictures import PictureRefused, flatten
from app.tenants.settings_models import ClinicLogo

FITS = 600


def add_logo(scope: TenantScope, *, data: bytes) -> ClinicLogo:
    """Keep a logo as a flat PNG of at most 600 pixels; raises Invalid naming what is wrong."""
    try:
        drawn = flatten(data, fit=FITS)
    except PictureRefused as refused:
        raise Invalid(refused.reason, fields={"logo": refused.reason}) from refused
    logo = ClinicLogo(
        tenant_id=scope.tenant_id,
        id=new_id(),
        png=drawn.png,
        sha256=sha256(drawn.png).digest(),
        width=drawn.width,
        height=drawn.height,
        added_by=scope.actor.id,
        added_at=now(),
    )
    scope.session.add(logo)
    audit.record(scope, "tenants:logo:add", subject_id=logo.id)
    return logo
