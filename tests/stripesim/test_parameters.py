"""What is refused before anything is done, and with which words."""

from typing import Any

import pytest
import stripe

from stripesim.failures import StripeFailure
from stripesim.forms import decode_pairs
from stripesim.money import money_text, processing_fee
from stripesim.server import Sim
from tests.stripesim.shop import Shop, api, client_of


def line(amount: Any, currency: str = "gbp", quantity: int = 1) -> dict[str, Any]:
    price = {"currency": currency, "unit_amount": amount, "product_data": {"name": "Deposit"}}
    return {"quantity": quantity, "price_data": price}


REFUSED: list[tuple[str, dict[str, Any], str, str | None]] = [
    ("unknown", {"colour": "blue"}, "unknown parameter: colour", "parameter_unknown"),
    (
        "unknown deep inside",
        {"payment_intent_data": {"colour": "blue"}},
        "payment_intent_data\\[colour\\]",
        "parameter_unknown",
    ),
    ("renamed in endive", {"payment_method_types": ["card"]}, "unknown", "parameter_unknown"),
    ("below the least", {"line_items": [line(29)]}, "at least £0.30", "amount_too_small"),
    ("below it in yen", {"line_items": [line(49, "jpy")]}, "at least 50 JPY", "amount_too_small"),
    ("above the most", {"line_items": [line(10**8)]}, "no more than", "amount_too_large"),
    ("dinars that cannot be paid", {"line_items": [line(10_005, "kwd")]}, "paid exactly", None),
    ("an unknown currency", {"line_items": [line(500, "xyz")]}, "Invalid currency", None),
    ("two currencies", {"line_items": [line(500), line(500, "eur")]}, "same currency", None),
    ("no price", {"line_items": [{"quantity": 1}]}, "price_data", "parameter_missing"),
    ("a stored price", {"line_items": [{"price": "price_1"}]}, "No such price", "resource_missing"),
    ("a fraction", {"line_items": [line("7.5")]}, "integer", "parameter_invalid_integer"),
    ("nothing to buy", {"line_items": []}, "line_items", "parameter_missing"),
    ("an empty word", {"client_reference_id": ""}, "empty string", "parameter_invalid_empty"),
    ("a wrong word", {"locale": "klingon"}, "must be one of", None),
    ("no web address", {"success_url": "paid"}, "Not a valid URL", "url_invalid"),
    ("subscriptions", {"mode": "subscription"}, "mode=payment", None),
    ("an unknown customer", {"customer": "cus_none"}, "No such customer", "resource_missing"),
    (
        "a fee of nothing",
        {"payment_intent_data": {"application_fee_amount": 0}},
        "greater",
        "parameter_invalid_integer",
    ),
    ("too large a fee", {"payment_intent_data": {"application_fee_amount": 5001}}, "fee", None),
    ("a wrong expansion", {"expand": ["colour"]}, "cannot be expanded", None),
    ("long metadata", {"metadata": {"a": "b" * 501}}, "Metadata", None),
]


@pytest.mark.parametrize(("name", "changes", "words", "code"), REFUSED)
def test_a_session_is_refused(
    shop: Shop, name: str, changes: dict[str, Any], words: str, code: str | None
) -> None:
    with pytest.raises(stripe.InvalidRequestError, match=words) as refused:
        shop.session(**changes)
    assert refused.value.code == code
    assert shop.client.v1.checkout.sessions.list(options=shop.on).data == []


@pytest.mark.parametrize("name", ["mode", "line_items", "success_url"])
def test_a_session_needs(shop: Shop, name: str) -> None:
    terms = shop.terms()
    del terms[name]
    with pytest.raises(stripe.InvalidRequestError, match=name) as refused:
        shop.client.v1.checkout.sessions.create(terms, shop.on)
    assert refused.value.code == "parameter_missing"


@pytest.mark.parametrize(
    ("minutes", "fits"), [(29, False), (30, True), (24 * 60, True), (24 * 60 + 1, False)]
)
def test_a_session_lives_for_thirty_minutes_to_a_day(shop: Shop, minutes: int, fits: bool) -> None:
    now = api(shop.sim, "GET", "/_sim").json()["now"]
    if fits:
        assert shop.session(expires_at=now + 60 * minutes).status == "open"
    else:
        with pytest.raises(stripe.InvalidRequestError, match="expires_at"):
            shop.session(expires_at=now + 60 * minutes)


def test_a_share_needs_a_connected_account(sim: Sim) -> None:
    terms = Shop(sim, client_of(sim), "").terms(payment_intent_data={"application_fee_amount": 9})
    with pytest.raises(stripe.InvalidRequestError, match="Stripe-Account header"):
        client_of(sim).v1.checkout.sessions.create(terms)


def test_customers_are_checked(sim: Sim) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="Invalid email") as refused:
        client_of(sim).v1.customers.create({"email": "nobody"})
    assert (refused.value.code, refused.value.param) == ("email_invalid", "email")


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b'{"dashboard": "gold"}', b'{"bogus": 1}', b'{"display_name": 7}']
)
def test_accounts_are_checked(sim: Sim, body: bytes) -> None:
    answer = api(sim, "POST", "/v2/core/accounts", data=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"]


def test_an_express_dashboard_with_stripe_bearing_losses_is_refused(sim: Sim) -> None:
    duties = {"fees_collector": "stripe", "losses_collector": "stripe"}
    order = {"dashboard": "express", "defaults": {"responsibilities": duties}}
    assert api(sim, "POST", "/v2/core/accounts", json=order).status_code == 400


def test_a_huge_body_is_turned_away(sim: Sim) -> None:
    answer = api(sim, "POST", "/v1/customers", data={"name": "a" * 1_100_000})
    assert answer.status_code == 413


class TestForms:
    def test_nests(self) -> None:
        pairs = [("a[b][1]", "y"), ("a[b][0]", "x"), ("c[]", "1"), ("c[]", "2"), ("d", "z")]
        assert decode_pairs(pairs) == {"a": {"b": ["x", "y"]}, "c": ["1", "2"], "d": "z"}

    @pytest.mark.parametrize("name", ["", "[a]", "a[", "a[b]c", "a" + "[b]" * 9])
    def test_refuses_broken_names(self, name: str) -> None:
        with pytest.raises(StripeFailure, match="Invalid parameter name"):
            decode_pairs([(name, "1")])

    def test_refuses_a_value_that_is_both_word_and_mapping(self) -> None:
        with pytest.raises(StripeFailure, match="Invalid hash"):
            decode_pairs([("a", "1"), ("a[b]", "2")])


@pytest.mark.parametrize(
    ("amount", "code", "written"),
    [
        (5000, "gbp", "£50.00"),
        (123456789, "eur", "€1,234,567.89"),
        (5, "usd", "US$0.05"),
        (-4905, "gbp", "-£49.05"),
        (5000, "jpy", "5,000 JPY"),
        (10010, "kwd", "10.010 KWD"),
    ],
)
def test_money_is_written_with_its_own_decimals(amount: int, code: str, written: str) -> None:
    assert money_text(amount, code) == written


@pytest.mark.parametrize(
    ("amount", "code", "fee"),
    [(5000, "gbp", 95), (33, "gbp", 20), (34, "gbp", 21), (50, "jpy", 41)],
)
def test_the_fee_is_rounded_half_up(amount: int, code: str, fee: int) -> None:
    assert processing_fee(amount, code) == fee
