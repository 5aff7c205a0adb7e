"""A deposit is taken through the local Stripe and booked exactly once."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta

import pytest

from app.billing.errors import NothingToPay, OnlinePaymentsOff, StripeUnreachable
from app.billing.models import AttemptState
from app.billing.payments.connect_clinic import refresh_account
from app.billing.payments.start_checkout import start_checkout
from app.kit.clock import shifted
from tests.billing.shop import Shop, choose

BOOKED = {
    "patient_credit": -5000,
    "pending": 0,
    "stripe_clearing": 4905,
    "stripe_fees": 95,
}


def test_the_success_page_settles_when_no_webhook_ever_comes(shop: Shop) -> None:
    attempt = shop.pay()

    settled = shop.settle(attempt.id)

    assert settled.state == AttemptState.PAID
    assert shop.nets() == BOOKED
    shop.check_books()


def test_reconciliation_settles_when_nobody_comes_back(shop: Shop) -> None:
    attempt = shop.pay()

    found = shop.reconcile()
    before = shop.nets()
    shop.reconcile()

    assert found.is_clean
    assert shop.attempt(attempt.id).state == AttemptState.PAID
    assert shop.nets() == before == BOOKED


def test_five_deliveries_and_the_success_page_at_once_book_one_payment(shop: Shop) -> None:
    attempt = shop.pay()
    event = shop.events("checkout.session.completed")[0]

    def deliver(_: int) -> int:
        with shop.app.app_context():
            return shop.deliver(event).status_code

    def come_back(_: int) -> str:
        with shop.app.app_context():
            return shop.settle(attempt.id).state

    with ThreadPoolExecutor(8) as pool:
        delivered = list(pool.map(deliver, range(5)))
        settled = list(pool.map(come_back, range(5)))
    shop.run_jobs()

    assert delivered == [200] * 5
    assert settled == [AttemptState.PAID] * 5
    assert shop.attempt(attempt.id).problem is None
    assert shop.nets() == BOOKED


def test_every_event_of_a_payment_in_any_order_books_one_payment(shop: Shop) -> None:
    shop.pay()

    for event in reversed(shop.events()):
        assert shop.deliver(event).status_code == 200
    shop.run_jobs()

    assert shop.nets() == BOOKED
    shop.check_books()


def test_a_webhook_that_comes_before_our_own_commit_is_not_lost(shop: Shop) -> None:
    shop.sim.fault("drop_after", method="POST", path="/v1/checkout/sessions", times=1)
    with pytest.raises(Exception, match="finding out"):
        shop.start()
    attempt = shop.attempts()[0]
    assert (attempt.state, attempt.checkout_session_id) == (AttemptState.UNKNOWN, None)
    session = shop.sim._core.store.every("checkout.session", account=shop.account)[0]
    attempt.checkout_url = session["url"]
    choose(attempt, "pay")
    assert shop.sim.wait_idle()

    shop.deliver(shop.events("checkout.session.completed")[0])
    shop.run_jobs()

    assert shop.attempt(attempt.id).state == AttemptState.PAID
    shop.check_books()


def test_ten_presses_at_once_open_one_page(shop: Shop) -> None:
    def press(_: int) -> str | None:
        # Who presses while the first call is on its way may be told to look again.
        with shop.app.app_context(), suppress(StripeUnreachable):
            return shop.start().checkout_session_id
        return None

    with ThreadPoolExecutor(10) as pool:
        sessions = set(pool.map(press, range(10)))

    assert len(sessions - {None}) == 1
    assert len(shop.sim._core.store.every("checkout.session", account=shop.account)) == 1
    assert [one.state for one in shop.attempts()] == [AttemptState.OPEN]


def test_a_later_press_closes_the_old_page_first(shop: Shop) -> None:
    old = shop.start()

    with shifted(timedelta(minutes=2)):
        new = shop.start()

    assert shop.attempt(old.id).state == AttemptState.EXPIRED
    assert (new.state, new.id != old.id) == (AttemptState.OPEN, True)
    assert choose(old, "pay").status_code == 410


def test_a_later_press_finds_that_the_old_page_was_paid(shop: Shop) -> None:
    old = shop.pay()

    with shifted(timedelta(minutes=2)):
        found = shop.start()

    assert (found.id, found.state) == (old.id, AttemptState.PAID)
    with pytest.raises(NothingToPay):
        shop.start()
    shop.check_books()


def test_a_declined_card_leaves_the_page_open(shop: Shop) -> None:
    attempt = shop.start()
    choose(attempt, "decline")

    settled = shop.settle(attempt.id)

    assert (settled.state, settled.problem) == (AttemptState.OPEN, "card_declined")
    assert shop.nets() == {}


def test_an_abandoned_second_factor_gives_no_credit(shop: Shop) -> None:
    attempt = shop.start()
    choose(attempt, "challenge")

    assert shop.settle(attempt.id).state == AttemptState.OPEN
    assert shop.nets() == {}


def test_a_page_that_expired_can_be_started_again(shop: Shop) -> None:
    attempt = shop.start()
    shop.sim.advance(3600)
    choose(attempt, "pay")

    assert shop.settle(attempt.id).state == AttemptState.EXPIRED
    with shifted(timedelta(hours=1)):
        assert shop.start().state == AttemptState.OPEN
    shop.sim.advance(-3600)


def test_the_balance_follows_the_deposit_and_together_they_are_the_price(shop: Shop) -> None:
    shop.settle(shop.pay().id)

    balance = shop.pay("balance")
    settled = shop.settle(balance.id)

    assert (settled.amount_minor, settled.state) == (47650, AttemptState.PAID)
    assert shop.nets()["patient_credit"] == -52650
    with pytest.raises(NothingToPay):
        shop.start("balance")
    shop.check_books()


def test_a_clinic_that_may_not_take_cards_is_told_so(shop: Shop) -> None:
    shop.sim.onboard(shop.account, active=False)
    with shop.clinic.scope() as scope:
        refresh_account(scope)

    with pytest.raises(OnlinePaymentsOff):
        shop.start()


def test_nothing_about_the_treatment_reaches_stripe(shop: Shop) -> None:
    shop.settle(shop.pay().id)

    kinds = ("checkout.session", "customer", "payment_intent", "charge")
    known = str([shop.sim._core.store.every(kind, account=shop.account) for kind in kinds])
    notes = str(shop.sim._core.store.rows("SELECT * FROM notes"))

    for word in ("needling", "Face", "Aoife", "Nguyễn", "@clinic.example"):
        assert word not in known + notes


def test_another_clinics_purchase_does_not_exist_here(shop: Shop) -> None:
    other = Shop.open(shop.app, shop.sim, shop.run_jobs)

    with pytest.raises(Exception, match="no such purchase"), other.clinic.scope() as scope:
        start_checkout(scope, purchase_id=shop.purchase.id)
    with pytest.raises(Exception, match="no such payment"):
        other.settle(uuid.UUID(int=shop.start().id.int))
