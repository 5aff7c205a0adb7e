"""While the days between talk and consent run, nothing is asked for and nothing is taken."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from app.billing.models import AttemptState
from app.billing.payments.pay_links import pay_token, show_pay_link
from app.billing.payments.settle_attempt import amount_due
from app.kit.clock import frozen, today_in
from app.policies.errors import MoneyWaits
from app.tenants.models import Role
from tests.billing.shop import Shop, choose
from tests.factories.billing import make_purchase
from tests.factories.plans import MadePlan, make_discussed_plan
from tests.factories.policies import decide
from tests.factories.tenants import add_staff
from tests.support.api import Api
from tests.support.pages import Desk

ZONE = "Europe/London"
BASIS = {"basis": "law", "source": "Act 7, section 3"}


def midnight(days: int = 0) -> datetime:
    """Return when a day begins at the clinic, today's unless told otherwise."""
    return datetime.combine(today_in(ZONE) + timedelta(days=days), time(), ZoneInfo(ZONE))


@pytest.fixture
def made(shop: Shop) -> MadePlan:
    """A plan that was talked over yesterday, with a package for it."""
    with frozen(midnight() - timedelta(hours=12)):
        made = make_discussed_plan(shop.clinic)
    shop.purchase = make_purchase(shop.clinic, patient_id=made.patient_id)
    return made


def days(shop: Shop, wait: int) -> None:
    decide(shop.clinic, "wait_days", wait, on=today_in(ZONE) - timedelta(days=9), **BASIS)


def link_at(shop: Shop, at: datetime) -> str:
    with frozen(at), shop.clinic.scope() as scope:
        return show_pay_link(scope, purchase_id=shop.purchase.id)


def test_the_day_begins_at_the_clinic_and_not_a_moment_before(shop: Shop, made: MadePlan) -> None:
    days(shop, 3)
    first = midnight(2)

    with pytest.raises(MoneyWaits) as refused:
        link_at(shop, first - timedelta(microseconds=1))

    assert refused.value.extra["opens_on"] == first.date().isoformat()
    assert "Law: 3 days lie between the talk and the consent, Act 7, section 3." in str(
        refused.value
    )
    assert "Clinic policy: no money is asked for" in str(refused.value)
    assert link_at(shop, first)


def test_stripe_hears_of_it_on_the_first_day_and_not_before(shop: Shop, made: MadePlan) -> None:
    days(shop, 1)

    with frozen(midnight() - timedelta(microseconds=1)), pytest.raises(MoneyWaits):
        shop.start()

    assert shop.attempts() == []
    assert shop.start().state == AttemptState.OPEN


def test_without_a_talk_the_days_have_not_begun(shop: Shop) -> None:
    days(shop, 2)

    with pytest.raises(MoneyWaits, match="before somebody has talked the treatment over"):
        shop.start()


def test_a_place_without_days_asks_for_nothing(shop: Shop) -> None:
    assert shop.start().state == AttemptState.OPEN


def test_a_place_may_take_money_while_the_days_run(shop: Shop, made: MadePlan) -> None:
    days(shop, 14)
    decide(shop.clinic, "money_waits", value=False)

    assert shop.start().state == AttemptState.OPEN


def test_a_page_that_was_open_before_the_talk_is_closed_and_takes_nothing(
    shop: Shop, made: MadePlan
) -> None:
    opened = shop.start()
    days(shop, 14)

    with pytest.raises(MoneyWaits):
        shop.start()

    assert shop.attempt(opened.id).state == AttemptState.EXPIRED
    assert choose(opened, "pay").status_code >= 400


def test_what_was_paid_before_the_days_began_stays(shop: Shop, made: MadePlan) -> None:
    paid = shop.pay()
    days(shop, 14)

    answer = shop.start()

    assert answer.id == paid.id
    assert answer.state == AttemptState.PAID
    with shop.clinic.scope() as scope:
        assert amount_due(scope, shop.purchase.id, "deposit") == 0
    shop.check_books()


def test_programs_and_staff_are_told_from_when_it_can_be_paid(
    shop: Shop, made: MadePlan, context: Flask
) -> None:
    days(shop, 14)
    owner = shop.clinic.owner
    api = Api(context, shop.clinic, owner)
    path = f"/purchases/{shop.purchase.id}"

    checkout = api.post(f"{path}/checkout", {"purpose": "deposit"}, expect=409)
    link = api.post(f"{path}/pay-link", expect=409)
    desk = Desk(context, shop.clinic, add_staff(shop.clinic, Role.FRONT_DESK))
    page = desk.read(path)

    assert checkout["code"] == link["code"] == "money_waits"
    assert checkout["opens_on"] == (today_in(ZONE) + timedelta(days=13)).isoformat()
    assert "This can be paid from" in page
    assert "Send the payment link" not in page
    assert "Pay on this device" not in page


def test_a_patient_reads_when_and_why_and_finds_no_button(
    shop: Shop, made: MadePlan, context: Flask
) -> None:
    with shop.clinic.scope() as scope:
        token = pay_token(scope, shop.purchase.id)
    days(shop, 14)
    client = context.test_client()
    client.post("/api/v1/pay/exchange", json={"token": token})

    page = client.get("/pay/deposit")

    assert page.status_code == 200
    assert "There is nothing to pay yet" in page.text
    assert "Act 7, section 3" in page.text
    assert "<form" not in page.text
