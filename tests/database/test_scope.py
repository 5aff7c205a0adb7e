"""The only door to a clinic's rows: no clinic, no SQL; one session, one clinic; no leaks."""

import random
import threading
import uuid
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import create_engine, delete, func, insert, select, text, update
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DataError, DBAPIError, ProgrammingError
from sqlalchemy.orm import aliased

from app.database import (
    SYSTEM,
    Actor,
    OutsideScope,
    ScopedSession,
    TenantScope,
    db,
    tenant_scope,
    unit_of_work,
)
from app.database.install import DatabaseUrls
from app.tenants.models import Clinic, Location
from tests.factories.tenants import MadeClinic, make_clinic
from tests.support.query_recorder import recorded

pytestmark = pytest.mark.usefixtures("context")
SETTING = text("SELECT current_setting('app.tenant_id', true)")


@pytest.fixture
def clinic(context: Flask) -> MadeClinic:
    return make_clinic()


@pytest.fixture
def other(context: Flask) -> MadeClinic:
    return make_clinic(name="Juniper Quay")


class TestWithoutAClinic:
    @pytest.mark.parametrize(
        "ask",
        [
            lambda session: session.scalars(select(Location)).all(),
            lambda session: session.get(Location, (uuid.uuid4(), uuid.uuid4())),
            lambda session: session.execute(select(func.count(Location.id))),
            lambda session: session.execute(select(Location.name)),
            lambda session: session.execute(update(Location).values(name="x")),
            lambda session: session.execute(delete(Location)),
            lambda session: session.execute(insert(Location), [{"name": "x"}]),
            lambda session: session.query(Location).count(),
            lambda session: session.execute(select(func.count()).select_from(Location)),
            lambda session: session.execute(select(select(Location).exists())),
            lambda session: session.execute(select(Location.__table__)),
            lambda session: session.execute(select(aliased(Location).name)),
            lambda session: session.execute(select(Location.name).union(select(Clinic.address))),
            lambda session: (session.add(Location(name="x")), session.flush()),
        ],
        ids=[
            "list",
            "get",
            "count",
            "column",
            "update",
            "delete",
            "insert",
            "query",
            "count rows",
            "exists",
            "core",
            "alias",
            "union",
            "add",
        ],
    )
    def test_nothing_reaches_the_database(self, ask: object) -> None:
        with recorded(db.engine) as statements, unit_of_work() as work:
            with pytest.raises(OutsideScope):
                ask(work.session)
            work.session.rollback()

        assert statements == []

    def test_raw_sql_on_a_fresh_connection_is_an_error(self, urls: DatabaseUrls) -> None:
        engine = create_engine(urls.app)
        with engine.connect() as connection, pytest.raises(ProgrammingError) as caught:
            connection.execute(text("SELECT * FROM location"))
        engine.dispose()

        assert "unrecognized configuration parameter" in str(caught.value)

    def test_raw_sql_on_a_used_connection_is_an_error_too(self, urls: DatabaseUrls) -> None:
        engine = create_engine(urls.app, pool_size=1, max_overflow=0)
        with engine.begin() as connection:
            connection.execute(text(f"SET LOCAL app.tenant_id = '{uuid.uuid4()}'"))
            connection.execute(text("SELECT * FROM location"))
        with engine.connect() as connection, pytest.raises(DataError) as caught:
            connection.execute(text("SELECT * FROM location"))
        engine.dispose()

        assert "invalid input syntax for type uuid" in str(caught.value)

    def test_set_local_outside_a_transaction_opens_nothing(self, urls: DatabaseUrls) -> None:
        engine = create_engine(urls.app, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"SET LOCAL app.tenant_id = '{uuid.uuid4()}'"))
            with pytest.raises(DBAPIError):
                connection.execute(text("SELECT * FROM location"))
        engine.dispose()

    def test_a_clinic_is_named_by_a_uuid_only(self) -> None:
        with unit_of_work() as work, pytest.raises(OutsideScope):
            work.enter("0' OR '1'='1", SYSTEM)


