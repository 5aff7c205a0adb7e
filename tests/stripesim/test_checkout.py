"""The whole life of a payment, driven by Stripe's own library and by the buttons of the page."""

import time

import pytest
import requests
import stripe

from stripesim.server import Sim
from tests.stripesim.shop import CANCEL, Shop, choose, open_shop
from tests.support.stripe_contract import judged_sim


def test_a_deposit_is_paid_from_account_to_balance_without_a_contract_violation() -> None:
    with judged_sim() as (sim, recorder):
        shop = open_shop(sim)
        customer = shop.customer()
        session = shop.session(
            customer=customer.id,
            client_reference_id="attempt-1",
            metadata={"attempt": "1"},
            payment_intent_data={"setup_future_usage": "off_session", "metadata": {"attempt": "1"}},
            expires_at=int(time.time()) + 1860,
        )
        assert requests.get(session.url, timeout=5).status_code == 200

        answer = choose(session.url, "pay")
        assert answer.status_code == 303
        assert answer.headers["Location"] == f"http://127.0.0.1:9/paid?cs={session.id}"
        assert sim.wait_idle()

        paid = shop.reload(session, "payment_intent.latest_charge.balance_transaction")
        intent = paid.payment_intent
        entry = intent.latest_charge.balance_transaction
        assert (paid.status, paid.payment_status, paid.amount_total) == ("complete", "paid", 5000)
        assert (intent.status, intent.amount_received) == ("succeeded", 5000)
        assert (entry.amount, entry.fee, entry.net) == (5000, 95, 4905)
        assert intent.metadata["attempt"] == "1"
        balance = shop.client.v1.balance.retrieve(options=shop.on)
        assert balance.pending[0].amount == 4905
        method = shop.client.v1.payment_methods.retrieve(intent.payment_method, options=shop.on)
        assert method.customer == customer.id
    assert recorder.judged > 8
    assert recorder.refused == []


def test_a_payment_tells_its_story_in_events(shop: Shop) -> None:
    choose(shop.session().url, "pay")
    assert shop.sim.wait_idle()

    kinds = [event["type"] for event in shop.sim.events(account=shop.account)]
    assert kinds == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.completed",
        "charge.updated",
    ]


def test_the_balance_transaction_comes_after_the_charge(shop: Shop) -> None:
    choose(shop.session().url, "pay")
    assert shop.sim.wait_idle()

    first = shop.sim.events("charge.succeeded")[0]["data"]["object"]
    later = shop.sim.events("charge.updated")[0]["data"]
    assert first["balance_transaction"] is None
    assert later["object"]["balance_transaction"].startswith("txn_")
    assert later["previous_attributes"] == {"balance_transaction": None}


def test_a_declined_card_leaves_the_session_open_for_another_try(shop: Shop) -> None:
    session = shop.session()
    answer = choose(session.url, "decline")
    assert answer.headers["Location"] == f"/c/pay/{session.id}"
    assert "Your card was declined." in requests.get(session.url, timeout=5).text

    tried = shop.reload(session, "payment_intent")
    assert (tried.status, tried.payment_intent.status) == ("open", "requires_payment_method")
    assert tried.payment_intent.last_payment_error.code == "card_declined"
    assert shop.sim.events("payment_intent.payment_failed")

    choose(session.url, "pay")
    paid = shop.reload(session, "payment_intent")
    assert paid.payment_intent.id == tried.payment_intent.id
    assert paid.payment_intent.last_payment_error is None


class TestThreeDSecure:
    def test_confirming_pays(self, shop: Shop) -> None:
        session = shop.session()
        answer = choose(session.url, "challenge")
        waiting = shop.reload(session, "payment_intent").payment_intent
        assert waiting.status == "requires_action"
        assert waiting.next_action.redirect_to_url.url.endswith(answer.headers["Location"])

        page = waiting.next_action.redirect_to_url.url
        assert "Confirm it is you" in requests.get(page, timeout=5).text
        assert choose(page, "pass_challenge").headers["Location"].startswith("http://127.0.0.1:9/")
        charge = shop.reload(session, "payment_intent.latest_charge").payment_intent.latest_charge
        assert charge.payment_method_details.card.three_d_secure.result == "authenticated"

    def test_failing_takes_nothing(self, shop: Shop) -> None:
        session = shop.session()
        choose(session.url, "challenge")
        choose(f"{session.url}/challenge", "fail_challenge")

        tried = shop.reload(session, "payment_intent")
        assert (tried.payment_status, tried.payment_intent.latest_charge) == ("unpaid", None)
        error = tried.payment_intent.last_payment_error
        assert error.code == "payment_intent_authentication_failure"

    def test_walking_away_leaves_the_payment_waiting(self, shop: Shop) -> None:
        session = shop.session()
        choose(session.url, "challenge")

        assert choose(f"{session.url}/challenge", "leave").headers["Location"] == CANCEL
        assert shop.reload(session, "payment_intent").payment_intent.status == "requires_action"


