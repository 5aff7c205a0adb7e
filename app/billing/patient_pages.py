"""The patient's payment pages: the link, the amount with its terms, and what became of it."""

import uuid

from flask import Blueprint, Response, g, jsonify, make_response, redirect, render_template, request

from app.auth.cookies import set_cookie
from app.auth.csrf import csrf_token, refuse_other_sites
from app.auth.guards import LinkNotUsable, patient_session, public, unit
from app.auth.links import find_link
from app.auth.secrets import find_token
from app.auth.visitors import visitor
from app.billing import queries
from app.billing.errors import StripeUnreachable
from app.billing.models import AttemptState, PaymentAttempt, Purchase
from app.billing.payments.pay_links import LINK_LASTS
from app.billing.payments.queries import find_receipt, list_attempts
from app.billing.payments.settle_attempt import amount_due, settle_attempt
from app.billing.payments.start_checkout import start_checkout
from app.billing.reflection import why_it_waits
from app.billing.setup import billing_setup
from app.database import Actor, TenantScope
from app.documents.files import read_document
from app.error_handlers import answer_app_error, wants_page
from app.errors import NotThereYet
from app.kit.in_words import money_in_words
from app.kit.speech import say
from app.page_speech import speak_as_visitor
from app.patients.own_language import speak_own_language
from app.policies.errors import MoneyWaits
from app.tenants.brand import clinic_frame
from app.tenants.queries import get_clinic
from app.web import SECURITY_HEADERS

PAY_COOKIE = "__Host-pay"
DONE = "/pay/done"
OWN_DEVICE, ON_A_SHARED_DEVICE = int(LINK_LASTS.total_seconds()), 900
bp = Blueprint("pay", __name__)
# What a payer is told, by the state of their attempt. Without an address of Stripe's page, which is
# what "new" and "unknown" mean, nobody can have paid.
OUTCOMES = {
    AttemptState.PAID: "paid",
    AttemptState.NEW: "not_opened",
    AttemptState.UNKNOWN: "not_opened",
    AttemptState.QUARANTINED: "clinic",
    AttemptState.OPEN: "not_paid",
    AttemptState.EXPIRED: "not_paid",
    AttemptState.FAILED: "not_paid",
}


def payer_of(scope: TenantScope, purchase_id: uuid.UUID) -> uuid.UUID:
    """Return the patient of a purchase, and speak their language from here on."""
    return speak_own_language(scope, queries.get_purchase(scope, purchase_id).patient_id)


@bp.errorhandler(LinkNotUsable)
def show_dead_link(problem: LinkNotUsable) -> Response:
    """Show the one page for every payment link that does not open; a script gets its problem."""
    return make_response(show_closed()) if wants_page() else answer_app_error(problem)


@bp.get("/pay")
@public
def show_link() -> str:
    """Show the page behind a payment link; the token is in the fragment and not seen here."""
    speak_as_visitor()
    return render_template("billing/pay_link.html", clinic=None, csrf_token="")


@bp.post("/api/v1/pay/exchange")
@public
def exchange() -> Response:
    """Take a link's token and begin a session for its purchase; raises LinkNotUsable."""
    refuse_other_sites()
    body = request.get_json(silent=True)
    token = body.get("token") if isinstance(body, dict) else None
    if not isinstance(token, str):
        raise LinkNotUsable
    if find_link(unit().session, "pay_link", token, visitor()) is None:
        raise LinkNotUsable
    response = jsonify(location="/pay/deposit")
    open_payment(response, token)
    return response


def open_payment(response: Response, token: str, *, seconds: int = OWN_DEVICE) -> None:
    """Let this browser show and pay one purchase, for minutes only where others use it too."""
    set_cookie(response, PAY_COOKIE, token, seconds=seconds)


@bp.get("/pay/closed")
@public
def show_closed() -> tuple[str, int]:
    """Show the one page for every payment link that does not open."""
    speak_as_visitor()
    return render_template("billing/pay_closed.html", clinic=None), 410


@bp.get("/pay/deposit")
@patient_session("pay_link", PAY_COOKIE, payer_of)
def show_deposit(scope: TenantScope, purchase_id: uuid.UUID) -> Response:
    """Show what is to be paid and on which terms."""
    due = amount_due(scope, purchase_id, "deposit")
    if due == 0:
        return make_response(redirect(DONE, 303))
    purchase = queries.get_purchase(scope, purchase_id)
    waits = why_it_waits(scope, purchase)
    if waits:
        return make_response(_waits_page(scope, purchase, waits))
    page = render_template(
        "billing/pay_deposit.html",
        clinic=_clinic(scope),
        purchase=purchase,
        due=money_in_words(due, purchase.currency),
        rest=money_in_words(purchase.price_minor - due, purchase.currency),
    )
    return lead_to_stripe(make_response(page))


