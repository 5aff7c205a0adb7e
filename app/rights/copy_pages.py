"""The patient's way to a copy of their data: /your-data#token.

The secret is in the address's fragment, is exchanged by a person's own press for a short session,
and opens nothing before the date of birth was given.
"""

import uuid

from flask import Blueprint, Response, make_response, redirect, render_template, request

from app.auth.cookies import drop_cookie, set_cookie
from app.auth.csrf import refuse_other_sites
from app.auth.guards import LinkNotUsable, patient_session, public, unit
from app.auth.secrets import find_token
from app.database import Actor, TenantScope
from app.errors import TooManyTries
from app.forms import Form, sent_form
from app.patients.queries import get_patient
from app.rights.export_queries import get_export, get_patient_of_export
from app.rights.routes import zip_file
from app.rights.services.export_data import read_export
from app.rights.services.open_copy import (
    ASKING_LASTS,
    SHOWN_LASTS,
    begin_asking,
    close_copy,
    prove_birth_date,
)
from app.tenants.queries import get_clinic, get_location

COOKIE = "__Host-data"
bp = Blueprint("copy_pages", __name__, url_prefix="/your-data")
asking = patient_session("data_asking", COOKIE, get_patient_of_export)
shown = patient_session("data_session", COOKIE, get_patient_of_export)
Page = str | tuple[str, int] | Response


@bp.errorhandler(LinkNotUsable)
def show_dead_link(_problem: LinkNotUsable) -> Response:
    """Show one page for every link that does not open; it never says why."""
    return make_response(render_template("rights/copy_ended.html", clinic=None), 410)


@bp.get("")
@public
def show_link() -> str:
    """Show the page behind a link; nothing is spent before somebody presses the button."""
    return render_template("rights/copy_link.html", clinic=None)


@bp.get("/ended")
@public
def show_ended() -> Response:
    """Show the page of a link that does not open."""
    raise LinkNotUsable


@bp.post("/open")
@public
def open_link() -> dict[str, str] | Response:
    """Take the token from the fragment and start asking who it is."""
    refuse_other_sites()
    sent = request.get_json(silent=True)
    token = sent.get("token") if isinstance(sent, dict) else None
    found = find_token(unit().session, "data_link", token) if isinstance(token, str) else None
    if found is None:
        raise LinkNotUsable
    scope = unit().enter(found.tenant_id, Actor("patient"))
    session = begin_asking(scope, export_id=found.subject_id, link_ends=found.expires_at)
    response = make_response({"location": "/your-data/identity"})
    set_cookie(response, COOKIE, session, seconds=int(ASKING_LASTS.total_seconds()))
    return response


@bp.get("/identity")
@asking
def ask_identity(scope: TenantScope, export_id: uuid.UUID) -> Page:
    """Ask for the date of birth."""
    return _identity_page(scope, export_id, Form())


@bp.post("/identity")
@asking
def identify(scope: TenantScope, export_id: uuid.UUID) -> Page:
    """Compare the date of birth, and go on to the copy with a session of its own."""
    form = sent_form()
    born = form.day("birth", "Enter your date of birth, for example 27 3 1988.")
    if form.errors:
        return _identity_page(scope, export_id, form), 422
    try:
        session = prove_birth_date(scope, export_id=export_id, born=born)
    except TooManyTries as locked:
        return _identity_page(scope, export_id, form, locked.message), 429
    if session is None:
        form.fail("birth", "This is not the date of birth that the clinic has for you.")
        return _identity_page(scope, export_id, form), 422
    response = _to("/your-data/read")
    set_cookie(response, COOKIE, session, seconds=int(SHOWN_LASTS.total_seconds()))
    return response


@bp.get("/read")
@shown
def show_copy(scope: TenantScope, export_id: uuid.UUID) -> str:
    """Show that the copy is there and let it be kept."""
    export = get_export(scope, export_id)
    return render_template("rights/copy.html", export=export, **_frame(scope, export_id))


@bp.get("/file")
@shown
def show_file(scope: TenantScope, export_id: uuid.UUID) -> Response:
    """Return the copy as a ZIP file."""
    return zip_file(read_export(scope, export_id=export_id))


@bp.post("/close")
@shown
def close(scope: TenantScope, export_id: uuid.UUID) -> Response:
    """End the session, so that the next person at this device sees nothing."""
    close_copy(scope, export_id=export_id)
    response = _to("/your-data/ended")
    drop_cookie(response, COOKIE)
    return response


def _identity_page(
    scope: TenantScope, export_id: uuid.UUID, form: Form, locked: str | None = None
) -> str:
    return render_template(
        "rights/copy_identity.html",
        form=form,
        errors=form.errors,
        locked=locked,
        **_frame(scope, export_id),
    )


def _frame(scope: TenantScope, export_id: uuid.UUID) -> dict[str, object]:
    """Return the clinic's head and foot."""
    patient = get_patient(scope, get_patient_of_export(scope, export_id))
    location = get_location(scope, patient.location_id)
    return {
        "zone": location.zone,
        "clinic": {
            "name": get_clinic(scope).legal_name,
            "address": f"{location.name}, {location.address}",
            "phone": location.emergency_contact,
            "accent": None,
            "logo_url": None,
        },
    }


def _to(path: str) -> Response:
    return make_response(redirect(path, 303))
