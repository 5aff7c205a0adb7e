"""Use the staff's pages as a browser without scripts would: cookies, form tokens, redirects."""

import re
import uuid
from html import unescape

from flask import Flask
from werkzeug.test import TestResponse

from tests.factories.tenants import MadeClinic, Staff
from tests.support.api import Api

TAGS = re.compile(r"<(script|style)\b.*?</\1>|<[^>]+>", re.DOTALL)


class Desk:
    """A member of staff at a desk of one clinic."""

    def __init__(self, app: Flask, clinic: MadeClinic, who: Staff) -> None:
        self.api = Api(app, clinic, who)
        self.base = f"/clinics/{clinic.tenant_id}"

    @classmethod
    def of(cls, api: Api) -> "Desk":
        """Return the desk of somebody who has signed in already."""
        desk = cls.__new__(cls)
        desk.api, desk.base = api, f"/clinics/{api.clinic.tenant_id}"
        return desk

    def read(self, path: str, expect: int = 200) -> str:
        """Open a page below the clinic; return what stands on it as plain text."""
        return words(self.answer(path, expect))

    def answer(self, path: str, expect: int = 200) -> TestResponse:
        """Open a page below the clinic."""
        return checked(self.api.client.get(self.base + path), expect)

    def send(self, path: str, expect: int = 303, **values: str | list[str]) -> TestResponse:
        """Send a form below the clinic, with the token and a fresh key."""
        form = {"csrf_token": self.api.csrf, "idempotency_key": uuid.uuid4().hex} | values
        return checked(self.api.client.post(self.base + path, data=form), expect)


def checked(answer: TestResponse, expect: int) -> TestResponse:
    """Return an answer whose status is the expected one."""
    assert answer.status_code == expect, f"{answer.status_code}: {words(answer)[:600]}"
    return answer


def words(answer: TestResponse) -> str:
    """Return the text of a page with single blanks."""
    return " ".join(unescape(TAGS.sub(" ", answer.text)).split())