class TestOneSessionOneClinic:
    def test_a_second_clinic_is_refused(self, clinic: MadeClinic, other: MadeClinic) -> None:
        with unit_of_work() as work:
            work.enter(clinic.tenant_id, SYSTEM)
            with pytest.raises(OutsideScope):
                work.enter(other.tenant_id, SYSTEM)

    def test_the_same_clinic_may_be_entered_as_somebody_else(self, clinic: MadeClinic) -> None:
        with unit_of_work() as work:
            work.enter(clinic.tenant_id, SYSTEM)
            scope = work.enter(clinic.tenant_id, Actor("staff", clinic.owner.id))

            assert scope.actor.id == clinic.owner.id

    def test_a_session_cannot_be_bound_anew(self, clinic: MadeClinic, other: MadeClinic) -> None:
        session = ScopedSession(db)
        session.bind_tenant(clinic.tenant_id)
        with pytest.raises(OutsideScope):
            session.bind_tenant(other.tenant_id)
        session.close()

    def test_a_clinic_entered_after_the_transaction_began_counts_at_once(
        self, clinic: MadeClinic
    ) -> None:
        with unit_of_work() as work:
            work.session.execute(text("SELECT 1"))
            scope = work.enter(clinic.tenant_id, SYSTEM)

            assert names_of_locations(scope) == ["Harbour"]

    @pytest.mark.parametrize("as_mapping", [False, True], ids=["tuple", "mapping"])
    def test_the_identity_map_never_answers_for_another_clinic(
        self, clinic: MadeClinic, other: MadeClinic, as_mapping: bool
    ) -> None:
        with clinic.scope() as scope:
            mine = scope.session.get(Location, (clinic.tenant_id, clinic.location_id))
            assert mine is not None
            theirs = (other.tenant_id, other.location_id)
            key = dict(zip(("tenant_id", "id"), theirs, strict=True)) if as_mapping else theirs
            with recorded(db.engine) as statements, pytest.raises(OutsideScope):
                scope.session.get(Location, key)

        assert statements == []

    def test_a_row_of_another_clinic_is_not_written(
        self, clinic: MadeClinic, other: MadeClinic
    ) -> None:
        with clinic.scope() as scope:
            row = scope.session.get(Location, (clinic.tenant_id, clinic.location_id))
            assert row is not None
            row.tenant_id = other.tenant_id
            with pytest.raises(OutsideScope):
                scope.session.flush()
            scope.session.rollback()

    def test_a_new_row_gets_its_clinic(self, clinic: MadeClinic) -> None:
        with clinic.scope() as scope:
            row = Location(
                name="Second",
                address="x",
                zone="Europe/London",
                currency="GBP",
                jurisdiction="GB-SCT",
                market="UK",
                premises_kind="x",
                opening_hours={},
                emergency_contact="x",
                created_at=text("now()"),
            )
            scope.session.add(row)
            scope.session.flush()

            assert row.tenant_id == clinic.tenant_id
            assert names_of_locations(scope) == ["Harbour", "Second"]


def names_of_locations(scope: TenantScope) -> list[str]:
    """Return names without naming the clinic in the statement: the walls must do it."""
    return sorted(scope.session.scalars(select(Location.name)))


def current_setting(connection: object) -> str:
    return str(connection.execute(SETTING).scalar() or "")


