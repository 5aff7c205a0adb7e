"""Pages for signing a clinic up and for its staff."""

import uuid

from flask import Blueprint, make_response, redirect, render_template
from werkzeug.wrappers import Response

from app.auth import services as auth_services
from app.auth.accounts import ask_to_verify
from app.auth.attempts import count_sign_up
from app.auth.cookies import set_staff_cookie
from app.auth.csrf import refuse_other_sites
from app.auth.guards import guard, public, unit
from app.auth.permissions import Permission
from app.auth.routes import lasts
from app.auth.services import WrongCredentials, create_person, normal_email
from app.auth.visitors import remember_device, visitor
from app.database import TenantScope
from app.errors import Invalid
from app.forms import Form, asking_again, sent_form
from app.idempotency import idempotent
from app.staff_pages import ROLE_WORDS, go_to
from app.tenants import queries
from app.tenants.models import Role
from app.tenants.services import manage_clinic
from app.tenants.services.sign_up_clinic import PROCESSOR_AGREEMENT, NewClinic, sign_up_clinic

bp = Blueprint("tenants_pages", __name__)
ROLE_HINTS = {
    "owner": "Everything, also the clinic's settings and its money.",
    "medical_lead": "Treats, attests, and decides what others may do.",
    "practitioner": "Plans, attests and treats within their qualification.",
    "front_desk": "Books visits, sends forms and takes payments. Sees no answers about health.",
    "billing": "Packages, payments and the ledger. Sees no plans.",
    "manager": "Runs the day and the money. Sees no answers about health.",
    "auditor": "Reads records and the audit trail. Changes nothing.",
}


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


@bp.get("/clinics/<uuid:clinic_id>/settings/staff")
@guard(Permission.CLINIC_READ)
def show_staff(scope: TenantScope) -> str:
    """List who works here, and who worked here."""
    return render_template(
        "tenants/staff.html", members=queries.list_staff(scope), roles=ROLE_WORDS
    )


@bp.get("/clinics/<uuid:clinic_id>/settings/staff/new")
@guard(Permission.STAFF_MANAGE)
def ask_for_staff(scope: TenantScope) -> str:
    """Ask who joins, as what and where."""
    form = Form()
    form.sent.setlist("location_ids", [str(one.id) for one in queries.list_locations(scope)])
    return _staff_page(scope, form)


@bp.post("/clinics/<uuid:clinic_id>/settings/staff/new")
@guard(Permission.STAFF_MANAGE)
@idempotent
def add_staff(scope: TenantScope) -> Response:
    """Add a member of staff with a first password."""
    form = sent_form()
    names = {"": "password", "location_ids": "location_ids"}
    with asking_again(form, lambda again: _staff_page(scope, again), names):
        name = form.text("name", "Enter their name.")
        email = form.text("email", "Enter their email address.")
        role = form.choice("role", [one.value for one in Role], "Choose what they will do.")
        password = form.typed("password") or form.text("password", "Choose a first password.")
        location_ids = _locations_of(scope, form)
        form.check()
        _refuse_known(scope, form, normal_email(email))
        member = manage_clinic.add_staff(
            scope,
            person_id=_account(normal_email(email), name, password),
            name=name,
            email=normal_email(email),
            role=Role(role),
            location_ids=location_ids,
        )
    return go_to(scope, f"/settings/staff/{member.id}", "staff")


def _staff_page(scope: TenantScope, form: Form) -> str:
    return render_template(
        "tenants/new_staff.html",
        form=form,
        locations=[
            {"value": str(one.id), "label": one.name} for one in queries.list_locations(scope)
        ],
        roles=[
            {"value": value, "label": word.capitalize(), "hint": ROLE_HINTS[value]}
            for value, word in ROLE_WORDS.items()
        ],
    )


def _locations_of(scope: TenantScope, form: Form) -> tuple[uuid.UUID, ...]:
    chosen = set(form.chosen("location_ids"))
    found = tuple(one.id for one in queries.list_locations(scope) if str(one.id) in chosen)
    if not found:
        form.fail("location_ids", "Choose at least one location.")
    return found


def _refuse_known(scope: TenantScope, form: Form, email: str) -> None:
    known = next((one for one in queries.list_staff(scope) if one.email == email), None)
    if known is not None:
        word = "works" if known.disabled_at is None else "worked"
        form.fail("email", f"{known.name} {word} here with this address already.")
        form.check()


@bp.get("/clinics/<uuid:clinic_id>/settings/staff/<uuid:staff_id>/disable")
@guard(Permission.STAFF_MANAGE)
def ask_to_disable(scope: TenantScope, staff_id: uuid.UUID) -> str:
    """Say what will happen before somebody is shut out."""
    return _disable_page(scope, staff_id, Form())


@bp.post("/clinics/<uuid:clinic_id>/settings/staff/<uuid:staff_id>/disable")
@guard(Permission.STAFF_MANAGE)
def disable(scope: TenantScope, staff_id: uuid.UUID) -> Response:
    """Shut a member of staff out at once."""
    form = sent_form()
    with asking_again(form, lambda again: _disable_page(scope, staff_id, again)):
        manage_clinic.disable_staff(scope, staff_id=staff_id)
    return go_to(scope, f"/settings/staff/{staff_id}", "disabled")


def _disable_page(scope: TenantScope, staff_id: uuid.UUID, form: Form) -> str:
    return render_template(
        "tenants/disable_staff.html", form=form, member=queries.get_staff(scope, staff_id)
    )
