"""Signing in and out for programs: the same cookie that the pages use."""

from typing import Any

from flask import Response, current_app, jsonify
from flask_smorest import Blueprint

from app.auth import factors, queries, services
from app.auth.cookies import drop_cookie, set_staff_cookie
from app.auth.csrf import csrf_token
from app.auth.guards import STAFF_COOKIE, half_signed_in, public, signed_in, unit
from app.auth.schemas import (
    CsrfResponse,
    MembershipResponse,
    SignInRequest,
    SignInResponse,
    StepUpRequest,
)
from app.auth.visitors import remember_device, visitor

bp = Blueprint("auth", __name__, url_prefix="/api/v1", description="Signing in")


def lasts() -> int:
    """Return how long a sign-in lasts at most, in seconds."""
    return int(current_app.config["SETTINGS"].session_seconds)


@bp.post("/sign-in")
@public
@bp.arguments(SignInRequest)
@bp.response(200, SignInResponse)
def sign_in(wanted: dict[str, str]) -> Response:
    """Open a sign-in; the cookie is the key, the token in the body goes with unsafe requests.

    Where the person has a second factor, only a step-up is accepted next.
    """
    done = services.sign_in(unit().session, **wanted, visitor=visitor(), lasts_seconds=lasts())
    response = jsonify(csrf_token=csrf_token(done.token), has_second_factor=done.needs_factor)
    return with_tokens(response, done.token, done.device_token)


def with_tokens(response: Response, token: str, device_token: str = "") -> Response:
    """Return the answer with the cookies of a sign-in."""
    set_staff_cookie(response, token, seconds=lasts())
    if device_token:
        remember_device(response, device_token)
    return response


@bp.post("/step-up")
@half_signed_in
@bp.arguments(StepUpRequest)
@bp.response(200, CsrfResponse)
def step_up(login: queries.LoginSession, wanted: dict[str, str]) -> Response:
    """Prove that it is the person, with a code from the authenticator or a recovery code."""
    done = factors.step_up(unit().session, login, code=wanted["code"], visitor=visitor())
    response = jsonify(csrf_token=csrf_token(done.token))
    return with_tokens(response, done.token, done.device_token)


@bp.post("/sign-out")
@half_signed_in
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
