"""A mail server of one thread that keeps what it was given; it can also be down."""

import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Inbox:
    """The letters that arrived, with the addresses of their envelopes; ``pause`` is in seconds."""

    port: int = 0
    pause: float = 0.0
    letters: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The address for the application's settings."""
        return f"smtp://127.0.0.1:{self.port}"


class _Talk(socketserver.StreamRequestHandler):
    """Just enough SMTP (RFC 5321) for one letter at a time."""

    def handle(self) -> None:
        inbox: Inbox = self.server.inbox
        self._say("220 ready")
        while line := self.rfile.readline().decode().strip():
            word = line.split(":")[0].upper()
            if word == "RCPT TO":
                inbox.addresses.append(line.split(":", 1)[1].strip(" <>"))
            if word == "DATA":
                time.sleep(inbox.pause)
                self._say("354 go on")
                inbox.letters.append(self._letter())
            if word == "QUIT":
                self._say("221 bye")
                return
            self._say("250 fine")

    def _letter(self) -> str:
        lines = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line.decode())
        return "".join(lines)

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@contextmanager
def mail_server() -> Iterator[Inbox]:
    """Yield the inbox of a running mail server on a free port of this machine."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Talk) as server:
        server.daemon_threads = True
        server.inbox = Inbox(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server.inbox
        finally:
            server.shutdown()
            thread.join()
