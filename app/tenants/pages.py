"""The pages for signing a clinic up."""

import uuid

from flask import Blueprint, make_response, redirect, render_template
from werkzeug.wrappers import Response

from app.auth import services as auth_services
from app.auth.accounts import ask_to_verify
from app.auth.attempts import count_sign_up
from app.auth.cookies import set_staff_cookie
from app.auth.csrf import refuse_other_sites
from app.auth.guards import public, unit
from app.auth.routes import lasts
from app.auth.services import WrongCredentials, create_person, normal_email
from app.auth.visitors import remember_device, visitor
from app.errors import Invalid
from app.forms import Form, asking_again, sent_form
from app.tenants.services.sign_up_clinic import PROCESSOR_AGREEMENT, NewClinic, sign_up_clinic

bp = Blueprint("tenants_pages", __name__)


@bp.get("/sign-up")
@public
def show_sign_up() -> str:
    """Ask for a clinic, its owner and their agreement."""
    return _sign_up_page(Form())


@bp.post("/sign-up")
@public
def sign_up() -> Response:
    """Sign the clinic up and its owner in."""
    refuse_other_sites()
    form = sent_form()
    names = {"email": "owner_email", "": "password"}
    with asking_again(form, _sign_up_page, names):
        wanted, password = _new_clinic(form)
        person_id = _owner(wanted, password)
        scope = sign_up_clinic(unit(), wanted, person_id=person_id)
        done = auth_services.sign_in(
            unit().session,
            email=wanted.owner_email,
            password=password,
            visitor=visitor(),
            lasts_seconds=lasts(),
        )
        ask_to_verify(unit().session, person_id)
    response = make_response(redirect(f"/clinics/{scope.tenant_id}/settings?said=signed-up", 303))
    set_staff_cookie(response, done.token, seconds=lasts())
    remember_device(response, done.device_token)
    return response


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


def _owner(wanted: NewClinic, password: str) -> uuid.UUID:
    """Return the owner's account. An address that has one needs its password, so tries count."""
    count_sign_up(unit().session, visitor())
    return _account(normal_email(wanted.owner_email), wanted.owner_name, password)


def _account(email: str, name: str, password: str) -> uuid.UUID:
    try:
        return create_person(unit().session, email=email, name=name, password=password)
    except WrongCredentials:
        told = "This address has an account with another password. Enter that one."
        raise Invalid(told, fields={"password": told}) from None
