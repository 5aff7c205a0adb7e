"""Starting a treatment: exactly once, behind the gate, whatever happens with money."""

import threading
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.billing.ledger.queries import get_credit_account_for_update
from app.billing.services.redeem_credit import find_redemption
from app.care import queries
from app.care.errors import StartRefused
from app.care.models import Treatment, TreatmentArea
from app.care.services.start_treatment import start_treatment
from app.config import Settings
from app.consent.services.withdraw_consent import withdraw_consent
from app.database import TenantScope
from app.errors import AppError
from app.jobs.worker import work
from app.kit.ids import new_id
from app.plans.queries import get_visit
from tests.factories.billing import make_purchase
from tests.factories.care import ReadyVisit, make_ready_visit
from tests.factories.plans import make_visit


@pytest.fixture(scope="module")
def gated(app: Flask) -> ReadyVisit:
    """One visit for the gate's tests: nothing of what they write is kept."""
    with app.app_context():
        return make_ready_visit()


@pytest.fixture
def ready(context: Flask) -> ReadyVisit:
    return make_ready_visit()


def test_a_start_writes_the_header_the_areas_and_the_visits_state(ready: ReadyVisit) -> None:
    started = ready.start()

    with ready.made.clinic.scope() as scope:
        kept = queries.find_treatment_of_visit(scope, ready.visit_id)
        assert kept is not None
        assert kept.id == started.treatment.id
        (area,) = queries.list_treatment_areas(scope, kept.id)
        assert (area.area, area.depth_um, area.granted_um) == ("face_cheeks", 1000, 1000)
        assert area.at <= area.recorded_at
        assert get_visit(scope, ready.visit_id).state == "started"


def test_a_second_start_of_the_visit_is_refused_in_words(ready: ReadyVisit) -> None:
    ready.start()

    with pytest.raises(StartRefused) as refused:
        ready.start()

    first = refused.value.extra["reasons"][0]
    assert first["text"] == "This visit has started already."
    assert first["next_step"] == "Open the treatment and record what was done."


class TestMoney:
    def test_a_session_of_the_package_is_used(self, ready: ReadyVisit) -> None:
        make_purchase(ready.made.clinic, patient_id=ready.made.patient_id)

        payment = ready.start().payment

        assert (payment.credit_number, payment.sessions_left) == (1, 2)

    def test_without_a_package_it_starts_and_is_owed(self, ready: ReadyVisit) -> None:
        started = ready.start()

        assert not started.payment.paid
        with ready.made.clinic.scope() as scope:
            found = find_redemption(scope, treatment_id=started.treatment.id)
        assert found is not None
        assert found.credit_number is None

    def test_a_ledger_that_does_not_answer_stops_no_record_and_heals(
        self, ready: ReadyVisit, context: Flask, settings: Settings
    ) -> None:
        purchase = make_purchase(ready.made.clinic, patient_id=ready.made.patient_id)
        with ready.made.clinic.scope() as other:
            get_credit_account_for_update(other, purchase.id)
            with ready.made.clinic.scope(ready.made.practitioner) as scope:
                scope.session.execute(text("SET LOCAL lock_timeout = '200ms'"))
                started = start_treatment(scope, **ready.means())  # type: ignore[arg-type]  # as sent

        assert not started.payment.paid
        with ready.made.clinic.scope() as scope:
            assert queries.find_treatment_of_visit(scope, ready.visit_id) is not None
            assert find_redemption(scope, treatment_id=started.treatment.id) is None
        work(context, settings.worker_url, until_empty=True)
        with ready.made.clinic.scope() as scope:
            healed = find_redemption(scope, treatment_id=started.treatment.id)
        assert healed is not None
        assert healed.credit_number == 1


class TestInterval:
    def test_the_next_visit_waits_for_the_interval(self, ready: ReadyVisit) -> None:
        ready.start()
        again = next_visit(ready)

        answer = again.may()

        assert [one.code for one in answer.reasons] == ["too_soon"]
        assert answer.reasons[0].text.startswith("Cheeks: last treated on ")

    @pytest.mark.parametrize(("days", "may"), [(27, False), (28, True)])
    def test_the_interval_ends_on_its_day_at_the_location(
        self, ready: ReadyVisit, days: int, may: bool
    ) -> None:
        at = ready.start().treatment.started_at
        again = next_visit(ready)

        assert ("too_soon" not in again.codes_at(at + timedelta(days=days))) is may


GATE, DEPTH, FUTURE = (
    "consent_gate",
    "treatment_area_within_grant_ck",
    "treatment_area_not_in_the_future_ck",
)


class TestGate:
    """The rows themselves, written without the service: the database refuses."""

    @pytest.mark.parametrize(
        ("change", "constraint"),
        [
            ({"area": "face_forehead"}, GATE),
            ({"granted_um": 1001}, GATE),
            ({"depth_um": 1001}, DEPTH),
            ({"consent_id": uuid.uuid4()}, GATE),
            ({"patient_id": uuid.uuid4()}, GATE),
            ({"procedure_id": "rf_microneedling"}, GATE),
        ],
    )
    def test_case_24_a_row_beyond_the_grant_is_refused(
        self, gated: ReadyVisit, context: Flask, change: dict[str, object], constraint: str
    ) -> None:
        assert refused_by(gated, **change) == constraint

    def test_case_28_the_future_is_refused(self, gated: ReadyVisit, context: Flask) -> None:
        assert refused_by(gated, seconds=3600) == FUTURE

    def test_before_the_grant_is_refused(self, gated: ReadyVisit, context: Flask) -> None:
        assert refused_by(gated, seconds=-86400) == GATE

    def test_case_24_after_a_withdrawal_is_refused(self, ready: ReadyVisit) -> None:
        assert ready.consent is not None
        with ready.made.clinic.scope() as scope:
            withdraw_consent(scope, consent_id=ready.consent.consent_id)

        assert refused_by(ready) == GATE

    def test_the_same_row_within_the_grant_is_taken(
        self, gated: ReadyVisit, context: Flask
    ) -> None:
        with gated.made.clinic.scope() as scope:
            insert_by_hand(scope, gated)
            scope.session.rollback()


