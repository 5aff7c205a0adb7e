"""Staff pages: a purchase with its deposit, the ledger, and the clinic's account at Stripe."""

import uuid

import segno
from flask import Blueprint, g, make_response, redirect, render_template
from werkzeug.wrappers import Response

from app.auth.cookies import drop_cookie
from app.auth.guards import STAFF_COOKIE, guard
from app.auth.permissions import Permission
from app.auth.services import sign_out
from app.billing import queries
from app.billing.ledger.queries import list_balances, list_journal_lines
from app.billing.patient_pages import (
    ON_A_SHARED_DEVICE,
    lead_to_stripe,
    open_payment,
    outcome_of,
    receipt_file,
)
from app.billing.payments import queries as payments
from app.billing.payments.connect_clinic import connect_clinic, onboarding_url, refresh_account
from app.billing.payments.pay_links import pay_token, send_pay_link, show_pay_link
from app.billing.payments.reconcile_clinic import Reconciliation, reconcile_clinic
from app.billing.payments.settle_attempt import settle_attempt
from app.billing.reflection import require_reflection_over, why_it_waits
from app.billing.setup import takes_cards_online
from app.database import TenantScope
from app.errors import NotThereYet
from app.forms import Form, asking_again, sent_form
from app.kit.money import EXPONENTS
from app.patients.queries import get_patient
from app.staff_pages import clinic_url, go_to
from app.tenants.queries import get_location

bp = Blueprint("billing_pages", __name__, url_prefix="/clinics/<uuid:clinic_id>")
COUNTRIES = ("GB", "DE", "FR", "ES", "IT", "NL", "IE", "AT", "US", "JP")


@bp.get("/purchases/<uuid:purchase_id>")
@guard(Permission.PACKAGE_SELL)
def show_purchase(scope: TenantScope, purchase_id: uuid.UUID) -> str:
    """Show a sale: what was agreed, what is paid, which sessions were used."""
    return _purchase_page(scope, purchase_id, Form())


@bp.post("/purchases/<uuid:purchase_id>/send-link")
@guard(Permission.PAYMENT_TAKE)
def send_link(scope: TenantScope, purchase_id: uuid.UUID) -> Response:
    """Send the patient a link to the deposit."""
    with asking_again(sent_form(), lambda form: _purchase_page(scope, purchase_id, form)):
        send_pay_link(scope, purchase_id=purchase_id)
    return go_to(scope, f"/purchases/{purchase_id}", "pay-link")


@bp.post("/purchases/<uuid:purchase_id>/show-code")
@guard(Permission.PAYMENT_TAKE)
def show_code(scope: TenantScope, purchase_id: uuid.UUID) -> str:
    """Show a code that the patient scans with their phone."""
    with asking_again(sent_form(), lambda form: _purchase_page(scope, purchase_id, form)):
        link = show_pay_link(scope, purchase_id=purchase_id)
    image = segno.make(link, micro=False).svg_data_uri(scale=6, border=3)
    purchase = queries.get_purchase(scope, purchase_id)
    return render_template("billing/pay_code.html", code_image=image, purchase=purchase)


@bp.post("/purchases/<uuid:purchase_id>/pay-here")
@guard(Permission.PAYMENT_TAKE)
def pay_here(scope: TenantScope, purchase_id: uuid.UUID) -> Response:
    """Let the patient pay on this device; the member of staff is signed out of it first."""
    with asking_again(sent_form(), lambda form: _purchase_page(scope, purchase_id, form)):
        require_reflection_over(scope, queries.get_purchase(scope, purchase_id))
    sign_out(scope.session, g.login)
    response = make_response(redirect("/pay/deposit", 303))
    drop_cookie(response, STAFF_COOKIE)
    # The page that follows needs the cookie that is set here, so that only caches are cleared.
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    open_payment(response, pay_token(scope, purchase_id), seconds=ON_A_SHARED_DEVICE)
    return response


