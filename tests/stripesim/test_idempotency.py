"""The same key gives the same answer, whatever happened in between."""

import threading
from typing import Any

import pytest
import requests
import stripe

from stripesim.server import Sim
from tests.stripesim.shop import Shop, api, client_of, open_shop, wait_for

KEYED = {"Idempotency-Key": "operation-1"}


def create(sim: Sim, email: str = "a@example.test", **headers: str) -> requests.Response:
    return api(sim, "POST", "/v1/customers", data={"email": email}, headers={**KEYED, **headers})


def test_a_repeated_request_gets_the_first_answer(sim: Sim) -> None:
    first, second = create(sim), create(sim)
    assert first.json() == second.json()
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    assert second.headers["Original-Request"] == first.headers["Request-Id"]
    assert len(sim.events("customer.created")) == 1


def test_other_parameters_under_the_same_key_are_refused(sim: Sim) -> None:
    create(sim)
    with pytest.raises(stripe.IdempotencyError, match="same parameters"):
        client_of(sim).v1.customers.create(
            {"email": "b@example.test"}, {"idempotency_key": "operation-1"}
        )


def test_the_event_names_the_request_and_its_key(sim: Sim) -> None:
    answer = create(sim)
    request = sim.events("customer.created")[0]["request"]
    assert request == {"id": answer.headers["Request-Id"], "idempotency_key": "operation-1"}


def test_each_account_has_its_own_keys(shop: Shop) -> None:
    other = open_shop(shop.sim, "Hill Skin Clinic")
    ids = {
        create(shop.sim, **{"Stripe-Account": account}).json()["id"]
        for account in (shop.account, other.account)
    }
    assert len(ids) == 2


def test_a_refused_parameter_does_not_use_up_the_key(sim: Sim) -> None:
    assert create(sim, email="nonsense").status_code == 400
    assert create(sim).status_code == 200


def test_a_missing_object_does_use_up_the_key(shop: Shop) -> None:
    path = "/v1/checkout/sessions/cs_test_none/expire"
    for replayed in (None, "true"):
        answer = api(shop.sim, "POST", path, headers=KEYED)
        assert answer.status_code == 404
        assert answer.headers.get("Idempotent-Replayed") == replayed


def test_a_failure_of_stripe_is_replayed_too(sim: Sim) -> None:
    sim.fault("500_after")
    assert create(sim).status_code == 500
    again = create(sim)
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (500, "true")
    assert len(sim.events("customer.created")) == 1


def test_keys_are_forgotten_after_a_day(sim: Sim) -> None:
    first = create(sim).json()["id"]
    sim.advance(86_401)
    assert create(sim).json()["id"] != first


def test_a_request_under_way_turns_the_second_away(sim: Sim) -> None:
    sim.fault("slow", seconds=1.0)
    answers: list[Any] = []
    slow = threading.Thread(target=lambda: answers.append(create(sim)))
    slow.start()
    wait_for(lambda: sim.events("customer.created"))

    assert create(sim).status_code == 409
    slow.join()
    assert answers[0].status_code == 200
    assert create(sim).json()["id"] == answers[0].json()["id"]


def test_ten_at_once_make_one_customer(sim: Sim) -> None:
    threads = [threading.Thread(target=create, args=(sim,)) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(sim.events("customer.created")) == 1


class TestSecondVersion:
    def order(self, sim: Sim, **body: Any) -> requests.Response:
        return api(sim, "POST", "/v2/core/accounts", json=body, headers=KEYED)

    def test_a_success_is_kept_for_thirty_days(self, sim: Sim) -> None:
        first = self.order(sim, display_name="A").json()["id"]
        sim.advance(20 * 86_400)
        assert self.order(sim, display_name="A").json()["id"] == first

    def test_failed_work_is_done_again(self, sim: Sim) -> None:
        sim.fault("500_after")
        assert self.order(sim, display_name="A").status_code == 500
        assert self.order(sim, display_name="A").status_code == 200
