"""The clinic's colour and logo for pages, also for those of patients: public, and kept for ever."""

import uuid

from flask import Blueprint, Response

from app.auth.guards import public, unit
from app.database import SYSTEM
from app.errors import NotFound
from app.kit.colours import ENOUGH, WHITE, contrast, parse_colour
from app.tenants import place_queries
from app.tenants.brand import style_of

bp = Blueprint("brand", __name__, url_prefix="/brand")
FOR_EVER = "public, max-age=31536000, immutable"


@bp.get("/<uuid:whose>/<uuid:settings_id>.css")
@public
def show_style(whose: uuid.UUID, settings_id: uuid.UUID) -> Response:
    """Return the colour of one version of a clinic's settings as a style sheet."""
    scope = unit().enter(whose, SYSTEM)
    version = place_queries.get_settings_version(scope, settings_id)
    return _kept(style_of(version.brand_colour), "text/css")


@bp.get("/<uuid:whose>/<uuid:logo_id>.png")
@public
def show_logo(whose: uuid.UUID, logo_id: uuid.UUID) -> Response:
    """Return a clinic's logo: a PNG that we drew ourselves."""
    scope = unit().enter(whose, SYSTEM)
    return _kept(place_queries.get_logo(scope, logo_id).png, "image/png")


@bp.get("/sample/<colour>.css")
@public
def show_sample(colour: str) -> Response:
    """Return a colour as the style of what stands in a preview."""
    read = parse_colour(colour)
    if read is None or contrast(read, WHITE) < ENOUGH:
        raise NotFound("There is no such colour.")
    return _kept(style_of(read, within=".brand-sample"), "text/css")


def _kept(body: str | bytes, kind: str) -> Response:
    answer = Response(body, mimetype=kind)
    answer.headers["Cache-Control"] = FOR_EVER
    return answer
