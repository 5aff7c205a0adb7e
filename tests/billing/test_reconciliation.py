"""The ledger against Stripe: whatever happens, it sums to zero and equals the balance."""

import random
import uuid
from contextlib import suppress

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from app.billing.ledger.journals import Leg, book, clinic_account
from app.billing.ledger.queries import list_balances
from app.billing.models import AccountKind, AttemptState
from app.billing.services.redeem_credit import redeem_credit
from app.billing.setup import EXTENSION
from app.errors import AppError
from tests.billing.shop import Shop, choose
from tests.factories.billing import make_purchase
from tests.factories.tenants import PROCEDURE

STEPS = ("start", "pay", "decline", "settle", "deliver", "redeem", "balance", "reconcile", "lose")


def test_drift_is_found_and_stated_in_minor_units(shop: Shop) -> None:
    shop.settle(shop.pay().id)
    with shop.clinic.scope() as scope:
        clearing = clinic_account(scope, AccountKind.STRIPE_CLEARING)
        fees = clinic_account(scope, AccountKind.STRIPE_FEES)
        book(scope, "test:a penny", currency="GBP", legs=[Leg(clearing, fees, 1)])

    found = shop.reconcile()

    assert not found.is_clean
    assert [one.drift_minor for one in found.drifts] == [1]


def test_money_that_came_by_another_way_is_a_finding_and_never_booked(shop: Shop) -> None:
    gateway = shop.app.extensions[EXTENSION].gateway.on(shop.account)
    price = {"currency": "gbp", "unit_amount": 900, "product_data": {"name": "Cream"}}
    made = gateway.create_session(
        {
            "mode": "payment",
            "line_items": [{"quantity": 1, "price_data": price}],
            "success_url": "http://127.0.0.1:9/x",
        },
        key=uuid.uuid4().hex,
    )
    attempt = shop.start()
    attempt.checkout_url = made.url
    choose(attempt, "pay")
    assert shop.sim.wait_idle()

    found = shop.reconcile()

    assert [entry.amount_minor for entry in found.unbooked] == [900]
    assert shop.nets() == {}


def test_an_amount_that_is_not_ours_is_never_counted_as_paid(shop: Shop) -> None:
    """A session with our reference but another amount can only be a mistake or an attack."""
    attempt = shop.start()
    store = shop.sim._core.store
    with shop.sim._core.unit():
        session = store.find(attempt.checkout_session_id)
        assert session is not None
        session["amount_total"] = 1
        store.put(shop.account, session)
    choose(attempt, "pay")
    assert shop.sim.wait_idle()

    settled = shop.settle(attempt.id)

    assert (settled.state, settled.problem) == (AttemptState.QUARANTINED, "other_amount")
    assert shop.nets() == {}
    assert not shop.reconcile().is_clean


def test_a_second_payment_is_kept_as_credit_and_flagged(shop: Shop) -> None:
    """Two open pages cannot be, but if Stripe says that both were paid we say so."""
    first = shop.start()
    with shop.clinic.scope() as scope:
        scope.session.execute(
            text("UPDATE payment_attempt SET state = 'expired' WHERE id = :id"), {"id": first.id}
        )
    second = shop.pay()
    choose(first, "pay")
    assert shop.sim.wait_idle()

    states = [shop.settle(one.id) for one in (second, first)]

    assert [one.problem for one in states] == [None, "paid_twice"]
    assert shop.nets()["patient_credit"] == -10000
    shop.check_books()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE transfer SET amount_minor = 1",
        "DELETE FROM transfer",
        "UPDATE purchase SET price_minor = 1",
        "DELETE FROM redemption",
        "UPDATE ledger_account SET has_floor = false",
        "DELETE FROM stripe_event",
        "UPDATE stripe_operation SET params = '{}'",
    ],
)
def test_the_app_cannot_rewrite_history(shop: Shop, statement: str) -> None:
    with pytest.raises(Exception, match="permission denied"), shop.clinic.scope() as scope:
        scope.session.execute(text(statement))


class Story:
    """A random course of events for one clinic; every step may come at any time."""

    def __init__(self, shop: Shop, seed: int) -> None:
        self.shop = shop
        self.random = random.Random(seed)

    def play(self, step: str) -> None:
        getattr(self, step)()

    def start(self) -> None:
        self._press("deposit")

    def balance(self) -> None:
        self._press("balance")

    def _press(self, purpose: str) -> None:
        with suppress(AppError):  # Any named outcome is a fair step.
            self.shop.start(purpose)

    def pay(self) -> None:
        self._choose("pay")

    def decline(self) -> None:
        self._choose("decline")

    def _choose(self, what: str) -> None:
        pages = [one for one in self.shop.attempts() if one.checkout_url]
        if pages:
            choose(self.random.choice(pages), what)

    def settle(self) -> None:
        attempts = self.shop.attempts()
        if attempts:
            self.shop.settle(self.random.choice(attempts).id)

    def deliver(self) -> None:
        events = self.shop.events()
        for event in self.random.sample(events, min(3, len(events))):
            assert self.shop.deliver(event).status_code == 200
        self.shop.run_jobs()

    def redeem(self) -> None:
        with self.shop.clinic.scope() as scope:
            redeem_credit(
                scope,
                patient_id=self.shop.purchase.patient_id,
                procedure_id=PROCEDURE,
                treatment_id=uuid.uuid4(),
            )

    def reconcile(self) -> None:
        self.shop.reconcile()

    def lose(self) -> None:
        kind = self.random.choice(["drop_after", "drop_before", "500_after"])
        self.shop.sim.fault(kind, method="POST", path="/v1/checkout/*", times=1)
        self.start()
        self.shop.sim.clear_faults()


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(st.sampled_from(STEPS), min_size=3, max_size=14), seed=st.integers(0, 999))
def test_whatever_happens_the_ledger_sums_to_zero_and_equals_stripe(
    shop: Shop, context: Flask, steps: list[str], seed: int
) -> None:
    shop.purchase = make_purchase(shop.clinic)
    story = Story(shop, seed)

    for step in steps:
        story.play(step)
        assert sum(shop.nets().values()) == 0

    assert shop.sim.wait_idle()
    shop.check_books()
    with shop.clinic.scope() as scope:
        credit = [one for one in list_balances(scope) if one.kind == "patient_credit"]
    assert all(one.net_minor <= 0 for one in credit)
