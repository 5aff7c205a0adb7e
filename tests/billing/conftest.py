"""A judged local Stripe for the run of these tests, and clinics that are connected to it."""

import uuid
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from app.billing.gateway import StripeGateway
from app.billing.setup import EXTENSION, BillingSetup
from app.config import Settings
from app.jobs.worker import work
from stripesim.server import Sim
from tests.billing.shop import KEY, Shop
from tests.support.stripe_contract import judged_sim

PUBLIC_URL = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def running_sim() -> Iterator[Sim]:
    """One simulator for a module; it fails the module when Stripe's contract was broken."""
    with judged_sim() as (sim, _):
        yield sim


@pytest.fixture
def sim(running_sim: Sim) -> Iterator[Sim]:
    """The simulator without faults or odd deliveries left over from another test."""
    yield running_sim
    running_sim.clear_faults()
    running_sim.deliver()


@pytest.fixture
def billing(context: Flask, sim: Sim) -> Iterator[BillingSetup]:
    """The application pointed at the simulator, with an endpoint's secret that nobody else has."""
    setup = BillingSetup(
        gateway=StripeGateway(KEY, api_base=sim.url, retries=0),
        connect_secrets=(f"whsec_{uuid.uuid4().hex}",),
        platform_secrets=(),
        public_url=PUBLIC_URL,
        hosted_pages=(sim.url,),
    )
    context.extensions[EXTENSION] = setup
    yield setup
    context.extensions.pop(EXTENSION, None)


@pytest.fixture
def shop(billing: BillingSetup, sim: Sim, context: Flask, settings: Settings) -> Shop:
    """A clinic that may take cards, with a patient who bought a package with a deposit."""

    def run_jobs() -> None:
        work(context, settings.worker_url, until_empty=True)

    return Shop.open(context, sim, run_jobs)


def with_secrets(app: Flask, *secrets: str) -> None:
    """Let the endpoint accept these signing secrets."""
    app.extensions[EXTENSION] = replace(app.extensions[EXTENSION], connect_secrets=secrets)
