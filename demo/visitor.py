"""A person with a browser, for the story: keeps cookies and the page's token, fails loudly."""

import json
import re
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import pyotp

TIMEOUT = 60
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class StoryFailed(Exception):
    """A step of the story got an answer that it did not expect."""


@dataclass(frozen=True)
class Answer:
    """What came back in the end, after redirects."""

    status: int
    url: str
    kind: str
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()


class Visitor:
    """Somebody who uses the product over HTTP."""

    def __init__(self, base: str) -> None:
        self.base = base
        # Browsers send Secure cookies to this machine without TLS; the library must be told to.
        policy = DefaultCookiePolicy(secure_protocols=("https", "http"))
        self._http = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(CookieJar(policy)),
            urllib.request.ProxyHandler({}),
        )
        self.csrf = ""

    def get(self, path: str, *, expect: int = 200) -> Answer:
        """Open a page and remember its token."""
        return self._kept(self._send("GET", path, {"Accept": "text/html"}), expect)

    def post_form(self, path: str, fields: Mapping[str, str | list[str]] | None = None) -> Answer:
        """Send a form with the page's token; redirects are followed as a browser does."""
        data = {"csrf_token": self.csrf, **(fields or {})}
        body = urllib.parse.urlencode(data, doseq=True).encode()
        return self._kept(self._send("POST", path, {"Accept": "text/html"}, body), 200)

    def api(
        self, method: str, path: str, body: Any = None, *, expect: int = 201, match: str = ""
    ) -> Any:
        """Send an API request and return its JSON; ``match`` names the version that was read."""
        headers = {
            "X-CSRF-Token": self.csrf,
            "Idempotency-Key": uuid.uuid4().hex,
            "Content-Type": "application/json",
        }
        if match:
            headers["If-Match"] = match
        data = None if body is None and method == "GET" else json.dumps(body or {}).encode()
        answer = self._send(method, path, headers, data)
        _check(answer, method, path, expect)
        return json.loads(answer.body) if answer.body and "json" in answer.kind else {}

    def download(self, path: str) -> bytes:
        """Return a file."""
        answer = self._send("GET", path, {})
        _check(answer, "GET", path, 200)
        return answer.body

    def sign_in(self, email: str, password: str) -> None:
        """Sign in through the API; the cookie serves the pages too."""
        body = {"email": email, "password": password}
        self.csrf = self.api("POST", "/api/v1/sign-in", body, expect=200)["csrf_token"]

    def enrol(self, secret: str, password: str) -> None:
        """Set up a second factor with a known secret."""
        body = {"secret": secret, "code": pyotp.TOTP(secret).now(), "password": password}
        done = self.api("PUT", "/api/v1/me/authenticator", body, expect=200)
        self.csrf = done["csrf_token"]

    def step_up(self, secret: str) -> None:
        """Show the second factor."""
        body = {"code": pyotp.TOTP(secret).now()}
        self.csrf = self.api("POST", "/api/v1/step-up", body, expect=200)["csrf_token"]

    def _send(
        self, method: str, path: str, headers: dict[str, str], data: bytes | None = None
    ) -> Answer:
        url = path if path.startswith("http") else self.base + path
        request = urllib.request.Request(url, data, headers, method=method)  # noqa: S310 - our own
        try:
            with self._http.open(request, timeout=TIMEOUT) as got:
                kind = got.headers.get("Content-Type", "")
                return Answer(got.status, got.url, kind, got.read())
        except urllib.error.HTTPError as refused:
            kind = refused.headers.get("Content-Type", "")
            return Answer(refused.code, refused.url or url, kind, refused.read())

    def _kept(self, answer: Answer, expect: int) -> Answer:
        _check(answer, "page", answer.url, expect)
        found = TOKEN.search(answer.text) if "html" in answer.kind else None
        self.csrf = found.group(1) if found else self.csrf
        return answer


def _check(answer: Answer, method: str, path: str, expect: int) -> None:
    if answer.status != expect:
        text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.body.decode(errors="replace")))
        where = f"{method} {path.split('?')[0]}"
        raise StoryFailed(f"{where}: {answer.status} instead of {expect}: {text[:800]}")
