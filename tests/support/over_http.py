"""Requests of several browsers at once, through sockets of their own to one server."""

import json
import threading
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode, urlsplit

LONGEST = 120


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    location: str
    text: str


@dataclass(frozen=True)
class Browser:
    """Somebody's cookie and the token of their open page, at the address of a server."""

    address: str
    cookie: str
    csrf: str

    def get(self, path: str) -> Answer:
        """Open a page, without following where it leads."""
        return self._ask("GET", path, "", {"Accept": "text/html"})

    def submit(self, path: str, fields: dict[str, object]) -> Answer:
        """Send the form of a page."""
        typed = urlencode({"csrf_token": self.csrf, **fields}, doseq=True)
        kind = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html"}
        return self._ask("POST", path, typed, kind)

    def call(self, method: str, path: str, body: Any = None, *, match: int | None = None) -> Answer:
        """Send a request of the API."""
        headers = {"Content-Type": "application/json", "X-CSRF-Token": self.csrf}
        headers["Idempotency-Key"] = uuid.uuid4().hex
        if match is not None:
            headers["If-Match"] = str(match)
        return self._ask(method, path, json.dumps(body or {}), headers)

    def _ask(self, method: str, path: str, body: str, headers: dict[str, str]) -> Answer:
        connection = HTTPConnection(urlsplit(self.address).netloc, timeout=LONGEST)
        try:
            sent = {**headers, "Cookie": self.cookie}
            connection.request(method, path, body.encode() or None, sent)
            got = connection.getresponse()
            text = got.read().decode("utf-8", "replace")
            return Answer(got.status, got.getheader("Location") or "", text)
        finally:
            connection.close()


def all_at_once(acts: Sequence[Callable[[], Answer]]) -> list[Answer]:
    """Let every act begin at the same moment; return the answers in the order of the acts."""
    found: dict[int, Answer] = {}
    start = threading.Barrier(len(acts))

    def run(number: int, act: Callable[[], Answer]) -> None:
        start.wait()
        found[number] = act()

    threads = [threading.Thread(target=run, args=one) for one in enumerate(acts)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return [found[number] for number in range(len(acts))]
