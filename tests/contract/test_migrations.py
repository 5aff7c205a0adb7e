"""Migrations: one line of numbered files that goes up, down and up again, and keeps the walls."""

import re
import uuid
from collections.abc import Iterator

import pytest
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import NullPool

import app.database.ddl  # noqa: F401 - registers the migration words
from app.config import Settings
from app.database.install import (
    KEYS_SUFFIX,
    LOGIN_ROLES,
    MIGRATIONS,
    DatabaseUrls,
    install,
    lone_connection,
    migrate,
)
from app.database.startup import refuse_unsafe_database
from tests.conftest import PASSWORDS
from tests.support.catalogue_lint import QUESTIONS, breaches
from tests.support.engines import superuser_engine


@pytest.fixture(scope="module")
def empty(admin_url: str, worker_id: str) -> Iterator[DatabaseUrls]:
    """A freshly installed database without any migration."""
    name = f"np_empty_{worker_id}_{uuid.uuid4().hex[:6]}"
    yield install(admin_url, name, PASSWORDS)
    with lone_connection(admin_url, autocommit=True) as connection:
        for database in (name, name + KEYS_SUFFIX):
            connection.exec_driver_sql(f"DROP DATABASE {database} WITH (FORCE)")


def scripts() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return ScriptDirectory.from_config(config)


def tables_of(admin_url: str, urls: DatabaseUrls) -> set[str]:
    """Return the names of everything that migrations make."""
    with superuser_engine(admin_url, urls.owner).connect() as connection:
        found = connection.scalars(
            text(
                "SELECT n.nspname || '.' || c.relname FROM pg_class c"
                " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'S', 'v')"
                " AND n.nspname IN ('public', 'control', 'queue', 'door')"
            )
        )
        return set(found) - {"public.alembic_version"}


def test_there_is_one_line_of_numbered_files() -> None:
    line = [script.revision for script in scripts().walk_revisions()][::-1]
    files = sorted(path.name for path in (MIGRATIONS / "versions").glob("*.py"))

    assert len(scripts().get_heads()) == 1
    assert line == [f"{number:04}" for number in range(1, len(line) + 1)]
    assert [name[:4] for name in files] == line
    assert all(re.fullmatch(r"\d{4}_[a-z0-9_]+\.py", name) for name in files)


def test_no_migration_imports_a_model() -> None:
    for path in (MIGRATIONS / "versions").glob("*.py"):
        assert ".models" not in path.read_text(), path.name


def test_it_goes_up_down_and_up_again_and_ends_with_every_wall(
    admin_url: str, empty: DatabaseUrls
) -> None:
    migrate(empty.owner)
    first = tables_of(admin_url, empty)
    migrate(empty.owner, "base")
    assert tables_of(admin_url, empty) == set()
    migrate(empty.owner)

    assert tables_of(admin_url, empty) == first
    with superuser_engine(admin_url, empty.owner).connect() as connection:
        assert [rule for rule in QUESTIONS if breaches(connection, rule)] == []
    with create_engine(empty.app, poolclass=NullPool).connect() as connection:
        refuse_unsafe_database(connection)


def test_installing_and_migrating_again_changes_nothing(
    admin_url: str, empty: DatabaseUrls
) -> None:
    migrate(empty.owner)
    before = tables_of(admin_url, empty)

    install(admin_url, empty.owner.rsplit("/", 1)[1], PASSWORDS)
    migrate(empty.owner)

    assert tables_of(admin_url, empty) == before


def test_the_command_finds_models_and_migrations_in_agreement(app: Flask) -> None:
    answer = app.test_cli_runner().invoke(args=["database", "check"])

    assert answer.exit_code == 0, answer.output
    assert "agree" in answer.output


def test_the_command_notices_a_schema_that_differs(app: Flask, superuser: Engine) -> None:
    with superuser.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE message ADD COLUMN stray text")
    try:
        answer = app.test_cli_runner().invoke(args=["database", "check"])
    finally:
        with superuser.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE message DROP COLUMN stray")

    assert answer.exit_code != 0


