"""A clinic that sells through the local Stripe, and what a payer and Stripe do to it."""

import json
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import requests
import stripe
from flask import Flask
from werkzeug.test import TestResponse

from app.billing.ledger.queries import list_balances
from app.billing.models import PaymentAttempt, Purchase
from app.billing.payments import queries
from app.billing.payments.connect_clinic import connect_clinic, refresh_account
from app.billing.payments.reconcile_clinic import Reconciliation, reconcile_clinic
from app.billing.payments.settle_attempt import settle_attempt
from app.billing.payments.start_checkout import start_checkout
from app.billing.setup import EXTENSION
from stripesim.server import Sim
from tests.factories.billing import make_purchase, make_selling_clinic
from tests.factories.tenants import MadeClinic

KEY = "sk_test_needlepoint123"
WEBHOOK = "/webhooks/stripe/connect"


def connect(clinic: MadeClinic, sim: Sim, *, currency: str = "GBP") -> str:
    """Connect a clinic and let Stripe be content with it; return the account's id."""
    with clinic.scope() as scope:
        account = connect_clinic(scope, country="gb", currency=currency)
    sim.onboard(account.account_id)
    with clinic.scope() as scope:
        refresh_account(scope)
    return account.account_id


@dataclass
class Shop:
    """One connected clinic and one purchase."""

    app: Flask
    sim: Sim
    run_jobs: Callable[[], None]
    clinic: MadeClinic
    account: str
    purchase: Purchase

    @classmethod
    def open(
        cls,
        app: Flask,
        sim: Sim,
        run_jobs: Callable[[], None],
        *,
        currency: str = "GBP",
        **package: Any,
    ) -> "Shop":
        """Make everything up to the purchase."""
        clinic = make_selling_clinic(currency=currency)
        account = connect(clinic, sim, currency=currency)
        return cls(app, sim, run_jobs, clinic, account, make_purchase(clinic, **package))

    def start(self, purpose: str = "deposit") -> PaymentAttempt:
        """Press "Pay"."""
        with self.clinic.scope() as scope:
            return start_checkout(scope, purchase_id=self.purchase.id, purpose=purpose)

    def settle(self, attempt_id: uuid.UUID) -> PaymentAttempt:
        """Come back to the success page."""
        with self.clinic.scope() as scope:
            return settle_attempt(scope, attempt_id=attempt_id)

    def pay(self, purpose: str = "deposit") -> PaymentAttempt:
        """Start a checkout and pay on the hosted page; we have not heard of it yet."""
        attempt = self.start(purpose)
        choose(attempt, "pay")
        assert self.sim.wait_idle()
        return attempt

    def attempt(self, attempt_id: uuid.UUID) -> PaymentAttempt:
        """Read an attempt as it is stored."""
        with self.clinic.scope() as scope:
            return queries.get_attempt(scope, attempt_id)

    def attempts(self) -> list[PaymentAttempt]:
        """Read all attempts of the purchase, the newest first."""
        with self.clinic.scope() as scope:
            return list(queries.list_attempts(scope, self.purchase.id))

    def nets(self) -> dict[str, int]:
        """Return what stands on each kind of account."""
        with self.clinic.scope() as scope:
            return {one.kind: one.net_minor for one in list_balances(scope)}

    def reconcile(self) -> Reconciliation:
        """Run the reconciliation."""
        with self.clinic.scope() as scope:
            return reconcile_clinic(scope)

    def events(self, kind: str | None = None) -> list[dict[str, Any]]:
        """Return what Stripe would have sent about this account."""
        return self.sim.events(kind, account=self.account)

    def deliver(self, event: dict[str, Any], **changes: Any) -> TestResponse:
        """Deliver an event to our endpoint, signed as Stripe signs."""
        body = json.dumps({**event, "account": self.account} | changes).encode()
        return post_event(self.app, body)

    def check_books(self) -> None:
        """The ledger sums to zero, agrees with Stripe, and nothing is left unexplained."""
        assert sum(self.nets().values()) == 0
        found = self.reconcile()
        assert found.is_clean, found
        assert self.nets().get("pending", 0) == 0


def choose(attempt: PaymentAttempt, what: str) -> requests.Response:
    """Press one button of the hosted page; return where it leads, not followed."""
    assert attempt.checkout_url is not None
    return requests.post(attempt.checkout_url, data={"do": what}, allow_redirects=False, timeout=5)


def sign(body: bytes, secret: str, *, at: int | None = None) -> str:
    """Return the signature header that Stripe would send."""
    header: str = stripe.WebhookSignature.generate_signature_header(
        body.decode(), secret, at if at is not None else int(time.time())
    )
    return header


def post_event(app: Flask, body: bytes, signature: str | None = None) -> TestResponse:
    """Post to the endpoint; signed with the configured secret unless a signature is given."""
    if signature is None:
        signature = sign(body, app.extensions[EXTENSION].connect_secrets[0])
    return app.test_client().post(WEBHOOK, data=body, headers={"Stripe-Signature": signature})
