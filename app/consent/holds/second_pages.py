"""Pages on which the second person agrees, and on which somebody outside is asked."""

import uuid

from flask import Blueprint
from werkzeug.wrappers import Response

from app.auth.guards import guard
from app.auth.permissions import Permission
from app.consent.errors import NotEligible, SecondPersonRefused
from app.consent.holds.decision import SHORTEST_OVERRIDE
from app.consent.holds.hold_page import hold_page
from app.consent.holds.services.ask_outside import ask_outside, cancel_review
from app.consent.holds.services.second_person import agree_as_staff
from app.database import TenantScope
from app.forms import Form, asking_again, sent_form
from app.idempotency import idempotent
from app.staff_pages import go_to

bp = Blueprint(
    "second_pages", __name__, url_prefix="/clinics/<uuid:clinic_id>/holds/<uuid:hold_id>"
)


@bp.get("/second")
@guard(Permission.HOLD_DECIDE, step_up=True)
def show_second(scope: TenantScope, hold_id: uuid.UUID) -> str:
    """Show the decision that waits for a second person, and everything that it was made on."""
    return _page(scope, hold_id, Form())


@bp.post("/second")
@guard(Permission.HOLD_DECIDE, step_up=True)
@idempotent
def agree(scope: TenantScope, hold_id: uuid.UUID) -> Response:
    """Record the second person's word."""
    form = sent_form()
    refused = (SecondPersonRefused, NotEligible)
    with asking_again(
        form, lambda again: _page(scope, hold_id, again), {"": "second_reason"}, also=refused
    ):
        word = form.choice("word", ("agree", "disagree"), "Choose one of the two.")
        number = form.whole("number", "Please read the decision again.", low=1, high=10_000)
        form.check()
        agree_as_staff(
            scope,
            hold_id=hold_id,
            number=number,
            agrees=word == "agree",
            reason=form.typed("second_reason"),
        )
    return go_to(scope, f"/holds/{hold_id}", "agreed")


@bp.post("/outside")
@guard(Permission.HOLD_DECIDE, step_up=True)
@idempotent
def ask(scope: TenantScope, hold_id: uuid.UUID) -> Response:
    """Ask a clinician outside for the second word."""
    form = sent_form()
    with asking_again(form, lambda again: _page(scope, hold_id, again), {"": "email"}):
        email = form.text("email", "Enter their email address.", most=254)
        number = form.whole("number", "Please read the decision again.", low=1, high=10_000)
        form.check()
        ask_outside(scope, hold_id=hold_id, number=number, email=email)
    return go_to(scope, f"/holds/{hold_id}", "asked-outside")


@bp.post("/outside/cancel")
@guard(Permission.HOLD_DECIDE)
def cancel(scope: TenantScope, hold_id: uuid.UUID) -> Response:
    """Take back what was asked outside."""
    cancel_review(scope, hold_id=hold_id)
    return go_to(scope, f"/holds/{hold_id}", "uninvited")


def _page(scope: TenantScope, hold_id: uuid.UUID, form: Form) -> str:
    return hold_page(scope, hold_id, form, "consent/second.html", shortest_second=SHORTEST_OVERRIDE)
