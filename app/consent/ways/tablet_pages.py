"""The clinic's tablet while a patient has it: cover, uncover, put it back with nothing on it."""

import uuid

from flask import Blueprint, Response, make_response, render_template, request

from app.auth import desk_queries
from app.auth.cookies import SIGN_COOKIE, drop_cookie, set_cookie
from app.auth.guards import DESK_COOKIE, public
from app.auth.services import WrongCredentials
from app.consent import queries
from app.consent.signing.page_errors import show_kindly
from app.consent.signing.page_frame import clinic_frame, to_path
from app.consent.ways.at_the_form import behind_cover, patient
from app.consent.ways.identity_view import birth_errors, date_order, typed_birth
from app.consent.ways.services import hand_over
from app.consent.ways.services.open_link import SESSION_LASTS
from app.database import TenantScope
from app.errors import TooManyTries
from app.forms import sent_form
from app.kit.clock import now

Page = Response | tuple[str, int]
bp = Blueprint("sign_tablet", __name__, url_prefix="/sign")
show_kindly(bp)


@bp.post("/alive")
@patient
def keep_alive(_scope: TenantScope, _consent_id: uuid.UUID) -> Response:
    """Note that somebody is reading."""
    return make_response("", 204)


@bp.post("/cover")
@behind_cover
def cover(scope: TenantScope, consent_id: uuid.UUID) -> Response:
    """Hide the form: nobody said that they are still there."""
    hand_over.cover(scope, consent_id=consent_id)
    return to_path("/sign/covered")


@bp.get("/covered")
@behind_cover
def show_cover(scope: TenantScope, consent_id: uuid.UUID) -> Page:
    """Ask who is there, and show nothing else."""
    tablet = hand_over.find_tablet(scope, consent_id)
    if tablet is None or not hand_over.is_covered(tablet, now()):
        return to_path("/sign/identity")
    return _cover(scope, consent_id)


@bp.post("/covered/birth")
@behind_cover
def resume_by_birth(scope: TenantScope, consent_id: uuid.UUID) -> Page:
    """Go on by the patient's date of birth."""
    born = typed_birth(request.form)
    wrong = birth_errors(born)
    if wrong:
        return _cover(scope, consent_id, wrong, 422)
    try:
        token = hand_over.resume_by_birth(scope, consent_id=consent_id, born=born)
    except (WrongCredentials, TooManyTries) as problem:
        told = [{"field": "birth", "message": problem.message}]
        return _cover(scope, consent_id, told, int(problem.status))
    return _resumed(token)


@bp.post("/covered/pin")
@behind_cover
def resume_by_pin(scope: TenantScope, consent_id: uuid.UUID) -> Page:
    """Go on by the PIN of somebody who works here."""
    form = sent_form()
    staff_id = form.key_of("staff_id", "Choose your name.")
    try:
        token = hand_over.resume_by_pin(
            scope, consent_id=consent_id, staff_id=staff_id, pin=form.typed("pin")
        )
    except (WrongCredentials, TooManyTries) as problem:
        told = [{"field": "pin", "message": problem.message}]
        return _cover(scope, consent_id, told, int(problem.status))
    return _resumed(token)


@bp.post("/finish")
@behind_cover
def finish(scope: TenantScope, consent_id: uuid.UUID) -> Response:
    """Wipe the device, and show the staff's lock page or nothing at all."""
    hand_over.finish(scope, consent_id=consent_id)
    response = to_path("/shared-desk" if DESK_COOKIE in request.cookies else "/sign/blank")
    drop_cookie(response, SIGN_COOKIE)
    return response


@bp.get("/blank")
@public
def show_blank() -> str:
    """Show that the device is to be given back, and nothing of anybody."""
    return render_template("signing/blank.html", clinic=None)


def _resumed(token: str) -> Response:
    response = to_path("/sign/identity")
    set_cookie(response, SIGN_COOKIE, token, seconds=int(SESSION_LASTS.total_seconds()))
    return response


def _cover(
    scope: TenantScope,
    consent_id: uuid.UUID,
    errors: list[dict[str, str]] | None = None,
    status: int = 200,
) -> tuple[str, int]:
    consent = queries.get_consent(scope, consent_id)
    page = render_template(
        "signing/covered.html",
        clinic=clinic_frame(scope, consent),
        errors=errors or [],
        people=desk_queries.list_on_duty(scope),
        chosen=request.form.get("staff_id", ""),
        date_order=date_order(scope, consent),
    )
    return page, status
