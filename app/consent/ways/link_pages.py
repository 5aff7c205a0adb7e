"""The page behind a link, the typed short code, and the one page for all that does not open."""

from flask import Blueprint, Response, render_template, request

from app.auth.cookies import SIGN_COOKIE, set_cookie
from app.auth.csrf import refuse_other_sites
from app.auth.guards import LinkNotUsable, public, unit
from app.auth.links import find_link
from app.auth.visitors import visitor
from app.consent.services.request_consent import LINK_LASTS
from app.consent.signing.page_errors import neutral_page, show_kindly
from app.consent.signing.page_frame import AGAIN_COOKIE, to_path
from app.consent.signing.privacy import LINES
from app.consent.ways.link_reference import Reference, read_reference, reference_of
from app.consent.ways.models import OpenedBy
from app.consent.ways.services.ask_new_link import ask_new_link
from app.consent.ways.services.open_link import SESSION_LASTS, open_link
from app.consent.ways.short_code import short_code_token
from app.database import Actor
from app.kit.speech import say
from app.page_speech import speak_as_visitor

bp = Blueprint("sign_link", __name__, url_prefix="/sign")
show_kindly(bp)


@bp.get("")
@public
def show_link() -> str:
    """Show the page behind a link; nothing is spent before somebody presses the button."""
    return _link_page()


@bp.post("/code")
@public
def open_by_code() -> Response | tuple[str, int]:
    """Open a form by its short code, for people without JavaScript."""
    refuse_other_sites()
    speak_as_visitor()
    typed = request.form.get("short_code", "")
    if not typed.strip():
        wrong = [{"field": "short_code", "message": say("Type the code from the message.")}]
        return _link_page(errors=wrong), 422
    found = find_link(unit().session, "short_code", short_code_token(typed), visitor())
    if found is None:
        raise LinkNotUsable
    scope = unit().enter(found.tenant_id, Actor("patient"))
    token = open_link(scope, consent_id=found.subject_id, by=OpenedBy.SHORT_CODE)
    response = to_path("/sign/identity")
    set_cookie(response, SIGN_COOKIE, token, seconds=int(SESSION_LASTS.total_seconds()))
    again = reference_of(Reference(found.tenant_id, found.subject_id))
    set_cookie(response, AGAIN_COOKIE, again, seconds=int(LINK_LASTS.total_seconds()))
    return response


@bp.get("/neutral")
@public
def show_neutral() -> str:
    """Show the one page for every link that does not open."""
    return neutral_page()


@bp.post("/new-link")
@public
def ask_again() -> tuple[str, int]:
    """Send a new link to the contact on file; whatever was typed, the answer is the same."""
    refuse_other_sites()
    speak_as_visitor()
    typed = request.form.get("contact", "")
    if not typed.strip():
        wrong = [{"field": "contact", "message": say("Type your email address or mobile number.")}]
        return neutral_page(errors=wrong), 422
    reference = read_reference(request.cookies.get(AGAIN_COOKIE, ""))
    if reference is not None:
        scope = unit().enter(reference.tenant_id, Actor("patient"))
        ask_new_link(scope, consent_id=reference.consent_id, typed=typed)
    return neutral_page(sent=True), 200


@bp.get("/privacy")
@public
def show_privacy() -> str:
    """Show how what a patient tells is looked after."""
    speak_as_visitor()
    lines = [say(line) for line in LINES]
    return render_template("signing/privacy.html", clinic=None, lines=lines)


def _link_page(errors: list[dict[str, str]] | None = None) -> str:
    speak_as_visitor()
    return render_template(
        "signing/link.html",
        clinic=None,
        exchange_url="/api/v1/sign/exchange",
        neutral_url="/sign/neutral",
        code_url="/sign/code",
        short_code=request.form.get("short_code", ""),
        errors=errors or [],
    )
