"""Every test here talks to a simulator that Stripe's own contract judges."""

from collections.abc import Iterator

import pytest

from stripesim.server import Sim
from tests.stripesim.receiver import Receiver
from tests.stripesim.shop import Shop, open_shop
from tests.support.stripe_contract import judged_sim


@pytest.fixture
def sim() -> Iterator[Sim]:
    with judged_sim() as (running, _):
        yield running


@pytest.fixture
def shop(sim: Sim) -> Shop:
    return open_shop(sim)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    running = Receiver()
    yield running
    running.stop()
