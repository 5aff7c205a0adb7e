"""Signing in and out for programs: the same cookie that the pages use."""

from typing import Any

from flask import Response, current_app, jsonify, request
from flask_smorest import Blueprint

from app.auth import queries, services
from app.auth.cookies import drop_cookie, set_staff_cookie
from app.auth.csrf import csrf_token
from app.auth.guards import STAFF_COOKIE, public, signed_in, unit
from app.auth.schemas import (
    CsrfResponse,
    MembershipResponse,
    SignInRequest,
    SignInResponse,
    StepUpRequest,
)

bp = Blueprint("auth", __name__, url_prefix="/api/v1", description="Signing in")


def lasts() -> int:
    """Return how long a sign-in lasts at most, in seconds."""
    return int(current_app.config["SETTINGS"].session_seconds)


@bp.post("/sign-in")
@public
@bp.arguments(SignInRequest)
@bp.response(200, SignInResponse)
def sign_in(wanted: dict[str, str]) -> Response:
    """Open a sign-in; the cookie is the key, the token in the body goes with unsafe requests."""
    done = services.sign_in(
        unit().session, **wanted, address=request.remote_addr or "", lasts_seconds=lasts()
    )
    response = jsonify(csrf_token=csrf_token(done.token), has_second_factor=done.has_second_factor)
    set_staff_cookie(response, done.token, seconds=lasts())
    return response


@bp.post("/step-up")
@signed_in
@bp.arguments(StepUpRequest)
@bp.response(200, CsrfResponse)
def step_up(login: queries.LoginSession, wanted: dict[str, str]) -> Response:
    """Prove again that it is the person, with a code from the second factor."""
    token = services.step_up(unit().session, login, code=wanted["code"])
    response = jsonify(csrf_token=csrf_token(token))
    set_staff_cookie(response, token, seconds=lasts())
    return response


@bp.post("/sign-out")
@signed_in
@bp.response(204)
def sign_out(login: queries.LoginSession) -> Response:
    """End the sign-in at once."""
    services.sign_out(unit().session, login)
    response = Response(status=204)
    drop_cookie(response, STAFF_COOKIE)
    return response


@bp.get("/me/clinics")
@signed_in
@bp.response(200, MembershipResponse(many=True))
def list_my_clinics(login: queries.LoginSession) -> list[Any]:
    """List the clinics in which the person works."""
    return list(queries.list_memberships(unit().session, login.person_id))
