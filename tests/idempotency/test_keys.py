"""The same unsafe request sent twice is done once and answered twice."""

import threading
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, request

from app import close_app, create_app
from app.auth.guards import public, unit
from app.config import Settings
from app.database import SYSTEM, TenantScope
from app.idempotency import idempotent
from app.tenants.models import Role
from tests.factories.tenants import add_staff, make_clinic
from tests.support.api import Api

LOCATION: dict[str, Any] = {
    "name": "Leith",
    "address": "2 Shore",
    "zone": "Europe/London",
    "currency": "GBP",
    "jurisdiction": "GB-SCT",
    "market": "UK",
    "premises_kind": "independent clinic",
    "emergency_contact": "0131 496 0001",
}


@pytest.fixture
def api(context: Flask) -> Api:
    clinic = make_clinic()
    return Api(context, clinic, clinic.owner)


def names(api: Api) -> list[str]:
    return [one["name"] for one in api.get("/locations")]


def send(api: Api, key: str, **headers: str) -> Any:
    return api.client.post(
        api.url("/locations"),
        json=LOCATION,
        headers={"X-CSRF-Token": api.csrf, "Idempotency-Key": key, **headers},
    )


def test_a_repeat_says_that_it_is_one(api: Api) -> None:
    first, again = send(api, "the same key"), send(api, "the same key")

    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (first.status_code, first.data) == (again.status_code, again.data)
    assert again.content_type == first.content_type


def test_of_many_at_once_one_is_done_and_all_get_its_answer(api: Api) -> None:
    answers = []
    start = threading.Barrier(6)
    kept = api.client.get_cookie("__Host-needlepoint")
    assert kept is not None

    def run() -> None:
        client = api.client.application.test_client()
        client.set_cookie("__Host-needlepoint", kept.value, secure=True)
        start.wait(10)
        answers.append(
            client.post(
                api.url("/locations"),
                json=LOCATION,
                headers={"X-CSRF-Token": api.csrf, "Idempotency-Key": "racing key"},
            )
        )

    threads = [threading.Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.get_json()["id"] for answer in answers}) == 1
    assert names(api) == ["Harbour", "Leith"]


def test_a_refused_request_may_be_put_right_and_sent_with_the_same_key(api: Api) -> None:
    api.post("/locations", {**LOCATION, "name": ""}, expect=422, key="the same key")

    api.post("/locations", LOCATION, key="the same key")

    assert names(api) == ["Harbour", "Leith"]


@pytest.mark.parametrize("key", ["", "short", "x" * 201])
def test_a_key_is_needed_and_must_be_one(api: Api, key: str) -> None:
    answer = send(api, key)

    assert answer.status_code == 400
    assert answer.get_json()["code"] == "idempotency_key_missing"


def test_a_key_belongs_to_its_person(api: Api, context: Flask) -> None:
    send(api, "the same key")
    other = Api(context, api.clinic, add_staff(api.clinic, Role.OWNER))

    assert "Idempotent-Replayed" not in send(other, "the same key").headers


def test_a_key_belongs_to_its_clinic(api: Api, context: Flask) -> None:
    send(api, "the same key")
    clinic = make_clinic(name="Juniper Quay")
    other = Api(context, clinic, clinic.owner)

    assert "Idempotent-Replayed" not in send(other, "the same key").headers
    assert names(other) == ["Harbour", "Leith"]


def test_a_key_belongs_to_its_route(api: Api) -> None:
    send(api, "the same key")
    device = {
        "location_id": str(api.clinic.location_id),
        "kind": "pen",
        "model": "Pen",
        "serial": uuid.uuid4().hex,
        "label": [],
    }

    answer = api.client.post(
        api.url("/devices"),
        json=device,
        headers={"X-CSRF-Token": api.csrf, "Idempotency-Key": "the same key"},
    )

    assert "Idempotent-Replayed" not in answer.headers
    assert answer.get_json().get("code") != "idempotency_key_reused"


@pytest.fixture(scope="module")
def form_app(settings: Settings) -> Iterator[Flask]:
    """The application with a page that shows its form again while something is wrong."""
    app = create_app(settings)

    @idempotent
    def answer(_scope: TenantScope) -> tuple[str, int]:
        good = request.form.get("name") == "good"
        return ("<p>Kept</p>", 200) if good else ("<p>Once more</p>", 422)

    @public
    def form(clinic: uuid.UUID) -> Any:
        return answer(unit().enter(clinic, SYSTEM))

    app.add_url_rule("/trial/<uuid:clinic>/form", "trial_form", form, methods=["POST"])
    yield app
    close_app(app)


def test_a_page_that_asks_again_keeps_its_key_and_is_replayed_as_a_page(form_app: Flask) -> None:
    client, path = form_app.test_client(), f"/trial/{uuid.uuid4()}/form"
    key = {"idempotency_key": "the same key"}

    assert client.post(path, data={**key, "name": "bad"}).status_code == 422
    assert client.post(path, data={**key, "name": "good"}).status_code == 200
    again = client.post(path, data={**key, "name": "good"})

    assert again.text == "<p>Kept</p>"
    assert again.content_type.startswith("text/html")
    assert again.headers["Idempotent-Replayed"] == "true"


def test_a_repeat_is_checked_for_its_permission_again(api: Api, context: Flask) -> None:
    who = add_staff(api.clinic, Role.OWNER)
    theirs = Api(context, api.clinic, who)
    send(theirs, "the same key")
    headers = {"X-CSRF-Token": api.csrf}
    assert api.client.delete(api.url(f"/staff/{who.id}"), headers=headers).status_code == 200

    assert send(theirs, "the same key").status_code == 401
