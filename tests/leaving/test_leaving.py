"""A clinic asks to be deleted, waits, and is gone: nothing stays but its tombstone."""

import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from app.audit.rounds import run_round
from app.database import SYSTEM, Base, tenant_scope
from app.database.install import DatabaseUrls
from app.errors import Invalid
from app.jobs.registry import NIGHTLY_ROUNDS
from app.kit.clock import now
from app.leaving.clinic_queries import find_leaving
from app.leaving.errors import AlreadyLeaving, NotLeaving
from app.leaving.parts import note_gap
from app.leaving.services.ask_export import ask_export
from app.leaving.services.ask_to_leave import ask_to_leave, call_off
from app.leaving.services.erase_clinic import erase_step
from app.leaving.tables import all_tables
from app.tenants.models import Role
from app.vault.keys import ring
from tests.factories.tenants import MadeClinic, add_staff, make_clinic
from tests.leaving.story import tell_story
from tests.support.api import Api
from tests.support.engines import superuser_engine

NAME = "Tern & Thistle"


@pytest.fixture(scope="session")
def superuser(admin_url: str, urls: DatabaseUrls) -> Iterator[Engine]:
    engine = superuser_engine(admin_url, urls.app)
    yield engine
    engine.dispose()


@pytest.fixture
def clinic(context: Flask) -> MadeClinic:
    return make_clinic(name=NAME)


def ask(clinic: MadeClinic) -> None:
    with clinic.scope() as scope:
        ask_to_leave(scope, typed_name=" tern &  thistle ")


def let_time_pass(superuser: Engine, clinic: MadeClinic) -> None:
    """Move the clinic's end into the past, which only a superuser can."""
    with superuser.begin() as connection:
        connection.execute(
            text("UPDATE control.tenant SET delete_after = now() - interval '1 s' WHERE id = :t"),
            {"t": clinic.tenant_id},
        )


def erase(clinic: MadeClinic, steps: int = 2) -> None:
    for _ in range(steps):
        with tenant_scope(clinic.tenant_id, SYSTEM) as scope:
            erase_step(scope)


def rows_left(superuser: Engine, value: uuid.UUID) -> dict[str, int]:
    """Return every table, in any of our schemas, in which a value still stands."""
    found = {}
    with superuser.connect() as connection:
        tables = connection.execute(
            text(
                "SELECT table_schema || '.' || table_name FROM information_schema.tables"
                " WHERE table_schema IN ('public', 'control', 'queue')"
            )
        ).scalars()
        for table in list(tables):
            count = connection.scalar(
                text(f"SELECT count(*) FROM {table} x WHERE x\\:\\:text LIKE :v"),
                {"v": f"%{value}%"},
            )
            if count:
                found[table] = count
    return found


class TestAsking:
    def test_the_name_has_to_be_typed(self, clinic: MadeClinic) -> None:
        with pytest.raises(Invalid), clinic.scope() as scope:
            ask_to_leave(scope, typed_name="Juniper Quay")

        with clinic.scope() as scope:
            assert find_leaving(scope) is None

    def test_staff_are_shut_out_and_owners_can_only_read(
        self, app: Flask, clinic: MadeClinic
    ) -> None:
        manager = add_staff(clinic, Role.MANAGER)
        theirs, mine = Api(app, clinic, manager), Api(app, clinic, clinic.owner)
        theirs.get("")

        ask(clinic)

        assert theirs.get("", expect=403)["code"] == "clinic_leaving"
        mine.get("")
        refused = mine.post("/locations", {}, expect=403)
        assert refused["code"] == "clinic_leaving"

    def test_case_12_links_die_and_messages_are_stopped(
        self, context: Flask, superuser: Engine
    ) -> None:
        told = tell_story()
        with told.clinic.scope() as scope:
            ask_to_leave(scope, typed_name=NAME)

        with superuser.connect() as connection:
            values = {"t": told.clinic.tenant_id}
            alive = connection.scalar(
                text(
                    "SELECT count(*) FROM control.secret"
                    " WHERE tenant_id = :t AND revoked_at IS NULL"
                ),
                values,
            )
            waiting = connection.scalars(
                text("SELECT template FROM message WHERE tenant_id = :t AND state = 'queued'"),
                values,
            ).all()

        assert alive == 0
        assert set(waiting) == {"clinic_leaving"}

    def test_it_is_asked_once(self, clinic: MadeClinic) -> None:
        ask(clinic)

        with pytest.raises(AlreadyLeaving):
            ask(clinic)

    def test_calling_it_off_lets_everybody_work_again(
        self, app: Flask, clinic: MadeClinic, superuser: Engine
    ) -> None:
        manager = Api(app, clinic, add_staff(clinic, Role.MANAGER))
        ask(clinic)

        with clinic.scope() as scope:
            call_off(scope)

        manager.get("")
        let_nothing_happen = rows_left(superuser, clinic.tenant_id)
        erase(clinic)
        assert rows_left(superuser, clinic.tenant_id) == let_nothing_happen


