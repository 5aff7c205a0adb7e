"""A patient with a browser: walks the signing pages without JavaScript, by forms alone."""

import re

from flask import Flask
from werkzeug.test import TestResponse

from app.consent.ciphers import get_shown
from app.consent.signing.services.read_form import teach_back_of
from app.database import TenantScope
from app.messaging.queries import list_messages_to_patient
from app.messaging.services import read_message
from tests.factories.consent import MadeConsent, clear_fields, drawn_ink
from tests.factories.plans import BORN

BIRTH = {"birth_day": str(BORN.day), "birth_month": str(BORN.month), "birth_year": str(BORN.year)}
TOKEN = re.compile(r'name="csrf_token" value="([^"]*)"')
ASKED = re.compile(r'name="question_id" value="([^"]*)"')
NOTICE = re.compile(r'name="privacy_version" value="([^"]*)"')
SHOWN = re.compile(r'name="document_sha256" value="([^"]*)"')


class Signer:
    """One browser of one patient."""

    def __init__(self, app: Flask, asked: MadeConsent) -> None:
        self.client, self.asked = app.test_client(), asked
        self.page: TestResponse | None = None
        self.csrf = ""

    def get(self, path: str, expect: int = 200) -> TestResponse:
        """Open a page."""
        self.page = self.client.get(path, headers={"Accept": "text/html"})
        assert self.page.status_code == expect, f"{self.page.status_code}: {self.page.text[:800]}"
        return self.page

    def post(self, path: str, fields: dict[str, object], expect: int = 303) -> TestResponse:
        """Send the form of the page that is open."""
        token = TOKEN.search(self.page.text if self.page else "")
        # A page without a form leaves the last one's token, as an open tab would.
        self.csrf = token.group(1) if token else self.csrf
        notice = NOTICE.search(self.page.text if self.page else "")
        told = {"privacy_version": notice.group(1)} if notice else {}
        data = {"csrf_token": self.csrf, **told, **fields}
        answer = self.client.post(path, data=data, headers={"Accept": "text/html"})
        assert answer.status_code == expect, f"{answer.status_code}: {answer.text[:800]}"
        return answer

    def go(self, path: str, fields: dict[str, object]) -> str:
        """Send a form and open the page to which it leads; return its path."""
        where = self.post(path, fields).headers["Location"]
        while self.get_or_follow(where):
            where = self.page.headers["Location"]
        return where

    def get_or_follow(self, path: str) -> bool:
        """Open a page; return whether it leads on."""
        self.page = self.client.get(path, headers={"Accept": "text/html"})
        assert self.page.status_code in (200, 303), self.page.text[:800]
        return self.page.status_code == 303

    def exchange(self, token: str | None = None, expect: int = 200) -> TestResponse:
        """Open the link as the page's script does."""
        body = {"token": self.asked.token if token is None else token}
        answer = self.client.post("/api/v1/sign/exchange", json=body)
        assert answer.status_code == expect, answer.text
        return answer

    def code_from_message(self) -> str:
        """Return the newest code that was sent to the patient."""
        made = self.asked.made
        with made.clinic.scope() as scope:
            for message in list_messages_to_patient(scope, made.patient_id):
                if message.template == "sign_code":
                    found = re.search(r"\b(\d{8})\b", read_message(scope, message).body)
                    assert found is not None
                    return found.group(1)
        raise AssertionError("no code was sent")

    def identify(self) -> str:
        """Open the link and prove who it is by a code; return the page that follows."""
        self.exchange()
        self.get("/sign/identity")
        self.go("/sign/identity/code", {})
        return self.go("/sign/identity", {"code": self.code_from_message(), **BIRTH})

    def reach_questions(self) -> None:
        """Walk to the health questions."""
        self.identify()
        assert self.go("/sign/electronic", {"way": "screen"}) == "/sign/questions"

    def answer(self, **changes: str) -> str:
        """Answer everything clearly, with some answers changed."""
        with self.asked.made.clinic.scope() as scope:
            fields = clear_fields(scope, self.asked.id, **changes)
        return self.go("/sign/questions", dict(fields))

    def reach_signature(self, **asked: str) -> None:
        """Walk to the page with the signature; ``asked`` are questions typed beside the form."""
        self.reach_questions()
        assert self.answer() == "/sign/read"
        shown = self.shown_on_page()
        assert self.go("/sign/read", {"document_sha256": shown, **asked}) == "/sign/understood"
        right = self.right_answers()
        assert self.go("/sign/understood", right) == "/sign/understood"
        assert self.go("/sign/understood", right) == "/sign/signature"

    def go_without_answers(self) -> None:
        """Take back every question that the page with the signature waits for."""
        while found := ASKED.search(self.page.text if self.page else ""):
            self.go("/sign/signature/without-answer", {"question_id": found.group(1)})

    def token_on_page(self) -> str:
        """Return the token of the open page's form."""
        found = TOKEN.search(self.page.text if self.page else "")
        assert found is not None
        return found.group(1)

    def shown_on_page(self) -> str:
        """Return the hash of what the open page shows."""
        found = SHOWN.search(self.page.text if self.page else "")
        assert found is not None
        return found.group(1)

    def right_answers(self) -> dict[str, object]:
        """Return the right answers to the questions of understanding."""
        with self.asked.made.clinic.scope() as scope:
            shown = get_shown(scope, self.asked.read(scope))
            return {one.clause: one.correct for one in teach_back_of(shown)}

    def signing_fields(self, **changes: object) -> dict[str, object]:
        """Return the fields of the page with the signature, drawn."""
        fields: dict[str, object] = {
            "idempotency_key": "a-key-of-the-page",
            "document_sha256": self.shown_on_page(),
            "full_name": "Aoife Nguyễn",
            "signature_kind": "ink",
            "ink": drawn_ink(),
            "acknowledged": ["sg-1", "sg-2"],
        }
        return {**fields, **changes}


def state_of(scope: TenantScope, asked: MadeConsent) -> str:
    """Return the state of a consent as it is stored."""
    return asked.read(scope).state


def right_answers_of(scope: TenantScope, asked: MadeConsent) -> dict[str, str]:
    """Return the right answers to the questions of understanding of what is shown now."""
    shown = get_shown(scope, asked.read(scope))
    return {one.clause: one.correct for one in teach_back_of(shown)}
