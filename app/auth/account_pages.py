"""My sign-in and devices: what protects the account, and where it is open just now."""

import base64
import binascii
import uuid
from datetime import datetime
from functools import partial

import pyotp
import segno
from flask import Blueprint, Response, make_response, render_template, request

from app.auth import account_queries, accounts, factors
from app.auth.guards import idle_seconds, require_step_up, signed_in, unit
from app.auth.pages import go, safe_next
from app.auth.queries import LoginSession, list_memberships
from app.auth.services import WrongCredentials, renew_session
from app.auth.visitors import visitor
from app.errors import Invalid
from app.forms import Form, asking_again, sent_form
from app.kit.clock import now
from app.vault import NotReadable, root_decrypt, root_encrypt

bp = Blueprint("account_pages", __name__)
PENDING = "person.totp.pending"
SAID = {
    "password": "Your password is changed. Every other sign-in to your account has ended.",
    "authenticator": "Your authenticator is set up.",
    "no-authenticator": "The authenticator is removed.",
    "passkey": "The passkey is added. You can sign in with it.",
    "no-passkey": "The passkey is removed.",
    "email": "We have written to both addresses. Open the link in the letter to the new one.",
    "no-email": "The change of your address is called off.",
    "ended": "That sign-in has ended.",
    "alone": "You are signed out everywhere else.",
}


@bp.app_template_filter("ago")
def ago(at: datetime) -> str:
    """Return how long ago an instant was, in words that need no time zone."""
    seconds = max(0, int((now() - at).total_seconds()))
    if seconds < 60:
        return "just now"
    for size, word in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            number = seconds // size
            return f"{number} {word}{'' if number == 1 else 's'} ago"
    return "just now"


def require_proof(login: LoginSession, password: str) -> None:
    """Ask for the second factor where there is one, else for the password, before a change.

    Raises StepUpRequired, or WrongCredentials.
    """
    if accounts.get_account(unit().session, login.person_id).has_factor:
        require_step_up()
    else:
        accounts.check_password(unit().session, login, password, visitor())


@bp.get("/account")
@signed_in
def show_account(login: LoginSession) -> str:
    """Show what protects the account, and every living sign-in."""
    session = unit().session
    return render_template(
        "account/account.html",
        account=accounts.get_account(session, login.person_id),
        change=account_queries.find_email_change(session, login.person_id),
        passkeys=account_queries.list_passkeys(session, login.person_id),
        sessions=account_queries.list_own_sessions(session, login.person_id, now(), idle_seconds()),
        current_id=login.session_id,
        memberships=list_memberships(session, login.person_id),
        said=SAID.get(request.args.get("said", "")),
    )


@bp.get("/account/password")
@signed_in
def ask_for_password(_login: LoginSession) -> str:
    """Ask for the old password and a new one."""
    return _password_page(Form())


def _password_page(form: Form) -> str:
    return render_template("account/password.html", form=form)


@bp.post("/account/password")
@signed_in
def change_password(login: LoginSession) -> Response:
    """Change the password; every other sign-in ends."""
    form = sent_form()
    with asking_again(form, _password_page, {"": "old"}, also=(WrongCredentials,)):
        try:
            token, device_token = accounts.change_password(
                unit().session,
                login,
                old=form.typed("old"),
                new=form.typed("new"),
                visitor=visitor(),
            )
        except Invalid as problem:
            raise Invalid(problem.message, fields={"new": problem.message}) from problem
    return go("/account?said=password", token=token, device_token=device_token)


@bp.get("/second-factor")
@signed_in
def show_second_factor(login: LoginSession) -> str:
    """Show a fresh secret to scan or type into an authenticator."""
    return _second_factor_page(login, pyotp.random_base32(32), Form())


