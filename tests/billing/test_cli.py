"""What an operator does from the command line."""

import uuid
from typing import Any

from click.testing import Result
from flask import Flask

from app.billing.ledger.journals import Leg, book, clinic_account
from app.billing.models import AccountKind, AttemptState
from tests.billing.shop import Shop
from tests.factories.billing import make_selling_clinic


def run(app: Flask, *words: Any) -> Result:
    return app.test_cli_runner().invoke(args=["billing", *map(str, words)])


def test_reconcile_says_that_a_clinic_agrees_with_stripe(shop: Shop) -> None:
    shop.pay()

    done = run(shop.app, "reconcile", "--clinic", shop.clinic.tenant_id)

    assert done.exit_code == 0, done.output
    assert "GBP: clearing 4905, Stripe 4905, drift 0" in done.output


def test_reconcile_ends_with_one_where_they_differ(shop: Shop) -> None:
    with shop.clinic.scope() as scope:
        clearing = clinic_account(scope, AccountKind.STRIPE_CLEARING)
        fees = clinic_account(scope, AccountKind.STRIPE_FEES)
        book(scope, "test:two pence", currency="GBP", legs=[Leg(clearing, fees, 2)])

    done = run(shop.app, "reconcile", "--clinic", shop.clinic.tenant_id)

    assert (done.exit_code, "drift 2" in done.output) == (1, True)


def test_reconcile_finds_every_clinic_and_skips_those_without_an_account(shop: Shop) -> None:
    idle = make_selling_clinic()

    done = run(shop.app, "reconcile")

    assert f"{idle.tenant_id}: 0 transactions" in done.output
    assert str(shop.clinic.tenant_id) in done.output


def test_replay_handles_an_event_again_wherever_it_was_received(shop: Shop) -> None:
    attempt = shop.pay()
    event = shop.events("checkout.session.completed")[0]
    shop.deliver(event)

    done = run(shop.app, "replay", event["id"])
    shop.run_jobs()

    assert done.exit_code == 0, done.output
    assert shop.attempt(attempt.id).state == AttemptState.PAID
    missing = run(shop.app, "replay", "evt_nobody", "--clinic", shop.clinic.tenant_id)
    assert (missing.exit_code, "No clinic has received" in missing.output) == (1, True)


def test_a_clinic_is_connected_and_checked(shop: Shop) -> None:
    clinic = make_selling_clinic()
    words = ("--clinic", clinic.tenant_id)

    assert "not connected" in run(shop.app, "check-account", *words).output
    made = run(shop.app, "connect", *words, "--country", "GB", "--currency", "GBP", "--also", "EUR")
    account = made.output.strip()
    assert account.startswith("acct_")
    assert "may not take cards" in run(shop.app, "check-account", *words).output
    shop.sim.onboard(account)
    assert "may take cards" in run(shop.app, "check-account", *words).output


def test_an_endpoint_is_registered_and_its_secret_shown(shop: Shop) -> None:
    url = "http://127.0.0.1:9/webhooks/stripe/connect"

    done = run(shop.app, "register-endpoint", url)

    assert done.output.startswith("whsec_"), done.output
    assert run(shop.app, "reconcile", "--clinic", uuid.uuid4()).exit_code == 0
