"""The way of a clinician outside: a link that opens once, who they are, one hold, one answer."""

import uuid
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template

from app import audit
from app.auth.cookies import REVIEW_COOKIE, drop_cookie
from app.auth.guards import LinkNotUsable, public
from app.auth.guest_guards import guest_session
from app.consent import queries
from app.consent.errors import HoldMoved, NotReady, SecondPersonRefused
from app.consent.holds import queries as hold_queries
from app.consent.holds.decision import SHORTEST_OVERRIDE
from app.consent.holds.models import ReviewState
from app.consent.holds.review_view import review_view
from app.consent.holds.services.answer_outside import (
    Stated,
    answer_outside,
    prove_address,
    state_person,
)
from app.database import TenantScope
from app.errors import TooManyTries
from app.forms import Form, asking_again, sent_form
from app.policies.definitions import PROFESSIONS
from app.tenants.brand import clinic_frame
from app.tenants.queries import get_clinic

bp = Blueprint("review_pages", __name__, url_prefix="/review")
reviewer = guest_session("review_session", REVIEW_COOKIE)
WORDS = {
    "title": "A clinic asks for your view",
    "lead": "You were asked to be the second clinician for one decision. Opening it uses the link"
    " up; then you have three hours in this browser.",
    "button": "Open the question",
}


@bp.get("")
@public
def show_link() -> str:
    """Show the page behind the link; the token is in the fragment and not seen here."""
    return render_template(
        "tenants/invitation_link.html",
        clinic=None,
        exchange_url="/api/v1/review/exchange",
        neutral_url="/review/ended",
        words=WORDS,
    )


@bp.get("/ended")
@public
def show_ended() -> tuple[str, int]:
    """Show the one page for every question that does not open."""
    return render_template("review/ended.html", clinic=None), 410


@bp.get("/thanks")
@public
def show_thanks() -> str:
    """Thank whoever has answered; tells nothing."""
    return render_template("review/thanks.html", clinic=None)


@bp.errorhandler(LinkNotUsable)
@bp.errorhandler(HoldMoved)
def answer_dead_link(_error: LinkNotUsable | HoldMoved) -> Response:
    """Say the same whatever the reason."""
    return make_response(*show_ended())


@bp.get("/who")
@reviewer
def ask_who(scope: TenantScope, review_id: uuid.UUID) -> str:
    """Ask who they are."""
    return _who(scope, review_id, Form())


@bp.post("/who")
@reviewer
def say_who(scope: TenantScope, review_id: uuid.UUID) -> Response:
    """Keep who they are and send the code."""
    form = sent_form()
    refused = (SecondPersonRefused, TooManyTries)
    with asking_again(form, lambda again: _who(scope, review_id, again), also=refused):
        stated = Stated(
            *(form.typed(one) for one in ("name", "profession", "body", "registration_number"))
        )
        state_person(scope, review_id=review_id, stated=stated)
    return _to("/review/code")


@bp.get("/code")
@reviewer
def ask_code(scope: TenantScope, review_id: uuid.UUID) -> str:
    """Ask for the code that was sent to the address."""
    return _code(scope, review_id, Form())


@bp.post("/code")
@reviewer
def prove(scope: TenantScope, review_id: uuid.UUID) -> Response | tuple[str, int]:
    """Compare the code; only then is anything shown."""
    form = sent_form()
    try:
        is_right = prove_address(scope, review_id=review_id, code=form.typed("code"))
    except TooManyTries as many:
        form.fail("code", many.message)
        return _code(scope, review_id, form), 429
    if is_right:
        return _to("/review/hold")
    form.fail("code", "That code is not right, or too old. Type it again, or have a new one sent.")
    return _code(scope, review_id, form), 422


@bp.get("/hold")
@reviewer
def show_hold(scope: TenantScope, review_id: uuid.UUID) -> str | Response:
    """Show this hold and nothing else."""
    review = hold_queries.get_review(scope, review_id)
    if review.identified_at is None:
        return _to("/review/who")
    return _hold(scope, review_id, Form())


@bp.post("/hold")
@reviewer
def answer(scope: TenantScope, review_id: uuid.UUID) -> Response:
    """Record the one answer; the way in ends with it."""
    form = sent_form()
    refused = (SecondPersonRefused, NotReady)
    with asking_again(form, lambda again: _hold(scope, review_id, again), also=refused):
        chosen = form.choice("word", ("agree", "disagree"), "Choose one of the two.")
        form.check()
        answer_outside(
            scope,
            review_id=review_id,
            agrees=chosen == "agree",
            reason=form.typed("second_reason"),
        )
    response = _to("/review/thanks")
    drop_cookie(response, REVIEW_COOKIE)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def _who(scope: TenantScope, review_id: uuid.UUID, form: Form) -> str:
    professions = [{"value": one, "label": one.capitalize()} for one in PROFESSIONS]
    return _page(scope, review_id, form, "who", professions=professions)


def _code(scope: TenantScope, review_id: uuid.UUID, form: Form) -> str:
    return _page(scope, review_id, form, "code")


def _hold(scope: TenantScope, review_id: uuid.UUID, form: Form) -> str:
    review = hold_queries.get_review(scope, review_id)
    if review.identified_at is None:
        raise LinkNotUsable
    audit.record(
        scope,
        "consent:review:read",
        subject_id=review.id,
        patient_id=queries.get_patient_id(scope, review.consent_id),
    )
    return _page(
        scope, review_id, form, "hold", shortest=SHORTEST_OVERRIDE, **review_view(scope, review)
    )


def _page(scope: TenantScope, review_id: uuid.UUID, form: Form, template: str, **more: Any) -> str:
    review = hold_queries.get_review(scope, review_id)
    if review.state != ReviewState.ASKED:
        raise LinkNotUsable
    return render_template(
        f"review/{template}.html", clinic=clinic_frame(get_clinic(scope)), form=form, **more
    )


def _to(path: str) -> Response:
    return make_response(redirect(path, 303))
