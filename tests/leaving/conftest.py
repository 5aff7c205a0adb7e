"""A clinic with a whole story, its export, and installations that share nothing with the first."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from flask import Flask

from app import close_app, create_app
from app.auth import passwords
from app.config import read_settings
from app.database import SYSTEM, Actor, tenant_scope
from app.database.install import KEYS_SUFFIX, lone_connection, urls_for
from app.leaving.archive import stream_zip
from app.leaving.old_trust import keep_trust_of
from app.leaving.services.ask_export import ask_export
from app.leaving.services.import_clinic import import_clinic
from app.leaving.services.make_export import take_step
from stampsim import server as stampsim
from stripesim import server as stripesim
from tests.conftest import PASSWORDS, alone, clone
from tests.leaving.story import export_of, save, zip_of
from tests.leaving.whole_story import Whole, tell_whole_story


@contextmanager
def new_installation(admin_url: str, template: str, name: str, home: Path) -> Iterator[Flask]:
    """Make an empty installation that shares nothing with the first but the server."""
    name = f"np_{os.environ.get('NEEDLEPOINT_TEST_RUN', 'run')}_{name}"
    with alone("template.lock"):
        clone(admin_url, template, name)
        clone(admin_url, template + KEYS_SUFFIX, name + KEYS_SUFFIX)
        with lone_connection(admin_url, autocommit=True) as connection:
            connection.exec_driver_sql(
                f"ALTER DATABASE {name}{KEYS_SUFFIX} OWNER TO needlepoint_keys"
            )
    urls = urls_for(admin_url, name, PASSWORDS)
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
    made.extensions[passwords.EXTENSION] = passwords.Hashing(time_cost=1, memory_kib=8)
    yield made
    close_app(made)


@pytest.fixture
def elsewhere(
    admin_url: str, template: str, worker_id: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    """An empty installation."""
    home = tmp_path_factory.mktemp("elsewhere")
    with new_installation(admin_url, template, f"{worker_id}_else", home) as made:
        yield made


@dataclass(frozen=True)
class Arrived:
    """The clinic in a second installation, and what an export of it said on arrival."""

    app: Flask
    tenant_id: uuid.UUID
    export: bytes


@pytest.fixture(scope="session")
def arrived(
    admin_url: str,
    template: str,
    worker_id: str,
    exported: bytes,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Arrived]:
    """The clinic in a second installation that somebody told to trust its old seals."""
    home = tmp_path_factory.mktemp("arrived")
    path = save(exported, home)
    with new_installation(admin_url, template, f"{worker_id}_there", home / "home") as made:
        with made.app_context():
            tenant_id = import_clinic(path).tenant_id
            keep_trust_of(path, made.config["SETTINGS"])
            again = export_again(tenant_id)
        yield Arrived(made, tenant_id, again)


def export_again(tenant_id: uuid.UUID) -> bytes:
    """Export a clinic once more, in one step."""
    with tenant_scope(tenant_id, SYSTEM) as scope:
        export_id = ask_export(scope).id
    with tenant_scope(tenant_id, SYSTEM) as scope:
        take_step(scope, export_id=export_id)
    return b"".join(stream_zip(tenant_id, Actor("system"), export_id))


@pytest.fixture(scope="session")
def told(app: Flask) -> Whole:
    """A clinic in which everything happened once."""
    sim, stamps = stripesim.start(), stampsim.start()
    try:
        with app.app_context():
            whole = tell_whole_story(app, sim, stamps)
    finally:
        stamps.stop()
        sim.stop()
    return whole


@pytest.fixture(scope="session")
def exported(app: Flask, told: Whole) -> bytes:
    """The export of that clinic, as its owner downloads it."""
    with app.app_context():
        return zip_of(told.clinic, export_of(app, told.clinic))
