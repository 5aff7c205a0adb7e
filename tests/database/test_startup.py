"""The application refuses to start where the walls would not hold."""

import pytest
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.pool import NullPool

from app.database.install import DatabaseUrls
from app.database.startup import UnsafeDatabase, refuse_unsafe_database


def refusal(connection: Connection) -> str:
    """Return why the application would not start."""
    with pytest.raises(UnsafeDatabase) as caught:
        refuse_unsafe_database(connection)
    return str(caught.value)


def become(connection: Connection, *preparations: str) -> Connection:
    """Make a role like the application's, change it or the schema, and act as that role."""
    connection.exec_driver_sql("CREATE ROLE stray NOLOGIN; GRANT USAGE ON SCHEMA public TO stray")
    for statement in preparations:
        connection.exec_driver_sql(statement)
    connection.exec_driver_sql("SET LOCAL ROLE stray")
    return connection


def test_the_applications_role_may_serve(app_engine: Engine) -> None:
    with app_engine.connect() as connection:
        refuse_unsafe_database(connection)


def test_a_role_made_like_the_applications_may_serve(over_the_wall: Connection) -> None:
    refuse_unsafe_database(become(over_the_wall))


def test_a_superuser_may_not_serve(over_the_wall: Connection) -> None:
    assert "rolsuper" in refusal(over_the_wall)


def test_the_backup_role_may_not_serve(urls: DatabaseUrls) -> None:
    engine = create_engine(urls.backup, poolclass=NullPool)
    with engine.connect() as connection:
        assert "rolbypassrls" in refusal(connection)


def test_the_owner_may_not_serve(urls: DatabaseUrls) -> None:
    engine = create_engine(urls.owner, poolclass=NullPool)
    with engine.connect() as connection:
        refusal(connection)


@pytest.mark.parametrize("right", ["CREATEROLE", "CREATEDB", "REPLICATION", "BYPASSRLS"])
def test_a_role_with_a_servers_right_may_not_serve(over_the_wall: Connection, right: str) -> None:
    connection = become(over_the_wall, f"ALTER ROLE stray {right}")

    assert f"rol{right.lower()}" in refusal(connection)


@pytest.mark.parametrize(
    "stronger",
    [
        "needlepoint_owner",
        "needlepoint_backup",
        "needlepoint_resolver",
        "needlepoint_platform",
        "pg_execute_server_program",
        "pg_write_server_files",
    ],
)
def test_a_member_of_a_stronger_role_may_not_serve(
    over_the_wall: Connection, stronger: str
) -> None:
    connection = become(over_the_wall, f"GRANT {stronger} TO stray WITH INHERIT FALSE")

    assert "member of a role" in refusal(connection)


def test_an_owner_of_a_table_may_not_serve(over_the_wall: Connection) -> None:
    connection = become(over_the_wall, "ALTER TABLE message OWNER TO stray")

    assert "owns tables" in refusal(connection)


@pytest.mark.parametrize("right", ["TRUNCATE", "REFERENCES", "TRIGGER"])
def test_a_right_to_shape_a_table_stops_the_start(over_the_wall: Connection, right: str) -> None:
    connection = become(over_the_wall, f"GRANT {right} ON message TO stray")

    assert "truncate, refer to or hook into" in refusal(connection)


@pytest.mark.parametrize("breach", ["NO FORCE ROW LEVEL SECURITY", "DISABLE ROW LEVEL SECURITY"])
def test_a_table_without_its_wall_stops_the_start(over_the_wall: Connection, breach: str) -> None:
    connection = become(over_the_wall, f"ALTER TABLE message {breach}")

    assert "no forced row-level security" in refusal(connection)


def test_a_second_policy_stops_the_start(over_the_wall: Connection) -> None:
    connection = become(over_the_wall, "CREATE POLICY open_door ON message USING (true)")

    assert "another policy" in refusal(connection)


def test_a_role_that_may_create_objects_may_not_serve(over_the_wall: Connection) -> None:
    connection = become(over_the_wall, "GRANT CREATE ON SCHEMA public TO stray")

    assert "create objects" in refusal(connection)


class OlderServer:
    """A connection to a server of another age; it answers one question and no other."""

    def __init__(self, version: int) -> None:
        self._version = version

    def exec_driver_sql(self, statement: str) -> "OlderServer":
        """Take the one question."""
        assert statement == "SHOW server_version_num"
        return self

    def scalar_one(self) -> str:
        """Answer it."""
        return str(self._version)


@pytest.mark.parametrize("version", [150008, 170005, 179999])
def test_an_older_server_is_refused_before_anything_else(version: int) -> None:
    assert str(version) in refusal(OlderServer(version))
