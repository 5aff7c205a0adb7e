"""Closings are sums beside the ledger: they change no balance, and a wrong one is found."""

from datetime import timedelta

import pytest
from flask import Flask

from app.billing.ledger.closings import close_ledger
from app.billing.ledger.queries import find_last_closing, list_balances, sum_transfers
from app.billing.models import Purchase
from app.kit.clock import frozen, now, shifted
from tests.factories.billing import make_purchase, pay_in
from tests.factories.plans import MadePlan, make_discussed_plan
from tests.factories.tenants import MadeClinic


@pytest.fixture
def made(context: Flask) -> MadePlan:
    return make_discussed_plan()


@pytest.fixture
def clinic(made: MadePlan) -> MadeClinic:
    return made.clinic


@pytest.fixture
def purchase(made: MadePlan) -> Purchase:
    return make_purchase(made.clinic, patient_id=made.patient_id)


def test_balances_are_the_same_with_closings_and_without(
    clinic: MadeClinic, purchase: Purchase
) -> None:
    for day in range(4):
        with shifted(timedelta(days=day)):
            pay_in(clinic, purchase, 100 + day)
            with clinic.scope() as scope:
                assert close_ledger(scope)
                assert list_balances(scope) == sum_transfers(scope)
                assert sum(one.net_minor for one in list_balances(scope)) == 0

    with clinic.scope() as scope:
        assert find_last_closing(scope) is not None
        [credit] = [one for one in list_balances(scope) if one.kind == "patient_credit"]
        assert credit.credits_minor == 100 + 101 + 102 + 103


def test_the_moment_of_a_closing_is_counted_once(clinic: MadeClinic, purchase: Purchase) -> None:
    hour = now().replace(minute=0, second=0, microsecond=0)
    for at in (hour - timedelta(microseconds=1), hour, hour + timedelta(minutes=90)):
        with frozen(at):
            pay_in(clinic, purchase, 100)

    with frozen(hour + timedelta(minutes=100)), clinic.scope() as scope:
        close_ledger(scope)
        close_ledger(scope)
        assert find_last_closing(scope) == hour
        [credit] = [one for one in list_balances(scope) if one.kind == "patient_credit"]
    assert credit.credits_minor == 300


def test_a_closing_that_missed_a_transfer_is_found_and_made_good(
    clinic: MadeClinic, purchase: Purchase
) -> None:
    pay_in(clinic, purchase, 100)
    with shifted(timedelta(days=3)), clinic.scope() as scope:
        assert close_ledger(scope)
    pay_in(clinic, purchase, 50)  # Booked before the closing's end and committed after it.
    with clinic.scope() as scope:
        assert list_balances(scope) != sum_transfers(scope)

    with shifted(timedelta(days=4)), clinic.scope() as scope:
        assert not close_ledger(scope)
        assert list_balances(scope) == sum_transfers(scope)
