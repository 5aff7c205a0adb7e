"""The consent gate as a constraint: with the application's own role, in SQL and through the ORM.

No service of ours runs here. Whatever the code above forgets, these refusals remain.
"""

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, Engine, insert, select, text
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import IntegrityError, ProgrammingError

from app.care.models import TreatmentArea
from app.consent.models import ConsentGrant
from app.database import SYSTEM, Base, tenant_scope
from tests.support.rows import Row, World

GRANTED_UM = 1000
CLOSE = text("SELECT door.close_grants(:consent_id)")
LOCK_CONSENT = text("SELECT 1 FROM consent WHERE tenant_id = :t AND id = :c FOR UPDATE")
CLOCK = text("SELECT clock_timestamp()")


def an_hour_ago() -> datetime:
    """Return an instant at which the grant of these tests was in force."""
    return datetime.now(UTC) - timedelta(hours=1)


class Clinic:
    """A clinic with one consent whose grant began yesterday and never ends."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.tenant_id = engine, uuid.uuid4()
        with self.acting() as connection:
            world = World(connection, self.tenant_id)
            self.consent_id: uuid.UUID = world.row("consent")["id"]
            self.treatment_id: uuid.UUID = world.row("treatment")["id"]
            grant = {**world.values("consent_grant"), "max_depth_um": GRANTED_UM}
            self.grant: Row = {
                **grant,
                "valid": Range(datetime.now(UTC) - timedelta(days=1), None),
            }
        self.lines = 0

    @contextmanager
    def acting(self) -> Iterator[Connection]:
        """Yield a transaction of the application's role in this clinic; commits at the end."""
        with self.engine.begin() as connection:
            connection.execute(text(f"SET LOCAL app.tenant_id = '{self.tenant_id}'"))
            yield connection

    def open_grant(self, **changed: Any) -> None:
        """Insert the grant, with some of its values changed."""
        with self.acting() as connection:
            grants = Base.metadata.tables["consent_grant"]
            connection.execute(insert(grants).values({**self.grant, **changed}))

    def area(self, **changed: Any) -> Row:
        """Return the values of a treated area that the grant allows, some of them changed."""
        self.lines += 1
        at = changed.get("at") or an_hour_ago()
        return {
            "tenant_id": self.tenant_id,
            "treatment_id": self.treatment_id,
            "line": self.lines,
            "patient_id": self.grant["patient_id"],
            "procedure_id": self.grant["procedure_id"],
            "area": self.grant["area"],
            "granted_um": GRANTED_UM,
            "consent_id": self.consent_id,
            "depth_um": GRANTED_UM,
            "at": at,
            "recorded_at": max(at, datetime.now(UTC)),
            **changed,
        }

    def record(self, **changed: Any) -> None:
        """Record a treated area with a statement of its own."""
        with self.acting() as connection:
            areas = Base.metadata.tables["treatment_area"]
            connection.execute(insert(areas).values(self.area(**changed)))

    def close_grants(self) -> int:
        """Withdraw: lock the consent, then close its grants."""
        with self.acting() as connection:
            connection.execute(LOCK_CONSENT, {"t": self.tenant_id, "c": self.consent_id})
            return int(connection.execute(CLOSE, {"consent_id": self.consent_id}).scalar_one())

    def grants(self) -> list[Range[datetime]]:
        """Return the periods of the grants that are left."""
        with self.acting() as connection:
            return list(connection.scalars(text("SELECT valid FROM consent_grant")))


@pytest.fixture
def clinic(app_engine: Engine) -> Clinic:
    made = Clinic(app_engine)
    made.open_grant()
    return made


@pytest.fixture
def without_grant(app_engine: Engine) -> Clinic:
    return Clinic(app_engine)


def constraint_of(caught: pytest.ExceptionInfo[IntegrityError]) -> str:
    return str(caught.value.orig.diag.constraint_name)


