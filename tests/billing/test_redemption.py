"""A treatment uses a session or is written down as owed, and the ledger follows."""

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask

from app.billing.ledger.journals import AccountKey, Leg, book, clinic_account
from app.billing.ledger.queries import list_balances
from app.billing.models import AccountKind
from app.billing.services.redeem_credit import RedemptionResult, redeem_credit
from tests.factories.billing import make_purchase, make_selling_clinic
from tests.factories.plans import make_patient
from tests.factories.tenants import PROCEDURE, MadeClinic

pytestmark = pytest.mark.usefixtures("context")


def redeem(
    clinic: MadeClinic, patient_id: uuid.UUID, treatment_id: uuid.UUID | None = None
) -> RedemptionResult:
    with clinic.scope() as scope:
        return redeem_credit(
            scope,
            patient_id=patient_id,
            procedure_id=PROCEDURE,
            treatment_id=treatment_id or uuid.uuid4(),
        )


def pay_in(clinic: MadeClinic, purchase_id: uuid.UUID, amount: int) -> None:
    with clinic.scope() as scope:
        pending = clinic_account(scope, AccountKind.PENDING)
        credit = AccountKey(AccountKind.PATIENT_CREDIT, purchase_id)
        book(scope, f"test:{uuid.uuid4()}", currency="GBP", legs=[Leg(pending, credit, amount)])


def nets(clinic: MadeClinic) -> dict[str, int]:
    with clinic.scope() as scope:
        return {one.kind: one.net_minor for one in list_balances(scope)}


def test_the_first_session_uses_the_deposit_and_the_rest_is_owed() -> None:
    clinic = make_selling_clinic()
    purchase = make_purchase(clinic)
    pay_in(clinic, purchase.id, 5000)

    result = redeem(clinic, purchase.patient_id)

    assert (result.credit_number, result.sessions, result.sessions_left) == (1, 3, 2)
    assert (result.owed_minor, result.paid) == (12550, False)
    assert nets(clinic) == {
        "patient_credit": 0,
        "patient_receivable": 12550,
        "pending": 5000,
        "session_revenue": -17550,
    }


def test_a_session_paid_in_full_owes_nothing() -> None:
    clinic = make_selling_clinic()
    purchase = make_purchase(clinic)
    pay_in(clinic, purchase.id, 52650)

    results = [redeem(clinic, purchase.patient_id) for _ in range(3)]

    assert all(result.paid for result in results)
    assert nets(clinic)["patient_credit"] == 0


def test_a_treatment_without_a_package_is_owed_and_never_refused() -> None:
    clinic = make_selling_clinic()
    patient_id, _ = make_patient(clinic)

    result = redeem(clinic, patient_id)

    assert (result.credit_number, result.owed_minor, result.paid) == (None, None, False)


def test_the_same_treatment_twice_uses_one_session() -> None:
    clinic = make_selling_clinic()
    purchase = make_purchase(clinic)
    treatment_id = uuid.uuid4()

    first = redeem(clinic, purchase.patient_id, treatment_id)

    assert redeem(clinic, purchase.patient_id, treatment_id) == first
    assert nets(clinic)["session_revenue"] == -17550


def test_the_oldest_purchase_is_used_first() -> None:
    clinic = make_selling_clinic()
    older = make_purchase(clinic, sessions=1)
    newer = make_purchase(clinic, patient_id=older.patient_id)

    used = [redeem(clinic, older.patient_id).purchase_id for _ in range(2)]

    assert used == [older.id, newer.id]


def test_the_last_session_is_used_once_when_many_start_at_the_same_moment(context: Flask) -> None:
    clinic = make_selling_clinic()
    purchase = make_purchase(clinic, sessions=2)

    def start(_: int) -> RedemptionResult:
        with context.app_context():
            return redeem(clinic, purchase.patient_id)

    with ThreadPoolExecutor(6) as pool:
        numbers = [result.credit_number for result in pool.map(start, range(6))]

    assert sorted(n for n in numbers if n) == [1, 2]
    assert numbers.count(None) == 4
    assert nets(clinic)["session_revenue"] == -52650
