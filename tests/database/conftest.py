"""The walls from both sides: the application's own role, and the superuser who can see over."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.pool import NullPool

from app.database.install import DatabaseUrls
from tests.support.engines import superuser_engine


@pytest.fixture(scope="session")
def superuser(admin_url: str, urls: DatabaseUrls) -> Engine:
    """An engine of the superuser in this worker's database."""
    return superuser_engine(admin_url, urls.app)


@pytest.fixture
def over_the_wall(superuser: Engine) -> Iterator[Connection]:
    """A transaction of the superuser, rolled back whatever the test did."""
    with superuser.connect() as connection, connection.begin() as transaction:
        yield connection
        transaction.rollback()


@pytest.fixture(scope="session")
def app_engine(urls: DatabaseUrls) -> Engine:
    """The application's own role without any of our code: a new connection every time."""
    return create_engine(urls.app, poolclass=NullPool)
