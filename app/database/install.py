"""Prepare a PostgreSQL server for Needlepoint: roles with least rights, two databases, migrations.

The key store is a database of its own, so that it can be backed up and restored on its own terms:
keys are always restored to their newest state, since a shredded key must stay shredded.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config
from psycopg import sql
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.pool import NullPool

MIGRATIONS = Path(__file__).parent.parent.parent / "migrations"
LOGIN_ROLES = ("owner", "app", "worker", "backup", "platform", "keys")
KEYS_SUFFIX = "_keys"

KEY_STORE = """
CREATE TABLE IF NOT EXISTS clinic_key (
    tenant_id uuid PRIMARY KEY, wrapped bytea, made_at timestamptz NOT NULL,
    shredded_at timestamptz);
CREATE TABLE IF NOT EXISTS patient_key (
    tenant_id uuid NOT NULL, patient_id uuid NOT NULL, retention text NOT NULL,
    wrapped bytea, made_at timestamptz NOT NULL, shredded_at timestamptz,
    PRIMARY KEY (tenant_id, patient_id, retention));
"""


@dataclass(frozen=True)
class DatabaseUrls:
    """SQLAlchemy URLs of one installation, one per role that connects."""

    owner: str
    app: str
    worker: str
    keys: str
    backup: str


@contextmanager
def lone_connection(url: str | URL, *, autocommit: bool = False) -> Iterator[Connection]:
    """Yield one connection outside any pool, closed however the block ends."""
    isolation = {"isolation_level": "AUTOCOMMIT"} if autocommit else {}
    with create_engine(url, poolclass=NullPool, **isolation).connect() as connection:
        yield connection


def install(admin_url: str, database: str, passwords: Mapping[str, str]) -> DatabaseUrls:
    """Create roles and databases where they are missing; safe to run again.

    :param admin_url: a superuser's URL (or one with CREATEROLE and CREATEDB).
    :param passwords: by the short names in ``LOGIN_ROLES``.
    """
    with lone_connection(admin_url, autocommit=True) as connection:
        for name in LOGIN_ROLES:
            _ensure_role(connection, f"needlepoint_{name}", passwords[name])
        _ensure_role(connection, "needlepoint_resolver", None)
        _grant_roles(connection)
        ensure_database(connection, database, "needlepoint_owner")
        ensure_database(connection, database + KEYS_SUFFIX, "needlepoint_keys")
    _prepare_database(admin_url, database)
    _close_to_others(admin_url, database + KEYS_SUFFIX)
    urls = urls_for(admin_url, database, passwords)
    _prepare_key_store(urls.keys)
    return urls


def urls_for(admin_url: str, database: str, passwords: Mapping[str, str]) -> DatabaseUrls:
    """Return the URLs of a database on the server that ``admin_url`` names."""

    def url(role: str, name: str = database) -> str:
        made = make_url(admin_url).set(
            username=f"needlepoint_{role}", password=passwords[role], database=name
        )
        return made.render_as_string(hide_password=False)

    return DatabaseUrls(
        url("owner"), url("app"), url("worker"), url("keys", database + KEYS_SUFFIX), url("backup")
    )


def ensure_database(connection: Connection, name: str, owner: str, template: str = "") -> None:
    """Create a database where it is missing; on an autocommit connection only."""
    known = connection.execute(text("SELECT 1 FROM pg_database WHERE datname = :n"), {"n": name})
    if known.scalar():
        return
    statement = sql.SQL("CREATE DATABASE {} OWNER {}").format(
        sql.Identifier(name), sql.Identifier(owner)
    )
    if template:
        statement += sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
    connection.exec_driver_sql(statement.as_string(None))


def drop_databases(admin_url: str, database: str) -> None:
    """Drop an installation's databases with everything in them, whoever is connected."""
    with lone_connection(admin_url, autocommit=True) as connection:
        for name in (database, database + KEYS_SUFFIX):
            quoted = sql.Identifier(name).as_string(None)
            connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {quoted} WITH (FORCE)")


def _ensure_role(connection: Connection, name: str, password: str | None) -> None:
    known = connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :n"), {"n": name})
    verb = "ALTER" if known.scalar() else "CREATE"
    # Only the backup role may read past the walls, and it can only read.
    bypass = "BYPASSRLS" if name.endswith("_backup") else "NOBYPASSRLS"
    rights = f"NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION {bypass}"
    login = "NOLOGIN" if password is None else "LOGIN PASSWORD {}"
    statement = sql.SQL(f"{verb} ROLE {{}} {rights} {login}").format(
        sql.Identifier(name), *([] if password is None else [sql.Literal(password)])
    )
    connection.exec_driver_sql(statement.as_string(None).replace("%", "%%"))


def _grant_roles(connection: Connection) -> None:
    # The owner hands functions to the resolver; without SET it could not.
    connection.exec_driver_sql("GRANT needlepoint_resolver TO needlepoint_owner")
    # Without this an owner under FORCE updates no rows at all and reports success.
    connection.exec_driver_sql("ALTER ROLE needlepoint_owner SET row_security = off")
    connection.exec_driver_sql("ALTER ROLE needlepoint_worker SET search_path = queue")


def _prepare_database(admin_url: str, database: str) -> None:
    with lone_connection(make_url(admin_url).set(database=database), autocommit=True) as connection:
        connection.exec_driver_sql("CREATE EXTENSION IF NOT EXISTS btree_gist")
        connection.exec_driver_sql("REVOKE ALL ON SCHEMA public FROM PUBLIC")
        connection.exec_driver_sql("ALTER SCHEMA public OWNER TO needlepoint_owner")
        for role in ("app", "resolver", "backup", "platform"):
            connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA public TO needlepoint_{role}")
        name = sql.Identifier(database).as_string(None)
        connection.exec_driver_sql(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")
        connection.exec_driver_sql(
            f"GRANT CONNECT ON DATABASE {name} TO needlepoint_app, needlepoint_worker,"
            " needlepoint_backup, needlepoint_platform"
        )


def _close_to_others(admin_url: str, database: str) -> None:
    # Whoever may connect to a server may connect to each of its databases, unless told otherwise.
    with lone_connection(admin_url, autocommit=True) as connection:
        name = sql.Identifier(database).as_string(None)
        connection.exec_driver_sql(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")


def _prepare_key_store(keys_url: str) -> None:
    with lone_connection(keys_url) as connection:
        connection.exec_driver_sql(KEY_STORE)
        connection.commit()


def alembic_config(connection: Connection) -> Config:
    """Return Alembic's configuration, bound to the owner's connection."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def migrate(owner_url: str, target: str = "head") -> None:
    """Bring the schema to a revision, all migrations in one transaction."""
    with lone_connection(owner_url) as connection:
        config = alembic_config(connection)
        if target.startswith("-") or target == "base":
            command.downgrade(config, target)
        else:
            command.upgrade(config, target)
        connection.commit()
