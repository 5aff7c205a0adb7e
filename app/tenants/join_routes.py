"""Accepting an invitation, for programs and for the page's own script."""

import uuid
from typing import Any

from flask import Response, jsonify
from flask_smorest import Blueprint

from app.auth.cookies import drop_cookie, set_cookie, set_staff_cookie
from app.auth.csrf import csrf_token, refuse_other_sites
from app.auth.guards import INVITATION_COOKIE, LinkNotUsable, invited, public, unit
from app.auth.links import find_link
from app.auth.routes import lasts
from app.auth.services import SignedIn
from app.auth.visitors import remember_device, visitor
from app.database import TenantScope
from app.tenants import staff_queries
from app.tenants.joining import join
from app.tenants.staff_schemas import (
    AcceptRequest,
    AcceptResponse,
    InvitationExchangeRequest,
    InvitationExchangeResponse,
)

SESSION_SECONDS = 3600
bp = Blueprint("join", __name__, url_prefix="/api/v1/invitation", description="Invitations")


@bp.post("/exchange")
@public
@bp.arguments(InvitationExchangeRequest)
@bp.response(200, InvitationExchangeResponse)
def exchange(wanted: dict[str, str]) -> Response:
    """Let this browser answer an invitation for an hour; nothing is used up yet."""
    refuse_other_sites()
    token = wanted["token"]
    found = find_link(unit().session, "invitation", token, visitor())
    if found is None or found.used_at is not None:
        raise LinkNotUsable
    response = jsonify(location="/invitation/accept", csrf_token=csrf_token(token))
    set_cookie(response, INVITATION_COOKIE, token, seconds=SESSION_SECONDS)
    return response


@bp.post("/accept")
@invited
@bp.arguments(AcceptRequest)
@bp.response(201, AcceptResponse)
def accept(
    scope: TenantScope, invitation_id: uuid.UUID, token: str, wanted: dict[str, Any]
) -> Response:
    """Join: with a name and a password, or as the account that is signed in."""
    invitation = staff_queries.get_invitation(scope, invitation_id)
    member, signed_in = join(
        scope,
        invitation,
        token,
        name=wanted["name"] or "",
        password=wanted["password"] or "",
    )
    response = jsonify(AcceptResponse().dump(member))
    response.status_code = 201
    finish_joining(response, signed_in)
    return response


def finish_joining(response: Response, signed_in: SignedIn | None) -> None:
    """Take the invitation's cookie away and give a new account those of its sign-in."""
    drop_cookie(response, INVITATION_COOKIE)
    if signed_in is not None:
        set_staff_cookie(response, signed_in.token, seconds=lasts())
        remember_device(response, signed_in.device_token)
