"""Call the API as somebody: signs in through the front door and keeps cookie and token."""

import uuid
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.factories.tenants import PASSWORD, MadeClinic, Staff


def own_address() -> str:
    """Return a network address that no other test has, also when only its first half counts."""
    one = uuid.uuid4().hex
    return f"2001:db8:{one[:4]}:{one[4:8]}::1"


class Api:
    """A signed-in client of one clinic."""

    def __init__(
        self, app: Flask, clinic: MadeClinic, who: Staff, *, password: str = PASSWORD
    ) -> None:
        self.client: FlaskClient = app.test_client()
        # Tries are counted by address, and a run has more people than one address may sign in.
        self.client.environ_base["REMOTE_ADDR"] = own_address()
        self.clinic, self.who = clinic, who
        answer = self.client.post(
            "/api/v1/sign-in", json={"email": who.email, "password": password}
        )
        assert answer.status_code == 200, answer.text
        self.csrf = answer.get_json()["csrf_token"]

    def url(self, path: str) -> str:
        """Return the address of a path below the clinic."""
        return f"/api/v1/clinics/{self.clinic.tenant_id}{path}"

    def get(self, path: str, expect: int = 200) -> Any:
        """Read a path below the clinic."""
        return self._checked(self.client.get(self.url(path)), expect)

    def post(
        self,
        path: str,
        body: Any = None,
        expect: int = 201,
        key: str = "",
        match: int | None = None,
    ) -> Any:
        """Send an unsafe request below the clinic, with a fresh key unless one is given."""
        headers = {"X-CSRF-Token": self.csrf, "Idempotency-Key": key or uuid.uuid4().hex}
        if match is not None:
            headers["If-Match"] = str(match)
        answer = self.client.post(self.url(path), json=body or {}, headers=headers)
        return self._checked(answer, expect)

    def put(self, path: str, body: Any, *, match: int | None = None, expect: int = 200) -> Any:
        """Replace something below the clinic; ``match`` names the version that was read."""
        headers = {"X-CSRF-Token": self.csrf, "Idempotency-Key": uuid.uuid4().hex}
        if match is not None:
            headers["If-Match"] = str(match)
        return self._checked(self.client.put(self.url(path), json=body, headers=headers), expect)

    def delete(self, path: str, expect: int = 200) -> Any:
        """Take something below the clinic away."""
        headers = {"X-CSRF-Token": self.csrf}
        return self._checked(self.client.delete(self.url(path), headers=headers), expect)

    @staticmethod
    def _checked(answer: TestResponse, expect: int) -> Any:
        assert answer.status_code == expect, f"{answer.status_code}: {answer.text}"
        return answer.get_json(silent=True)
