"""The pages for signing a clinic up."""

from urllib.parse import quote

from flask import Blueprint, make_response, render_template
from werkzeug.wrappers import Response

from app.auth.csrf import refuse_other_sites
from app.auth.errors import AccountLinkNotUsable
from app.auth.guards import public
from app.auth.letters import stay_in_folder
from app.auth.pages import go
from app.auth.services import WrongCredentials
from app.errors import Invalid
from app.forms import Form, asking_again, sent_form
from app.tenants.services.sign_up_clinic import PROCESSOR_AGREEMENT, NewClinic
from app.tenants.signing_up import ask_for_clinic, confirm_clinic

bp = Blueprint("tenants_pages", __name__)


@bp.get("/sign-up")
@public
def show_sign_up() -> str:
    """Ask for a clinic, its owner and their agreement."""
    return _sign_up_page(Form())


@bp.post("/sign-up")
@public
def sign_up() -> Response:
    """Say the same for every address; the link in the letter makes the clinic."""
    refuse_other_sites()
    form = sent_form()
    names = {"email": "owner_email", "": "password"}
    with asking_again(form, _sign_up_page, names):
        wanted, password = _new_clinic(form)
        ask_for_clinic(wanted, password)
    page = render_template(
        "tenants/sign_up_sent.html", email=wanted.owner_email, in_folder=stay_in_folder()
    )
    return make_response(page, 202)


def _sign_up_page(form: Form) -> str:
    return render_template("tenants/sign_up.html", form=form, agreement=PROCESSOR_AGREEMENT)


def _new_clinic(form: Form) -> tuple[NewClinic, str]:
    wanted = NewClinic(
        legal_name=form.text("legal_name", "Enter the clinic's name."),
        address=form.text("address", "Enter the clinic's address.", most=500),
        owner_name=form.text("owner_name", "Enter your name."),
        owner_email=form.text("owner_email", "Enter your email address."),
        processor_agreement=form.typed("processor_agreement"),
    )
    password = form.typed("password")
    if not password:
        form.fail("password", "Choose a password.")
    if wanted.processor_agreement != PROCESSOR_AGREEMENT:
        form.fail("processor_agreement", "Read the agreement and tick the box to accept it.")
    form.check()
    return wanted, password


@bp.get("/sign-up/confirm")
@public
def ask_to_confirm() -> str:
    """Ask for the password; the link's secret is filled in by the page itself."""
    return _confirm_page(Form())


def _confirm_page(form: Form) -> str:
    return render_template("tenants/sign_up_confirm.html", form=form)


@bp.post("/sign-up/confirm")
@public
def confirm() -> Response:
    """Make the clinic, sign its owner in, and show what is missing yet."""
    refuse_other_sites()
    form = sent_form()
    with asking_again(form, _confirm_page, {"": "token"}, also=(AccountLinkNotUsable,)):
        try:
            scope, done = confirm_clinic(form.typed("token"), form.typed("password"))
        except WrongCredentials as problem:
            raise Invalid(problem.message, fields={"password": problem.message}) from problem
    path = f"/clinics/{scope.tenant_id}/settings?said=signed-up"
    if done.needs_factor:
        path = f"/step-up?next={quote(path, safe='')}"
    return go(path, token=done.token, device_token=done.device_token)
