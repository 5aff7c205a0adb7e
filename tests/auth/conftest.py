"""The control plane as only the superuser sees it."""

import pytest
from sqlalchemy import Engine

from app.database.install import DatabaseUrls
from tests.support.engines import superuser_engine


@pytest.fixture(scope="session")
def superuser(admin_url: str, urls: DatabaseUrls) -> Engine:
    """An engine of the superuser in this worker's database."""
    return superuser_engine(admin_url, urls.app)
