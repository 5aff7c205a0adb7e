"""Keys, accounts and versions: who may see what."""

import base64

import pytest
import requests
import stripe

from stripesim.server import Sim
from tests.stripesim.shop import KEY, Shop, api, choose, client_of, open_shop


class TestKeys:
    @pytest.mark.parametrize("key", ["sk_test_x1234567", "rk_test_x1234567"])
    def test_takes_secret_and_restricted_test_keys(self, sim: Sim, key: str) -> None:
        assert client_of(sim, key=key).v1.balance.retrieve().object == "balance"

    def test_takes_a_key_by_basic_auth_as_curl_sends_it(self, sim: Sim) -> None:
        word = base64.b64encode(f"{KEY}:".encode()).decode()
        answer = api(sim, "GET", "/v1/balance", headers={"Authorization": f"Basic {word}"})
        assert answer.status_code == 200

    @pytest.mark.parametrize("key", ["nonsense", "sk_test_", "whsec_123456"])
    def test_refuses_what_is_no_key(self, sim: Sim, key: str) -> None:
        with pytest.raises(stripe.AuthenticationError, match="Invalid API Key"):
            client_of(sim, key=key).v1.balance.retrieve()

    @pytest.mark.parametrize("key", ["sk_live_x1234567", "rk_live_x1234567", "pk_live_x1234567"])
    def test_refuses_live_keys(self, sim: Sim, key: str) -> None:
        with pytest.raises(stripe.AuthenticationError, match="refuses live keys"):
            client_of(sim, key=key).v1.balance.retrieve()

    def test_refuses_a_publishable_key(self, sim: Sim) -> None:
        with pytest.raises(stripe.PermissionError, match="publishable"):
            client_of(sim, key="pk_test_x1234567").v1.balance.retrieve()

    def test_refuses_a_request_without_a_key(self, sim: Sim) -> None:
        answer = requests.get(f"{sim.url}/v1/balance", timeout=5)
        assert answer.status_code == 401
        assert "did not provide an API key" in answer.json()["error"]["message"]

    def test_never_repeats_a_key_in_full(self, sim: Sim) -> None:
        answer = api(
            sim, "GET", "/v1/balance", headers={"Authorization": "Bearer whsec_abcdefghij"}
        )
        assert "abcdefghij" not in answer.text


class TestIsolation:
    @pytest.fixture
    def other(self, sim: Sim) -> Shop:
        return open_shop(sim, "Hill Skin Clinic")

    def test_another_account_sees_nothing_of_ours(self, shop: Shop, other: Shop) -> None:
        customer, session = shop.customer(), shop.session()
        choose(session.url, "pay")
        assert shop.sim.wait_idle()
        intent = shop.client.v1.payment_intents.list(options=shop.on).data[0]
        entry = shop.client.v1.balance_transactions.list(options=shop.on).data[0]
        event = shop.client.v1.events.list(options=shop.on).data[0]
        v1 = other.client.v1
        looks = [
            lambda where: v1.customers.retrieve(customer.id, options=where),
            lambda where: v1.checkout.sessions.retrieve(session.id, options=where),
            lambda where: v1.checkout.sessions.expire(session.id, options=where),
            lambda where: v1.payment_intents.retrieve(intent.id, options=where),
            lambda where: v1.charges.retrieve(intent.latest_charge, options=where),
            lambda where: v1.balance_transactions.retrieve(entry.id, options=where),
            lambda where: v1.events.retrieve(event.id, options=where),
        ]
        for look in looks:
            for where in (other.on, {}):
                with pytest.raises(stripe.InvalidRequestError) as refused:
                    look(where)
                assert refused.value.http_status == 404
                assert refused.value.code == "resource_missing"

    def test_lists_show_the_own_account_only(self, shop: Shop, other: Shop) -> None:
        shop.customer()
        assert other.client.v1.customers.list(options=other.on).data == []
        assert other.client.v1.customers.list().data == []
        assert len(shop.client.v1.customers.list(options=shop.on).data) == 1

    def test_a_customer_of_another_account_cannot_check_out(self, shop: Shop, other: Shop) -> None:
        with pytest.raises(stripe.InvalidRequestError, match="No such customer"):
            other.session(customer=shop.customer().id)

    def test_an_account_that_is_not_connected_is_forbidden(self, sim: Sim) -> None:
        with pytest.raises(stripe.PermissionError, match="does not have access") as refused:
            client_of(sim).v1.balance.retrieve(options={"stripe_account": "acct_1Stranger"})
        assert refused.value.http_status == 403

    def test_another_kind_of_id_is_no_account(self, shop: Shop) -> None:
        options = {"stripe_account": shop.customer().id}
        with pytest.raises(stripe.PermissionError):
            shop.client.v1.balance.retrieve(options=options)

    def test_a_connected_account_cannot_list_the_others(self, shop: Shop, other: Shop) -> None:
        with pytest.raises(stripe.StripeError):
            shop.client.v2.core.accounts.list(options=shop.on)
        with pytest.raises(stripe.StripeError):
            shop.client.v2.core.accounts.retrieve(other.account, options=shop.on)
        assert shop.client.v2.core.accounts.retrieve(shop.account, options=shop.on).id


class TestVersions:
    def test_without_a_header_the_older_rules_hold(self, shop: Shop) -> None:
        data = {
            "mode": "payment",
            "success_url": "http://127.0.0.1:9/",
            "line_items[0][price_data][currency]": "gbp",
            "line_items[0][price_data][unit_amount]": "500",
            "line_items[0][price_data][product_data][name]": "Deposit",
            "line_items[0][quantity]": "1",
            "payment_method_types[0]": "card",
        }
        headers = {"Authorization": f"Bearer {KEY}", "Stripe-Account": shop.account}
        path = f"{shop.sim.url}/v1/checkout/sessions"
        assert requests.post(path, data=data, headers=headers, timeout=5).status_code == 200

        headers["Stripe-Version"] = "2026-10-28.endive"
        refused = requests.post(path, data=data, headers=headers, timeout=5)
        assert refused.json()["error"]["code"] == "parameter_unknown"

    def test_the_newest_version_takes_the_new_name(self, shop: Shop) -> None:
        session = shop.session(allowed_payment_method_types=["card"])
        assert session.allowed_payment_method_types == ["card"]

    def test_an_unknown_version_is_refused(self, sim: Sim) -> None:
        answer = api(sim, "GET", "/v1/balance", headers={"Stripe-Version": "2019-01-01"})
        assert "Invalid Stripe API version" in answer.json()["error"]["message"]


def test_an_unknown_address_is_said_to_be_unknown(sim: Sim) -> None:
    answer = api(sim, "POST", "/v1/charge")
    assert answer.status_code == 404
    assert "Unrecognized request URL (POST: /v1/charge)" in answer.json()["error"]["message"]


def test_every_answer_names_its_request(sim: Sim) -> None:
    first, second = api(sim, "GET", "/v1/balance"), api(sim, "GET", "/v1/balance")
    assert first.headers["Request-Id"].startswith("req_")
    assert first.headers["Request-Id"] != second.headers["Request-Id"]


def test_only_this_machine_can_reach_it(sim: Sim) -> None:
    assert sim.url.startswith("http://127.0.0.1:")
