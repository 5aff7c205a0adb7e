"""Packages, sales, payments and the ledger, for programs."""

import uuid
from collections.abc import Sequence
from typing import Any

from flask_smorest import Blueprint

from app.auth.guards import guard
from app.auth.permissions import Permission
from app.billing import queries
from app.billing.ledger.queries import Balance, list_balances
from app.billing.models import Package, PaymentAttempt, Purchase, StripeAccount
from app.billing.payments.connect_clinic import connect_clinic, get_account, refresh_account
from app.billing.payments.pay_links import show_pay_link
from app.billing.payments.queries import get_attempt
from app.billing.payments.reconcile_clinic import Reconciliation, reconcile_clinic
from app.billing.payments.settle_attempt import settle_attempt
from app.billing.payments.start_checkout import start_checkout
from app.billing.quote import read_deposit_rule
from app.billing.schemas import (
    AccountRequest,
    AccountResponse,
    AttemptResponse,
    BalanceResponse,
    CheckoutRequest,
    LinkResponse,
    PackageRequest,
    PackageResponse,
    PurchaseRequest,
    PurchaseResponse,
    QuoteResponse,
    ReconciliationResponse,
)
from app.billing.services.create_package import NewPackage, create_package, retire_package
from app.billing.services.sell_package import Quote, quote_package, sell_package
from app.database import TenantScope
from app.idempotency import idempotent

bp = Blueprint(
    "billing", __name__, url_prefix="/api/v1/clinics/<uuid:clinic_id>", description="Billing"
)


@bp.get("/packages")
@guard(Permission.PACKAGE_SELL)
@bp.response(200, PackageResponse(many=True))
def list_packages(scope: TenantScope) -> Sequence[Package]:
    """List the packages on offer."""
    return queries.list_packages(scope)


@bp.post("/packages")
@guard(Permission.PACKAGE_MANAGE)
@idempotent
@bp.arguments(PackageRequest)
@bp.response(201, PackageResponse)
def create(scope: TenantScope, wanted: dict[str, Any]) -> Package:
    """Put a package on offer."""
    parts = [wanted.pop(f"deposit_{name}") for name in ("kind", "value", "round_down_to")]
    return create_package(scope, NewPackage(**wanted, deposit=read_deposit_rule(*parts)))


@bp.delete("/packages/<uuid:package_id>")
@guard(Permission.PACKAGE_MANAGE)
@bp.response(200, PackageResponse)
def retire(scope: TenantScope, package_id: uuid.UUID) -> Package:
    """Take a package off the offer."""
    return retire_package(scope, package_id=package_id)


@bp.get("/packages/<uuid:package_id>/quote")
@guard(Permission.PACKAGE_SELL)
@bp.response(200, QuoteResponse)
def quote(scope: TenantScope, package_id: uuid.UUID) -> Quote:
    """Return price, deposit and the price of each session."""
    return quote_package(scope, package_id=package_id)


@bp.post("/purchases")
@guard(Permission.PACKAGE_SELL)
@idempotent
@bp.arguments(PurchaseRequest)
@bp.response(201, PurchaseResponse)
def sell(scope: TenantScope, wanted: dict[str, Any]) -> Purchase:
    """Sell a package to a patient."""
    return sell_package(scope, **wanted)


@bp.get("/purchases/<uuid:purchase_id>")
@guard(Permission.PACKAGE_SELL)
@bp.response(200, PurchaseResponse)
def get_purchase(scope: TenantScope, purchase_id: uuid.UUID) -> Purchase:
    """Return a sale."""
    return queries.get_purchase(scope, purchase_id)


@bp.post("/purchases/<uuid:purchase_id>/checkout")
@guard(Permission.PAYMENT_TAKE)
@idempotent
@bp.arguments(CheckoutRequest)
@bp.response(201, AttemptResponse)
def start(scope: TenantScope, wanted: dict[str, Any], purchase_id: uuid.UUID) -> PaymentAttempt:
    """Open Stripe's page for the deposit or the balance of a sale."""
    return start_checkout(scope, purchase_id=purchase_id, **wanted)


@bp.post("/purchases/<uuid:purchase_id>/pay-link")
@guard(Permission.PAYMENT_TAKE)
@bp.response(201, LinkResponse)
def make_link(scope: TenantScope, purchase_id: uuid.UUID) -> dict[str, str]:
    """Make a payment link; not kept for a repeat, since the link is a secret."""
    return {"link": show_pay_link(scope, purchase_id=purchase_id)}


@bp.get("/payments/<uuid:attempt_id>")
@guard(Permission.PACKAGE_SELL)
@bp.response(200, AttemptResponse)
def get_payment(scope: TenantScope, attempt_id: uuid.UUID) -> PaymentAttempt:
    """Return a payment attempt as we know it."""
    return get_attempt(scope, attempt_id)


@bp.post("/payments/<uuid:attempt_id>/check")
@guard(Permission.PAYMENT_TAKE)
@bp.response(200, AttemptResponse)
def check_payment(scope: TenantScope, attempt_id: uuid.UUID) -> PaymentAttempt:
    """Ask Stripe what became of a payment attempt."""
    return settle_attempt(scope, attempt_id=attempt_id)


@bp.post("/stripe-account")
@guard(Permission.CLINIC_MANAGE)
@idempotent
@bp.arguments(AccountRequest)
@bp.response(201, AccountResponse)
def connect(scope: TenantScope, wanted: dict[str, Any]) -> StripeAccount:
    """Connect the clinic to Stripe."""
    wanted["settles_in"] = tuple(wanted["settles_in"])
    return connect_clinic(scope, **wanted)


@bp.get("/stripe-account")
@guard(Permission.LEDGER_READ)
@bp.response(200, AccountResponse)
def get_stripe_account(scope: TenantScope) -> StripeAccount:
    """Return the clinic's account as we know it."""
    return get_account(scope)


@bp.post("/stripe-account/check")
@guard(Permission.CLINIC_MANAGE)
@bp.response(200, AccountResponse)
def check_stripe_account(scope: TenantScope) -> StripeAccount:
    """Ask Stripe whether the clinic may take cards."""
    return refresh_account(scope) or get_account(scope)


@bp.get("/ledger")
@guard(Permission.LEDGER_READ)
@bp.response(200, BalanceResponse(many=True))
def get_ledger(scope: TenantScope) -> Sequence[Balance]:
    """Return what stands on the clinic's accounts."""
    return list_balances(scope)


@bp.post("/ledger/reconcile")
@guard(Permission.LEDGER_READ)
@bp.response(200, ReconciliationResponse)
def reconcile(scope: TenantScope) -> Reconciliation:
    """Compare the ledger with Stripe, after booking what was missed."""
    return reconcile_clinic(scope)
