"""What a withdrawal leaves to do: the desk sees it, money is worked out, nothing moves."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor, wait

import pytest
from flask import Flask

from app.audit.places import write_place
from app.billing.ledger.queries import list_balances
from app.billing.services.redeem_credit import redeem_credit
from app.care.withdrawal_board import board_of
from app.care.withdrawal_queries import count_open_withdrawals
from app.consent.after.services.seal_withdrawal import take_back
from app.consent.after.withdrawal_models import WithdrawalWay
from app.consent.after.withdrawal_queries import find_withdrawal
from app.consent.services.withdraw_consent import withdraw_consent
from app.jobs.registry import run_job
from app.plans.models import VisitState
from app.plans.queries import get_visit
from app.plans.services.plan_visit import move_visit
from app.tenants.models import Role
from tests.factories.billing import make_purchase, pay_in
from tests.factories.care import ReadyVisit, make_consented_visit
from tests.factories.consent import make_asked_consent
from tests.factories.plans import make_visit
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
        assert len(board_of(scope).waiting) == 1
        move_visit(scope, visit_id=ready.visit_id, to=VisitState.CANCELLED)

    with ready.made.clinic.scope() as scope:
        board = board_of(scope)
        assert (len(board.waiting), len(board.done)) == (0, 1)


def test_a_visit_that_is_planned_or_expected_again_afterwards_is_one_to_look_at(
    context: Flask, ready: ReadyVisit
) -> None:
    clinic = ready.made.clinic
    with clinic.scope() as scope:
        move_visit(scope, visit_id=ready.visit_id, to=VisitState.CANCELLED)
    withdraw(ready)
    with clinic.scope() as scope:
        assert board_of(scope).waiting == []

    visit_id = make_visit(ready.made)

    with clinic.scope() as scope:
        [one] = board_of(scope).waiting
        assert [visit.id for visit, _ in one.visits] == [visit_id]
        assert count_open_withdrawals(scope, most=51) == 1


def test_a_visit_planned_while_the_patient_takes_it_back_is_not_missed(
    context: Flask, ready: ReadyVisit
) -> None:
    clinic, consent = ready.made.clinic, ready.consent
    assert consent is not None
    begun = threading.Event()

    def plan_meanwhile() -> uuid.UUID:
        begun.wait(timeout=5)
        with context.app_context():
            return make_visit(ready.made)

    with ThreadPoolExecutor(1) as others:
        with clinic.scope() as scope:
            withdraw_consent(scope, consent_id=consent.consent_id)
            scope.session.flush()
            planned = others.submit(plan_meanwhile)
            begun.set()
            # It waits for the lock, and so for the commit at the end of this block.
            wait([planned], timeout=0.3)
            assert not planned.done()
        visit_id = planned.result(timeout=10)

    with clinic.scope() as scope:
        assert get_visit(scope, visit_id).after_withdrawal


def test_long_lists_of_withdrawals_have_pages(context: Flask, ready: ReadyVisit) -> None:
    clinic = ready.made.clinic
    first = withdraw(ready)
    second = withdraw(make_consented_visit(clinic=clinic))

    with clinic.scope() as scope:
        page = board_of(scope, size=1)
        assert [one.line.withdrawal.id for one in page.waiting] == [second]
        rest = board_of(scope, waiting_before=page.more_waiting, size=1)
        assert [one.line.withdrawal.id for one in rest.waiting] == [first]
        assert count_open_withdrawals(scope, most=1) == 1
        end = board_of(scope, waiting_before=rest.more_waiting, size=1)
        assert (end.waiting, end.more_waiting) == ([], None)
    desk = Desk(context, clinic, add_staff(clinic, Role.FRONT_DESK))
    place = write_place(page.more_waiting)
    assert "Back to the newest" in desk.read(f"/withdrawals?waiting={place}")


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
