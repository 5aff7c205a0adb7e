"""What a withdrawal leaves to do: the desk sees it, money is worked out, nothing moves."""

import uuid

import pytest
from flask import Flask

from app.billing.ledger.queries import list_balances
from app.billing.services.redeem_credit import redeem_credit
from app.care.withdrawal_board import board_of
from app.consent.models import WithdrawalWay
from app.consent.services.seal_withdrawal import take_back
from app.consent.withdrawal_queries import find_withdrawal
from app.jobs.registry import run_job
from app.plans.models import VisitState
from app.plans.services.plan_visit import move_visit
from app.tenants.models import Role
from tests.factories.billing import make_purchase, pay_in
from tests.factories.care import ReadyVisit, make_consented_visit
from tests.factories.consent import make_asked_consent
from tests.factories.tenants import PROCEDURE, MadeClinic, add_staff
from tests.support.api import Api
from tests.support.pages import Desk


@pytest.fixture
def ready(context: Flask) -> ReadyVisit:
    """A visit today whose consent is in force."""
    return make_consented_visit()


def withdraw(ready: ReadyVisit) -> uuid.UUID:
    """Let the patient take it back and the job follow; return the withdrawal's id."""
    assert ready.consent is not None
    consent_id, clinic = ready.consent.consent_id, ready.made.clinic
    with clinic.scope() as scope:
        take_back(scope, consent_id=consent_id, way=WithdrawalWay.COPY_LINK)
    with clinic.scope() as scope:
        found = find_withdrawal(scope, consent_id)
    assert found is not None
    follow(clinic, found.id)
    return found.id


def follow(clinic: MadeClinic, withdrawal_id: uuid.UUID) -> None:
    args = {"_actor": ["system", "", ""], "withdrawal_id": str(withdrawal_id)}
    run_job(clinic.tenant_id, "care.follow_withdrawal", args)


def test_the_desk_sees_on_todays_page_that_the_consent_was_withdrawn(
    context: Flask, ready: ReadyVisit
) -> None:
    withdraw(ready)
    desk = Desk(context, ready.made.clinic, add_staff(ready.made.clinic, Role.FRONT_DESK))

    page = desk.read("/today")

    assert "Consent withdrawn" in page
    assert "1 consent was taken back" in page
    assert "Start the treatment" not in page
    assert "Visit still planned" in desk.read("/withdrawals")


def test_the_flag_stays_while_only_a_new_form_is_out(context: Flask, ready: ReadyVisit) -> None:
    withdraw(ready)
    make_asked_consent(ready.made)

    page = Desk(context, ready.made.clinic, ready.made.practitioner).read("/today")

    assert "Consent withdrawn" in page
    assert "Consent form sent" in page


def test_cancelling_the_visit_ends_the_matter(context: Flask, ready: ReadyVisit) -> None:
    withdraw(ready)
    with ready.made.clinic.scope() as scope:
        assert len(board_of(scope)[0]) == 1
        move_visit(scope, visit_id=ready.visit_id, to=VisitState.CANCELLED)

    with ready.made.clinic.scope() as scope:
        waiting, done = board_of(scope)
        assert (len(waiting), len(done)) == (0, 1)


def test_the_quote_is_what_was_paid_less_the_shares_of_what_was_used(
    context: Flask, ready: ReadyVisit
) -> None:
    clinic, patient_id = ready.made.clinic, ready.made.patient_id
    purchase = make_purchase(clinic, patient_id=patient_id)
    unpaid = make_purchase(clinic, patient_id=patient_id)
    pay_in(clinic, purchase, 52650)
    with clinic.scope() as scope:
        redeem_credit(
            scope, patient_id=patient_id, procedure_id=PROCEDURE, treatment_id=uuid.uuid4()
        )
        before = {one.kind: one.net_minor for one in list_balances(scope)}

    withdrawal_id = withdraw(ready)
    follow(clinic, withdrawal_id)

    owner = Api(context, clinic, clinic.owner)
    [told] = owner.get("/withdrawals")
    [quote] = told["quotes"]
    assert quote["purchase_id"] == str(purchase.id) != str(unpaid.id)
    assert (quote["paid_minor"], quote["used_minor"]) == (52650, 17550)
    assert quote["quoted_minor"] == 35100
    assert (quote["sessions"], quote["sessions_used"]) == (3, 1)
    with clinic.scope() as scope:
        assert {one.kind: one.net_minor for one in list_balances(scope)} == before


def test_a_deposit_that_was_used_up_quotes_nothing_and_never_less(
    context: Flask, ready: ReadyVisit
) -> None:
    clinic, patient_id = ready.made.clinic, ready.made.patient_id
    pay_in(clinic, make_purchase(clinic, patient_id=patient_id), 5000)
    with clinic.scope() as scope:
        redeem_credit(
            scope, patient_id=patient_id, procedure_id=PROCEDURE, treatment_id=uuid.uuid4()
        )

    withdraw(ready)

    [told] = Api(context, clinic, clinic.owner).get("/withdrawals")
    assert told["quotes"][0]["quoted_minor"] == 0


def test_the_front_desk_sees_the_quote_as_a_task_and_notes_it_once(
    context: Flask, ready: ReadyVisit
) -> None:
    clinic = ready.made.clinic
    pay_in(clinic, make_purchase(clinic, patient_id=ready.made.patient_id), 5000)
    withdraw(ready)
    desk = Desk(context, clinic, add_staff(clinic, Role.FRONT_DESK))

    page = desk.read("/withdrawals")
    assert "£50.00 GBP would be given back" in page
    assert "Nothing was moved" in page
    [told] = desk.api.get("/withdrawals")
    quote_id = told["quotes"][0]["id"]
    first = desk.api.post(f"/refund-quotes/{quote_id}/handled", expect=200)
    desk.send(f"/refund-quotes/{quote_id}/handled")

    [told] = desk.api.get("/withdrawals")
    assert told["quotes"][0]["handled_at"] == first["handled_at"] is not None
    assert "Somebody has dealt with this" in desk.read("/withdrawals")


def test_what_was_bought_for_another_treatment_is_not_quoted(
    context: Flask, ready: ReadyVisit
) -> None:
    withdraw(ready)

    [told] = Api(context, ready.made.clinic, ready.made.clinic.owner).get("/withdrawals")
    assert told["quotes"] == []
    assert told["is_open"] is True
    assert told["visit_ids"] == [str(ready.visit_id)]
