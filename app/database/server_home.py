"""The folder of one embedded server: its data, password, port, log, and the locks between starts.

Locks are the kernel's (flock), so whatever a killed process held is free again. ``lock`` is held
while somebody starts or stops the server; ``users`` is held, shared, by each process that uses it.
"""

import fcntl
import hashlib
import os
import secrets
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from app.database.server_address import HOST
from app.database.server_binaries import ROOTS_PLACE, make_roots_place
from app.database.server_user import ServerUser

LOG_LIMIT = 10_000_000  # bytes; then the log of earlier starts becomes postgres.log.1
POLL_SECONDS = 0.02
OURS = (
    "data",
    "data.new",
    "password",
    "port",
    "postgres.log",
    "postgres.log.1",
    "stands-for",
    "users",
    "lock",
)


class ServerInUse(Exception):
    """Another live process uses the server in a way that rules out what was asked for."""


class ServerHome:
    """``path`` is the folder asked for, or its stand-in where the server's user cannot enter it."""

    def __init__(self, wanted: Path, user: ServerUser) -> None:
        self.user = user
        self._wanted = wanted.absolute().resolve()
        self.path = self._place()
        self.data = self.path / "data"
        self._users: int | None = None

    def _place(self) -> Path:
        if not self.user.is_other or self.user.may_enter(self._wanted):
            return self._wanted
        return ROOTS_PLACE / hashlib.sha256(os.fsencode(self._wanted)).hexdigest()[:16]

    def _make(self) -> None:
        """Make the folder. No mode above it changes, and none of a folder that was there before."""
        if self.path.exists():
            return
        if self.path.parent == ROOTS_PLACE:
            make_roots_place()
        self.path.mkdir(parents=True, exist_ok=True)
        # Root's server passes through to its data, but nobody may list what lies here.
        self.path.chmod(0o711 if self.user.is_other else 0o700)
        if self.path != self._wanted:
            (self.path / "stands-for").write_text(f"{self._wanted}\n")

    def _open(self, name: str) -> int:
        return os.open(self.path / name, os.O_RDWR | os.O_CREAT, 0o600)

    @contextmanager
    def alone(self, patience: float) -> Iterator[None]:
        """Hold the lock that keeps two processes from starting or stopping at once.

        Raises ServerInUse when it was not free within ``patience`` seconds.
        """
        deadline = time.monotonic() + patience
        while (held := self._try_lock()) is None:
            if time.monotonic() > deadline:
                raise ServerInUse(f"Another process is starting the database in {self.path}.")
            time.sleep(POLL_SECONDS)
        try:
            yield
        finally:
            os.close(held)

    def _try_lock(self) -> int | None:
        self._make()
        held = self._open("lock")
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Somebody may have erased the folder between our opening and our locking.
            if os.fstat(held).st_ino == (self.path / "lock").stat().st_ino:
                return held
        except (BlockingIOError, FileNotFoundError):
            pass
        os.close(held)
        return None

    @property
    def is_joined(self) -> bool:
        """Whether this object has been counted among the users of the server."""
        return self._users is not None

    def join(self) -> None:
        """Count ourselves among the users of the server, until ``leave`` or our death."""
        if self._users is None:
            self._users = self._open("users")
            fcntl.flock(self._users, fcntl.LOCK_SH)

    def leave(self) -> None:
        """Stop counting ourselves among the users."""
        if self._users is not None:
            os.close(self._users)
            self._users = None

    def is_ours_alone(self) -> bool:
        """Whether nobody else uses the server. Ask only after ``join`` and inside ``alone``."""
        assert self._users is not None  # noqa: S101 -- a mistake in this room, not an outcome
        try:
            fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        finally:
            # Trying may have cost us the shared lock; nobody can come between inside ``alone``.
            fcntl.flock(self._users, fcntl.LOCK_SH)
        return True

    def password(self) -> str:
        """Give the superuser's password, made at random the first time; for our eyes only."""
        path = self.path / "password"
        if not path.exists():
            part = self.path / f"password.{os.getpid()}"
            part.touch(mode=0o600)
            part.write_text(secrets.token_urlsafe(32))
            # initdb reads it as the server's user.
            os.chown(part, self.user.uid, self.user.gid)
            part.rename(path)
        return path.read_text().strip()

    def choose_port(self) -> int:
        """Give the port of the last time if it is free, else any free one, and remember it."""
        path = self.path / "port"
        with suppress(OSError, ValueError):
            remembered = int(path.read_text())
            if port_is_free(remembered):
                return remembered
        with socket.socket() as probe:
            probe.bind((HOST, 0))
            port = int(probe.getsockname()[1])
        path.write_text(f"{port}\n")
        return port

    def open_log(self) -> IO[bytes]:
        """Open the server's log for appending; a long one of earlier starts is put aside."""
        path = self.path / "postgres.log"
        if path.exists() and path.stat().st_size > LOG_LIMIT:
            path.rename(self.path / "postgres.log.1")
        return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")

    def log_tail(self) -> str:
        """Give the last lines that the server wrote."""
        with suppress(OSError):
            text = (self.path / "postgres.log").read_bytes()[-4000:]
            return "\n".join(text.decode(errors="replace").splitlines()[-12:])
        return ""

    def erase(self) -> None:
        """Delete what is ours here, and the folder if nothing else lies in it."""
        for name in OURS:
            path = self.path / name
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        with suppress(OSError):
            self.path.rmdir()


def port_is_free(port: int) -> bool:
    """Whether a server could listen on this port of 127.0.0.1 now."""
    with socket.socket() as probe:
        # As the server does: a connection of the last run that is fading out is no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
