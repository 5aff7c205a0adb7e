"""The patient's way to a document of theirs, whichever room made it: /document#token.

The secret is in the address's fragment, is exchanged by a person's own press for a short session,
and opens nothing before the date of birth was given.
"""

import uuid

from flask import Blueprint, Response, make_response, redirect, render_template, request

from app.auth.cookies import drop_cookie, set_cookie
from app.auth.csrf import refuse_other_sites
from app.auth.guards import LinkNotUsable, patient_session, public, unit
from app.auth.secrets import find_token
from app.care.document_frame import document_frame, file_name_of, owner_of
from app.care.services.open_document import (
    ASKING_LASTS,
    SHOWN_LASTS,
    begin_asking,
    close_document,
    prove_birth_date,
    read_own_document,
)
from app.database import Actor, TenantScope
from app.errors import TooManyTries
from app.forms import Form, sent_form

COOKIE = "__Host-document"
bp = Blueprint("document_pages", __name__, url_prefix="/document")
asking = patient_session("document_asking", COOKIE, owner_of)
shown = patient_session("document_session", COOKIE, owner_of)
Page = str | tuple[str, int] | Response


@bp.errorhandler(LinkNotUsable)
def show_dead_link(_problem: LinkNotUsable) -> Response:
    """Show one page for every link that does not open; it never says why."""
    return make_response(render_template("care/document_ended.html", clinic=None), 410)


@bp.get("")
@public
def show_link() -> str:
    """Show the page behind a link; nothing is spent before somebody presses the button."""
    return render_template("care/document_link.html", clinic=None)


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
    found = find_token(unit().session, "document_link", token) if isinstance(token, str) else None
    if found is None:
        raise LinkNotUsable
    scope = unit().enter(found.tenant_id, Actor("patient"))
    session = begin_asking(scope, document_id=found.subject_id, link_ends=found.expires_at)
    response = make_response({"location": "/document/identity"})
    set_cookie(response, COOKIE, session, seconds=int(ASKING_LASTS.total_seconds()))
    return response


@bp.get("/identity")
@asking
def ask_identity(scope: TenantScope, document_id: uuid.UUID) -> Page:
    """Ask for the date of birth."""
    return _identity_page(scope, document_id, Form())


@bp.post("/identity")
@asking
def identify(scope: TenantScope, document_id: uuid.UUID) -> Page:
    """Compare the date of birth, and go on to the document with a session of its own."""
    form = sent_form()
    born = form.day("birth", "Enter your date of birth, for example 27 3 1988.")
    if form.errors:
        return _identity_page(scope, document_id, form), 422
    try:
        session = prove_birth_date(scope, document_id=document_id, born=born)
    except TooManyTries as locked:
        return _identity_page(scope, document_id, form, locked.message), 429
    if session is None:
        form.fail("birth", "This is not the date of birth that the clinic has for you.")
        return _identity_page(scope, document_id, form), 422
    response = _to("/document/read")
    set_cookie(response, COOKIE, session, seconds=int(SHOWN_LASTS.total_seconds()))
    return response


@bp.get("/read")
@shown
def show_document(scope: TenantScope, document_id: uuid.UUID) -> str:
    """Show what the document is and let it be opened and kept."""
    return render_template("care/document.html", **document_frame(scope, document_id))


@bp.get("/file")
@shown
def show_file(scope: TenantScope, document_id: uuid.UUID) -> Response:
    """Return the sealed file itself, byte for byte."""
    data = read_own_document(scope, document_id=document_id)
    response = make_response(data)
    response.headers["Content-Type"] = "application/pdf"
    name = file_name_of(scope, document_id)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@bp.post("/close")
@shown
def close(scope: TenantScope, document_id: uuid.UUID) -> Response:
    """End the session, so that the next person at this device sees nothing."""
    close_document(scope, document_id=document_id)
    response = _to("/document/ended")
    drop_cookie(response, COOKIE)
    return response


def _identity_page(
    scope: TenantScope, document_id: uuid.UUID, form: Form, locked: str | None = None
) -> str:
    return render_template(
        "care/document_identity.html",
        form=form,
        errors=form.errors,
        locked=locked,
        clinic=document_frame(scope, document_id)["clinic"],
    )


def _to(path: str) -> Response:
    return make_response(redirect(path, 303))
