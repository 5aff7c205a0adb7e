"""Engines of other roles, for tests that look at the walls from outside."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool


def superuser_engine(admin_url: str, database_url: str) -> Engine:
    """Return an engine of the server's superuser in the database that a URL names."""
    database = make_url(database_url).database
    return create_engine(make_url(admin_url).set(database=database), poolclass=NullPool)


@contextmanager
def raw_clinic(engine: Engine, tenant_id: object) -> Iterator[Connection]:
    """Yield a transaction of a plain engine in one clinic, rolled back at the end."""
    with engine.connect() as connection, connection.begin() as transaction:
        connection.execute(text(f"SET LOCAL app.tenant_id = '{tenant_id}'"))
        yield connection
        transaction.rollback()