def test_leaving_goes_to_the_cancel_address_and_keeps_the_session_open(shop: Shop) -> None:
    session = shop.session()
    assert choose(session.url, "leave").headers["Location"] == CANCEL
    assert shop.reload(session).status == "open"


def test_pressing_pay_twice_takes_the_money_once(shop: Shop) -> None:
    session = shop.session()
    first, second = choose(session.url, "pay"), choose(session.url, "pay")
    assert first.headers["Location"] == second.headers["Location"]
    assert len(shop.sim.events("charge.succeeded")) == 1


class TestExpiry:
    def test_an_open_session_can_be_expired_and_then_not_paid(self, shop: Shop) -> None:
        session = shop.session()
        choose(session.url, "decline")
        closed = shop.client.v1.checkout.sessions.expire(session.id, {}, shop.on)

        assert (closed.status, closed.url) == ("expired", None)
        assert choose(session.url, "pay").status_code == 410
        assert shop.reload(session, "payment_intent").payment_intent.status == "canceled"
        assert len(shop.sim.events("checkout.session.expired")) == 1

    def test_a_paid_session_cannot_be_expired(self, shop: Shop) -> None:
        session = shop.session()
        choose(session.url, "pay")
        with pytest.raises(stripe.InvalidRequestError, match="status of complete"):
            shop.client.v1.checkout.sessions.expire(session.id, {}, shop.on)

    def test_time_closes_a_session_by_itself(self, shop: Shop) -> None:
        session = shop.session(expires_at=int(time.time()) + 1860)
        shop.sim.advance(1900)

        assert choose(session.url, "pay").status_code == 410
        assert shop.reload(session).status == "expired"
        assert len(shop.sim.events("checkout.session.expired")) == 1


def test_yen_have_no_minor_unit(shop: Shop) -> None:
    price = {"currency": "jpy", "unit_amount": 5000, "product_data": {"name": "Deposit"}}
    session = shop.session(line_items=[{"quantity": 2, "price_data": price}])
    assert "10,000 JPY" in requests.get(session.url, timeout=5).text
    choose(session.url, "pay")
    assert shop.sim.wait_idle()
    entry = shop.client.v1.balance_transactions.list(options=shop.on).data[0]
    assert (entry.amount, entry.fee, entry.currency) == (10_000, 190, "jpy")


def test_the_platform_takes_its_share(shop: Shop) -> None:
    choose(shop.session(payment_intent_data={"application_fee_amount": 150}).url, "pay")
    assert shop.sim.wait_idle()

    entry = shop.client.v1.balance_transactions.list(options=shop.on).data[0]
    assert (entry.fee, entry.net) == (245, 4755)
    share = shop.client.v1.balance_transactions.list({"type": "application_fee"}).data[0]
    assert share.amount == 150
    assert shop.client.v1.application_fees.retrieve(share.source).account == shop.account


def test_money_becomes_available_when_the_clock_moves_on(shop: Shop) -> None:
    choose(shop.session().url, "pay")
    assert shop.sim.wait_idle()
    shop.sim.advance(3 * 86_400)
    assert shop.client.v1.balance.retrieve(options=shop.on).available[0].amount == 4905


def test_an_account_that_is_not_onboarded_takes_no_money(shop: Shop, sim: Sim) -> None:
    sim.onboard(shop.account, active=False)
    with pytest.raises(stripe.InvalidRequestError, match="No valid payment method types"):
        shop.session()


def test_the_owner_is_onboarded_through_the_link(shop: Shop, sim: Sim) -> None:
    sim.onboard(shop.account, active=False)
    back = "http://127.0.0.1:9/back"
    use = {"configurations": ["merchant"], "refresh_url": f"{back}?again", "return_url": back}
    link = shop.client.v2.core.account_links.create(
        {
            "account": shop.account,
            "use_case": {"type": "account_onboarding", "account_onboarding": use},
        }
    )
    assert "Set up payments for Harbour" in requests.get(link.url, timeout=5).text
    assert choose(link.url, "").headers["Location"] == back

    account = shop.client.v2.core.accounts.retrieve(
        shop.account, {"include": ["configuration.merchant"]}
    )
    assert account.configuration.merchant.capabilities.card_payments.status == "active"
    assert choose(link.url, "").headers["Location"] == f"{back}?again"
