"""Signed webhooks over real HTTP: to whom, how often, and what happens when they fail."""

from collections import Counter
from typing import Any

import pytest
import requests
import stripe

from tests.stripesim.receiver import Receiver
from tests.stripesim.shop import Shop, choose

PAID = "checkout.session.completed"


def pay(shop: Shop) -> Any:
    session = shop.session()
    choose(session.url, "pay")
    assert shop.sim.wait_idle()
    return session


class TestSigning:
    def test_stripes_own_library_accepts_the_signature(
        self, shop: Shop, receiver: Receiver
    ) -> None:
        endpoint = shop.endpoint(receiver.url, api_version="2026-10-28.endive")
        session = pay(shop)

        events = receiver.events(endpoint.secret)
        paid = next(event for event in events if event.type == PAID)
        assert paid.account == shop.account
        assert paid.api_version == "2026-10-28.endive"
        assert paid.data.object.id == session.id
        assert paid.livemode is False

    def test_another_secret_or_a_changed_body_fails(self, shop: Shop, receiver: Receiver) -> None:
        endpoint = shop.endpoint(receiver.url)
        pay(shop)
        with pytest.raises(stripe.SignatureVerificationError):
            receiver.events("whsec_other")
        receiver.posts[0].body += b" "
        with pytest.raises(stripe.SignatureVerificationError):
            receiver.events(endpoint.secret)

    def test_the_signature_carries_real_time_whatever_the_clock_says(
        self, shop: Shop, receiver: Receiver
    ) -> None:
        endpoint = shop.endpoint(receiver.url)
        shop.sim.advance(-7 * 86_400)
        pay(shop)
        assert receiver.events(endpoint.secret)

    def test_the_secret_is_told_once(self, shop: Shop, receiver: Receiver) -> None:
        assert shop.endpoint(receiver.url).secret.startswith("whsec_")
        listed = shop.client.v1.webhook_endpoints.list().data[0]
        assert "secret" not in listed


class TestAudience:
    def test_connect_endpoints_hear_of_connected_accounts_only(
        self, shop: Shop, receiver: Receiver
    ) -> None:
        endpoint = shop.endpoint(receiver.url)
        shop.client.v1.customers.create({"email": "platform@example.test"})
        pay(shop)
        assert {event.account for event in receiver.events(endpoint.secret)} == {shop.account}

    def test_platform_endpoints_hear_of_the_platform_only(
        self, shop: Shop, receiver: Receiver
    ) -> None:
        endpoint = shop.endpoint(receiver.url, connect=False)
        pay(shop)
        shop.client.v1.customers.create({"email": "platform@example.test"})
        assert shop.sim.wait_idle()
        (event,) = receiver.events(endpoint.secret)
        assert event.type == "customer.created"
        assert "account" not in event

    def test_only_the_chosen_types_are_sent(self, shop: Shop, receiver: Receiver) -> None:
        endpoint = shop.endpoint(receiver.url, enabled_events=[PAID, "charge.updated"])
        pay(shop)
        kinds = {event.type for event in receiver.events(endpoint.secret)}
        assert kinds == {PAID, "charge.updated"}

    def test_a_deleted_endpoint_hears_nothing(self, shop: Shop, receiver: Receiver) -> None:
        endpoint = shop.endpoint(receiver.url)
        assert shop.client.v1.webhook_endpoints.delete(endpoint.id).deleted
        pay(shop)
        assert receiver.posts == []

    def test_nothing_is_ever_sent_to_another_machine(self, shop: Shop) -> None:
        with pytest.raises(stripe.InvalidRequestError, match="this machine only"):
            shop.endpoint("https://example.test/hook")


