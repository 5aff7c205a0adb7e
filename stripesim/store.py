"""Where the simulator keeps its objects: one SQLite database, in memory or in a file.

One lock serves the whole simulator, so that a request, a hosted page and a background chore never
see half of each other's work. With a file, whatever was answered is there again after a kill -9.
"""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from stripesim.failures import Json

_SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    account TEXT NOT NULL,
    object TEXT NOT NULL,
    created INTEGER NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS objects_by_account ON objects (account, object, seq);
CREATE TABLE IF NOT EXISTS notes (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS replies (
    account TEXT NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL, request_id TEXT NOT NULL,
    status INTEGER NOT NULL, body TEXT NOT NULL, kept_until INTEGER NOT NULL,
    PRIMARY KEY (account, key)
);
CREATE TABLE IF NOT EXISTS chores (
    id INTEGER PRIMARY KEY AUTOINCREMENT, due REAL NOT NULL, kind TEXT NOT NULL,
    object_id TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL, endpoint TEXT NOT NULL,
    state TEXT NOT NULL, copies INTEGER NOT NULL, due REAL NOT NULL, attempts TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (state, due);
"""


class Store:
    """Objects by id and account, plus small notes; every write belongs to a ``unit``."""

    def __init__(self, path: str | None) -> None:
        """Open the file, or a database in memory; another process on the file is an error."""
        self.lock = threading.RLock()
        self._depth = 0
        self.connection = sqlite3.connect(
            path or ":memory:", check_same_thread=False, isolation_level=None, timeout=2
        )
        if path:
            self.connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            self.connection.execute("PRAGMA journal_mode = WAL")
            self.connection.execute("PRAGMA synchronous = NORMAL")
        self.connection.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the database after the last unit has ended."""
        with self.lock:
            self.connection.close()

    @contextmanager
    def unit(self) -> Iterator[None]:
        """Hold the lock and one transaction; an inner unit joins the outer one."""
        with self.lock:
            if self._depth == 0:
                self.connection.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._end("ROLLBACK")
                raise
            self._end("COMMIT")

    def _end(self, word: str) -> None:
        self._depth -= 1
        if self._depth == 0:
            self.connection.execute(word)

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Run one statement under the lock and return its rows."""
        with self.lock:
            return self.connection.execute(statement, values).fetchall()

    def put(self, account: str, body: Json) -> Json:
        """Keep a new or changed object; its id, kind and time come from the body."""
        self.rows(
            "INSERT INTO objects (id, account, object, created, body) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET body = excluded.body",
            body["id"],
            account,
            body["object"],
            body["created"] if isinstance(body["created"], int) else 0,
            json.dumps(body),
        )
        return body

    def find(self, object_id: str, *, account: str | None = None) -> Json | None:
        """Return an object by id, or None; with ``account`` only if it belongs there."""
        found = self.rows("SELECT account, body FROM objects WHERE id = ?", object_id)
        if not found or (account is not None and found[0][0] != account):
            return None
        body: Json = json.loads(found[0][1])
        return body

    def owner(self, object_id: str) -> str:
        """Return the account that an object belongs to; KeyError if there is no such object."""
        found = self.rows("SELECT account FROM objects WHERE id = ?", object_id)
        if not found:
            raise KeyError(object_id)
        return str(found[0][0])

    def every(self, kind: str, *, account: str | None = None) -> list[Json]:
        """Return all objects of a kind, newest first."""
        found = self.rows(
            "SELECT body FROM objects WHERE object = ? AND (? IS NULL OR account = ?)"
            " ORDER BY seq DESC",
            kind,
            account,
            account,
        )
        return [json.loads(row[0]) for row in found]

    def delete(self, object_id: str) -> None:
        """Forget an object."""
        self.rows("DELETE FROM objects WHERE id = ?", object_id)

    def note(self, name: str, default: Any = None) -> Any:
        """Return a small named value, or ``default``."""
        found = self.rows("SELECT value FROM notes WHERE name = ?", name)
        return json.loads(found[0][0]) if found else default

    def keep_note(self, name: str, value: Any) -> None:
        """Keep a small named value."""
        self.rows(
            "INSERT OR REPLACE INTO notes (name, value) VALUES (?, ?)", name, json.dumps(value)
        )
