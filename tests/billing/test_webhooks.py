"""What the endpoint believes, what it keeps, and what it refuses."""

import json
import time
import uuid
from typing import Any

import pytest
from sqlalchemy import text

from app.billing.models import AttemptState, StripeEvent
from app.billing.payments.handle_event import handle_event, replay_event
from app.billing.payments.queries import count_open_events, find_event_for_update
from app.billing.setup import EXTENSION
from tests.billing.conftest import with_secrets
from tests.billing.shop import WEBHOOK, Shop, choose, post_event, sign


@pytest.fixture
def event(shop: Shop) -> dict[str, Any]:
    """The event of a payment that we have not heard of otherwise."""
    shop.pay()
    return shop.events("checkout.session.completed")[0]


def body_of(shop: Shop, event: dict[str, Any], **changes: Any) -> bytes:
    return json.dumps({**event, "account": shop.account} | changes).encode()


def stored(shop: Shop, event_id: str) -> StripeEvent | None:
    with shop.clinic.scope() as scope:
        return find_event_for_update(scope, event_id)


def secret_of(shop: Shop) -> str:
    found: str = shop.app.extensions[EXTENSION].connect_secrets[0]
    return found


def test_an_event_is_kept_and_handled_once(shop: Shop, event: dict[str, Any]) -> None:
    answers = [shop.deliver(event).text for _ in range(3)]
    shop.run_jobs()

    assert answers == ["received", "repeated", "repeated"]
    kept = stored(shop, event["id"])
    assert kept is not None
    assert kept.handled_at is not None
    assert shop.attempts()[0].state == AttemptState.PAID


@pytest.mark.parametrize("how", ["other secret", "tampered", "old", "future", "none", "garbage"])
def test_what_is_not_signed_by_stripe_now_is_refused(
    shop: Shop, event: dict[str, Any], how: str
) -> None:
    body, secret = body_of(shop, event), secret_of(shop)
    signature = {
        "other secret": sign(body, "whsec_somebody_else"),
        "tampered": sign(body + b" ", secret),
        "old": sign(body, secret, at=int(time.time()) - 301),
        "future": sign(body, secret, at=int(time.time()) + 600),
        "none": "",
        "garbage": "t=x,v1=\xff",
    }[how]

    answer = post_event(shop.app, body, signature)

    assert (answer.status_code, answer.get_json()["code"]) == (400, "bad_signature")
    assert stored(shop, event["id"]) is None


def test_a_signed_body_that_is_no_event_is_refused(shop: Shop) -> None:
    for body in (b"[]", b"{}", b"nonsense", b'{"object": "event", "data": 1}', b"\xff"):
        secret = secret_of(shop)
        signature = sign(body, secret) if body != b"\xff" else "t=1,v1=00"
        assert post_event(shop.app, body, signature).status_code == 400


def test_both_secrets_work_while_they_are_exchanged(shop: Shop, event: dict[str, Any]) -> None:
    old = secret_of(shop)
    with_secrets(shop.app, "whsec_new", old)
    body = body_of(shop, event)

    answers = [post_event(shop.app, body, sign(body, secret)) for secret in (old, "whsec_new")]

    assert [answer.status_code for answer in answers] == [200, 200]


@pytest.mark.parametrize("secrets", [(), ("",), ("  ",)])
def test_without_a_secret_nothing_is_believed(
    shop: Shop, event: dict[str, Any], secrets: tuple[str, ...]
) -> None:
    with_secrets(shop.app, *secrets)
    body = body_of(shop, event)

    answer = post_event(shop.app, body, sign(body, "" if not secrets else secrets[0]))

    assert (answer.status_code, answer.get_json()["code"]) == (404, "webhooks_off")


def test_an_event_of_a_foreign_account_is_acknowledged_and_set_aside(
    shop: Shop, event: dict[str, Any]
) -> None:
    answer = shop.deliver(event, account="acct_nobody")

    assert (answer.status_code, answer.text) == (200, "quarantined")
    assert stored(shop, event["id"]) is None


def test_an_event_without_an_account_is_set_aside(shop: Shop, event: dict[str, Any]) -> None:
    assert (
        post_event(shop.app, json.dumps(event | {"account": None}).encode()).text == "quarantined"
    )


