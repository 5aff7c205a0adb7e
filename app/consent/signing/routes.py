"""What the patient's pages say to the server behind the scenes: opening a link, saving a draft."""

import uuid
from typing import Any

from flask import Response, after_this_request, jsonify
from flask_smorest import Blueprint

from app.auth.cookies import SIGN_COOKIE, set_cookie
from app.auth.csrf import refuse_other_sites
from app.auth.guards import LinkNotUsable, public, unit
from app.auth.links import find_link
from app.auth.secrets import find_token, use_token
from app.auth.visitors import visitor
from app.consent.models import ConsentDraft
from app.consent.schemas import DraftRequest, DraftResponse, ExchangeRequest, ExchangeResponse
from app.consent.screening.services.answer_questions import save_draft
from app.consent.signing.drafts import PAGES, check_fields
from app.consent.signing.page_frame import remember_reference
from app.consent.ways.at_the_form import behind_cover
from app.consent.ways.link_reference import split_link
from app.consent.ways.models import OpenedBy
from app.consent.ways.services.open_link import SESSION_LASTS, open_link
from app.database import Actor, TenantScope
from app.errors import NotFound

bp = Blueprint("sign", __name__, url_prefix="/api/v1/sign", description="A patient's form")


@bp.post("/exchange")
@public
@bp.arguments(ExchangeRequest)
@bp.response(200, ExchangeResponse)
def exchange(wanted: dict[str, str]) -> Response:
    """Turn a link's secret into a session of this browser; any other session of it ends."""
    refuse_other_sites()
    token, reference = split_link(wanted["token"])
    after_this_request(lambda response: remember_reference(response, reference))
    by, found = OpenedBy.LINK, find_link(unit().session, "sign_link", token, visitor())
    if found is None:
        by, found = OpenedBy.QR, find_token(unit().session, "qr_link", token)
        # A code on a screen opens once: of two phones that race, the second finds nothing.
        if not use_token(unit().session, "qr_link", token):
            raise LinkNotUsable
    if found is None:
        raise LinkNotUsable
    scope = unit().enter(found.tenant_id, Actor("patient"))
    token = open_link(scope, consent_id=found.subject_id, by=by)
    response = jsonify(location="/sign/identity")
    set_cookie(response, SIGN_COOKIE, token, seconds=int(SESSION_LASTS.total_seconds()))
    return response


@bp.put("/drafts/<page>")
@behind_cover
@bp.arguments(DraftRequest)
@bp.response(200, DraftResponse)
def save(
    scope: TenantScope, consent_id: uuid.UUID, wanted: dict[str, Any], page: str
) -> dict[str, object]:
    """Keep a page's fields as they stand; a save that is not newer changes nothing."""
    if page not in PAGES:
        raise NotFound("There is no such page.")
    draft: ConsentDraft = save_draft(
        scope,
        consent_id=consent_id,
        page=page,
        sequence=wanted["sequence"],
        fields=check_fields(wanted["values"]),
    )
    return {"sequence": draft.sequence, "saved_at": draft.updated_at}