class TestForeignKeysUnderTheWalls:
    PARENT, CHILD = "spoke_parent", "spoke_child"
    TABLES = """
        CREATE TABLE spoke_parent (tenant_id uuid, id uuid, PRIMARY KEY (tenant_id, id));
        CREATE TABLE spoke_child (tenant_id uuid, id uuid, parent_id uuid NOT NULL,
            PRIMARY KEY (tenant_id, id))"""

    @pytest.fixture
    def owner(self, urls: DatabaseUrls) -> Iterator[Connection]:
        """A transaction of the owner with two walled tables, rolled back at the end."""
        engine = create_engine(urls.owner, poolclass=NullPool)
        with engine.connect() as connection, connection.begin() as transaction:
            connection.exec_driver_sql(self.TABLES)
            operations = Operations(MigrationContext.configure(connection))
            for name in (self.PARENT, self.CHILD):
                operations.raise_tenant_wall(name)
            yield connection
            transaction.rollback()

    def put(self, owner: Connection, tenant: uuid.UUID, *, with_parent: bool) -> None:
        parent = uuid.uuid4()
        owner.execute(text(f"SET LOCAL app.tenant_id = '{tenant}'"))
        owner.exec_driver_sql("SET LOCAL row_security = on")
        if with_parent:
            owner.exec_driver_sql(
                "INSERT INTO spoke_parent VALUES (%s, %s)", (str(tenant), str(parent))
            )
        owner.exec_driver_sql(
            "INSERT INTO spoke_child VALUES (%s, %s, %s)",
            (str(tenant), str(uuid.uuid4()), str(parent)),
        )
        owner.exec_driver_sql("SET LOCAL row_security = off")

    def add_key(self, owner: Connection) -> None:
        Operations(MigrationContext.configure(owner)).add_tenant_fk(
            "spoke_child_parent_id_fk",
            self.CHILD,
            self.PARENT,
            ["tenant_id", "parent_id"],
            ["tenant_id", "id"],
        )

    def forced(self, owner: Connection) -> set[bool]:
        asked = text("SELECT relforcerowsecurity FROM pg_class WHERE relname IN (:one, :other)")
        return set(owner.scalars(asked, {"one": self.PARENT, "other": self.CHILD}))

    def test_a_key_is_added_where_every_clinics_rows_fit(self, owner: Connection) -> None:
        self.put(owner, uuid.uuid4(), with_parent=True)
        self.put(owner, uuid.uuid4(), with_parent=True)

        self.add_key(owner)

        assert self.forced(owner) == {True}

    def test_an_orphan_of_any_clinic_stops_the_migration(self, owner: Connection) -> None:
        self.put(owner, uuid.uuid4(), with_parent=False)
        # The clinic that happens to be set sees none of it.
        self.put(owner, uuid.uuid4(), with_parent=True)

        with pytest.raises(DBAPIError) as caught:
            self.add_key(owner)

        assert caught.value.orig.sqlstate == "23503"

    def test_a_backfill_without_a_clinic_fails_instead_of_changing_nothing(
        self, urls: DatabaseUrls
    ) -> None:
        engine = create_engine(urls.owner, poolclass=NullPool)
        with engine.connect() as connection, pytest.raises(DBAPIError) as caught:
            connection.exec_driver_sql("UPDATE patient SET language = language")

        assert "row-level security" in str(caught.value)


def test_the_key_store_lets_in_nobody_but_its_own_role(
    admin_url: str, empty: DatabaseUrls, settings: Settings
) -> None:
    with create_engine(empty.keys, poolclass=NullPool).connect() as connection:
        connection.exec_driver_sql("SELECT 1 FROM patient_key")
    for role in sorted(set(LOGIN_ROLES) - {"keys"}):
        url = empty.keys.replace("needlepoint_keys:", f"needlepoint_{role}:").replace(
            PASSWORDS["keys"], PASSWORDS[role]
        )
        engine = create_engine(url, poolclass=NullPool)
        with pytest.raises(OperationalError, match="permission denied for database"):
            engine.connect()
