"""Pages for signing in, proving it again, and leaving."""

from urllib.parse import quote

import pyotp
from flask import (
    Blueprint,
    Response,
    current_app,
    g,
    make_response,
    redirect,
    render_template,
    request,
)

from app.auth import account_queries, factors, queries, services
from app.auth.cookies import drop_cookie, set_staff_cookie
from app.auth.csrf import refuse_other_sites
from app.auth.guards import (
    DESK_COOKIE,
    STAFF_COOKIE,
    half_signed_in,
    public,
    signed_in_anywhere,
    unit,
)
from app.auth.routes import lasts
from app.auth.visitors import remember_device, visitor
from app.errors import AppError
from app.vault import root_decrypt

bp = Blueprint("account", __name__)
SAID = {
    "reset": "Your new password is set. Sign in with it now.",
    "verified": "Your email address is confirmed.",
}


def safe_next(path: str, *, otherwise: str = "/") -> str:
    """Return a path of this site to go back to, never another site."""
    # Browsers drop tabs and line ends, so that "/<tab>/other.example" would lead away.
    plain = all(ord(character) >= 32 for character in path)
    inside = path.startswith("/") and not path.startswith(("//", "/\\"))
    return path if inside and plain else otherwise


def go(path: str, *, token: str = "", device_token: str = "") -> Response:
    """Go on to a page, with the new cookies of a sign-in where there are any."""
    response = make_response(redirect(path, 303))
    if token:
        set_staff_cookie(response, token, seconds=lasts())
    if device_token:
        remember_device(response, device_token)
    return response


@bp.get("/sign-in")
@public
def show_sign_in() -> str:
    """Ask for an address and a password, or a passkey."""
    said = SAID.get(request.args.get("said", ""), "")
    return _sign_in_page(safe_next(request.args.get("next", "/")), said=said)


def _sign_in_page(target: str, *, error: str = "", said: str = "", email: str = "") -> str:
    return render_template("account/sign_in.html", next=target, error=error, said=said, email=email)


@bp.post("/sign-in")
@public
def sign_in() -> Response:
    """Sign in, or say kindly that it did not work."""
    refuse_other_sites()
    target, email = safe_next(request.form.get("next", "/")), request.form.get("email", "")
    try:
        done = services.sign_in(
            unit().session,
            email=email,
            password=request.form.get("password", ""),
            visitor=visitor(),
            lasts_seconds=lasts(),
        )
    except AppError as problem:
        page = _sign_in_page(target, error=problem.message, email=email)
        return make_response(page, int(problem.status))
    path = f"/step-up?next={quote(target, safe='')}" if done.needs_factor else target
    return go(path, token=done.token, device_token=done.device_token)


@bp.get("/step-up")
@half_signed_in
def show_step_up(login: queries.LoginSession) -> str:
    """Ask for the second factor; in the demo the code is shown, and says so."""
    return _step_up_page(login, safe_next(request.args.get("next", "/")), "")


def _step_up_page(login: queries.LoginSession, target: str, error: str) -> str:
    account = account_queries.find_account(unit().session, login.person_id)
    cipher = queries.find_totp_cipher(unit().session, login.person_id)
    demo_code = ""
    if cipher is not None and current_app.config["SETTINGS"].mode == "demo":
        secret = root_decrypt("person.totp", login.person_id, cipher).decode()
        demo_code = pyotp.TOTP(secret).now()
    return render_template(
        "account/step_up.html",
        next=target,
        error=error,
        demo_code=demo_code,
        account=account,
        waiting=login.needs_factor,
    )


@bp.post("/step-up")
@half_signed_in
def step_up(login: queries.LoginSession) -> Response:
    """Take the code and go back to where the person was."""
    target = safe_next(request.form.get("next", "/"))
    try:
        done = factors.step_up(
            unit().session, login, code=request.form.get("code", ""), visitor=visitor()
        )
    except AppError as problem:
        return make_response(_step_up_page(login, target, problem.message), int(problem.status))
    return go(target, token=done.token, device_token=done.device_token)


@bp.post("/sign-out")
@half_signed_in
def sign_out(login: queries.LoginSession) -> Response:
    """End the sign-in and leave nothing in the browser."""
    services.sign_out(unit().session, login)
    response = go("/shared-desk" if DESK_COOKIE in request.cookies else "/sign-in")
    drop_cookie(response, STAFF_COOKIE)
    return response


@bp.get("/")
@signed_in_anywhere
def show_home(login: queries.LoginSession) -> str | Response:
    """Go to the person's clinic, or let them choose between several."""
    if login.only_tenant_id is not None:
        return go(f"/clinics/{login.only_tenant_id}/today")
    memberships = queries.list_memberships(unit().session, login.person_id)
    if len(memberships) == 1:
        return go(f"/clinics/{memberships[0].tenant_id}/today")
    g.memberships = memberships
    return render_template("account/clinics.html", memberships=memberships)