@bp.post("/payments/<uuid:attempt_id>/check")
@guard(Permission.PAYMENT_TAKE)
def check_payment(scope: TenantScope, attempt_id: uuid.UUID) -> Response:
    """Ask Stripe what became of a payment."""
    attempt = payments.get_attempt(scope, attempt_id)
    settle_attempt(scope, attempt_id=attempt_id)
    return go_to(scope, f"/purchases/{attempt.purchase_id}")


@bp.get("/payments/<uuid:attempt_id>/receipt")
@guard(Permission.PACKAGE_SELL)
def get_receipt(scope: TenantScope, attempt_id: uuid.UUID) -> Response:
    """Return the sealed receipt of a payment."""
    receipt = payments.find_receipt(scope, payments.get_attempt(scope, attempt_id).id)
    if receipt is None or receipt.document_id is None:
        raise NotThereYet("The receipt is not ready yet.")
    return receipt_file(scope, receipt.document_id, receipt.number)


@bp.get("/ledger")
@guard(Permission.LEDGER_READ)
def show_ledger(scope: TenantScope) -> str:
    """Show what stands on the clinic's accounts and the newest movements."""
    return _ledger_page(scope, None)


@bp.post("/ledger")
@guard(Permission.LEDGER_READ)
def compare_ledger(scope: TenantScope) -> str:
    """Compare with Stripe now, and show what was found."""
    return _ledger_page(scope, reconcile_clinic(scope))


@bp.get("/settings/payments")
@guard(Permission.CLINIC_MANAGE)
def show_account(scope: TenantScope) -> Response:
    """Show the clinic's account at Stripe, asked for afresh."""
    return _account_page(scope, Form())


@bp.post("/settings/payments")
@guard(Permission.CLINIC_MANAGE)
def connect(scope: TenantScope) -> Response:
    """Connect the clinic to Stripe."""
    form = sent_form()
    with asking_again(form, lambda form: _account_text(scope, form)):
        country = form.choice("country", COUNTRIES, "Choose a country.")
        currency = form.choice("currency", EXPONENTS, "Choose a currency.")
        form.check()
        also = tuple(one for one in form.chosen("settles_in") if one in EXPONENTS)
        connect_clinic(scope, country=country, currency=currency, settles_in=also)
    return go_to(scope, "/settings/payments", "connected")


@bp.post("/settings/payments/onboard")
@guard(Permission.CLINIC_MANAGE)
def onboard(scope: TenantScope) -> Response:
    """Send the owner to Stripe's own questions."""
    page = clinic_url(scope, "/settings/payments")
    return make_response(redirect(onboarding_url(scope, page=page), 303))


def _purchase_page(scope: TenantScope, purchase_id: uuid.UUID, form: Form) -> str:
    purchase = queries.get_purchase(scope, purchase_id)
    lines = queries.list_purchase_lines(scope, purchase.patient_id)
    attempts = payments.list_attempts(scope, purchase_id)
    return render_template(
        "billing/purchase.html",
        form=form,
        purchase=purchase,
        patient=get_patient(scope, purchase.patient_id),
        line=next(line for line in lines if line.id == purchase_id),
        location=get_location(scope, purchase.location_id),
        credits=queries.list_credits(scope, purchase_id),
        attempts=[(one, outcome_of(one)) for one in attempts],
        waits=why_it_waits(scope, purchase),
        receipts={one.id: payments.find_receipt(scope, one.id) for one in attempts},
    )


def _ledger_page(scope: TenantScope, found: Reconciliation | None) -> str:
    return render_template(
        "billing/ledger.html",
        balances=list_balances(scope),
        lines=list_journal_lines(scope),
        account=payments.find_account(scope),
        open_events=payments.count_open_events(scope),
        found=found,
    )


def _account_page(scope: TenantScope, form: Form) -> Response:
    answer = make_response(_account_text(scope, form))
    return lead_to_stripe(answer) if takes_cards_online() else answer


def _account_text(scope: TenantScope, form: Form) -> str:
    return render_template(
        "billing/account.html",
        form=form,
        is_on=takes_cards_online(),
        account=refresh_account(scope) if takes_cards_online() else payments.find_account(scope),
        countries=[{"value": one, "label": one} for one in COUNTRIES],
        currencies=[{"value": one, "label": one} for one in EXPONENTS],
    )