class TestRecording:
    def test_what_was_agreed_can_be_recorded(self, clinic: Clinic) -> None:
        clinic.record()
        clinic.record(depth_um=0)
        clinic.record(depth_um=GRANTED_UM - 1)

    @pytest.mark.parametrize(
        "changed",
        [
            {"area": "neck"},
            {"procedure_id": "radiofrequency"},
            {"patient_id": uuid.uuid4()},
            {"consent_id": uuid.uuid4()},
            {"granted_um": GRANTED_UM + 1, "depth_um": GRANTED_UM + 1},
            {"granted_um": 8000},
            {"granted_um": GRANTED_UM - 1, "depth_um": 1},
            {"at": datetime.now(UTC) - timedelta(days=2)},
        ],
        ids=lambda changed: " ".join(changed),
    )
    def test_anything_else_than_was_agreed_is_refused_by_the_gate(
        self, clinic: Clinic, changed: Row
    ) -> None:
        with pytest.raises(IntegrityError) as caught:
            clinic.record(**changed)

        assert constraint_of(caught) == "consent_gate"

    @pytest.mark.parametrize("depth_um", [GRANTED_UM + 1, -1])
    def test_one_micrometre_deeper_is_refused(self, clinic: Clinic, depth_um: int) -> None:
        with pytest.raises(IntegrityError) as caught:
            clinic.record(depth_um=depth_um)

        assert constraint_of(caught) == "treatment_area_within_grant_ck"

    def test_the_future_is_refused(self, clinic: Clinic) -> None:
        now = datetime.now(UTC)

        with pytest.raises(IntegrityError) as caught:
            clinic.record(at=now + timedelta(seconds=1), recorded_at=now)

        assert constraint_of(caught) == "treatment_area_not_in_the_future_ck"

    @pytest.mark.parametrize(
        "column", [c.name for c in TreatmentArea.__table__.columns if c.computed is None]
    )
    def test_nothing_can_be_left_out_to_slip_past(self, clinic: Clinic, column: str) -> None:
        with pytest.raises((IntegrityError, ProgrammingError)) as caught:
            clinic.record(**{column: None})

        # The wall speaks first where the clinic is missing, NOT NULL everywhere else.
        expected = "42501" if column == "tenant_id" else "23502"
        assert caught.value.orig.sqlstate == expected

    @pytest.mark.parametrize(
        "column", [c.name for c in ConsentGrant.__table__.columns if c.name != "tenant_id"]
    )
    def test_a_grant_leaves_nothing_open_either(self, without_grant: Clinic, column: str) -> None:
        with pytest.raises(IntegrityError) as caught:
            without_grant.open_grant(**{column: None})

        assert caught.value.orig.sqlstate == "23502"

    def test_a_grant_without_an_attestation_is_refused(self, without_grant: Clinic) -> None:
        with pytest.raises(IntegrityError) as caught:
            without_grant.open_grant(attestation_id=uuid.uuid4())

        assert constraint_of(caught) == "consent_grant_attestation_id_fk"

    def test_a_grant_for_no_moment_at_all_allows_nothing(self, without_grant: Clinic) -> None:
        with pytest.raises(IntegrityError):
            without_grant.open_grant(valid=Range(empty=True))

    def test_the_same_grant_twice_at_once_is_refused(self, clinic: Clinic) -> None:
        with pytest.raises(IntegrityError) as caught:
            clinic.open_grant(valid=Range(an_hour_ago(), None))

        assert constraint_of(caught) == "consent_grant_pk"

    def test_the_moment_cannot_be_forged(self, clinic: Clinic) -> None:
        values = clinic.area(moment=Range(an_hour_ago(), None))

        with pytest.raises(ProgrammingError), clinic.acting() as connection:
            connection.execute(insert(Base.metadata.tables["treatment_area"]).values(values))

    def test_another_clinics_grant_allows_nothing_here(
        self, clinic: Clinic, without_grant: Clinic
    ) -> None:
        borrowed = {key: clinic.grant[key] for key in ("patient_id", "procedure_id", "area")}

        with pytest.raises(IntegrityError) as caught:
            without_grant.record(**borrowed, consent_id=clinic.consent_id)

        assert constraint_of(caught) == "consent_gate"

    def test_the_orm_is_refused_like_everybody_else(self, clinic: Clinic, context: Flask) -> None:
        with (
            pytest.raises(IntegrityError) as caught,
            tenant_scope(clinic.tenant_id, SYSTEM) as scope,
        ):
            scope.session.add(TreatmentArea(**clinic.area(area="neck")))

        assert constraint_of(caught) == "consent_gate"

    def test_the_orm_records_what_was_agreed(self, clinic: Clinic, context: Flask) -> None:
        with tenant_scope(clinic.tenant_id, SYSTEM) as scope:
            scope.session.add(TreatmentArea(**clinic.area()))

        with tenant_scope(clinic.tenant_id, SYSTEM) as scope:
            assert len(scope.session.scalars(select(TreatmentArea)).all()) == 1


