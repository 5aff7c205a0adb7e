"""An installation for measuring: its own folder, a database without durability, real seals."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from flask import Flask

import stampsim.server
from app import close_app, create_app, runtime
from app.config import Settings, read_settings
from app.database.install import drop_databases

HOME = Path(__file__).parent.parent / "var" / "bench"


@contextmanager
def installation() -> Iterator[tuple[Flask, Settings]]:
    """Yield an application with an empty database and a test stamp authority."""
    for name in ("objects", "test-ca"):
        shutil.rmtree(HOME / name, ignore_errors=True)
    made = runtime.local_secrets(HOME)
    admin_url = runtime.start_server(HOME / "postgres", durable=False)
    drop_databases(admin_url, "bench")
    urls = runtime.install_and_migrate(admin_url, "bench", made["passwords"])
    stamps = stampsim.server.start(port=0)
    trust = HOME / "stamp-root.pem"
    trust.write_bytes(stamps.root_pem)
    settings = replace(
        read_settings({"NEEDLEPOINT_MODE": "test", "NEEDLEPOINT_HOME": str(HOME)}),
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