class TestErasing:
    def test_the_anchors_of_a_clinic_that_left_raise_no_alarm(
        self, app: Flask, clinic: MadeClinic, superuser: Engine
    ) -> None:
        run_round([clinic.tenant_id])
        ask(clinic)
        let_time_pass(superuser, clinic)
        erase(clinic)
        words = ["audit", "verify", "--clinic", str(clinic.tenant_id)]

        told = app.test_cli_runner().invoke(args=words)

        assert f"Clinic {clinic.tenant_id}: has left, erased on" in told.output
        assert "FAILS (truncated)" not in told.output
        sql = "UPDATE control.tombstone SET audit_seq = 0 WHERE tenant_id = :t"
        with superuser.begin() as connection:
            connection.execute(text(sql), {"t": clinic.tenant_id})
        again = app.test_cli_runner().invoke(args=words)
        assert "FAILS (anchor) An anchor holds another end" in again.output

    def test_killed_after_the_keys_it_goes_on(self, clinic: MadeClinic, superuser: Engine) -> None:
        ask(clinic)
        let_time_pass(superuser, clinic)
        erase(clinic, steps=1)
        ring().shred_clinic(clinic.tenant_id, at=now())

        with pytest.raises(NotLeaving), clinic.scope() as scope:
            call_off(scope)
        erase(clinic, steps=1)

        assert rows_left(superuser, clinic.tenant_id) == {"control.tombstone": 1}

    def test_a_gap_in_an_export_does_not_hold_it_up(
        self, clinic: MadeClinic, superuser: Engine
    ) -> None:
        with clinic.scope() as scope:
            export = ask_export(scope)
            note_gap(scope, export, "files/lost.pdf", source="documents/lost", why="missing")
        ask(clinic)
        let_time_pass(superuser, clinic)

        erase(clinic)

        assert rows_left(superuser, clinic.tenant_id) == {"control.tombstone": 1}

    def test_the_night_finds_a_clinic_whose_job_was_lost(
        self, clinic: MadeClinic, superuser: Engine
    ) -> None:
        ask(clinic)
        let_time_pass(superuser, clinic)
        jobs = "FROM queue.procrastinate_jobs WHERE args->>'tenant_id' = :t"
        values = {"t": str(clinic.tenant_id)}
        with superuser.begin() as connection:
            connection.execute(text("SET LOCAL search_path TO queue"))
            connection.execute(text(f"DELETE {jobs}"), values)

        NIGHTLY_ROUNDS["leaving.erase_due"]()

        with superuser.connect() as connection:
            names = connection.execute(text(f"SELECT args->>'name' {jobs}"), values).scalars()
            assert list(names) == ["leaving.erase_step"]

    def test_a_person_of_two_clinics_stays_in_the_other(
        self, clinic: MadeClinic, superuser: Engine
    ) -> None:
        ask(clinic)
        both = clinic.owner.person_id
        other = make_clinic(name="Juniper Quay")
        with superuser.begin() as connection:
            connection.execute(
                text(
                    "INSERT INTO control.membership (tenant_id, person_id, staff_id)"
                    " VALUES (:t, :p, :s)"
                ),
                {"t": other.tenant_id, "p": both, "s": uuid.uuid4()},
            )
        let_time_pass(superuser, clinic)

        erase(clinic)

        assert "control.person" in rows_left(superuser, both)


class TestTheDoors:
    @pytest.mark.parametrize("table", ["audit_event", "clinic"])
    def test_the_application_cannot_erase_a_clinic_that_stays(
        self, clinic: MadeClinic, table: str
    ) -> None:
        with pytest.raises(DBAPIError) as refused, clinic.scope() as scope:
            scope.session.execute(text("SELECT door.erase_table(:t)"), {"t": table})

        assert refused.value.orig.sqlstate == "42501"

    def test_nor_one_that_still_has_time(self, clinic: MadeClinic) -> None:
        ask(clinic)
        erase(clinic)

        with pytest.raises(DBAPIError), clinic.scope() as scope:
            scope.session.execute(text("SELECT door.erase_table('audit_event')"))
        with clinic.scope() as scope:
            state = find_leaving(scope)
        assert state is not None
        waits = state.delete_after - state.leaving_at
        assert abs(waits - timedelta(days=30)) < timedelta(seconds=1)

    def test_every_table_of_a_clinic_is_erased(self) -> None:
        assert set(all_tables()) == {
            name for name, one in Base.metadata.tables.items() if "tenant_id" in one.columns
        }
