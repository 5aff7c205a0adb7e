"""Who works at one location and sees no plan of another: the same days, and words to act on."""

import uuid
from datetime import timedelta

import pytest
from flask import Flask

from app.kit.clock import frozen, today_in
from app.tenants.models import Role
from app.tenants.queries import get_location
from app.tenants.services.manage_location import NewLocation, add_location
from tests.billing.shop import Shop
from tests.billing.test_money_waits import ZONE, days, midnight
from tests.factories.billing import make_purchase
from tests.factories.plans import make_discussed_plan, make_patient
from tests.factories.tenants import MadeClinic, add_staff
from tests.support.api import Api
from tests.support.pages import Desk


def leith(clinic: MadeClinic) -> uuid.UUID:
    """Add a second location under the same law."""
    with clinic.scope() as scope:
        first = get_location(scope, clinic.location_id)
        return add_location(
            scope,
            NewLocation(
                name="Leith",
                address="2 Shore",
                zone=first.zone,
                currency=first.currency,
                jurisdiction=first.jurisdiction,
                market=first.market,
                premises_kind=first.premises_kind,
                premises_registration="TEST-2",
                emergency_contact="0131 496 0001",
            ),
        ).id


@pytest.fixture
def place_id(shop: Shop) -> uuid.UUID:
    return leith(shop.clinic)


@pytest.fixture
def desk(context: Flask, shop: Shop, place_id: uuid.UUID) -> Api:
    """The front desk of the second location, and of no other."""
    return Api(context, shop.clinic, add_staff(shop.clinic, Role.FRONT_DESK, at=(place_id,)))


def sold(shop: Shop, place_id: uuid.UUID, patient_id: uuid.UUID) -> str:
    """Sell a package at the second location; return its path."""
    purchase = make_purchase(shop.clinic, patient_id=patient_id, location_id=place_id)
    return f"/purchases/{purchase.id}"


def talked_over(shop: Shop, days_ago: int) -> uuid.UUID:
    """Talk a treatment over at the first location; return whose it is."""
    with frozen(midnight(-days_ago) + timedelta(hours=12)):
        return make_discussed_plan(shop.clinic).patient_id


def test_the_words_say_what_to_do_and_nothing_of_a_plan_elsewhere(
    shop: Shop, desk: Api, place_id: uuid.UUID
) -> None:
    days(shop, 14)
    hidden = sold(shop, place_id, talked_over(shop, days_ago=1))
    without = sold(shop, place_id, make_patient(shop.clinic)[0])

    refused = desk.post(f"{hidden}/pay-link", expect=409)
    nothing = desk.post(f"{without}/pay-link", expect=409)
    page = Desk.of(desk).read(hidden)

    told = refused["detail"]
    assert told == nothing["detail"]
    assert set(refused) == set(nothing)
    assert "opens_on" not in refused
    assert "let a practitioner do that and record it first" in told
    assert "ask somebody who works at every location, such as an owner" in told
    assert "Act 7, section 3" in told
    assert told in page
    assert "Send the payment link" not in page


def test_whoever_works_everywhere_sees_the_day(
    shop: Shop, place_id: uuid.UUID, context: Flask
) -> None:
    days(shop, 14)
    path = sold(shop, place_id, talked_over(shop, days_ago=1))

    refused = Api(context, shop.clinic, shop.clinic.owner).post(f"{path}/pay-link", expect=409)

    assert refused["opens_on"] == (today_in(ZONE) + timedelta(days=13)).isoformat()


def test_once_the_days_are_over_everybody_takes_the_money(
    shop: Shop, desk: Api, place_id: uuid.UUID
) -> None:
    days(shop, 3)
    path = sold(shop, place_id, talked_over(shop, days_ago=5))

    desk.post(f"{path}/pay-link", expect=201)


def test_who_sees_the_plan_that_decides_reads_the_day_as_before(shop: Shop, context: Flask) -> None:
    days(shop, 14)
    path = sold(shop, shop.clinic.location_id, talked_over(shop, days_ago=1))
    here = add_staff(shop.clinic, Role.FRONT_DESK, at=(shop.clinic.location_id,))

    refused = Api(context, shop.clinic, here).post(f"{path}/pay-link", expect=409)

    assert refused["opens_on"] == (today_in(ZONE) + timedelta(days=13)).isoformat()