class TestWithdrawing:
    def test_after_a_withdrawal_nothing_more_can_be_recorded(self, clinic: Clinic) -> None:
        assert clinic.close_grants() == 1

        with pytest.raises(IntegrityError) as caught:
            clinic.record(at=datetime.now(UTC))
        assert constraint_of(caught) == "consent_gate"

    def test_what_happened_before_the_withdrawal_can_still_be_written_down(
        self, clinic: Clinic
    ) -> None:
        clinic.close_grants()

        clinic.record(at=an_hour_ago())

    def test_withdrawing_before_the_grant_begins_takes_it_away(self, without_grant: Clinic) -> None:
        tomorrow = datetime.now(UTC) + timedelta(days=1)
        without_grant.open_grant(valid=Range(tomorrow, tomorrow + timedelta(days=30)))

        assert without_grant.close_grants() == 1
        assert without_grant.grants() == []

    def test_withdrawing_at_the_very_moment_the_grant_begins_works(
        self, without_grant: Clinic
    ) -> None:
        for _ in range(20):
            without_grant.open_grant(valid=Range(datetime.now(UTC), None), area=uuid.uuid4().hex)
            assert without_grant.close_grants() == 1

    def test_withdrawing_right_after_a_treatment_keeps_the_treatment(self, clinic: Clinic) -> None:
        clinic.record(at=datetime.now(UTC))

        assert clinic.close_grants() == 1
        assert clinic.grants()[0].upper is not None

    def test_the_grant_reaches_one_microsecond_past_a_treatment_that_is_ahead_of_the_clock(
        self, clinic: Clinic
    ) -> None:
        at = datetime.now(UTC) + timedelta(seconds=30)
        clinic.record(at=at, recorded_at=at)

        clinic.close_grants()

        assert clinic.grants()[0].upper == at + timedelta(microseconds=1)

    def test_withdrawing_twice_changes_nothing_more(self, clinic: Clinic) -> None:
        clinic.close_grants()
        ends = clinic.grants()

        assert clinic.close_grants() == 0
        assert clinic.grants() == ends

    def test_a_grant_that_ends_earlier_is_not_made_longer(self, without_grant: Clinic) -> None:
        ended = an_hour_ago()
        without_grant.open_grant(valid=Range(ended - timedelta(hours=1), ended))

        assert without_grant.close_grants() == 0
        assert without_grant.grants()[0].upper == ended

    def test_only_the_grants_of_that_consent_and_that_clinic_are_closed(
        self, clinic: Clinic, without_grant: Clinic
    ) -> None:
        without_grant.open_grant()
        with without_grant.acting() as connection:
            closed = connection.execute(CLOSE, {"consent_id": clinic.consent_id}).scalar_one()

        assert closed == 0
        assert clinic.grants()[0].upper is None
        assert without_grant.grants()[0].upper is None


