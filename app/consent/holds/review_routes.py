"""The exchange of the link to a clinician outside."""

from flask import Response, jsonify
from flask_smorest import Blueprint

from app.auth.cookies import REVIEW_COOKIE, set_cookie
from app.auth.csrf import refuse_other_sites
from app.auth.guards import LinkNotUsable, public, unit
from app.auth.links import find_link
from app.auth.secrets import use_token
from app.auth.visitors import visitor
from app.consent.holds.services.answer_outside import open_review
from app.consent.schemas import ExchangeRequest, ExchangeResponse
from app.consent.ways.services.open_link import SESSION_LASTS
from app.database import SYSTEM

bp = Blueprint("review", __name__, url_prefix="/api/v1/review", description="A second clinician")


@bp.post("/exchange")
@public
@bp.arguments(ExchangeRequest)
@bp.response(200, ExchangeResponse)
def exchange(wanted: dict[str, str]) -> Response:
    """Trade a link's token for the one session that it gives; it works once."""
    refuse_other_sites()
    token = wanted["token"]
    found = find_link(unit().session, "review_link", token, visitor())
    if found is None or not use_token(unit().session, "review_link", token):
        raise LinkNotUsable
    session = open_review(unit().enter(found.tenant_id, SYSTEM), review_id=found.subject_id)
    response = jsonify(location="/review/who")
    set_cookie(response, REVIEW_COOKIE, session, seconds=int(SESSION_LASTS.total_seconds()))
    return response
