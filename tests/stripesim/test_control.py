"""The control plane over HTTP, for a simulator that runs as a program of its own."""

from typing import Any

import pytest

from tests.stripesim.receiver import Receiver
from tests.stripesim.shop import Shop, api, choose


def order(shop: Shop, name: str, **body: Any) -> Any:
    answer = api(shop.sim, "POST", f"/_sim/{name}", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def look(shop: Shop, name: str = "") -> Any:
    return api(shop.sim, "GET", f"/_sim/{name}" if name else "/_sim").json()


def test_time_can_be_moved(shop: Shop) -> None:
    before = look(shop)["now"]
    assert order(shop, "clock", advance=3600)["now"] >= before + 3600


def test_faults_are_ordered_listed_and_called_off(shop: Shop) -> None:
    state = order(shop, "faults", kind="503_before", path="/v1/customers", times=3)
    assert state["faults"][0]["times"] == 3
    assert api(shop.sim, "GET", "/v1/customers").status_code == 503
    assert look(shop)["faults"][0]["times"] == 2
    assert api(shop.sim, "DELETE", "/_sim/faults").json()["faults"] == []


def test_deliveries_are_steered_and_shown(shop: Shop, receiver: Receiver) -> None:
    shop.endpoint(receiver.url)
    assert order(shop, "delivery", drop=True)["delivery"]["drop"] is True
    shop.customer()
    order(shop, "delivery")
    shown = look(shop, "deliveries")
    assert [delivery["state"] for delivery in shown] == ["dropped"]

    (event,) = look(shop, f"events?account={shop.account}")
    assert order(shop, "resend", event=event["id"]) == {"endpoints": 1}
    assert order(shop, "settle", timeout=5) == {"idle": True}
    assert len(receiver.posts) == 1
    assert len(look(shop, f"deliveries?event={event['id']}")) == 2


def test_timing_can_be_changed(shop: Shop) -> None:
    order(shop, "timing", capture_delay=3600, retry_delays=[1, 2])
    choose(shop.session().url, "pay")
    assert order(shop, "settle", timeout=0.1) == {"idle": False}
    order(shop, "clock", advance=3601)
    assert order(shop, "settle", timeout=5) == {"idle": True}
    assert look(shop)["timing"]["retry_delays"] == [1, 2]


def test_a_capability_can_be_given_and_taken(shop: Shop) -> None:
    for word in ("restricted", "active"):
        account = order(shop, "accounts", account=shop.account, card_payments=word)
        merchant = account["configuration"]["merchant"]
        assert merchant["capabilities"]["card_payments"]["status"] == word


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("clock", {}),
        ("faults", {"kind": "earthquake"}),
        ("delivery", {"colour": "blue"}),
        ("timing", {"colour": 1}),
        ("accounts", {"account": "acct_none"}),
        ("settle", []),
    ],
)
def test_a_wrong_order_is_refused_in_words(shop: Shop, name: str, body: Any) -> None:
    answer = api(shop.sim, "POST", f"/_sim/{name}", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_an_unknown_action_is_unknown(shop: Shop) -> None:
    assert api(shop.sim, "POST", "/_sim/earthquake", json={}).status_code == 404
