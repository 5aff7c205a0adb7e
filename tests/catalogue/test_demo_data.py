"""The demo's clinics are whole, fit the catalogue, and name nobody who exists."""

import re
from pathlib import Path

import pytest
import yaml

from app.billing.quote import deposit_of, read_deposit_rule
from app.catalogue.loader import find_jurisdiction
from app.kit.money import split_evenly
from app.kit.names import clean_name
from tests.catalogue.plans import catalogue

FILE = Path(__file__).parents[2] / "demo" / "data" / "clinics.yaml"
FICTIONAL_PHONE = re.compile(r"07700 900\d{3}|0131 496 0\d{3}|\(\d{3}\) 555-01\d\d")


@pytest.fixture(scope="module")
def demo() -> dict:
    return yaml.safe_load(FILE.read_text(encoding="utf-8"))


def locations(demo) -> dict:
    return {place["key"]: place for clinic in demo["clinics"] for place in clinic["locations"]}


def test_two_clinics_have_four_currencies_and_four_rule_sets(demo):
    places = locations(demo).values()

    assert len(demo["clinics"]) == 2
    assert {place["currency"] for place in places} == {"GBP", "EUR", "USD", "JPY"}
    for place in places:
        assert find_jurisdiction(catalogue(), place["jurisdiction"]).market == place["market"]


def test_nobody_can_be_reached_by_mistake(demo):
    for person in (*demo["staff"], *demo["patients"]):
        assert person["email"].endswith(".example")
        assert clean_name(person["name"]) == person["name"]
        phone = person.get("phone")
        assert phone is None or FICTIONAL_PHONE.fullmatch(phone)
    for person in demo["staff"]:
        number = person.get("qualification", {}).get("registration_number", "TEST-")
        assert number.startswith("TEST-")
    for place in locations(demo).values():
        contact = place["emergency_contact"]
        assert contact.endswith(".example") or FICTIONAL_PHONE.fullmatch(contact)


def test_staff_scopes_and_devices_name_what_exists(demo):
    known = locations(demo)
    for person in demo["staff"]:
        assert set(person["at"]) <= set(known)
        for scope in person.get("scopes", []):
            assert scope["location"] in person["at"]
            assert scope["procedure"] in catalogue().procedure
    for device in demo["devices"]:
        assert device["location"] in known
        assert device["kind"] in catalogue().device_kind
        for label in device["label"]:
            assert set(label["areas"]) <= set(catalogue().area)
            assert set(label["indications"]) <= set(catalogue().indication)


def test_everything_on_sale_has_a_price_in_every_currency(demo):
    for product in demo["products"]:
        wanted = set() if product.get("state") == "disabled" else {"GBP", "EUR", "USD", "JPY"}
        assert set(product["price_minor"]) == wanted
        assert product["procedure"] is None or product["procedure"] in catalogue().procedure


def test_the_known_sums_come_out(demo):
    deposit = demo["deposits"]["JPY"]

    rule = read_deposit_rule(deposit["kind"], deposit["value"], deposit["round_down_to"])
    assert deposit_of(75600, "JPY", rule) == 15100
    for oracle in (one for one in demo["money_oracles"] if "parts" in one):
        assert split_evenly(oracle["price_minor"], len(oracle["parts"])) == oracle["parts"]
