"""The embedded server keeps its promises on real processes: kills, stale files, busy ports."""

import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from app.database import server_binaries
from app.database.server import EmbeddedServer, ServerDidNotStart
from app.database.server_address import ServerAddress
from app.database.server_binaries import NoServerBinaries, find_binaries
from app.database.server_home import ServerInUse
from app.database.server_process import find_postmaster, serving_pids
from app.database.server_user import find_or_make_account, server_user

ROOT = Path(__file__).parents[2]
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another user")
OPEN_ROOT = pytest.mark.skipif(
    not Path("/").stat().st_mode & stat.S_IXOTH,
    reason="where / itself is closed, the server's user has the right to pass through everywhere",
)

# Starts the server in a process of its own, says so, and uses it until told to end.
OTHER_PROCESS = """
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from app.database.server import EmbeddedServer
server = EmbeddedServer(Path(sys.argv[1]))
print(server.start().port, flush=True)
sys.stdin.readline()
server.stop()
"""


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A folder that another user could enter, unlike pytest's own."""
    with tempfile.TemporaryDirectory(prefix="needlepoint-") as folder:
        Path(folder).chmod(0o755)
        place = Path(folder) / "clone" / "postgres"
        yield place
        EmbeddedServer(place).erase()


@pytest.fixture
def server(home: Path) -> Iterator[EmbeddedServer]:
    server = EmbeddedServer(home)
    yield server
    server.stop()


@pytest.fixture
def other_process(home: Path) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    started: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", OTHER_PROCESS, str(home)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.communicate("end\n" if process.poll() is None else None, timeout=60)


def ask(address: ServerAddress, sql: str, password: str | None = None) -> list[tuple[object, ...]]:
    secret = address.password if password is None else password
    with psycopg.connect(
        host=address.host,
        port=address.port,
        user=address.user,
        password=secret,
        dbname="postgres",
    ) as connection:
        cursor = connection.execute(sql.encode())
        return cursor.fetchall() if cursor.description else []


def pids(server: EmbeddedServer) -> list[int]:
    return serving_pids(server.data, server_user())


def postmaster(server: EmbeddedServer) -> int:
    pid = find_postmaster(server.data, server_user())
    assert pid is not None
    return pid


class TestStart:
    def test_a_cold_start_makes_a_new_enough_database_that_answers(
        self, server: EmbeddedServer
    ) -> None:
        address = server.start()

        assert int(str(ask(address, "SHOW server_version_num")[0][0])) >= 180000

    def test_a_warm_start_keeps_rows_and_port(self, server: EmbeddedServer) -> None:
        first = server.start()
        ask(first, "CREATE TABLE IF NOT EXISTS warm (n int)")
        ask(first, "INSERT INTO warm VALUES (1)")
        server.stop()

        second = server.start()

        assert ask(second, "SELECT n FROM warm") == [(1,)]
        assert second == first

    def test_starting_twice_joins_the_same_server(self, server: EmbeddedServer) -> None:
        first = server.start()
        pid = postmaster(server)

        assert server.start() == first
        assert postmaster(server) == pid

    def test_stop_leaves_no_process_and_no_crash_to_recover_from(
        self, server: EmbeddedServer
    ) -> None:
        server.start()
        server.stop()

        assert pids(server) == []
        assert not (server.data / "postmaster.pid").exists()
        tail = (server.home / "postgres.log").read_text().splitlines()[-1]
        assert "database system is shut down" in tail

    def test_a_with_block_ends_the_server(self, home: Path) -> None:
        server = EmbeddedServer(home)

        with server as address:
            assert ask(address, "SELECT 1") == [(1,)]

        assert pids(server) == []

    def test_a_busy_port_is_left_to_its_holder(self, server: EmbeddedServer) -> None:
        port = server.start().port
        server.stop()

        with socket.create_server(("127.0.0.1", port)):
            moved = server.start()

        assert moved.port != port
        assert ask(moved, "SELECT 1") == [(1,)]

    def test_a_forgetful_server_gives_up_safety_for_speed(self, home: Path) -> None:
        with EmbeddedServer(home, durable=False) as address:
            assert ask(address, "SHOW fsync") == [("off",)]
            assert ask(address, "SHOW full_page_writes") == [("off",)]

    def test_a_durable_server_is_never_joined_to_a_forgetful_one(self, home: Path) -> None:
        with EmbeddedServer(home, durable=False), pytest.raises(ServerInUse):
            EmbeddedServer(home).start()

    def test_settings_that_stop_the_server_are_shown(self, server: EmbeddedServer) -> None:
        server.start()
        server.stop()
        settings = server.data / "postgresql.auto.conf"
        before = settings.read_bytes()

        settings.write_text("no_such_setting = 1\n")
        with pytest.raises(ServerDidNotStart, match="no_such_setting"):
            server.start()

        settings.write_bytes(before)
        assert pids(server) == []

    def test_a_foreign_password_is_told_and_leaves_nothing_running(
        self, server: EmbeddedServer
    ) -> None:
        server.start()
        server.stop()
        secret = server.home / "password"
        before = secret.read_text()

        secret.write_text("not-the-one")
        with pytest.raises(ServerDidNotStart, match="does not take the password"):
            server.start()

        secret.write_text(before)
        assert pids(server) == []


