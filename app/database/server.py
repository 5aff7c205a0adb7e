"""The embedded PostgreSQL server: the default that needs no set-up, safe to kill at any moment.

Only TCP on 127.0.0.1 and only SCRAM with a random password, so that the walls in the database hold
on a shared machine too. The first process in starts the server, the last one out stops it, and
what a killed process left running is adopted by the next start.
"""

import logging
import shutil
import subprocess
import time
from pathlib import Path
from types import TracebackType

from app.database import server_process
from app.database.server_address import HOST, SUPERUSER, ServerAddress
from app.database.server_binaries import find_binaries
from app.database.server_home import POLL_SECONDS, ServerHome, ServerInUse, port_is_free
from app.database.server_settings import initdb_command, server_command
from app.database.server_user import server_user

log = logging.getLogger(__name__)

PROGRESS_SECONDS = 5.0
STOP_PATIENCE = 60.0
PORT_TRIES = 5


class ServerDidNotStart(Exception):
    """The server did not come up; the message ends with the last lines of its log."""


class EmbeddedServer:
    """A PostgreSQL server whose data, password, port and log lie in one folder.

    ``home`` is that folder. Where root starts it and the server's own user cannot enter ``home``,
    a folder of /var/lib/needlepoint stands in; ``self.home`` says which it is. ``durable=False``
    gives up crash safety for speed. ``patience`` is how many seconds a start may take: recovery
    after a crash can be long.
    """

    def __init__(self, home: Path, *, durable: bool = True, patience: float = 300.0) -> None:
        self._user = server_user()
        self._folder = ServerHome(home, self._user)
        self._durable = durable
        self._patience = patience
        self.home = self._folder.path
        self.data = self._folder.data

    def __enter__(self) -> ServerAddress:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> ServerAddress:
        """Start the server, or join the one that runs on this data. Starting twice is harmless.

        Raises ServerDidNotStart, ServerInUse, NoServerBinaries or NoServerUser.
        """
        with self._folder.alone(self._patience):
            joined_before = self._folder.is_joined
            self._folder.join()
            try:
                binaries = find_binaries(self._user)
                self._make_cluster(binaries)
                return self._adopt(binaries) or self._launch(binaries)
            except BaseException:
                if not joined_before:
                    self._folder.leave()
                raise

    def stop(self) -> None:
        """Stop the server, unless another live process still uses it. Stopping twice is harmless.

        Raises ServerInUse when another process takes too long to start it.
        """
        if not self._folder.is_joined:
            return
        with self._folder.alone(self._patience):
            if self._folder.is_ours_alone():
                self._end_processes()
            self._folder.leave()

    def erase(self) -> None:
        """Stop the server and delete its data, password and log.

        Raises ServerInUse when another live process uses it.
        """
        with self._folder.alone(self._patience):
            self._folder.join()
            try:
                self._refuse_unless_alone()
                self._end_processes()
            finally:
                self._folder.leave()
            self._folder.erase()

    def _refuse_unless_alone(self) -> None:
        if not self._folder.is_ours_alone():
            raise ServerInUse(f"Another process uses the database in {self.home}.")

    def _end_processes(self) -> None:
        server_process.end_processes(self.data, self._user, patience=STOP_PATIENCE)

    def _make_cluster(self, binaries: Path) -> None:
        """Make the data directory beside its place and move it there, so it is never half made."""
        if (self.data / "PG_VERSION").exists():
            return
        self._folder.password()
        part = self.home / "data.new"
        if part.exists():
            shutil.rmtree(part)
        part.mkdir(mode=0o700)
        shutil.chown(part, self._user.uid, self._user.gid)
        command = initdb_command(
            binaries, part, password_file=self.home / "password", durable=self._durable
        )
        log.info("Making a new database in %s", self.home)
        done = subprocess.run(
            self._user.command(*command), capture_output=True, text=True, **self._user.surroundings
        )
        if done.returncode != 0:
            raise ServerDidNotStart(f"The database could not be made:\n{done.stderr.strip()}")
        part.rename(self.data)

    def _adopt(self, binaries: Path) -> ServerAddress | None:
        """Join a server that already runs on our data, or end one that is not as asked for."""
        pid = server_process.find_postmaster(self.data, self._user)
        if pid is None or not self._wait_ready(binaries, pid):
            return None
        address = self._address(server_process.postmaster_port(self.data) or 0)
        if address.serves(self.data, durable=self._durable):
            return address
        self._refuse_unless_alone()
        self._end_processes()
        return None

    def _launch(self, binaries: Path) -> ServerAddress:
        """Start the server on the port of the last time, or another where that one is in use."""
        # No postmaster lives here: what is left are orphans and a file with a stale pid.
        self._end_processes()
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        for _ in range(PORT_TRIES):
            port = self._folder.choose_port()
            with self._folder.open_log() as log_file:
                command = server_command(binaries, self.data, port=port, durable=self._durable)
                pid = server_process.spawn(command, user=self._user, log=log_file)
            if self._wait_ready(binaries, pid):
                return self._checked(self._address(port))
            if port_is_free(port):
                break
        raise ServerDidNotStart(f"The database did not start:\n{self._folder.log_tail()}")

    def _wait_ready(self, binaries: Path, pid: int) -> bool:
        """Wait until the server takes connections (True) or its process has ended (False).

        Raises ServerDidNotStart when our patience ends first. The server goes on recovering then,
        and the next start joins it.
        """
        begun = time.monotonic()
        told = begun
        while server_process.is_alive(pid):
            port = server_process.postmaster_port(self.data)
            if port and self._is_ready(binaries, port):
                return True
            now = time.monotonic()
            if now - begun > self._patience:
                raise ServerDidNotStart(
                    f"The database is still starting after {self._patience:.0f} s:\n"
                    + self._folder.log_tail()
                )
            if now - told > PROGRESS_SECONDS:
                told = now
                log.info("The database is still starting (%.0f s)", now - begun)
            time.sleep(POLL_SECONDS)
        return False

    def _is_ready(self, binaries: Path, port: int) -> bool:
        command = self._user.command(
            binaries / "pg_isready", "-q", "-h", HOST, "-p", port, "-t", "3"
        )
        return subprocess.run(command, **self._user.surroundings).returncode == 0

    def _address(self, port: int) -> ServerAddress:
        return ServerAddress(HOST, port, SUPERUSER, self._folder.password())

    def _checked(self, address: ServerAddress) -> ServerAddress:
        if address.serves(self.data, durable=self._durable):
            return address
        self._end_processes()
        raise ServerDidNotStart(
            f"The database in {self.home} does not take the password that lies beside it."
        )