def _waits_page(scope: TenantScope, purchase: Purchase, waits: str) -> str:
    return render_template(
        "billing/pay_waits.html", clinic=_clinic(scope), purchase=purchase, waits=waits
    )


@bp.post("/pay/deposit")
@patient_session("pay_link", PAY_COOKIE, payer_of)
def pay_deposit(scope: TenantScope, purchase_id: uuid.UUID) -> Response:
    """Go to Stripe's page, or to what became of the payment where it is too late for that."""
    try:
        attempt = start_checkout(scope, purchase_id=purchase_id)
    except MoneyWaits as waits:
        purchase = queries.get_purchase(scope, purchase_id)
        return make_response(_waits_page(scope, purchase, waits.message), waits.status)
    except StripeUnreachable:
        # What we know is committed; the next page says that it is being checked.
        return make_response(redirect(DONE, 303))
    open_page = attempt.state == AttemptState.OPEN and attempt.problem != "processing"
    return make_response(redirect((open_page and attempt.checkout_url) or DONE, 303))


@bp.get(DONE)
@public
def show_done() -> str:
    """Say truthfully what became of the payment, asking Stripe first."""
    token = request.cookies.get(PAY_COOKIE, "")
    found = find_token(unit().session, "pay_link", token) if token else None
    if found is None:
        speak_as_visitor()
        return render_template("billing/pay_elsewhere.html", clinic=None)
    g.csrf_token = csrf_token(token)
    scope = unit().enter(found.tenant_id, Actor("patient"))
    patient = Actor("patient", payer_of(scope, found.subject_id))
    return _done_page(unit().enter(found.tenant_id, patient), found.subject_id)


@bp.get("/pay/receipt")
@patient_session("pay_link", PAY_COOKIE, payer_of)
def get_receipt(scope: TenantScope, purchase_id: uuid.UUID) -> Response:
    """Return the newest receipt of the purchase as its sealed file."""
    for attempt in list_attempts(scope, purchase_id):
        receipt = find_receipt(scope, attempt.id)
        if receipt is not None and receipt.document_id is not None:
            return receipt_file(scope, receipt.document_id, receipt.number)
    raise NotThereYet(say("The receipt is not ready yet. Please try again in a minute."))


def receipt_file(scope: TenantScope, document_id: uuid.UUID, number: int) -> Response:
    """Return a sealed receipt for keeping."""
    response = make_response(read_document(scope, document_id))
    response.headers["Content-Type"] = "application/pdf"
    response.headers["Content-Disposition"] = f'attachment; filename="receipt-{number}.pdf"'
    return response


def lead_to_stripe(response: Response) -> Response:
    """Let the forms of one page lead to the payment provider's own pages."""
    policy = SECURITY_HEADERS["Content-Security-Policy"]
    pages = " ".join(("'self'", *billing_setup().hosted_pages))
    allowed = policy.replace("form-action 'self'", f"form-action {pages}")
    response.headers["Content-Security-Policy"] = allowed
    return response


def _done_page(scope: TenantScope, purchase_id: uuid.UUID) -> str:
    attempt = _attempt_asked_for(scope, purchase_id)
    purchase = queries.get_purchase(scope, purchase_id)
    outcome = "none" if attempt is None else outcome_of(attempt)
    if attempt is not None:
        try:
            attempt = settle_attempt(scope, attempt_id=attempt.id)
            outcome = outcome_of(attempt)
        except StripeUnreachable:
            # Without an answer we know of nothing that is not final.
            outcome = outcome if outcome in {"paid", "clinic"} else "checking"
    receipt = find_receipt(scope, attempt.id) if attempt is not None else None
    return render_template(
        "billing/pay_done.html",
        clinic=_clinic(scope),
        purchase=purchase,
        attempt=attempt,
        outcome=outcome,
        receipt=receipt if receipt is not None and receipt.document_id is not None else None,
    )


def _attempt_asked_for(scope: TenantScope, purchase_id: uuid.UUID) -> PaymentAttempt | None:
    """Return the attempt that the address names, if it is this purchase's; else the newest."""
    attempts = list_attempts(scope, purchase_id)
    wanted = request.args.get("cs", "")
    named = (one for one in attempts if one.checkout_session_id == wanted)
    return next(named, attempts[0] if attempts else None)


def outcome_of(attempt: PaymentAttempt) -> str:
    """Return how to speak of an attempt: paid, checking, not_opened, not_paid or clinic."""
    if attempt.problem == "processing":
        return "checking"
    return OUTCOMES[AttemptState(attempt.state)]


def _clinic(scope: TenantScope) -> dict[str, str | None]:
    return clinic_frame(get_clinic(scope))
