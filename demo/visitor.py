"""A person with a browser, for the story: keeps cookies and the page's token, fails loudly."""

import re
import uuid
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import pyotp
import requests

TIMEOUT = 60
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class StoryFailed(Exception):
    """A step of the story got an answer that it did not expect."""


class Visitor:
    """Somebody who uses the product over HTTP."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.http = requests.Session()
        # Browsers send Secure cookies to this machine without TLS; the library must be told to.
        self.http.cookies.set_policy(DefaultCookiePolicy(secure_protocols=("https", "http")))
        self.csrf = ""

    def get(self, path: str, *, expect: int = 200) -> requests.Response:
        """Open a page and remember its token."""
        return self._kept(self.http.get(self._url(path), timeout=TIMEOUT), expect)

    def post_form(self, path: str, expect: int = 200, **fields: str) -> requests.Response:
        """Send a form with the page's token; redirects are followed as a browser does."""
        data = {"csrf_token": self.csrf, "idempotency_key": uuid.uuid4().hex, **fields}
        headers = {"Accept": "text/html"}
        answer = self.http.post(self._url(path), data=data, headers=headers, timeout=TIMEOUT)
        return self._kept(answer, expect)

    def api(self, method: str, path: str, body: Any = None, *, expect: int = 201) -> Any:
        """Send an API request and return its JSON."""
        headers = {"X-CSRF-Token": self.csrf, "Idempotency-Key": uuid.uuid4().hex}
        answer = self.http.request(
            method, self._url(path), json=body, headers=headers, timeout=TIMEOUT
        )
        self._check(answer, expect)
        return answer.json() if answer.content and "json" in answer.headers["Content-Type"] else {}

    def sign_in(self, email: str, password: str) -> None:
        """Sign in through the API; the cookie serves the pages too."""
        answer = self.api(
            "POST", "/api/v1/sign-in", {"email": email, "password": password}, expect=200
        )
        self.csrf = answer["csrf_token"]

    def enrol(self, secret: str) -> None:
        """Set up a second factor with a known secret."""
        self.get("/second-factor")
        self.post_form("/second-factor", secret=secret, code=pyotp.TOTP(secret).now())

    def step_up(self, secret: str) -> None:
        """Show the second factor; right after enrolment a fresh code may be the next one."""
        answer = self.api("POST", "/api/v1/step-up", {"code": pyotp.TOTP(secret).now()}, expect=200)
        self.csrf = answer["csrf_token"]

    def _url(self, path: str) -> str:
        return path if path.startswith("http") else self.base + path

    def _kept(self, answer: requests.Response, expect: int) -> requests.Response:
        self._check(answer, expect)
        found = (
            TOKEN.search(answer.text) if "html" in answer.headers.get("Content-Type", "") else None
        )
        self.csrf = found.group(1) if found else self.csrf
        return answer

    def _check(self, answer: requests.Response, expect: int) -> None:
        if answer.status_code != expect:
            text = re.sub(r"<[^>]+>", " ", answer.text)
            where = answer.request.method, answer.request.path_url.split("?")[0]
            raise StoryFailed(f"{where}: {answer.status_code} instead of {expect}: {text[:800]}")