def test_an_event_of_the_other_mode_is_ignored(shop: Shop, event: dict[str, Any]) -> None:
    assert shop.deliver(event, livemode=True).text == "other_mode"
    assert stored(shop, event["id"]) is None


def test_a_body_of_two_megabytes_is_not_read(shop: Shop) -> None:
    answer = post_event(shop.app, b"x" * (1024 * 1024 + 1), "t=1,v1=00")

    assert answer.status_code == 413


def test_another_clinics_payment_in_the_payload_changes_nothing(shop: Shop) -> None:
    """The payload is a hint; with our account named, only our account's objects are found."""
    other = Shop.open(shop.app, shop.sim, shop.run_jobs)
    attempt = other.pay()
    foreign = other.events("checkout.session.completed")[0]

    assert shop.deliver(foreign).text == "received"
    shop.run_jobs()

    assert other.attempt(attempt.id).state == AttemptState.OPEN
    assert shop.nets() == {}


def test_a_thin_event_about_the_account_refreshes_it(shop: Shop) -> None:
    shop.sim.onboard(shop.account, active=False)
    thin = {
        "id": f"evt_{uuid.uuid4().hex}",
        "object": "v2.core.event",
        "type": "v2.core.account[configuration.merchant].capability_status_updated",
        "livemode": False,
        "related_object": {"id": shop.account, "type": "v2.core.account", "url": "/v2"},
    }

    assert post_event(shop.app, json.dumps(thin).encode()).text == "received"
    shop.run_jobs()

    with pytest.raises(Exception, match="may not take cards"):
        shop.start()


def test_an_event_of_a_sale_that_is_not_ours_is_done_with(shop: Shop) -> None:
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
    fake = {"id": "evt_1", "type": "checkout.session.completed", "object": "event"}
    shop.deliver(
        fake
        | {"data": {"object": {"object": "checkout.session", "id": made.session_id}}}
        | {"livemode": False}
    )
    shop.run_jobs()

    with shop.clinic.scope() as scope:
        assert count_open_events(scope) == 0


def test_stripe_being_down_leaves_the_event_open_and_a_replay_heals_it(
    shop: Shop, event: dict[str, Any]
) -> None:
    shop.sim.fault("503_before", method="GET", path="/v1/*", times=50)
    shop.deliver(event)
    with shop.clinic.scope() as scope:
        assert count_open_events(scope) == 1
    shop.sim.clear_faults()

    with shop.clinic.scope() as scope:
        replay_event(scope, event_id=event["id"])
    shop.run_jobs()

    with shop.clinic.scope() as scope:
        assert count_open_events(scope) == 0
    assert shop.attempts()[0].state == AttemptState.PAID


def test_the_endpoint_answers_post_only(shop: Shop) -> None:
    assert shop.app.test_client().get(WEBHOOK).status_code == 405


def test_the_app_cannot_change_what_an_event_said(shop: Shop, event: dict[str, Any]) -> None:
    shop.deliver(event)

    with pytest.raises(Exception, match="permission denied"), shop.clinic.scope() as scope:
        scope.session.execute(text("UPDATE stripe_event SET type = 'x'"))


def test_an_event_after_an_event_never_takes_a_payment_back(shop: Shop) -> None:
    attempt = shop.start()
    choose(attempt, "decline")
    choose(attempt, "pay")
    assert shop.sim.wait_idle()
    failed = shop.events("payment_intent.payment_failed")[0]

    shop.settle(attempt.id)
    shop.deliver(failed)
    shop.run_jobs()

    assert shop.attempt(attempt.id).state == AttemptState.PAID
    shop.check_books()


def test_a_payment_that_we_do_not_know_is_tried_again_and_then_left_for_a_person(
    shop: Shop, event: dict[str, Any]
) -> None:
    store = shop.sim._core.store
    with shop.sim._core.unit():
        session = store.find(event["data"]["object"]["id"])
        assert session is not None
        store.put(shop.account, session | {"client_reference_id": str(uuid.uuid4())})
    shop.deliver(event)

    shop.run_jobs()

    kept = stored(shop, event["id"])
    assert kept is not None
    assert (kept.handled_at, kept.problem, kept.attempts) == (None, "unknown_payment", 1)
    for _ in range(10):
        with shop.clinic.scope() as scope:
            handle_event(scope, event_id=event["id"])
    kept = stored(shop, event["id"])
    assert kept is not None
    assert kept.attempts == 11
    assert kept.handled_at is None
