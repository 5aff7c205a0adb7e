"""Which processes serve a data directory, told by what the system says of them and not by a pid.

After a kill the number in postmaster.pid may belong to a zombie or to a stranger. What the process
was started with, and as whom, is readable for everyone, also inside containers without rights to
trace; so it is compared with the data directory.
"""

import hashlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from app.database.server_user import ServerUser

PROC = Path("/proc")
POLL_SECONDS = 0.02


def cluster_name(data: Path) -> str:
    """Give the name that stands in the process titles of this data directory's server."""
    return "needlepoint-" + hashlib.sha256(os.fsencode(data)).hexdigest()[:12]


def is_alive(pid: int) -> bool:
    """Whether the process exists and is not a zombie that nobody has reaped."""
    try:
        state = (PROC / str(pid) / "stat").read_text().rpartition(") ")[2][:1]
    except OSError:
        return False
    return state not in ("Z", "X")


def serving_pids(data: Path, user: ServerUser) -> list[int]:
    """List the live processes of this data directory's server: postmaster, workers and orphans."""
    pids = (int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit())
    return [pid for pid in pids if _serves(pid, data, user)]


def find_postmaster(data: Path, user: ServerUser) -> int | None:
    """Give the pid of the live postmaster of this data directory, or None if there is none."""
    pid = next(iter(_pid_file_numbers(data)), None)
    return pid if pid is not None and _serves(pid, data, user) else None


def postmaster_port(data: Path) -> int | None:
    """Give the port that the server wrote down, or None when it has not come that far yet."""
    numbers = list(_pid_file_numbers(data))
    return numbers[3] if len(numbers) > 3 else None


def _pid_file_numbers(data: Path) -> Iterator[int]:
    """Read postmaster.pid: pid, data directory, start time, port, … Words count as 0."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except (OSError, UnicodeDecodeError):
        return
    for line in lines:
        yield int(line) if line.strip().isdigit() else 0


def _serves(pid: int, data: Path, user: ServerUser) -> bool:
    folder = PROC / str(pid)
    try:
        if folder.stat().st_uid != user.uid:
            return False
        command = (folder / "cmdline").read_bytes()
    except OSError:
        return False
    if command.startswith(os.fsencode(f"postgres: {cluster_name(data)}: ")):
        return True
    words = command.split(b"\0")
    is_server = os.path.basename(words[0]) == b"postgres"
    return is_server and words[1:3] == [b"-D", os.fsencode(data)]


def spawn(command: list[str], *, user: ServerUser, log: IO[bytes]) -> int:
    """Start a program that outlives us, in a session of its own, and give its pid.

    The shell in between hands it over to init, which reaps it: then our own server and one that
    was adopted look the same, and Ctrl-C on the terminal does not reach it.
    """
    done = subprocess.run(
        user.command("/bin/sh", "-c", '"$@" </dev/null >&2 & echo $!', "sh", *command),
        stdout=subprocess.PIPE,
        stderr=log,
        check=True,
        start_new_session=True,
        **user.surroundings,
    )
    return int(done.stdout)


def end_processes(data: Path, user: ServerUser, *, patience: float) -> None:
    """End the server: politely with a checkpoint, then at once, then by force.

    ``patience`` is how many seconds each step may take. Also ends orphans of a dead postmaster,
    which would keep a new one from starting.
    """
    postmaster = find_postmaster(data, user)
    if postmaster is not None:
        _send(postmaster, signal.SIGINT)
        if _wait_gone(data, user, patience):
            return
    elif _wait_gone(data, user, min(patience, 2.0)):
        return  # Orphans notice by themselves that their postmaster has died.
    for step in (signal.SIGQUIT, signal.SIGKILL):
        for pid in serving_pids(data, user):
            _send(pid, step)
        if _wait_gone(data, user, patience):
            return


def _wait_gone(data: Path, user: ServerUser, patience: float) -> bool:
    deadline = time.monotonic() + patience
    while serving_pids(data, user):
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def _send(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return  # It ended in the meantime, which is what was wanted.