class TestRaces:
    def test_a_recording_during_a_withdrawal_waits_and_is_then_refused(
        self, clinic: Clinic
    ) -> None:
        refused: list[str] = []
        waiting = threading.Event()

        def record() -> None:
            with clinic.acting() as connection:
                waiting.set()
                connection.execute(LOCK_CONSENT, {"t": clinic.tenant_id, "c": clinic.consent_id})
                at = connection.execute(CLOCK).scalar_one()
                areas = Base.metadata.tables["treatment_area"]
                try:
                    connection.execute(insert(areas).values(clinic.area(at=at, recorded_at=at)))
                except IntegrityError as error:
                    refused.append(error.orig.diag.constraint_name)
                    connection.rollback()

        with clinic.acting() as connection:
            connection.execute(LOCK_CONSENT, {"t": clinic.tenant_id, "c": clinic.consent_id})
            thread = threading.Thread(target=record)
            thread.start()
            waiting.wait(5)
            thread.join(0.3)
            assert thread.is_alive(), "the recording did not wait for the withdrawal"
            connection.execute(CLOSE, {"consent_id": clinic.consent_id})
        thread.join(5)

        assert refused == ["consent_gate"]

    def test_a_withdrawal_during_a_recording_waits_and_then_works(self, clinic: Clinic) -> None:
        closed: list[int] = []
        thread = threading.Thread(target=lambda: closed.append(clinic.close_grants()))
        with clinic.acting() as connection:
            connection.execute(LOCK_CONSENT, {"t": clinic.tenant_id, "c": clinic.consent_id})
            thread.start()
            at = connection.execute(CLOCK).scalar_one()
            areas = Base.metadata.tables["treatment_area"]
            connection.execute(insert(areas).values(clinic.area(at=at, recorded_at=at)))
            thread.join(0.3)
            assert thread.is_alive(), "the withdrawal did not wait for the recording"
        thread.join(5)

        assert closed == [1]
        assert clinic.grants()[0].upper is not None

    def test_a_withdrawal_does_not_fail_when_the_recorder_forgot_to_lock(
        self, clinic: Clinic
    ) -> None:
        closed: list[int] = []
        thread = threading.Thread(target=lambda: closed.append(clinic.close_grants()))
        with clinic.acting() as connection:
            areas = Base.metadata.tables["treatment_area"]
            connection.execute(insert(areas).values(clinic.area()))
            thread.start()
            thread.join(0.2)
        thread.join(5)

        assert closed == [1]


class TestHistory:
    @pytest.mark.parametrize("table", ["consent_grant", "treatment_area", "treatment"])
    @pytest.mark.parametrize(
        "statement",
        ["UPDATE {} SET patient_id = patient_id", "DELETE FROM {}", "TRUNCATE {}"],
    )
    def test_the_past_cannot_be_rewritten(self, clinic: Clinic, table: str, statement: str) -> None:
        clinic.record()

        with pytest.raises(ProgrammingError) as caught, clinic.acting() as connection:
            connection.execute(text(statement.format(table)))

        assert caught.value.orig.sqlstate == "42501"

    @pytest.mark.parametrize("table", ["transfer", "audit_event", "attestation", "signature"])
    @pytest.mark.parametrize(
        "statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {}"]
    )
    def test_books_and_events_cannot_be_rewritten(
        self, clinic: Clinic, table: str, statement: str
    ) -> None:
        with clinic.acting() as connection:
            World(connection, clinic.tenant_id).row(table)

        with pytest.raises(ProgrammingError) as caught, clinic.acting() as connection:
            connection.execute(text(statement.format(table)))

        assert caught.value.orig.sqlstate == "42501"

    @pytest.mark.parametrize(
        "statement",
        [
            "ALTER TABLE consent_grant NO FORCE ROW LEVEL SECURITY",
            "ALTER TABLE treatment_area DROP CONSTRAINT consent_gate",
            "DROP POLICY tenant_wall ON patient",
            "SET LOCAL ROLE needlepoint_owner",
            "SET LOCAL ROLE needlepoint_resolver",
            "COPY patient TO '/tmp/patients'",
            "CREATE TABLE public.mine (id integer)",
        ],
    )
    def test_the_walls_cannot_be_taken_down_from_inside(
        self, clinic: Clinic, statement: str
    ) -> None:
        with pytest.raises(ProgrammingError) as caught, clinic.acting() as connection:
            connection.execute(text(statement))

        assert caught.value.orig.sqlstate == "42501"

    def test_switching_row_security_off_is_an_error_and_shows_nothing(self, clinic: Clinic) -> None:
        with clinic.acting() as connection:
            connection.execute(text("SET LOCAL row_security = off"))
            with pytest.raises(ProgrammingError):
                connection.execute(text("SELECT * FROM consent_grant"))
            connection.rollback()
