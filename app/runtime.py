"""Zero set-up: where no database is configured, bring up the embedded one with secrets of its
own."""

import atexit
import contextlib
import json
import os
import secrets
import threading
from dataclasses import replace
from pathlib import Path
from typing import TypedDict

from app.config import Settings
from app.database.install import (
    LOGIN_ROLES,
    DatabaseUrls,
    drop_databases,
    install,
    migrate,
    urls_for,
)
from app.database.server import EmbeddedServer

DATABASE = "needlepoint"


class LocalSecrets(TypedDict):
    """What a folder without configuration makes for itself."""

    passwords: dict[str, str]
    secret_key: str
    root_key_hex: str


# What this process has started. The last process out stops a server, so leaving is never skipped.
_servers: dict[Path, EmbeddedServer] = {}
_lock = threading.Lock()


def prepare(settings: Settings, *, fresh: bool = False) -> Settings:
    """Return settings that are complete: from the environment, else from the embedded server.

    ``fresh`` drops what the folder's databases hold; only the demo asks for that.
    """
    if settings.database_url:
        return settings
    made = local_secrets(settings.home)
    admin_url = start_server(settings.home / "postgres")
    if fresh:
        drop_databases(admin_url, DATABASE)
    urls = install_and_migrate(admin_url, DATABASE, made["passwords"])
    return replace(
        settings,
        database_url=urls.app,
        owner_url=urls.owner,
        worker_url=urls.worker,
        keys_url=urls.keys,
        secret_key=settings.secret_key or made["secret_key"],
        root_key_hex=settings.root_key_hex or made["root_key_hex"],
    )


def start_server(home: Path, *, durable: bool = True) -> str:
    """Start the embedded server of a folder, once per process, and return its admin URL."""
    with _lock:
        server = _servers.setdefault(home, EmbeddedServer(home, durable=durable))
    return server.start().url("postgres")


def stop_servers() -> None:
    """Stop what this process started; servers that others use stay up."""
    for server in _servers.values():
        server.stop()


atexit.register(stop_servers)


def install_and_migrate(admin_url: str, database: str, passwords: dict[str, str]) -> DatabaseUrls:
    """Prepare roles, databases and schema; quick when there is nothing to do."""
    urls = urls_for(admin_url, database, passwords)
    install(admin_url, database, passwords)
    migrate(urls.owner)
    return urls


def local_secrets(home: Path) -> LocalSecrets:
    """Return this folder's own secrets, made at the first use and readable by its user alone."""
    home.mkdir(parents=True, exist_ok=True)
    path = home / "secrets.json"
    if not path.exists():
        made = {
            "passwords": {name: secrets.token_urlsafe(24) for name in LOGIN_ROLES},
            "secret_key": secrets.token_hex(32),
            "root_key_hex": secrets.token_hex(32),
        }
        part = path.with_suffix(f".{os.getpid()}")
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(made, file)
        # The link fails when another process was quicker; then its secrets win.
        with contextlib.suppress(FileExistsError):
            os.link(part, path)
        part.unlink()
    found: LocalSecrets = json.loads(path.read_text())
    return found
