"""One server for the run, one database per worker, cloned from a migrated template.

Tests commit for real and never clean up: every test makes clinics of its own, and a clinic cannot
see another. So what other tests left behind is the noise that a query without its tenant would trip
over.
"""

import fcntl
import gc
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from app import close_app, create_app, runtime
from app.auth import passwords
from app.config import Settings, read_settings
from app.database.install import (
    KEYS_SUFFIX,
    LOGIN_ROLES,
    DatabaseUrls,
    ensure_database,
    lone_connection,
    urls_for,
)
from tests.support.api import own_address
from tests.support.engines import superuser_engine

ROOT = Path(__file__).parent.parent
HOME = ROOT / "var" / "test"
PASSWORDS = {name: f"test-{name}" for name in LOGIN_ROLES}
# The database of this worker, once a test has asked for it.
QUEUES: list[Engine] = []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest files, so that no worker is left alone with one of them at the end."""
    longest = ["contract", "journeys", "leaving", "consent", "care"]
    items.sort(key=lambda item: [name not in item.path.parts for name in longest])


@contextmanager
def alone(name: str) -> Iterator[None]:
    """Let one worker of the run at a time do this."""
    HOME.mkdir(parents=True, exist_ok=True)
    with (HOME / name).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def schema_fingerprint() -> str:
    """Return a short hash of everything that makes the schema."""
    found = hashlib.sha256()
    for path in sorted((ROOT / "migrations").rglob("*.[ps][yq]*")):
        if path.suffix in {".py", ".sql"}:
            found.update(path.read_bytes())
    found.update((ROOT / "app/database/ddl.py").read_bytes())
    found.update((ROOT / "app/database/install.py").read_bytes())
    return found.hexdigest()[:12]


@pytest.fixture(scope="session")
def admin_url() -> Iterator[str]:
    """A superuser's URL of the run's server: ours, or the one that the environment names."""
    given = os.environ.get("NEEDLEPOINT_TEST_ADMIN_URL")
    if given:
        yield given
        return
    yield runtime.start_server(HOME / "postgres", durable=False)
    runtime.stop_servers()


@pytest.fixture(scope="session")
def template(admin_url: str) -> str:
    """The name of a database with the schema and nothing in it."""
    name = f"np_template_{schema_fingerprint()}"
    with alone("template.lock"):
        with lone_connection(admin_url) as connection:
            found = connection.execute(
                text("SELECT 1 FROM pg_database WHERE datname = :n"), {"n": name + "_ready"}
            ).scalar()
        if not found:
            runtime.install_and_migrate(admin_url, name, PASSWORDS)
            clone(admin_url, name, name + "_ready")
    return name


def clone(admin_url: str, source: str, target: str) -> None:
    """Copy a database, replacing what is there."""
    with lone_connection(admin_url, autocommit=True) as connection:
        connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {target} WITH (FORCE)")
        ensure_database(connection, target, "needlepoint_owner", template=source)
        for role in ("app", "worker", "backup", "platform"):
            connection.exec_driver_sql(f"GRANT CONNECT ON DATABASE {target} TO needlepoint_{role}")


@pytest.fixture(scope="session")
def urls(admin_url: str, template: str, worker_id: str) -> DatabaseUrls:
    """The URLs of this worker's own database."""
    name = f"np_{os.environ.get('NEEDLEPOINT_TEST_RUN', 'run')}_{worker_id}"
    with alone("template.lock"):
        clone(admin_url, template, name)
        clone(admin_url, template + KEYS_SUFFIX, name + KEYS_SUFFIX)
        with lone_connection(admin_url, autocommit=True) as connection:
            connection.exec_driver_sql(
                f"ALTER DATABASE {name}{KEYS_SUFFIX} OWNER TO needlepoint_keys"
            )
            # A test that waits for a lock of its own would wait for ever; this makes it a failure.
            connection.exec_driver_sql(f"ALTER DATABASE {name} SET lock_timeout = '180s'")
    made = urls_for(admin_url, name, PASSWORDS)
    QUEUES.append(superuser_engine(admin_url, made.app))
    return made


@pytest.fixture(scope="session")
def settings(urls: DatabaseUrls, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of a whole installation for tests."""
    home = tmp_path_factory.mktemp("home")
    return replace(
        read_settings({"NEEDLEPOINT_MODE": "test", "NEEDLEPOINT_HOME": str(home)}),
        database_url=urls.app,
        owner_url=urls.owner,
        worker_url=urls.worker,
        keys_url=urls.keys,
        secret_key="a key for tests",
        root_key_hex="11" * 32,
    )


@pytest.fixture(scope="session")
def app(settings: Settings) -> Iterator[Flask]:
    """The application of this worker."""
    made = create_app(settings)
    # Every test signs people up, and none of them is attacked.
    made.extensions[passwords.EXTENSION] = passwords.Hashing(time_cost=1, memory_kib=8)
    # What stays for the whole run is not searched for garbage after every few hundred objects.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    yield made
    close_app(made)


@pytest.fixture(scope="module", autouse=True)
def no_old_jobs() -> None:
    """Take out the jobs that tests of other files left waiting.

    Otherwise whoever works the queue first works it for a thousand clinics.
    """
    for engine in QUEUES:
        with engine.begin() as connection:
            connection.execute(text("SET LOCAL search_path = queue"))  # for its own triggers
            connection.execute(text("DELETE FROM queue.procrastinate_jobs WHERE status = 'todo'"))


@pytest.fixture
def context(app: Flask) -> Iterator[Flask]:
    """An application context for tests that call services."""
    with app.app_context():
        yield app


def somebody(app: Flask) -> FlaskClient:
    """Return a client of an address that no other test has: tries are counted by address."""
    found = app.test_client()
    found.environ_base["REMOTE_ADDR"] = own_address()
    return found


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser-like client with cookies and a network address of its own."""
    return somebody(app)