class TestKills:
    def test_a_killed_postmaster_comes_back_with_the_committed_row(
        self, server: EmbeddedServer
    ) -> None:
        address = server.start()
        ask(address, "CREATE TABLE IF NOT EXISTS kept (n int)")
        for number in range(3):
            ask(address, f"INSERT INTO kept VALUES ({number})")
            os.kill(postmaster(server), signal.SIGKILL)

            address = server.start()

        assert ask(address, "SELECT n FROM kept ORDER BY n") == [(0,), (1,), (2,)]

    def test_orphans_of_a_killed_postmaster_do_not_stop_the_next_one(
        self, server: EmbeddedServer
    ) -> None:
        address = server.start()
        busy = subprocess.Popen(
            [sys.executable, "-c", BUSY, address.url("postgres").replace("+psycopg", "")],
            stderr=subprocess.DEVNULL,
        )
        wait_until(lambda: "generate_series" in running_statements(address))

        os.kill(postmaster(server), signal.SIGKILL)
        again = server.start()

        assert ask(again, "SELECT 1") == [(1,)]
        assert busy.wait(timeout=30) != 0

    def test_a_killed_owner_leaves_a_server_that_the_next_start_adopts(
        self, server: EmbeddedServer, other_process: Callable[[], subprocess.Popen[str]]
    ) -> None:
        owner = other_process()
        port = said_port(owner)
        pid = postmaster(server)
        owner.kill()
        owner.wait(timeout=30)

        address = server.start()
        assert (address.port, postmaster(server)) == (port, pid)

        server.stop()
        assert pids(server) == []

    @pytest.mark.parametrize("kind", ["zombie", "stranger"])
    def test_a_stale_pid_file_is_no_obstacle(self, server: EmbeddedServer, kind: str) -> None:
        server.start()
        server.stop()
        # The server itself would take a process of its own user for another server.
        program = ["/bin/sleep", "60"] if kind == "stranger" else ["/bin/true"]
        other = subprocess.Popen(server_user().command(*program))
        write_pid_file(server, other.pid)

        assert ask(server.start(), "SELECT 1") == [(1,)]

        assert other.poll() is None if kind == "stranger" else True
        other.kill()
        other.wait(timeout=10)


class TestSeveralProcesses:
    def test_two_starts_at_once_share_one_server(
        self, server: EmbeddedServer, other_process: Callable[[], subprocess.Popen[str]]
    ) -> None:
        first, second = other_process(), other_process()

        assert said_port(first) == said_port(second)
        titles = [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in pids(server)]
        assert sum(b"-D\0" in title for title in titles) == 1

    def test_the_last_one_out_stops_the_server(
        self, server: EmbeddedServer, other_process: Callable[[], subprocess.Popen[str]]
    ) -> None:
        other = other_process()
        said_port(other)
        address = server.start()

        other.communicate("end\n", timeout=60)
        assert ask(address, "SELECT 1") == [(1,)]

        server.stop()
        assert pids(server) == []

    def test_data_in_use_cannot_be_erased(self, home: Path, server: EmbeddedServer) -> None:
        address = server.start()

        with pytest.raises(ServerInUse):
            EmbeddedServer(home).erase()

        assert ask(address, "SELECT 1") == [(1,)]

    def test_erase_leaves_nothing_and_a_new_start_is_a_new_database(self, home: Path) -> None:
        server = EmbeddedServer(home.with_name("erased"), durable=False)
        first = server.start()

        server.erase()
        assert not server.home.exists()
        assert pids(server) == []

        assert server.start().password != first.password
        server.erase()