class TestRaces:
    def test_ten_starts_at_once_make_one_treatment_and_use_one_session(
        self, ready: ReadyVisit, context: Flask
    ) -> None:
        make_purchase(ready.made.clinic, patient_id=ready.made.patient_id)
        outcomes = at_once(context, [ready.start] * 10)

        assert sorted(outcomes) == ["StartRefused"] * 9 + ["ok"]
        with ready.made.clinic.scope() as scope:
            for table in ("treatment", "redemption"):
                count = text(f"SELECT count(*) FROM {table} WHERE tenant_id = :t")
                assert scope.session.execute(count, {"t": scope.tenant_id}).scalar() == 1

    @pytest.mark.parametrize("round_", range(2))
    def test_case_29_of_a_start_and_a_withdrawal_the_first_to_commit_wins(
        self, ready: ReadyVisit, context: Flask, round_: int
    ) -> None:
        consent = ready.consent
        assert consent is not None

        def withdraw() -> None:
            with ready.made.clinic.scope() as scope:
                withdraw_consent(scope, consent_id=consent.consent_id)

        first = [ready.start, withdraw] if round_ % 2 else [withdraw, ready.start]
        outcomes = at_once(context, first)

        # Withdrawing never fails; a start either came before it or is refused in words.
        assert sorted(outcomes) in (["ok", "ok"], ["StartRefused", "ok"])
        with ready.made.clinic.scope() as scope:
            treatment = queries.find_treatment_of_visit(scope, ready.visit_id)
            assert (treatment is not None) == (outcomes.count("ok") == 2)

    def test_case_29_a_withdrawal_in_the_middle_makes_the_start_wait_and_then_refuses_it(
        self, ready: ReadyVisit, context: Flask
    ) -> None:
        assert ready.consent is not None
        outcomes: list[str] = []
        with ready.made.clinic.scope() as scope:
            withdraw_consent(scope, consent_id=ready.consent.consent_id)
            scope.session.flush()  # The rows are written and locked; only the commit is missing.
            starting = threading.Thread(target=run, args=(context, ready.start, outcomes))
            starting.start()
            starting.join(timeout=1.0)
            assert starting.is_alive()
        starting.join(timeout=10)

        assert outcomes == ["StartRefused"]


def next_visit(ready: ReadyVisit) -> ReadyVisit:
    """Plan the next visit of the same course and ask the short questions for it."""
    again = ReadyVisit(ready.made, make_visit(ready.made), ready.consent)
    again.ask()
    return again


def refused_by(ready: ReadyVisit, **change: object) -> str:
    """Return the name of the constraint that refuses a treatment written by hand."""
    with pytest.raises(IntegrityError) as refused:
        write_by_hand(ready, **change)
    return str(refused.value.orig.diag.constraint_name)  # type: ignore[union-attr]  # psycopg's


def write_by_hand(ready: ReadyVisit, **change: object) -> None:
    with ready.made.clinic.scope() as scope:
        insert_by_hand(scope, ready, **change)


def insert_by_hand(
    scope: TenantScope, ready: ReadyVisit, *, seconds: int = 0, **change: object
) -> None:
    """Write a treatment as the service would, with some values changed, and flush it."""
    recorded_at = queries.get_database_clock(scope)
    at = recorded_at + timedelta(seconds=seconds)
    assert ready.consent is not None
    check = queries.list_acute_checks(scope, ready.visit_id)[0]
    ids = {"tenant_id": ready.made.clinic.tenant_id, "patient_id": ready.made.patient_id}
    treatment = Treatment(
        **ids,
        id=new_id(),
        visit_id=ready.visit_id,
        plan_version_id=ready.made.version_id,
        consent_id=ready.consent.consent_id,
        procedure_id="mechanical_microneedling",
        practitioner_id=ready.made.practitioner.id,
        device_id=ready.made.device_id,
        lot_id=ready.made.lot_id,
        location_id=ready.made.clinic.location_id,
        acute_check_id=check.id,
        started_at=at,
    )
    values: dict[str, object] = {
        **ids,
        "treatment_id": treatment.id,
        "line": 1,
        "procedure_id": treatment.procedure_id,
        "area": "face_cheeks",
        "granted_um": 1000,
        "consent_id": treatment.consent_id,
        "depth_um": 1000,
        "at": at,
        "recorded_at": recorded_at,
    }
    scope.session.add(treatment)
    scope.session.flush()
    scope.session.add(TreatmentArea(**{**values, **change}))
    scope.session.flush()


def at_once(context: Flask, acts: list[Callable[[], object]]) -> list[str]:
    """Do several things at the same time; return "ok" or the name of what each raised."""
    outcomes: list[str] = []
    threads = [threading.Thread(target=run, args=(context, act, outcomes)) for act in acts]
    for one in threads:
        one.start()
    for one in threads:
        one.join(timeout=30)
    return outcomes


def run(context: Flask, act: Callable[[], object], outcomes: list[str]) -> None:
    with context.app_context():
        try:
            act()
        except (AppError, IntegrityError) as problem:
            outcomes.append(type(problem).__name__)
        else:
            outcomes.append("ok")
