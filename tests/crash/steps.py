"""Every step of an act that another process could see: statements, commits, files and calls.

The steps are counted where they leave the process, at the libraries and not at our own code, so
that a statement nobody thought of is counted as well.
"""

import http.client
import os
import signal
import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

import obstore
import psycopg

ALWAYS = 0


class Steps:
    """Writes each step down, and dies at the one that it was told."""

    def __init__(self, log: int, dies_at: int = ALWAYS) -> None:
        self.count, self._log, self._dies_at = 0, log, dies_at

    def take(self, step: str) -> None:
        """Note a step; never return from the fatal one."""
        self.count += 1
        os.write(self._log, f"{step}\n".encode())
        if self.count == self._dies_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, act: Callable[..., Any], name: Callable[..., str]) -> Callable[..., Any]:
        """Return the same function with a step before it and one after it."""

        @wraps(act)
        def counted(*given: Any, **named: Any) -> Any:
            what = name(*given, **named)
            self.take(f"before {what}")
            try:
                return act(*given, **named)
            finally:
                self.take(f"after {what}")

        return counted

    def watch(self) -> None:
        """Count from now on; for a process that will not live long, since it cannot be undone."""
        psycopg.Cursor.execute = self.around(psycopg.Cursor.execute, _statement)
        psycopg.Cursor.executemany = self.around(psycopg.Cursor.executemany, _statement)
        psycopg.Connection.commit = self.around(psycopg.Connection.commit, _named("commit"))
        obstore.put = self.around(obstore.put, _named("file put"))
        obstore.delete = self.around(obstore.delete, _named("file delete"))
        os.fsync = self.around(os.fsync, _named("file flush"))
        os.replace = self.around(os.replace, _named("file replace"))
        client = http.client.HTTPConnection
        client.connect = self.around(client.connect, _named("http connect"))
        client.request = self.around(client.request, _named("http request"))
        client.getresponse = self.around(client.getresponse, _named("http answer"))
        sys.addaudithook(self._hear)

    def _hear(self, event: str, given: tuple[Any, ...]) -> None:
        """Count files that are opened for writing by whatever else there is."""
        if event != "open" or not isinstance(given[2], int):
            return
        if given[2] & (os.O_WRONLY | os.O_RDWR) and not str(given[0]).startswith("/dev/"):
            self.take("before file write")


def _named(what: str) -> Callable[..., str]:
    return lambda *_given, **_named: what


def _statement(_cursor: object, query: object, *_given: object, **_named: object) -> str:
    said = query.decode() if isinstance(query, bytes) else str(query)
    return "sql " + " ".join(said.split())[:70]
