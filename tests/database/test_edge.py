"""One request is one transaction, and what ends it speaks inside dispatch."""

import uuid
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, create_engine, select, text
from sqlalchemy.exc import IntegrityError

from app import audit, close_app, create_app
from app.audit.models import AuditEvent
from app.auth.guards import public, unit
from app.config import Settings
from app.database import (
    SYSTEM,
    TenantScope,
    db,
    noted_in,
    outside_call,
    tenant_scope,
    unit_of_work,
)
from app.database.install import DatabaseUrls
from app.errors import Conflict
from app.tenants.models import Location, StaffLocation
from tests.factories.tenants import MadeClinic, make_clinic


class DoneAlready(Conflict):
    """A named outcome of these tests."""

    code = "done_already"


def orphan(scope: TenantScope) -> StaffLocation:
    """Return a row whose foreign keys lead nowhere, which only the flush can notice."""
    return StaffLocation(
        tenant_id=scope.tenant_id, id=uuid.uuid4(), staff_id=uuid.uuid4(), location_id=uuid.uuid4()
    )


@pytest.fixture(scope="module")
def small_app(settings: Settings) -> Iterator[Flask]:
    """The whole application with a few routes that fail in their own ways."""
    app = create_app(settings)

    def route(rule: str, view: object) -> None:
        app.add_url_rule(f"/api/v1/trial/<uuid:clinic>/{rule}", rule, public(view))

    def late_refusal(clinic: uuid.UUID) -> str:
        scope = unit().enter(clinic, SYSTEM)
        scope.session.add(orphan(scope))
        return "the view is done, and knows of no problem"

    def named_failure(clinic: uuid.UUID) -> str:
        scope = unit().enter(clinic, SYSTEM)
        unit().after_failure(noted_in(scope, lambda own: audit.record(own, "trial:denied")))
        audit.record(scope, "trial:done")
        scope.session.flush()
        raise DoneAlready

    def crash(clinic: uuid.UUID) -> str:
        audit.record(unit().enter(clinic, SYSTEM), "trial:done")
        raise ZeroDivisionError("with Siobhán's answers in its text")

    def note(clinic: uuid.UUID) -> str:
        audit.record(unit().enter(clinic, SYSTEM), "trial:read")
        return "ok"

    route("late-refusal", late_refusal)
    route("named-failure", named_failure)
    route("crash", crash)
    route("note", note)
    yield app
    close_app(app)


@pytest.fixture
def visitor(small_app: Flask) -> FlaskClient:
    return small_app.test_client()


@pytest.fixture
def clinic(app: Flask) -> MadeClinic:
    with app.app_context():
        return make_clinic()


def tags(app: Flask, clinic: MadeClinic) -> set[str]:
    """Return the tags of the trial's events that are stored."""
    with app.app_context(), clinic.scope() as scope:
        found = scope.session.scalars(select(AuditEvent.action))
        return {tag for tag in found if tag.startswith("trial:")}


class TestDispatch:
    def test_a_constraint_that_speaks_at_commit_reaches_the_error_handlers(
        self, visitor: FlaskClient, clinic: MadeClinic
    ) -> None:
        answer = visitor.get(f"/api/v1/trial/{clinic.tenant_id}/late-refusal")

        assert answer.status_code == 409
        assert answer.content_type == "application/problem+json"
        assert answer.get_json()["code"] == "conflict"

    def test_a_refusal_shows_no_value_of_the_row(
        self, visitor: FlaskClient, clinic: MadeClinic
    ) -> None:
        answer = visitor.get(f"/api/v1/trial/{clinic.tenant_id}/late-refusal")

        assert str(clinic.tenant_id) not in answer.text
        assert "Key (" not in answer.text

    def test_a_failure_keeps_only_what_was_meant_to_survive_it(
        self, app: Flask, visitor: FlaskClient, clinic: MadeClinic
    ) -> None:
        answer = visitor.get(f"/api/v1/trial/{clinic.tenant_id}/named-failure")

        assert answer.get_json()["code"] == "done_already"
        assert tags(app, clinic) == {"trial:denied"}

    def test_a_crash_keeps_nothing_and_says_nothing(
        self, app: Flask, visitor: FlaskClient, clinic: MadeClinic
    ) -> None:
        answer = visitor.get(f"/api/v1/trial/{clinic.tenant_id}/crash")

        assert answer.status_code == 500
        assert "Siobhán" not in answer.text
        assert tags(app, clinic) == set()

    def test_reading_commits_too(
        self, app: Flask, visitor: FlaskClient, clinic: MadeClinic
    ) -> None:
        assert visitor.get(f"/api/v1/trial/{clinic.tenant_id}/note").status_code == 200

        assert tags(app, clinic) == {"trial:read"}

    @pytest.mark.parametrize("way", ["late-refusal", "named-failure", "crash", "note"])
    def test_every_way_out_gives_the_connection_back(
        self, small_app: Flask, visitor: FlaskClient, clinic: MadeClinic, way: str
    ) -> None:
        visitor.get(f"/api/v1/trial/{clinic.tenant_id}/{way}")

        with small_app.app_context():
            assert db.engine.pool.checkedout() == 0

    def test_every_answer_names_its_request(self, visitor: FlaskClient) -> None:
        answer = visitor.get("/api/v1/nothing/here")

        assert answer.status_code == 404
        assert answer.get_json()["request_id"] == answer.headers["X-Request-Id"]


