"""Changing one's email address: asked for when signed in, proved and stopped by links."""

from flask import Blueprint, Response, make_response, render_template
from flask_smorest import Blueprint as ApiBlueprint

from app.auth import accounts, addresses
from app.auth.account_pages import require_proof
from app.auth.csrf import refuse_other_sites
from app.auth.errors import AccountLinkNotUsable
from app.auth.guards import public, require_step_up, signed_in, unit
from app.auth.pages import go
from app.auth.queries import LoginSession
from app.auth.schemas import NewEmailRequest, TokenRequest
from app.auth.services import WrongCredentials
from app.auth.visitors import visitor
from app.errors import Invalid
from app.forms import Form, asking_again, sent_form

bp = Blueprint("address_pages", __name__)
api = ApiBlueprint("addresses", __name__, url_prefix="/api/v1", description="Change of address")


@bp.get("/account/email")
@signed_in
def ask_for_address(login: LoginSession) -> str:
    """Ask for the new address, once a second factor was shown where there is one."""
    if accounts.get_account(unit().session, login.person_id).has_factor:
        require_step_up()
    return _address_page(login, Form())


def _address_page(login: LoginSession, form: Form) -> str:
    account = accounts.get_account(unit().session, login.person_id)
    return render_template("account/email.html", form=form, account=account)


@bp.post("/account/email")
@signed_in
def change_address(login: LoginSession) -> Response:
    """Write to both addresses."""
    form = sent_form()
    with asking_again(form, lambda again: _address_page(login, again), {"": "email"}):
        try:
            require_proof(login, form.typed("password"))
        except WrongCredentials as problem:
            raise Invalid(problem.message, fields={"password": problem.message}) from problem
        addresses.ask_to_change(unit().session, login, email=form.typed("email"), visitor=visitor())
    return go("/account?said=email")


@bp.post("/account/email/call-off")
@signed_in
def call_off(login: LoginSession) -> Response:
    """Stop one's own change."""
    addresses.call_off(unit().session, login)
    return go("/account?said=no-email")


@bp.get("/confirm-email")
@public
def ask_to_confirm() -> str:
    """Ask for one press that proves the new address."""
    return _link_page(Form())


def _link_page(form: Form, *, stops: bool = False, done: bool = False) -> str:
    return render_template("account/email_link.html", form=form, stops=stops, done=done)


@bp.post("/confirm-email")
@public
def confirm() -> Response:
    """Take the new address as proved."""
    refuse_other_sites()
    form = sent_form()
    with asking_again(form, _link_page, {"": "token"}, also=(AccountLinkNotUsable,)):
        addresses.prove_address(unit().session, token=form.typed("token"))
    return make_response(_link_page(Form(), done=True))


@bp.get("/stop-email-change")
@public
def ask_to_stop() -> str:
    """Ask for one press that stops a change of address."""
    return _link_page(Form(), stops=True)


@bp.post("/stop-email-change")
@public
def stop() -> Response:
    """Stop a change of address, and sign everybody out."""
    refuse_other_sites()
    form = sent_form()
    page = _stopping_page
    with asking_again(form, page, {"": "token"}, also=(AccountLinkNotUsable,)):
        addresses.stop_by_link(unit().session, token=form.typed("token"))
    return make_response(_link_page(Form(), stops=True, done=True))


def _stopping_page(form: Form) -> str:
    return _link_page(form, stops=True)


@api.post("/me/email")
@signed_in
@api.arguments(NewEmailRequest)
@api.response(202)
def ask_for_change(login: LoginSession, wanted: dict[str, str]) -> None:
    """Ask for another address; needs a fresh second factor, or the password without one."""
    require_proof(login, wanted["password"])
    addresses.ask_to_change(unit().session, login, email=wanted["email"], visitor=visitor())


@api.delete("/me/email")
@signed_in
@api.response(204)
def call_change_off(login: LoginSession) -> None:
    """Stop the change of address that is under way."""
    addresses.call_off(unit().session, login)


@api.post("/confirm-email")
@public
@api.arguments(TokenRequest)
@api.response(204)
def prove(wanted: dict[str, str]) -> None:
    """Prove the new address by the secret of the letter to it."""
    addresses.prove_address(unit().session, **wanted)


@api.post("/stop-email-change")
@public
@api.arguments(TokenRequest)
@api.response(204)
def stop_change(wanted: dict[str, str]) -> None:
    """Stop a change by the secret of the letter to the address so far; every sign-in ends."""
    addresses.stop_by_link(unit().session, **wanted)
