"""An installation for measuring: its own folder, a database without durability, real seals."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from flask import Flask
from sqlalchemy.engine import make_url

import stampsim.server
from app import close_app, create_app, runtime
from app.config import Settings, read_settings
from app.database.install import drop_databases

HOME = Path(__file__).parent.parent / "var" / "bench"
# The clinic of many years has a folder and a database of its own, so that it can be kept.
BOOKS = HOME / "books"


@contextmanager
def installation(
    home: Path = HOME, database: str = "bench", *, kept: bool = False
) -> Iterator[tuple[Flask, Settings]]:
    """Yield an application with a test stamp authority; its database is empty unless ``kept``."""
    admin_url = runtime.start_server(HOME / "postgres", durable=False)
    made = runtime.local_secrets(home)
    if not kept:
        for name in ("objects", "test-ca"):
            shutil.rmtree(home / name, ignore_errors=True)
        drop_databases(admin_url, database)
    urls = runtime.install_and_migrate(admin_url, database, made["passwords"])
    stamps = stampsim.server.start(port=0)
    trust = home / "stamp-root.pem"
    trust.write_bytes(stamps.root_pem)
    settings = replace(
        read_settings({"NEEDLEPOINT_MODE": "test", "NEEDLEPOINT_HOME": str(home)}),
        database_url=urls.app,
        owner_url=urls.owner,
        worker_url=urls.worker,
        keys_url=urls.keys,
        secret_key=made["secret_key"],
        root_key_hex=made["root_key_hex"],
        stamp_url=stamps.url,
        stamp_trust_file=str(trust),
    )
    app = create_app(settings)
    try:
        with app.app_context():
            yield app, settings
    finally:
        close_app(app)
        stamps.stop()
        runtime.stop_servers()


def superuser_url(settings: Settings) -> str:
    """Return the way to the measured database of whoever may leave foreign keys unchecked."""
    admin = make_url(runtime.start_server(HOME / "postgres", durable=False))
    url = admin.set(database=make_url(settings.owner_url).database)
    return url.render_as_string(hide_password=False)
