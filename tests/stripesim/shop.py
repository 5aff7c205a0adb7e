"""A shop that uses the simulator the way Needlepoint will: through Stripe's own library."""

import time
from dataclasses import dataclass
from typing import Any

import requests
import stripe

from stripesim.server import Sim

KEY = "sk_test_shop123456789"
VERSION = "2026-10-28.endive"
SUCCESS = "http://127.0.0.1:9/paid?cs={CHECKOUT_SESSION_ID}"
CANCEL = "http://127.0.0.1:9/left"


def client_of(sim: Sim, *, key: str = KEY, retries: int = 0) -> stripe.StripeClient:
    return stripe.StripeClient(
        key,
        base_addresses={"api": sim.url},
        stripe_version=VERSION,
        max_network_retries=retries,
        http_client=stripe.RequestsClient(timeout=5),
    )


@dataclass
class Shop:
    """One connected account that sells, and the few calls that every test needs."""

    sim: Sim
    client: stripe.StripeClient
    account: str

    @property
    def on(self) -> Any:
        return {"stripe_account": self.account}

    def customer(self) -> Any:
        return self.client.v1.customers.create({"email": "pat@example.test"}, self.on)

    def terms(self, **changes: Any) -> Any:
        price = {"currency": "gbp", "unit_amount": 5000, "product_data": {"name": "Deposit"}}
        return {
            "mode": "payment",
            "line_items": [{"quantity": 1, "price_data": price}],
            "success_url": SUCCESS,
            "cancel_url": CANCEL,
            **changes,
        }

    def session(self, **changes: Any) -> Any:
        return self.client.v1.checkout.sessions.create(self.terms(**changes), self.on)

    def reload(self, session: Any, *expand: str) -> Any:
        wanted = {"expand": list(expand)} if expand else {}
        return self.client.v1.checkout.sessions.retrieve(session.id, wanted, self.on)

    def endpoint(self, url: str, *, connect: bool = True, **changes: Any) -> Any:
        terms = {"url": url, "enabled_events": ["*"], "connect": connect, **changes}
        return self.client.v1.webhook_endpoints.create(terms)


def open_shop(sim: Sim, name: str = "Harbour Skin Clinic") -> Shop:
    client = client_of(sim)
    account = client.v2.core.accounts.create(
        {
            "contact_email": "owner@example.test",
            "display_name": name,
            "dashboard": "full",
            "identity": {"country": "gb", "entity_type": "company"},
            "defaults": {
                "currency": "gbp",
                "responsibilities": {"fees_collector": "stripe", "losses_collector": "stripe"},
            },
            "configuration": {
                "merchant": {"capabilities": {"card_payments": {"requested": True}}},
                "customer": {},
            },
            "include": ["configuration.merchant", "defaults", "requirements"],
        }
    )
    sim.onboard(account.id)
    return Shop(sim, client, account.id)


def choose(url: str, what: str) -> requests.Response:
    """Press one button of a hosted page and return where it leads, not followed."""
    return requests.post(url, data={"do": what}, allow_redirects=False, timeout=5)


def api(sim: Sim, method: str, path: str, **options: Any) -> requests.Response:
    """Call the API without the library, for what the library would not let through."""
    headers = {"Authorization": f"Bearer {KEY}", "Stripe-Version": VERSION}
    headers |= options.pop("headers", {})
    return requests.request(method, sim.url + path, headers=headers, timeout=5, **options)


def wait_for(condition: Any, *, seconds: float = 5.0) -> None:
    """Wait until a condition holds; AssertionError when the time is up."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.01)
