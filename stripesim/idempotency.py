"""Idempotency keys, one space per account: a repeated request gets the first one's answer.

The first API keeps any result for a day once the request has begun to execute, a 500 included. The
second keeps successes for thirty days and runs failed work again.
"""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from stripesim.core import Core
from stripesim.failures import Json, idempotency_mismatch, still_running

_DAY = 86_400


@dataclass(frozen=True)
class Reply:
    """One finished answer; ``original`` names the request that it was first given to."""

    status: int
    body: Json
    request_id: str
    replayed: bool = False


class KeyRing:
    """Which keys are in use right now, and what the finished ones were answered."""

    def __init__(self, core: Core) -> None:
        """Start with nothing in progress: a killed process has no running requests."""
        self._core = core
        self._lock = threading.Lock()
        self._running: set[tuple[str, str]] = set()

    @contextmanager
    def held(self, account: str, key: str | None) -> Iterator[None]:
        """Hold a key for the length of a request; raise the 409 if somebody else has it."""
        if key is None:
            yield
            return
        with self._lock:
            if (account, key) in self._running:
                raise still_running(key)
            self._running.add((account, key))
        try:
            yield
        finally:
            with self._lock:
                self._running.discard((account, key))

    def earlier_reply(self, account: str, key: str, fingerprint: str) -> Reply | None:
        """Return the kept answer; raise the 400 if the request is not the same one."""
        rows = self._core.store.rows(
            "SELECT fingerprint, status, body, request_id, kept_until FROM replies"
            " WHERE account = ? AND key = ?",
            account,
            key,
        )
        if not rows or rows[0][4] <= self._core.clock.now():
            return None
        if rows[0][0] != fingerprint:
            raise idempotency_mismatch(key)
        return Reply(rows[0][1], json.loads(rows[0][2]), rows[0][3], replayed=True)

    def keep(
        self, account: str, key: str, fingerprint: str, reply: Reply, *, second_version: bool
    ) -> None:
        """Keep an answer for its time; call it inside the unit that did the work."""
        if second_version and reply.status >= 400:
            return
        until = self._core.clock.now() + (30 * _DAY if second_version else _DAY)
        self._core.store.rows(
            "INSERT OR REPLACE INTO replies VALUES (?, ?, ?, ?, ?, ?, ?)",
            account,
            key,
            fingerprint,
            reply.request_id,
            reply.status,
            json.dumps(reply.body),
            until,
        )


def fingerprint_of(method: str, path: str, params: Json) -> str:
    """Return a digest of what was asked, so that another request is told apart."""
    text = json.dumps([method, path, params], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
