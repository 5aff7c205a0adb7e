"""A provider of text messages that keeps what it was given; it can also refuse.

A stand-in: it speaks the HTTP shape that providers share, and no phone ever rings.
"""

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

ACCOUNT, TOKEN = "AC0123", "a token/with:signs"


@dataclass
class Phones:
    """The messages that arrived, by number; ``refuses`` is the status of a refusal."""

    port: int = 0
    refuses: int = 0
    sent: list[dict[str, str]] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The address for the application's settings."""
        return f"http://{ACCOUNT}:a%20token%2Fwith%3Asigns@127.0.0.1:{self.port}"


class _Provider(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        phones: Phones = self.server.phones
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        fields = {name: values[0] for name, values in parse_qs(body).items()}
        wanted = base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
        if self.headers["Authorization"] != f"Basic {wanted}":
            return self._answer(401, {"code": 20003, "message": "Authenticate"})
        if self.path != f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json":
            return self._answer(404, {"code": 20404, "message": "not found"})
        if phones.refuses:
            return self._answer(phones.refuses, {"code": 21211, "message": fields["To"]})
        phones.sent.append(fields)
        return self._answer(201, {"sid": "SM1", "status": "queued"})

    def _answer(self, status: int, told: dict[str, object]) -> None:
        data = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_told: object) -> None:
        """Say nothing."""


@contextmanager
def text_provider() -> Iterator[Phones]:
    """Yield the phones behind a running provider on a free port of this machine."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Provider) as server:
        server.daemon_threads = True
        server.phones = Phones(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server.phones
        finally:
            server.shutdown()
            thread.join()
