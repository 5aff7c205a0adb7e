"""A second installation: databases, keys, files and seals of its own."""

import os
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from app import close_app, create_app
from app.config import Settings, read_settings
from app.database.install import KEYS_SUFFIX, lone_connection, urls_for
from tests.conftest import PASSWORDS, alone, clone
from tests.leaving.story import Told, export_of, tell_story, zip_of


@pytest.fixture
def elsewhere(
    admin_url: str,
    template: str,
    worker_id: str,
    settings: Settings,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Flask]:
    """An empty installation that shares nothing with the first but the server."""
    name = f"np_{os.environ.get('NEEDLEPOINT_TEST_RUN', 'run')}_{worker_id}_else"
    with alone("template.lock"):
        clone(admin_url, template, name)
        clone(admin_url, template + KEYS_SUFFIX, name + KEYS_SUFFIX)
        with lone_connection(admin_url, autocommit=True) as connection:
            connection.exec_driver_sql(
                f"ALTER DATABASE {name}{KEYS_SUFFIX} OWNER TO needlepoint_keys"
            )
    urls = urls_for(admin_url, name, PASSWORDS)
    home = tmp_path_factory.mktemp("elsewhere")
    made = create_app(
        replace(
            read_settings({"NEEDLEPOINT_MODE": "test", "NEEDLEPOINT_HOME": str(home)}),
            database_url=urls.app,
            owner_url=urls.owner,
            worker_url=urls.worker,
            keys_url=urls.keys,
            secret_key="another key for tests",
            root_key_hex="77" * 32,
        )
    )
    yield made
    close_app(made)


@pytest.fixture(scope="module")
def told(app: Flask) -> Told:
    """A clinic in which everything happened once."""
    with app.app_context():
        return tell_story()


@pytest.fixture(scope="module")
def exported(app: Flask, told: Told) -> bytes:
    """The export of that clinic, as its owner downloads it."""
    with app.app_context():
        return zip_of(told.clinic, export_of(app, told.clinic))