class TestWalls:
    @pytest.mark.parametrize("password", ["wrong", ""])
    def test_nobody_gets_in_without_the_password(
        self, server: EmbeddedServer, password: str
    ) -> None:
        address = server.start()

        with pytest.raises(psycopg.OperationalError, match="password"):
            ask(address, "SELECT 1", password=password)

    def test_no_way_in_is_trusted(self, server: EmbeddedServer) -> None:
        methods = ask(server.start(), "SELECT DISTINCT auth_method FROM pg_hba_file_rules")

        assert methods == [("scram-sha-256",)]

    def test_only_tcp_on_this_machine_is_served(self, server: EmbeddedServer) -> None:
        address = server.start()

        assert address.host == "127.0.0.1"
        assert ask(address, "SHOW listen_addresses") == [("127.0.0.1",)]
        assert ask(address, "SHOW unix_socket_directories") == [("",)]

    def test_secrets_and_data_are_closed_to_others(self, server: EmbeddedServer) -> None:
        address = server.start()

        for name in ("password", "data", "postgres.log"):
            assert mode_of(server.home / name) & 0o077 == 0
        assert mode_of(server.home) & 0o066 == 0
        assert address.password not in repr(address)

    def test_no_mode_above_the_home_changes(self, server: EmbeddedServer) -> None:
        above = {place: mode_of(place) for place in server.home.parents if place.exists()}

        server.start()
        server.stop()

        assert above == {place: mode_of(place) for place in above}

    def test_what_was_sent_is_not_in_the_log(self, server: EmbeddedServer) -> None:
        address = server.start()
        with pytest.raises(psycopg.DataError):
            ask(address, "SELECT 'planted-in-text'::uuid")
        with pytest.raises(psycopg.Error):
            ask(address, "DO $$ BEGIN RAISE EXCEPTION 'planted-in-error'; END $$")

        assert "planted" not in (server.home / "postgres.log").read_text()

    @AS_ROOT
    def test_roots_server_runs_as_its_own_user(self, server: EmbeddedServer) -> None:
        server.start()

        assert {Path(f"/proc/{pid}").stat().st_uid for pid in pids(server)} == {server_user().uid}

    @AS_ROOT
    @OPEN_ROOT
    def test_a_private_clone_of_root_stays_private(self, tmp_path: Path) -> None:
        private = tmp_path / "private"
        private.mkdir(mode=0o700)
        server = EmbeddedServer(private / "postgres", durable=False)

        with server as address:
            assert ask(address, "SELECT 1") == [(1,)]
        kept_in = server.home
        server.erase()

        assert kept_in.parent == server_binaries.ROOTS_PLACE
        assert mode_of(private) == 0o700
        assert list(private.iterdir()) == []
        assert not kept_in.exists()


class TestBinaries:
    def test_a_named_place_without_the_programs_is_refused(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("NEEDLEPOINT_PG_BIN", str(tmp_path))

        with pytest.raises(NoServerBinaries, match="NEEDLEPOINT_PG_BIN"):
            find_binaries(server_user())

    def test_an_older_server_is_refused(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in server_binaries.PROGRAMS:
            (tmp_path / name).write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 17.9'\n")
            (tmp_path / name).chmod(0o755)
        monkeypatch.setenv("NEEDLEPOINT_PG_BIN", str(tmp_path))

        with pytest.raises(NoServerBinaries):
            find_binaries(server_user())

    @AS_ROOT
    @OPEN_ROOT
    def test_programs_that_the_user_cannot_reach_are_copied(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        package = find_binaries(server_user()).parents[1]
        for part in (package, package.with_name(f"{package.name}.libs")):
            if part.is_dir():
                shutil.copytree(part, tmp_path / part.name)
        tmp_path.chmod(0o700)
        monkeypatch.setenv("NEEDLEPOINT_PG_BIN", str(tmp_path / package.name / "pginstall" / "bin"))

        copied = find_binaries(server_user())

        assert copied.is_relative_to(server_binaries.ROOTS_PLACE)
        assert server_user().may_enter(copied)
        done = subprocess.run(
            server_user().command(copied / "initdb", "--version"), capture_output=True
        )
        assert done.returncode == 0


class TestAddress:
    def test_a_url_survives_odd_letters(self) -> None:
        address = ServerAddress("127.0.0.1", 5000, "postgres", "a/b@c:d")

        assert address.url("x") == "postgresql+psycopg://postgres:a%2Fb%40c%3Ad@127.0.0.1:5000/x"
        assert address.url("x", "app", "p w") == ("postgresql+psycopg://app:p%20w@127.0.0.1:5000/x")


BUSY = """
import sys, psycopg
with psycopg.connect(sys.argv[1]) as connection:
    connection.execute("SELECT sum(sqrt(n)) FROM generate_series(1, 100000000000) n")
"""


def said_port(process: subprocess.Popen[str]) -> int:
    assert process.stdout is not None
    return int(process.stdout.readline())


def running_statements(address: ServerAddress) -> str:
    sql = "SELECT string_agg(query, ';') FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
    return str(ask(address, sql)[0][0])


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def write_pid_file(server: EmbeddedServer, pid: int) -> None:
    path = server.data / "postmaster.pid"
    path.write_text(f"{pid}\n{server.data}\n1700000000\n5432\n\n127.0.0.1\n\nready\n")
    user = server_user()
    os.chown(path, user.uid, user.gid)
    path.chmod(0o600)


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@AS_ROOT
def test_many_starts_at_once_make_one_system_user() -> None:
    name = "np-test-at-once"
    try:
        for _ in range(4):
            with ThreadPoolExecutor(8) as pool:
                made = {one.pw_uid for one in pool.map(find_or_make_account, [name] * 8)}
            assert made == {pwd.getpwnam(name).pw_uid}
            subprocess.run(["/usr/sbin/userdel", name], check=True)
    finally:
        subprocess.run(["/usr/sbin/userdel", name], check=False, capture_output=True)
