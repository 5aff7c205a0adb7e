"""No answer is not a failure: what happens when Stripe goes quiet at the worst moment."""

import time
from dataclasses import replace
from datetime import timedelta

import pytest

from app.billing.errors import StripeRefused, StripeUnreachable
from app.billing.gateway import StripeGateway
from app.billing.models import AttemptState, PaymentAttempt
from app.billing.payments import queries
from app.billing.payments.resolve_checkout import resolve_checkout
from app.billing.payments.start_checkout import CREATE_SESSION
from app.billing.setup import EXTENSION
from app.kit.clock import now, shifted
from tests.billing.shop import KEY, Shop, choose

SESSIONS = "/v1/checkout/sessions"


def lose_answer(shop: Shop, kind: str, **order: object) -> PaymentAttempt:
    """Press "Pay" while Stripe fails in some way; return the attempt."""
    shop.sim.fault(kind, method="POST", path=SESSIONS, **order)
    with pytest.raises(StripeUnreachable):
        shop.start()
    return shop.attempts()[0]


def resolve(shop: Shop) -> None:
    with shop.clinic.scope() as scope:
        for operation_id in queries.list_unresolved_operations(
            scope, CREATE_SESSION, before=now() + timedelta(minutes=1)
        ):
            resolve_checkout(scope, operation_id=operation_id)


def start_when_free(shop: Shop) -> PaymentAttempt:
    """Press "Pay" again until the first call has ended: until then the key is in use."""
    for _ in range(100):
        try:
            return shop.start()
        except StripeUnreachable:
            time.sleep(0.1)
    raise AssertionError("the first call never ended")


def sessions(shop: Shop) -> int:
    return len(shop.sim._core.store.every("checkout.session", account=shop.account))


def test_an_answer_that_was_lost_is_unknown_and_found_with_the_same_key(shop: Shop) -> None:
    attempt = lose_answer(shop, "drop_after")
    assert (attempt.state, attempt.checkout_url) == (AttemptState.UNKNOWN, None)

    resolve(shop)

    found = shop.attempt(attempt.id)
    assert (found.state, sessions(shop)) == (AttemptState.OPEN, 1)
    choose(found, "pay")
    assert shop.sim.wait_idle()
    assert shop.settle(attempt.id).state == AttemptState.PAID
    shop.check_books()


def test_a_second_press_takes_the_lost_call_up_again(shop: Shop) -> None:
    attempt = lose_answer(shop, "drop_after")

    again = shop.start()

    assert (again.id, again.state, sessions(shop)) == (attempt.id, AttemptState.OPEN, 1)


def test_a_slow_answer_is_unknown_and_makes_one_session(shop: Shop) -> None:
    patient = shop.app.extensions[EXTENSION]
    hasty = StripeGateway(KEY, api_base=shop.sim.url, read_seconds=2, retries=0)
    shop.app.extensions[EXTENSION] = replace(patient, gateway=hasty)
    attempt = lose_answer(shop, "slow", seconds=2.3)
    shop.app.extensions[EXTENSION] = patient

    again = start_when_free(shop)

    assert (again.id, sessions(shop)) == (attempt.id, 1)


def test_a_call_that_never_arrived_is_made_later_with_the_same_key(shop: Shop) -> None:
    attempt = lose_answer(shop, "drop_before")
    assert sessions(shop) == 0

    resolve(shop)

    assert (shop.attempt(attempt.id).state, sessions(shop)) == (AttemptState.OPEN, 1)


def test_a_failure_that_stripe_keeps_is_looked_up_and_not_hammered(shop: Shop) -> None:
    attempt = lose_answer(shop, "500_after")

    resolve(shop)

    assert (shop.attempt(attempt.id).state, sessions(shop)) == (AttemptState.OPEN, 1)


def test_a_failure_that_made_nothing_ends_and_the_next_press_starts_anew(shop: Shop) -> None:
    attempt = lose_answer(shop, "503_before", times=1)
    shop.sim.fault("503_before", method="POST", path=SESSIONS, times=1)

    with pytest.raises(StripeRefused):
        resolve(shop)

    assert shop.attempt(attempt.id).state == AttemptState.FAILED
    assert shop.start().id != attempt.id


def test_a_key_that_stripe_may_have_forgotten_is_only_looked_up(shop: Shop) -> None:
    attempt = lose_answer(shop, "drop_after")

    with shifted(timedelta(hours=24)):
        resolve(shop)

    assert (shop.attempt(attempt.id).state, sessions(shop)) == (AttemptState.OPEN, 1)


def test_the_queue_finds_out_by_itself(shop: Shop) -> None:
    attempt = lose_answer(shop, "drop_after")

    with shifted(timedelta(minutes=10)):
        shop.reconcile()

    assert shop.attempt(attempt.id).state == AttemptState.OPEN


def test_a_lost_customer_is_made_once(shop: Shop) -> None:
    shop.sim.fault("drop_after", method="POST", path="/v1/customers")
    with pytest.raises(StripeUnreachable):
        shop.start()

    assert shop.start().state == AttemptState.OPEN
    assert len(shop.sim._core.store.every("customer", account=shop.account)) == 1


def test_stripe_being_down_at_the_success_page_says_nothing_false(shop: Shop) -> None:
    attempt = shop.pay()
    shop.sim.fault("503_before", method="GET", path="/v1/*", times=9)

    with pytest.raises(StripeUnreachable):
        shop.settle(attempt.id)
    assert shop.attempt(attempt.id).state == AttemptState.OPEN

    shop.sim.clear_faults()
    assert shop.settle(attempt.id).state == AttemptState.PAID
