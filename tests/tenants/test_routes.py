"""Clinics, locations and staff through the API."""

import base64

import pytest
from flask import Flask

from app.tenants.models import Role
from tests.factories.tenants import add_staff, make_clinic
from tests.support.api import Api

LOCATION = {
    "name": "Leith",
    "address": "2 Shore",
    "zone": "Europe/London",
    "currency": "GBP",
    "jurisdiction": "GB-SCT",
    "market": "GB",
    "premises_kind": "independent clinic",
    "emergency_contact": "0131 496 0001",
}


@pytest.fixture
def api(context: Flask) -> Api:
    clinic = make_clinic()
    return Api(context, clinic, clinic.owner)


def test_an_owner_adds_a_location(api: Api) -> None:
    made = api.post("/locations", LOCATION)

    assert made["version"] == 1
    assert [one["name"] for one in api.get("/locations")] == ["Harbour", "Leith"]


def test_the_same_request_twice_makes_one_location(api: Api) -> None:
    first = api.post("/locations", LOCATION, key="the same key")
    again = api.post("/locations", LOCATION, key="the same key")

    assert first == again
    assert len(api.get("/locations")) == 2


def test_a_key_is_not_taken_for_another_body(api: Api) -> None:
    api.post("/locations", LOCATION, key="the same key")

    answer = api.post("/locations", {**LOCATION, "name": "Other"}, expect=409, key="the same key")

    assert answer["code"] == "idempotency_key_reused"


def test_an_unknown_field_is_named(api: Api) -> None:
    answer = api.post("/locations", {**LOCATION, "tenant_id": "x"}, expect=422)

    assert "tenant_id" in answer["fields"]


def test_a_name_with_a_direction_override_is_refused_and_says_which(api: Api) -> None:
    answer = api.post("/locations", {**LOCATION, "name": "Le\u202eith"}, expect=422)

    assert "U+202E" in str(answer["fields"]["name"])


def test_a_stranger_finds_no_such_clinic(api: Api, context: Flask) -> None:
    other = make_clinic(name="Juniper Quay")
    stranger = Api(context, api.clinic, other.owner)

    assert stranger.get("", expect=404)["code"] == "not_found"


def test_nobody_is_let_in_without_signing_in(api: Api, context: Flask) -> None:
    answer = context.test_client().get(api.url(""))

    assert answer.status_code == 401
    assert answer.content_type == "application/problem+json"


def test_the_front_desk_may_not_add_a_location(api: Api, context: Flask) -> None:
    desk = Api(context, api.clinic, add_staff(api.clinic, Role.FRONT_DESK))

    assert desk.post("/locations", LOCATION, expect=403)["needs"] == "clinic:manage"


def test_a_request_without_the_pages_token_is_refused(api: Api) -> None:
    api.csrf = "something else"

    assert api.post("/locations", LOCATION, expect=403)["code"] == "foreign_request"


def test_a_disabled_member_is_out_on_the_very_next_request(api: Api, context: Flask) -> None:
    who = add_staff(api.clinic, Role.PRACTITIONER)
    theirs = Api(context, api.clinic, who)
    theirs.get("")

    api.delete(f"/staff/{who.id}")

    theirs.get("", expect=401)


def test_a_text_that_cannot_be_stored_is_refused_and_not_a_surprise(api: Api) -> None:
    answer = api.post("/locations", {**LOCATION, "address": "2 Shore\x00"}, expect=422)

    assert answer["code"] == "invalid"


def test_a_forged_cursor_with_a_nul_is_refused(api: Api) -> None:
    forged = base64.urlsafe_b64encode(b"0198f0e2-7c3a-7000-8000-000000000001|a\x00").decode()

    assert api.get(f"/patients?after={forged}", expect=422)["code"] == "invalid"