@pytest.mark.usefixtures("context")
class TestUnitOfWork:
    def test_an_error_on_the_way_rolls_everything_back(self, clinic: MadeClinic) -> None:
        def work() -> None:
            with clinic.scope() as scope:
                audit.record(scope, "trial:done")
                scope.session.add(orphan(scope))

        with pytest.raises(IntegrityError):
            work()

        with clinic.scope() as scope:
            events = select(AuditEvent).where(AuditEvent.action == "trial:done")
            assert scope.session.scalars(events).all() == []

    def test_being_interrupted_rolls_back_too(self, clinic: MadeClinic) -> None:
        def work() -> None:
            with clinic.scope() as scope:
                audit.record(scope, "trial:done")
                scope.session.flush()
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            work()

        with clinic.scope() as scope:
            events = select(AuditEvent).where(AuditEvent.action == "trial:done")
            assert scope.session.scalars(events).all() == []


@pytest.mark.usefixtures("context")
class TestOutsideCall:
    @pytest.fixture
    def one_connection(self, urls: DatabaseUrls) -> Iterator[Engine]:
        engine = create_engine(urls.app, pool_size=1, max_overflow=0, pool_timeout=1)
        yield engine
        engine.dispose()

    def test_no_connection_is_held_during_the_call(
        self, one_connection: Engine, clinic: MadeClinic
    ) -> None:
        held: list[int] = []

        def call(_prepared: object) -> str:
            held.append(one_connection.pool.checkedout())
            with one_connection.connect() as connection:
                connection.execute(text("SELECT 1"))
            return "answer"

        with unit_of_work(one_connection) as work:
            answer = outside_call(
                work.enter(clinic.tenant_id, SYSTEM),
                prepare=lambda scope: audit.record(scope, "trial:asked"),
                call=call,
                record=lambda _scope, _prepared, answer: answer,
            )

        assert held == [0]
        assert answer == "answer"

    def test_what_was_prepared_is_kept_when_the_call_fails(
        self, app: Flask, clinic: MadeClinic
    ) -> None:
        def call(_prepared: object) -> None:
            raise TimeoutError

        with pytest.raises(TimeoutError), tenant_scope(clinic.tenant_id, SYSTEM) as scope:
            outside_call(
                scope,
                prepare=lambda scope: audit.record(scope, "trial:asked"),
                call=call,
                record=lambda scope, _p, _a: audit.record(scope, "trial:answered"),
            )

        assert tags(app, clinic) == {"trial:asked"}

    def test_giving_up_is_written_down_though_the_error_goes_on(
        self, app: Flask, clinic: MadeClinic
    ) -> None:
        def call(_prepared: object) -> None:
            raise TimeoutError

        with pytest.raises(TimeoutError), tenant_scope(clinic.tenant_id, SYSTEM) as scope:
            outside_call(
                scope,
                prepare=lambda scope: audit.record(scope, "trial:asked"),
                call=call,
                record=lambda scope, _p, _a: audit.record(scope, "trial:answered"),
                give_up=lambda scope, _p: audit.record(scope, "trial:given-up"),
            )

        assert tags(app, clinic) == {"trial:asked", "trial:given-up"}

    def test_what_was_prepared_is_kept_when_the_recording_fails(
        self, app: Flask, clinic: MadeClinic
    ) -> None:
        def record(scope: TenantScope, _prepared: object, _answer: object) -> None:
            audit.record(scope, "trial:answered")
            scope.session.flush()
            raise DoneAlready

        with pytest.raises(DoneAlready), tenant_scope(clinic.tenant_id, SYSTEM) as scope:
            outside_call(
                scope,
                prepare=lambda scope: audit.record(scope, "trial:asked"),
                call=lambda _prepared: None,
                record=record,
            )

        assert tags(app, clinic) == {"trial:asked"}

    def test_a_refused_recording_leaves_nothing_but_what_is_said_of_it(
        self, app: Flask, clinic: MadeClinic
    ) -> None:
        def record(scope: TenantScope, _prepared: object, _answer: object) -> None:
            audit.record(scope, "trial:answered")
            scope.session.flush()
            raise DoneAlready

        with pytest.raises(DoneAlready), tenant_scope(clinic.tenant_id, SYSTEM) as scope:
            outside_call(
                scope,
                prepare=lambda scope: audit.record(scope, "trial:asked"),
                call=lambda _prepared: None,
                record=record,
                refused=lambda scope, _p: audit.record(scope, "trial:refused"),
            )

        assert tags(app, clinic) == {"trial:asked", "trial:refused"}

    def test_a_refused_preparation_calls_nobody(self, clinic: MadeClinic) -> None:
        called: list[object] = []

        def prepare(scope: TenantScope) -> None:
            scope.session.add(orphan(scope))

        with pytest.raises(IntegrityError), tenant_scope(clinic.tenant_id, SYSTEM) as scope:
            outside_call(scope, prepare=prepare, call=called.append, record=lambda _s, _p, _a: None)

        assert called == []

    def test_the_second_transaction_is_in_the_same_clinic(self, clinic: MadeClinic) -> None:
        with tenant_scope(clinic.tenant_id, SYSTEM) as scope:
            names = outside_call(
                scope,
                prepare=lambda _scope: None,
                call=lambda _prepared: None,
                record=lambda scope, _p, _a: list(scope.session.scalars(select(Location.name))),
            )

        assert names == ["Harbour"]