class TestThePool:
    @pytest.fixture
    def pool(self, urls: DatabaseUrls) -> Iterator[Engine]:
        engine = create_engine(urls.app, pool_size=2, max_overflow=0)
        yield engine
        engine.dispose()

    @pytest.mark.parametrize("end", ["commit", "rollback", "error", "python error"])
    def test_case_10_the_setting_is_gone_however_the_transaction_ended(
        self, urls: DatabaseUrls, clinic: MadeClinic, end: str
    ) -> None:
        engine = create_engine(urls.app, pool_size=1, max_overflow=0)
        try:
            with unit_of_work(engine) as work:
                scope = work.enter(clinic.tenant_id, SYSTEM)
                assert current_setting(scope.session) == str(clinic.tenant_id)
                if end == "rollback":
                    scope.session.rollback()
                elif end == "error":
                    scope.session.execute(text("SELECT 1 / 0"))
                elif end == "python error":
                    raise RuntimeError
        except (DBAPIError, RuntimeError):
            assert "error" in end

        with engine.connect() as connection:
            assert current_setting(connection) == ""
        engine.dispose()

    def test_a_savepoint_keeps_the_clinic(self, clinic: MadeClinic) -> None:
        with clinic.scope() as scope:
            with pytest.raises(DBAPIError), scope.session.begin_nested():
                scope.session.execute(text("SELECT 1 / 0"))

            assert names_of_locations(scope) == ["Harbour"]

    def test_case_10_threads_that_share_two_connections_never_see_each_others_rows(
        self, app: Flask, pool: Engine
    ) -> None:
        clinics = [make_clinic(name=f"Clinic {number}") for number in range(6)]
        seen: list[tuple[uuid.UUID, uuid.UUID]] = []

        def visit(seed: int) -> None:
            dice = random.Random(seed)
            with app.app_context():
                for _ in range(30):
                    here = dice.choice(clinics).tenant_id
                    try:
                        with unit_of_work(pool) as work:
                            scope = work.enter(here, SYSTEM)
                            rows = scope.session.execute(text("SELECT tenant_id FROM clinic"))
                            seen.extend((here, row) for row in rows.scalars())
                            _stumble(dice, scope)
                            found = scope.session.scalars(select(Clinic.tenant_id))
                            seen.extend((here, row) for row in found)
                    except (DBAPIError, ZeroDivisionError):
                        continue

        threads = [threading.Thread(target=visit, args=(seed,)) for seed in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        pool.dispose()

        assert len(seen) > 180
        assert [pair for pair in seen if pair[0] != pair[1]] == []


def _stumble(dice: random.Random, scope: TenantScope) -> None:
    """Fail in one of the ways in which a transaction can, or not at all."""
    way = dice.randrange(4)
    if way == 0:
        scope.session.execute(text("SELECT 1 / 0"))
    elif way == 1:
        raise ZeroDivisionError
    elif way == 2:
        scope.session.rollback()


@pytest.fixture(scope="module")
def clinics(app: Flask) -> list[MadeClinic]:
    with app.app_context():
        return [make_clinic(name=f"Second wall {number}") for number in range(8)]


class TestTheSecondWall:
    """The ORM's own criterion, on an engine for which PostgreSQL's wall does not exist."""

    SHAPES = (
        lambda: select(Location),
        lambda: select(Location.tenant_id),
        lambda: select(aliased(Location)),
        lambda: select(Location).join(
            Clinic, (Clinic.tenant_id == Location.tenant_id) & (Clinic.id == Location.tenant_id)
        ),
        lambda: select(Location).where(Location.id.in_(select(Location.id))),
        lambda: select(Location).where(select(Clinic.id).exists()),
        lambda: select(func.count()).select_from(Location),
        lambda: select(func.count()).select_from(select(Location).subquery()),
        lambda: select(select(func.count(Location.id)).scalar_subquery()),
        lambda: select(Location.name).union_all(select(Location.name).where(Location.name == "")),
        lambda: select(func.max(Location.name)).select_from(Location).group_by(Location.tenant_id),
    )

    @pytest.mark.parametrize("shape", SHAPES, ids=range(len(SHAPES)))
    def test_no_foreign_row_comes_back_though_clinics_alternate(
        self, superuser: Engine, clinics: list[MadeClinic], shape: object
    ) -> None:
        everything = 0
        for _ in range(3):
            for clinic in clinics:
                with unit_of_work(superuser) as work:
                    scope = work.enter(clinic.tenant_id, SYSTEM)
                    rows = scope.session.execute(shape()).scalars().all()
                    everything += len(rows)
                    tenants = {getattr(row, "tenant_id", row) for row in rows}
                    assert tenants <= {clinic.tenant_id, "Harbour", 1}
                    assert len(rows) == 1

        assert everything == 3 * len(clinics)

    def test_the_engine_of_this_test_really_has_no_wall(
        self, superuser: Engine, clinics: list[MadeClinic]
    ) -> None:
        with superuser.connect() as connection:
            found = connection.scalar(text("SELECT count(DISTINCT tenant_id) FROM location"))

        assert found >= len(clinics)

    def test_an_update_or_delete_reaches_no_foreign_row(
        self, superuser: Engine, clinics: list[MadeClinic]
    ) -> None:
        with unit_of_work(superuser) as work:
            scope = work.enter(clinics[0].tenant_id, SYSTEM)
            changed = scope.session.execute(
                update(Location).values(premises_kind="x").returning(Location.tenant_id)
            )
            assert set(changed.scalars()) == {clinics[0].tenant_id}
            gone = scope.session.execute(delete(Location).returning(Location.tenant_id))
            assert set(gone.scalars()) == {clinics[0].tenant_id}
            scope.session.rollback()

    def test_get_finds_no_foreign_row(self, superuser: Engine, clinics: list[MadeClinic]) -> None:
        mine, theirs = clinics[:2]
        with unit_of_work(superuser) as work:
            scope = work.enter(mine.tenant_id, SYSTEM)

            assert scope.session.get(Location, (mine.tenant_id, theirs.location_id)) is None


def test_a_scope_is_a_value_that_nobody_can_turn_round(clinic: MadeClinic) -> None:
    with tenant_scope(clinic.tenant_id, SYSTEM) as scope, pytest.raises(AttributeError):
        scope.tenant_id = uuid.uuid4()
