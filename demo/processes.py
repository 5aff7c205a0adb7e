"""The demo's child processes: started on free ports, watched, and never left behind."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

PR_SET_PDEATHSIG = 1
READY_SECONDS = 60.0
STOP_SECONDS = 10.0


class DidNotStart(Exception):
    """A child process did not come up; the message names its log."""


def free_port(wanted: int) -> int:
    """Return the wanted port of 127.0.0.1, or another one when it is in use."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise DidNotStart("There is no free port on 127.0.0.1.")


def _die_with_parent() -> None:
    # Asks Linux to end the child when the demo is killed without a chance to clean up.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass
class Processes:
    """Everything that the demo started, ended in reverse order."""

    logs: Path
    _running: list[tuple[str, subprocess.Popen[bytes]]] = field(default_factory=list)

    def start(self, name: str, *arguments: str, env: Mapping[str, str] | None = None) -> None:
        """Start ``python -m …`` with its output in a log file."""
        self.logs.mkdir(parents=True, exist_ok=True)
        with (self.logs / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, *arguments],
                stdout=log,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                env={**os.environ, **(env or {})},
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,
            )
        self._running.append((name, process))

    def wait_for(self, name: str, url: str) -> None:
        """Wait until an address answers; raises DidNotStart when the process ends or is slow."""
        deadline = time.monotonic() + READY_SECONDS
        process = dict(self._running)[name]
        while time.monotonic() < deadline:
            if process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(url, timeout=2):  # noqa: S310 - our own http address
                    return
            except urllib.error.HTTPError:
                return  # It answers, which is all that was asked.
            except OSError:
                time.sleep(0.05)
        raise DidNotStart(f"{name} did not start; see {self.logs / name}.log")

    def stop(self) -> None:
        """End every child, the newest first."""
        for _, process in reversed(self._running):
            if process.poll() is None:
                process.terminate()
        for _, process in reversed(self._running):
            try:
                process.wait(timeout=STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._running.clear()

    def first_dead(self) -> str | None:
        """Return the name of a child that ended by itself, or None."""
        return next((name for name, one in self._running if one.poll() is not None), None)