class TestRetries:
    def test_a_failed_delivery_is_tried_again_until_it_is_taken(
        self, shop: Shop, receiver: Receiver
    ) -> None:
        shop.endpoint(receiver.url, enabled_events=[PAID])
        receiver.answers = [500, 400, 302]
        pay(shop)

        (delivery,) = shop.sim.deliveries()
        assert delivery.state == "delivered"
        assert [attempt["status"] for attempt in delivery.attempts] == [500, 400, 302, 200]
        assert len({post.body for post in receiver.posts}) == 1

    def test_it_is_given_up_in_the_end_and_can_be_resent(
        self, shop: Shop, receiver: Receiver
    ) -> None:
        shop.endpoint(receiver.url, enabled_events=[PAID])
        receiver.answers = [503] * 5
        pay(shop)
        assert [delivery.state for delivery in shop.sim.deliveries()] == ["failed"]
        missed = shop.client.v1.events.list({"delivery_success": False}, options=shop.on).data
        assert [event.type for event in missed] == [PAID]

        assert shop.sim.resend(missed[0].id) == 1
        assert shop.sim.wait_idle()
        assert len(receiver.posts) == 6
        assert shop.client.v1.events.retrieve(missed[0].id, options=shop.on).pending_webhooks == 0

    def test_a_receiver_that_is_down_is_not_an_error_of_the_simulator(self, shop: Shop) -> None:
        shop.endpoint("http://127.0.0.1:9/nobody", enabled_events=[PAID])
        pay(shop)
        (delivery,) = shop.sim.deliveries()
        assert (delivery.state, len(delivery.attempts)) == ("failed", 5)
        assert delivery.attempts[0]["error"] == "ConnectionRefusedError"


class TestPolicy:
    def test_dropped_events_are_listed_but_never_sent(self, shop: Shop, receiver: Receiver) -> None:
        shop.endpoint(receiver.url)
        shop.sim.deliver(drop=True)
        pay(shop)
        assert receiver.posts == []
        assert len(shop.client.v1.events.list({"types": [PAID]}, options=shop.on).data) == 1

    def test_duplicates_arrive_as_often_as_ordered(self, shop: Shop, receiver: Receiver) -> None:
        endpoint = shop.endpoint(receiver.url)
        shop.sim.deliver(duplicate=5, types=[PAID])
        pay(shop)
        counted = Counter(event.type for event in receiver.events(endpoint.secret))
        assert counted[PAID] == 5
        assert counted["payment_intent.succeeded"] == 1

    def test_a_delay_holds_events_back(self, shop: Shop, receiver: Receiver) -> None:
        shop.endpoint(receiver.url, enabled_events=[PAID])
        shop.sim.deliver(delay=3600)
        choose(shop.session().url, "pay")
        assert not shop.sim.wait_idle(timeout=0.1)
        assert receiver.posts == []
        shop.sim.advance(3600)
        assert shop.sim.wait_idle()
        assert len(receiver.posts) == 1

    def test_shuffling_changes_the_order_and_loses_nothing(
        self, shop: Shop, receiver: Receiver
    ) -> None:
        endpoint = shop.endpoint(receiver.url)
        shop.sim.deliver(shuffle=True)
        for _ in range(3):
            pay(shop)
        arrived = [event.id for event in receiver.events(endpoint.secret)]
        happened = [event["id"] for event in shop.sim.events(account=shop.account)]
        assert sorted(arrived) == sorted(happened)
        assert arrived != happened

    def test_an_event_can_come_before_the_answer_to_its_request(
        self, shop: Shop, receiver: Receiver
    ) -> None:
        shop.endpoint(receiver.url)
        shop.sim.deliver(before_response=True)
        shop.customer()
        assert len(receiver.posts) == 1

    def test_a_payment_can_be_told_before_the_payer_comes_back(
        self, shop: Shop, receiver: Receiver
    ) -> None:
        endpoint = shop.endpoint(receiver.url)
        shop.sim.deliver(before_response=True)
        choose(shop.session().url, "pay")
        assert PAID in {event.type for event in receiver.events(endpoint.secret)}


def test_the_dashboard_shows_the_story_and_sends_again(shop: Shop, receiver: Receiver) -> None:
    shop.endpoint(receiver.url, enabled_events=[PAID])
    pay(shop)
    page = requests.get(shop.sim.url, timeout=5).text
    assert "Simulated payment" in page
    assert "£49.05" in page
    event = shop.sim.events(PAID)[0]
    assert event["id"] in page

    requests.post(f"{shop.sim.url}/_resend/{event['id']}", timeout=5)
    assert shop.sim.wait_idle()
    assert len(receiver.posts) == 2