def _second_factor_page(login: LoginSession, secret: str, form: Form) -> str:
    account = accounts.get_account(unit().session, login.person_id)
    target = asked_errand()
    uri = pyotp.TOTP(secret).provisioning_uri(name=account.email, issuer_name="Needlepoint")
    sealed = root_encrypt(PENDING, login.session_id, secret.encode())
    return render_template(
        "account/second_factor.html",
        form=form,
        secret=secret,
        sealed=base64.urlsafe_b64encode(sealed).decode(),
        code_image=segno.make(uri).svg_data_uri(scale=4),
        uri=uri,
        account=account,
        next=target,
    )


@bp.post("/second-factor")
@signed_in
def enrol_second_factor(login: LoginSession) -> Response:
    """Keep the secret once a code made with it was shown; show recovery codes the first time."""
    form, secret = sent_form(), _opened_secret(login)
    page = partial(_second_factor_page, login, secret)
    with asking_again(form, page, {"": "code"}, also=(WrongCredentials,)):
        try:
            require_proof(login, form.typed("password"))
        except WrongCredentials as problem:
            raise Invalid(problem.message, fields={"password": problem.message}) from problem
        factors.enrol_totp(
            unit().session, person_id=login.person_id, secret=secret, code=form.typed("code")
        )
    return after_new_factor(login, "authenticator")


def _opened_secret(login: LoginSession) -> str:
    """Return the secret that the page showed; it came sealed for this session alone."""
    try:
        sealed = base64.urlsafe_b64decode(request.form.get("sealed", ""))
        return root_decrypt(PENDING, login.session_id, sealed).decode()
    except (NotReadable, binascii.Error, ValueError):
        # A page from before the last step-up is still good; anything else gets a new secret.
        return pyotp.random_base32(32)


def asked_errand() -> str:
    """Return the page of this site that a new factor was needed for, or "" for none."""
    return safe_next(request.values.get("next", ""), otherwise="")


def after_new_factor(login: LoginSession, said: str) -> Response:
    """Give the session a new id, show the recovery codes if these are the first, and go back to
    what the factor was needed for."""
    token = renew_session(unit().session, login.session_id, stepped_up_at=now())
    codes = factors.first_codes(unit().session, login.person_id)
    if not codes:
        return go(asked_errand() or f"/account?said={said}", token=token)
    return _with_token(_codes_page(codes, SAID[said], asked_errand()), token)


def _codes_page(codes: list[str], said: str, target: str = "") -> str:
    return render_template("account/recovery_codes.html", codes=codes, said=said, next=target)


def _with_token(page: str, token: str) -> Response:
    response = go("/account", token=token)
    shown = make_response(page)
    # The same cookie goes with a page that must be shown at once and never again.
    for cookie in response.headers.getlist("Set-Cookie"):
        shown.headers.add("Set-Cookie", cookie)
    return shown


@bp.post("/second-factor/remove")
@signed_in
def remove_second_factor(login: LoginSession) -> Response:
    """Take the authenticator away; asks for a second factor first."""
    require_step_up()
    factors.remove_totp(unit().session, login.person_id)
    return go(
        "/account?said=no-authenticator", token=renew_session(unit().session, login.session_id)
    )


@bp.post("/account/recovery-codes")
@signed_in
def renew_recovery_codes(login: LoginSession) -> Response:
    """Make ten new recovery codes and show them, once."""
    require_step_up()
    codes = factors.make_recovery_codes(unit().session, login.person_id)
    return make_response(_codes_page(codes, "Your earlier recovery codes no longer work."))


@bp.post("/account/sessions/<uuid:session_id>/end")
@signed_in
def end_session(login: LoginSession, session_id: uuid.UUID) -> Response:
    """End one sign-in at once."""
    accounts.end_own_session(unit().session, login, session_id)
    return go("/account?said=ended")


@bp.post("/account/sessions/end-others")
@signed_in
def end_other_sessions(login: LoginSession) -> Response:
    """End every sign-in but this one."""
    accounts.end_other_sessions(unit().session, login)
    return go("/account?said=alone")
