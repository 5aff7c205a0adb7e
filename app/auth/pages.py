"""Pages for signing in, proving it again, and setting a second factor up."""

import pyotp
import segno
from flask import Blueprint, current_app, g, redirect, render_template, request
from werkzeug.wrappers import Response

from app.auth import queries, services
from app.auth.cookies import drop_cookie, set_staff_cookie
from app.auth.csrf import refuse_other_sites
from app.auth.guards import STAFF_COOKIE, public, signed_in, unit
from app.auth.routes import lasts
from app.errors import AppError
from app.vault import root_decrypt

bp = Blueprint("account", __name__)


def safe_next(path: str) -> str:
    """Return a path of this site to go back to, never another site."""
    # Browsers drop tabs and line ends, so that "/<tab>/other.example" would lead away.
    plain = all(ord(character) >= 32 for character in path)
    inside = path.startswith("/") and not path.startswith(("//", "/\\"))
    return path if inside and plain else "/"


@bp.get("/sign-in")
@public
def show_sign_in() -> str:
    """Ask for an address and a password."""
    return render_template("account/sign_in.html", next=request.args.get("next", "/"), error="")


@bp.post("/sign-in")
@public
def sign_in() -> Response | tuple[str, int]:
    """Sign in, or say kindly that it did not work."""
    refuse_other_sites()
    target = safe_next(request.form.get("next", "/"))
    try:
        done = services.sign_in(
            unit().session,
            email=request.form.get("email", ""),
            password=request.form.get("password", ""),
            address=request.remote_addr or "",
            lasts_seconds=lasts(),
        )
    except AppError as problem:
        page = render_template(
            "account/sign_in.html",
            next=target,
            error=problem.message,
            email=request.form.get("email", ""),
        )
        return page, int(problem.status)
    response = redirect(target, 303)
    set_staff_cookie(response, done.token, seconds=lasts())  # type: ignore[arg-type]  # same class
    return response


@bp.get("/step-up")
@signed_in
def show_step_up(login: queries.LoginSession) -> str:
    """Ask for a code from the second factor; in the demo the code is shown, and says so."""
    return _step_up_page(login, request.args.get("next", "/"), "")


def _step_up_page(login: queries.LoginSession, target: str, error: str) -> str:
    cipher = queries.find_totp_cipher(unit().session, login.person_id)
    demo_code = ""
    if cipher is not None and current_app.config["SETTINGS"].mode == "demo":
        secret = root_decrypt("person.totp", login.person_id, cipher).decode()
        demo_code = pyotp.TOTP(secret).now()
    return render_template(
        "account/step_up.html",
        next=safe_next(target),
        error=error,
        demo_code=demo_code,
        enrolled=cipher is not None,
    )


@bp.post("/step-up")
@signed_in
def step_up(login: queries.LoginSession) -> Response | tuple[str, int]:
    """Take the code and go back to where the person was."""
    target = safe_next(request.form.get("next", "/"))
    try:
        token = services.step_up(unit().session, login, code=request.form.get("code", ""))
    except AppError as problem:
        return _step_up_page(login, target, problem.message), int(problem.status)
    response = redirect(target, 303)
    set_staff_cookie(response, token, seconds=lasts())  # type: ignore[arg-type]  # same class
    return response


@bp.get("/second-factor")
@signed_in
def show_second_factor(login: queries.LoginSession) -> str:
    """Show a fresh secret to scan or type into an authenticator."""
    secret = pyotp.random_base32(32)
    return _second_factor_page(login, secret, "")


def _second_factor_page(login: queries.LoginSession, secret: str, error: str) -> str:
    uri = pyotp.TOTP(secret).provisioning_uri(name=login.person_name, issuer_name="Needlepoint")
    code_image = segno.make(uri).svg_data_uri(scale=4)
    return render_template(
        "account/second_factor.html", secret=secret, code_image=code_image, error=error
    )


@bp.post("/second-factor")
@signed_in
def enrol_second_factor(login: queries.LoginSession) -> Response | tuple[str, int]:
    """Keep the secret once a code made with it was shown."""
    secret = request.form.get("secret", "")
    try:
        services.enrol_totp(
            unit().session,
            person_id=login.person_id,
            secret=secret,
            code=request.form.get("code", ""),
        )
    except AppError as problem:
        return _second_factor_page(login, secret, problem.message), int(problem.status)
    return redirect("/", 303)


@bp.post("/sign-out")
@signed_in
def sign_out(login: queries.LoginSession) -> Response:
    """End the sign-in and leave nothing in the browser."""
    services.sign_out(unit().session, login)
    response = redirect("/sign-in", 303)
    drop_cookie(response, STAFF_COOKIE)  # type: ignore[arg-type]  # same class
    return response


@bp.get("/")
@signed_in
def show_home(login: queries.LoginSession) -> str | Response:
    """Go to the person's clinic, or let them choose between several."""
    memberships = queries.list_memberships(unit().session, login.person_id)
    if len(memberships) == 1:
        return redirect(f"/clinics/{memberships[0].tenant_id}/today", 303)
    g.memberships = memberships
    return render_template("account/clinics.html", memberships=memberships)
