"""A bad network and a bad day at Stripe, to order."""

import pytest
import requests
import stripe

from stripesim.server import Sim
from tests.stripesim.shop import KEY, Shop, api, client_of, wait_for


def create(sim: Sim, *, retries: int = 0) -> str:
    made = client_of(sim, retries=retries).v1.customers.create(
        {"email": "a@example.test"}, {"idempotency_key": "operation-1"}
    )
    return str(made.id)


def customers(sim: Sim) -> int:
    return len(client_of(sim).v1.customers.list().data)


@pytest.mark.parametrize("kind", ["503_before", "429", "drop_before"])
def test_a_failure_before_the_work_leaves_nothing_done(sim: Sim, kind: str) -> None:
    sim.fault(kind)
    with pytest.raises(stripe.StripeError):
        create(sim)
    assert customers(sim) == 0
    assert create(sim).startswith("cus_")


def test_a_lost_answer_is_found_again_with_the_same_key(sim: Sim) -> None:
    sim.fault("drop_after")
    with pytest.raises(stripe.APIConnectionError):
        create(sim)
    assert customers(sim) == 1
    create(sim)
    assert customers(sim) == 1


def test_the_library_heals_a_lost_answer_by_itself(sim: Sim) -> None:
    sim.fault("drop_after")
    assert create(sim, retries=2).startswith("cus_")
    assert customers(sim) == 1


def test_a_slow_answer_runs_into_the_time_limit_after_the_work_is_done(sim: Sim) -> None:
    sim.fault("slow", seconds=0.6)
    with pytest.raises(requests.Timeout):
        requests.post(
            f"{sim.url}/v1/customers",
            data={"email": "a@example.test"},
            headers={"Authorization": f"Bearer {KEY}", "Idempotency-Key": "operation-1"},
            timeout=0.2,
        )
    wait_for(lambda: customers(sim) == 1)


def test_a_lock_is_reported_as_stripe_reports_it(sim: Sim) -> None:
    sim.fault("429")
    answer = api(sim, "GET", "/v1/balance")
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "lock_timeout")


def test_a_fault_hits_only_what_it_names_and_only_so_often(shop: Shop) -> None:
    shop.sim.fault("503_before", method="POST", path="/v1/checkout/*", times=2)
    assert shop.customer().id
    for _ in range(2):
        with pytest.raises(stripe.APIError):
            shop.session()
    assert shop.session().id


def test_faults_can_be_called_off(sim: Sim) -> None:
    sim.fault("503_before", times=100)
    sim.clear_faults()
    assert customers(sim) == 0


def test_an_unknown_fault_is_refused(sim: Sim) -> None:
    with pytest.raises(ValueError, match="a fault is one of"):
        sim.fault("earthquake")
