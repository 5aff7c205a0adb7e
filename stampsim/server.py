"""HTTP around the tokens, and the faults that a real authority has on a bad day.

``start`` runs it inside a test's process; ``python -m stampsim`` runs it by itself. Both listen on
127.0.0.1 and nowhere else.
"""

import itertools
import threading
import time
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from asn1crypto import tsp

from stampsim.identity import Identity, make_identity, open_identity
from stampsim.tokens import RequestRefused, grant, read_request, refuse

LARGEST_REQUEST = 8 * 1024
SLOW_SECONDS = 30.0
# What may be wrong: each name is one way in which an answer must not be believed or waited for.
FAULTS = {
    "none",
    "drips",
    "garbage",
    "http_error",
    "rejects",
    "slow",
    "stranger",
    "too_large",
    "wrong_imprint",
    "wrong_nonce",
    "wrong_signature",
    "wrong_time",
}


class StampServer(ThreadingHTTPServer):
    """The listening server with its identity and its present fault."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, port: int, identity: Identity, fault: str) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.identity = identity
        self.stranger = make_identity()
        self.fault = fault
        self.serials = itertools.count(int(time.time() * 1000))
        self.stopping = threading.Event()


class _Handler(BaseHTTPRequestHandler):
    server: StampServer

    def do_GET(self) -> None:
        """Hand out the root certificate, so that a person can configure it as trusted."""
        if self.path == "/root.pem":
            self._answer(HTTPStatus.OK, "application/x-pem-file", self.server.identity.root_pem)
        else:
            self._answer(HTTPStatus.NOT_FOUND, "text/plain", b"TEST time-stamp authority\n")

    def do_POST(self) -> None:
        """Stamp one request, or misbehave as told."""
        length = int(self.headers.get("Content-Length") or 0)
        if not 0 < length <= LARGEST_REQUEST:
            self._answer(HTTPStatus.BAD_REQUEST, "text/plain", b"not a time-stamp request\n")
            return
        body = self.rfile.read(length)
        fault = self.server.fault
        if fault == "slow":
            self.server.stopping.wait(SLOW_SECONDS)
        if fault == "http_error":
            self._answer(HTTPStatus.SERVICE_UNAVAILABLE, "text/plain", b"down\n")
            return
        self._answer(HTTPStatus.OK, "application/timestamp-reply", self._reply(body, fault))

    def _reply(self, body: bytes, fault: str) -> bytes:
        if fault == "garbage":
            return b"\x30\x03not"
        if fault == "too_large":
            return b"\x30" * 10_000_000
        try:
            request = read_request(body)
        except RequestRefused as refusal:
            return refuse(refusal.reason)
        if fault == "rejects":
            return refuse("system_failure")
        return self._granted(request, fault)

    def _granted(self, request: tsp.TimeStampReq, fault: str) -> bytes:
        server = self.server
        at = datetime.now(UTC)
        if fault == "wrong_imprint":
            request["message_imprint"]["hashed_message"] = bytes(32)
        elif fault == "wrong_nonce":
            request["nonce"] = (request["nonce"].native or 0) + 1
        elif fault == "wrong_time":
            at -= timedelta(days=400)
        identity = server.stranger if fault == "stranger" else server.identity
        token = grant(request, identity, next(server.serials), at)
        if fault == "wrong_signature":
            return token[:-1] + bytes([token[-1] ^ 1])
        return token

    def _answer(self, status: HTTPStatus, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self._write(body)
        except OSError:
            self.close_connection = True

    def _write(self, body: bytes) -> None:
        if self.server.fault != "drips":
            self.wfile.write(body)
            return
        for position in range(len(body)):
            self.wfile.write(body[position : position + 1])
            self.wfile.flush()
            if self.server.stopping.wait(0.2):
                return

    def log_message(self, format: str, *arguments: object) -> None:
        """Stay quiet: a stamp is not an event worth a line."""


class StampAuthority:
    """A running authority; ``fault`` may be changed between two requests."""

    def __init__(self, server: StampServer) -> None:
        self._server = server
        self._thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/"

    @property
    def root_pem(self) -> bytes:
        return self._server.identity.root_pem

    @property
    def fault(self) -> str:
        return self._server.fault

    @fault.setter
    def fault(self, name: str) -> None:
        if name not in FAULTS:
            raise ValueError(f"no such fault: {name}")
        self._server.fault = name

    def stop(self) -> None:
        """Stop listening; answers under way are given up."""
        self._server.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=5)


def start(port: int = 0, folder: Path | None = None, fault: str = "none") -> StampAuthority:
    """Start an authority in a thread; port 0 takes a free one."""
    return StampAuthority(StampServer(port, open_identity(folder), fault))


def serve_forever(port: int, folder: Path | None, fault: str) -> None:
    """Serve in this thread until interrupted."""
    with StampServer(port, open_identity(folder), fault) as server:
        server.serve_forever()
