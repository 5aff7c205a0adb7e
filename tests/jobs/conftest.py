"""The application's role without any of our code."""

import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import NullPool

from app.database.install import DatabaseUrls


@pytest.fixture(scope="session")
def app_engine(urls: DatabaseUrls) -> Engine:
    """An engine of the application's role with a new connection every time."""
    return create_engine(urls.app, poolclass=NullPool)
