"""A look at the run's database from outside, for the rules that the server itself must keep."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine, text

from app import models
from app.database.install import DatabaseUrls
from tests.support.engines import superuser_engine

models.load()


@pytest.fixture(scope="session")
def superuser(admin_url: str, urls: DatabaseUrls) -> Engine:
    """An engine of the superuser in this worker's database."""
    return superuser_engine(admin_url, urls.app)


@pytest.fixture(scope="module", autouse=True)
def no_jobs_left(superuser: Engine) -> Iterator[None]:
    """Drop the jobs that thousands of requests asked for: the next test that works the queue until
    it is empty would have to do them all."""
    yield
    with superuser.begin() as connection:
        connection.execute(text("SET LOCAL search_path = queue"))
        connection.execute(text("DELETE FROM procrastinate_jobs WHERE status = 'todo'"))


@pytest.fixture
def catalogue(superuser: Engine) -> Iterator[Connection]:
    """A transaction of the superuser, rolled back whatever the test did to it."""
    with superuser.connect() as connection, connection.begin() as transaction:
        yield connection
        transaction.rollback()
