"""Passkeys: the calls that a page's script makes, and the pages around them."""

import uuid
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request
from flask_smorest import Blueprint as ApiBlueprint

from app.auth import account_queries, accounts, challenges, passkeys
from app.auth.account_pages import asked_errand, require_proof
from app.auth.account_routes import enrolled
from app.auth.cookies import set_cookie
from app.auth.csrf import csrf_token, refuse_other_sites
from app.auth.guards import (
    STAFF_COOKIE,
    half_signed_in,
    public,
    require_step_up,
    signed_in,
    unit,
)
from app.auth.pages import go
from app.auth.queries import LoginSession
from app.auth.routes import lasts, with_tokens
from app.auth.schemas import (
    CredentialRequest,
    CsrfResponse,
    EnrolledResponse,
    NewPasskeyRequest,
    PasskeyOptionsResponse,
    PasskeyResponse,
    ProofRequest,
    SignInResponse,
)
from app.auth.services import renew_session
from app.auth.visitors import visitor
from app.forms import Form
from app.kit.ids import new_secret

bp = ApiBlueprint("passkeys", __name__, url_prefix="/api/v1", description="Passkeys")
pages = Blueprint("passkey_pages", __name__)
ASKING_COOKIE = "__Host-needlepoint-asking"
ASKING_SECONDS = 300


def _browser() -> str:
    return request.cookies.get(STAFF_COOKIE, "")


@pages.get("/account/passkeys/new")
@signed_in
def ask_for_passkey(login: LoginSession) -> str:
    """Ask for a name; the page's script asks the browser for the passkey."""
    return render_template(
        "account/new_passkey.html",
        form=Form(),
        account=accounts.get_account(unit().session, login.person_id),
        next=asked_errand(),
        possible=challenges.is_possible(),
    )


@pages.post("/account/passkeys/<uuid:passkey_id>/remove")
@signed_in
def remove_passkey_page(login: LoginSession, passkey_id: uuid.UUID) -> Response:
    """Take a passkey away; asks for a second factor first."""
    require_step_up()
    passkeys.remove(unit().session, login.person_id, passkey_id)
    token = renew_session(unit().session, login.session_id)
    return go("/account?said=no-passkey", token=token)


@bp.get("/me/passkeys")
@signed_in
@bp.response(200, PasskeyResponse(many=True))
def list_passkeys(login: LoginSession) -> list[account_queries.Passkey]:
    """List the person's passkeys."""
    return account_queries.list_passkeys(unit().session, login.person_id)


@bp.post("/me/passkeys/options")
@signed_in
@bp.arguments(ProofRequest)
@bp.response(200, PasskeyOptionsResponse)
def ask_to_register(login: LoginSession, wanted: dict[str, str]) -> dict[str, Any]:
    """Return what a browser needs; asks for the password, or a fresh second factor."""
    require_proof(login, wanted["password"])
    account = accounts.get_account(unit().session, login.person_id)
    options = passkeys.ask_to_register(unit().session, account, browser=_browser())
    return {"public_key": options}


@bp.post("/me/passkeys")
@signed_in
@bp.arguments(NewPasskeyRequest)
@bp.response(200, EnrolledResponse)
def register_passkey(login: LoginSession, wanted: dict[str, Any]) -> Response:
    """Keep a passkey under a name."""
    passkeys.register(unit().session, login.person_id, **wanted, browser=_browser())
    return enrolled(login)


@bp.delete("/me/passkeys/<uuid:passkey_id>")
@signed_in
@bp.response(200, CsrfResponse)
def remove_passkey(login: LoginSession, passkey_id: uuid.UUID) -> Response:
    """Take a passkey away; the second factor must be fresh."""
    require_step_up()
    passkeys.remove(unit().session, login.person_id, passkey_id)
    token = renew_session(unit().session, login.session_id)
    return with_tokens(jsonify(csrf_token=csrf_token(token)), token)


@bp.post("/passkeys/options")
@public
@bp.response(200, PasskeyOptionsResponse)
def ask_to_sign_in() -> Response:
    """Return what a browser needs to offer its passkeys; names no account."""
    refuse_other_sites()
    browser = new_secret()
    options = passkeys.ask_to_sign_in(unit().session, visitor=visitor(), browser=browser)
    response = jsonify(public_key=options)
    set_cookie(response, ASKING_COOKIE, browser, seconds=ASKING_SECONDS)
    return response


@bp.post("/passkeys/sign-in")
@public
@bp.arguments(CredentialRequest)
@bp.response(200, SignInResponse)
def sign_in(wanted: dict[str, Any]) -> Response:
    """Open a sign-in by a passkey, which is two factors in one."""
    refuse_other_sites()
    done = passkeys.sign_in(
        unit().session,
        **wanted,
        visitor=visitor(),
        browser=request.cookies.get(ASKING_COOKIE, ""),
        lasts_seconds=lasts(),
    )
    response = jsonify(csrf_token=csrf_token(done.token), has_second_factor=False)
    return with_tokens(response, done.token, done.device_token)


@bp.post("/step-up/passkey/options")
@half_signed_in
@bp.response(200, PasskeyOptionsResponse)
def ask_to_step_up(login: LoginSession) -> dict[str, Any]:
    """Return what a browser needs to show one of the person's own passkeys."""
    options = passkeys.ask_to_step_up(unit().session, login, browser=_browser())
    return {"public_key": options}


@bp.post("/step-up/passkey")
@half_signed_in
@bp.arguments(CredentialRequest)
@bp.response(200, CsrfResponse)
def step_up(login: LoginSession, wanted: dict[str, Any]) -> Response:
    """Prove by a passkey that it is the person."""
    done = passkeys.step_up(unit().session, login, **wanted, visitor=visitor(), browser=_browser())
    return with_tokens(jsonify(csrf_token=csrf_token(done.token)), done.token, done.device_token)
