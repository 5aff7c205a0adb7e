"""A person's own account, for programs: sessions, password, second factors."""

import uuid
from typing import Any

import pyotp
from flask import Response, jsonify
from flask_smorest import Blueprint

from app.auth import account_queries, accounts, factors
from app.auth.account_pages import require_proof
from app.auth.csrf import csrf_token
from app.auth.guards import idle_seconds, public, require_step_up, signed_in, unit
from app.auth.queries import LoginSession
from app.auth.routes import with_tokens
from app.auth.schemas import (
    AuthenticatorRequest,
    CsrfResponse,
    EmailRequest,
    EnrolledResponse,
    NewAuthenticatorResponse,
    OwnAccountResponse,
    OwnSessionResponse,
    PasswordRequest,
    RecoveryCodesResponse,
    ResetRequest,
)
from app.auth.services import renew_session
from app.auth.visitors import visitor
from app.kit.clock import now

bp = Blueprint("me", __name__, url_prefix="/api/v1", description="My sign-in and devices")


@bp.get("/me")
@signed_in
@bp.response(200, OwnAccountResponse)
def get_me(login: LoginSession) -> dict[str, Any]:
    """Return what protects the person's account."""
    session = unit().session
    change = account_queries.find_email_change(session, login.person_id)
    return {**vars(accounts.get_account(session, login.person_id)), "email_change": change}


@bp.get("/me/sessions")
@signed_in
@bp.response(200, OwnSessionResponse(many=True))
def list_sessions(login: LoginSession) -> list[dict[str, Any]]:
    """List the person's living sign-ins."""
    found = account_queries.list_own_sessions(
        unit().session, login.person_id, now(), idle_seconds()
    )
    return [{**vars(one), "is_current": one.session_id == login.session_id} for one in found]


@bp.delete("/me/sessions/<uuid:session_id>")
@signed_in
@bp.response(204)
def end_session(login: LoginSession, session_id: uuid.UUID) -> None:
    """End one of the person's sign-ins at once."""
    accounts.end_own_session(unit().session, login, session_id)


@bp.delete("/me/sessions")
@signed_in
@bp.response(204)
def end_other_sessions(login: LoginSession) -> None:
    """End every sign-in of the person but this one."""
    accounts.end_other_sessions(unit().session, login)


@bp.put("/me/password")
@signed_in
@bp.arguments(PasswordRequest)
@bp.response(200, CsrfResponse)
def change_password(login: LoginSession, wanted: dict[str, str]) -> Response:
    """Change the password; every other sign-in ends and this one gets a new cookie."""
    token, device_token = accounts.change_password(
        unit().session, login, **wanted, visitor=visitor()
    )
    return with_tokens(jsonify(csrf_token=csrf_token(token)), token, device_token)


@bp.post("/me/authenticator/new")
@signed_in
@bp.response(200, NewAuthenticatorResponse)
def make_authenticator(login: LoginSession) -> dict[str, str]:
    """Return a secret to put into an authenticator; nothing is kept before a code proves it."""
    secret = pyotp.random_base32(32)
    account = accounts.get_account(unit().session, login.person_id)
    uri = pyotp.TOTP(secret).provisioning_uri(name=account.email, issuer_name="Needlepoint")
    return {"secret": secret, "uri": uri}


@bp.put("/me/authenticator")
@signed_in
@bp.arguments(AuthenticatorRequest)
@bp.response(200, EnrolledResponse)
def enrol_authenticator(login: LoginSession, wanted: dict[str, str]) -> Response:
    """Keep an authenticator; asks for the password, or a fresh second factor if there is one."""
    require_proof(login, wanted["password"])
    factors.enrol_totp(
        unit().session, person_id=login.person_id, secret=wanted["secret"], code=wanted["code"]
    )
    return enrolled(login)


def enrolled(login: LoginSession) -> Response:
    """Return the session's new token, and recovery codes where these are the first."""
    token = renew_session(unit().session, login.session_id, stepped_up_at=now())
    codes = factors.first_codes(unit().session, login.person_id)
    return with_tokens(jsonify(csrf_token=csrf_token(token), recovery_codes=codes), token)


@bp.delete("/me/authenticator")
@signed_in
@bp.response(200, CsrfResponse)
def remove_authenticator(login: LoginSession) -> Response:
    """Take the authenticator away; the second factor must be fresh."""
    require_step_up()
    factors.remove_totp(unit().session, login.person_id)
    token = renew_session(unit().session, login.session_id)
    return with_tokens(jsonify(csrf_token=csrf_token(token)), token)


@bp.post("/me/recovery-codes")
@signed_in
@bp.response(200, RecoveryCodesResponse)
def renew_recovery_codes(login: LoginSession) -> dict[str, list[str]]:
    """Return ten new recovery codes, this once; the second factor must be fresh."""
    require_step_up()
    return {"recovery_codes": factors.make_recovery_codes(unit().session, login.person_id)}


@bp.post("/forgot-password")
@public
@bp.arguments(EmailRequest)
@bp.response(202)
def ask_to_reset(wanted: dict[str, str]) -> None:
    """Send a link for a new password where the address has an account; answers the same always."""
    accounts.ask_to_reset(unit().session, **wanted, visitor=visitor())


@bp.post("/reset-password")
@public
@bp.arguments(ResetRequest)
@bp.response(204)
def reset_password(wanted: dict[str, str]) -> None:
    """Set a password by the secret of a link; opens no sign-in."""
    accounts.reset_password(unit().session, **wanted)
