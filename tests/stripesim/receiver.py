"""A webhook receiver over real HTTP, which can be told to answer badly."""

import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import stripe


@dataclass
class Post:
    """One delivery as it came over the wire."""

    body: bytes
    signature: str


@dataclass
class Receiver:
    """Keeps every delivery in the order of arrival; ``answers`` are used up first, then 200."""

    posts: list[Post] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Listen on a free port of 127.0.0.1."""
        receiver = self
        self._lock = threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = receiver.take(Post(body, self.headers["Stripe-Signature"]))
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/webhooks/stripe"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def take(self, post: Post) -> int:
        with self._lock:
            self.posts.append(post)
            return self.answers.pop(0) if self.answers else 200

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def events(self, secret: str) -> list[Any]:
        """Return every delivery, its signature checked by Stripe's own library."""
        return [
            stripe.Webhook.construct_event(post.body, post.signature, secret) for post in self.posts
        ]
