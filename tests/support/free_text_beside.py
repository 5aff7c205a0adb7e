"""Writes a marked text where people type beside the plain way of a consent.

Evidence for an answer, a second clinician from outside, forms that a clinic writes or brings in, a
list of patients as CSV, and what a patient's own pages give back to them.
"""

import io
import json
import re
import uuid
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from app.consent.forms.content import shipped_form
from app.kit.clock import today_in
from app.messaging.queries import page_messages
from app.messaging.services import read_message
from tests.consent.forms import block_of
from tests.factories.consent import make_asked_consent
from tests.factories.plans import make_discussed_plan
from tests.factories.tenants import unique_email
from tests.support.free_text import LONG, Written
from tests.support.pages import Desk
from tests.support.signer import BIRTH, TOKEN, Signer


class Guest:
    """A clinician outside with a browser; keeps every page that they saw."""

    def __init__(self, app: Flask, written: Written) -> None:
        self.client, self.written = app.test_client(), written
        self.seen: list[str] = []

    def secret(self, template: str, pattern: str) -> str:
        """Return a secret of the newest letter of its kind."""
        with self.written.clinic.scope() as scope:
            letter = next(one for one in page_messages(scope) if one.template == template)
            found = re.search(pattern, read_message(scope, letter).body)
        assert found is not None
        return found.group(1)

    def get(self, path: str) -> None:
        """Open a page."""
        self.seen.append(self.client.get(path, headers={"Accept": "text/html"}).text)

    def post(self, path: str, expect: int = 303, **fields: str) -> None:
        """Send the form of the page that is open."""
        token = TOKEN.search(self.seen[-1])
        assert token is not None
        data = {"csrf_token": token.group(1), **fields}
        answer = self.client.post(path, data=data, headers={"Accept": "text/html"})
        assert answer.status_code == expect, answer.text[:800]
        if expect != 303:
            self.seen.append(answer.text)


def write_beside(app: Flask, written: Written) -> list[str]:
    """Write everything; return the pages that somebody without an account saw of it."""
    _forms(written)
    _list_of_patients(written)
    return [*_evidence_and_guest(app, written), *_own_pages(app, written)]


def _evidence_and_guest(app: Flask, written: Written) -> list[str]:
    """A "not sure" is answered by evidence, and a block lifted with somebody from outside."""
    word, api = written.word, written.api
    made = make_discussed_plan(written.clinic)
    asked = make_asked_consent(made)
    signer = Signer(app, asked)
    signer.reach_questions()
    signer.answer(bleeding_disorder="yes", pregnancy="unsure")
    held = next(one for one in api.get("/holds") if one["consent_id"] == str(asked.id))
    hold = f"/holds/{held['id']}"
    seen = {"question": "pregnancy", "value": "no", "kind": "test"}
    seen |= {"seen_on": today_in("Europe/London").isoformat(), "note": word("evidence")}
    api.post(f"{hold}/evidence", seen)
    decision = {"kind": "safe", "answers_number": 2, "lifts": ["bleeding_disorder"]}
    api.post(f"{hold}/decisions", {**decision, "reason": f"{LONG} {word('lift-again')}"})
    api.post(f"{hold}/outside", {"number": 1, "email": unique_email("outside")})
    ids = {"patient_id": made.patient_id, "consent_id": asked.id, "plan_id": made.plan_id}
    named = {name: str(one) for name, one in ids.items()}
    written.ids.append({**named, "hold_id": held["id"], "version_id": str(made.version_id)})
    return _guest(Guest(app, written), written)


def _guest(guest: Guest, written: Written) -> list[str]:
    word = written.word
    token = {"token": guest.secret("review_request", r"/review#(\S+)")}
    assert guest.client.post("/api/v1/review/exchange", json=token).status_code == 200
    guest.get("/review/who")
    stated = {"body": word("guest-body"), "registration_number": word("guest-number")}
    guest.post("/review/who", expect=422, name="", profession="doctor", **stated)
    stated = {field: printable(one) for field, one in stated.items()}
    name = printable(word("guest-name"))
    guest.post("/review/who", name=name, profession="doctor", **stated)
    guest.get("/review/code")
    guest.post("/review/code", expect=422, code=word("guest-code"))
    guest.post("/review/code", code=guest.secret("review_code", r"\b(\d{8})\b"))
    guest.get("/review/hold")
    guest.post("/review/hold", expect=422, word="", second_reason=word("guest-unsure"))
    said = f"{LONG} {word('guest-reason')}"
    guest.post("/review/hold", word="agree", second_reason=said)
    guest.get("/review/thanks")
    return guest.seen


def _forms(written: Written) -> None:
    """A form is brought in as a file, changed, sent back, published and changed again."""
    word, owner = written.word, written.owner
    raw = json.loads(shipped_form("clinical_photos")[0])
    raw["title"], raw["version"] = printable(word("form-title")), "1"
    block_of(raw, "pw-1")["text"] = printable(word("form-text"))
    draft = owner.post("/form-drafts", {"file": as_file(raw)})
    first = owner.post(f"/form-drafts/{draft['id']}/submit", match=draft["version"])
    for step in ("clinical-review", "legal-review", "publish"):
        owner.post(f"/forms/{first['id']}/{step}", expect=200)
    again = owner.post("/form-drafts", {"version_id": first["id"]})
    changed = json.loads(json.dumps(raw))
    block_of(changed, "pw-1")["text"] = printable(word("form-changed"))
    path = f"/form-drafts/{again['id']}"
    version = owner.put(path, {"content": changed}, match=again["version"])["version"]
    second = owner.post(f"/form-drafts/{again['id']}/submit", match=version)
    owner.post(f"/forms/{second['id']}/return", {"note": word("form-note")}, expect=200)
    written.ids.append({"form_version_id": first["id"]})
    written.ids.append({"form_version_id": second["id"]})
    # What no form may say is still shown to whoever writes it.
    block_of(changed, "pw-1")["text"] = word("form-draft")
    wild = owner.post("/form-drafts", {"file": as_file(changed)})
    section = next(one["id"] for one in changed["sections"] if block_in(one, "pw-1"))
    written.ids.append({"form_draft_id": wild["id"], "section": section, "clause": "pw-1"})


def block_in(section: dict[str, Any], clause: str) -> bool:
    """Return whether a section has a clause."""
    return any(block["id"] == clause for block in section["blocks"])


def as_file(content: dict[str, Any]) -> dict[str, Any]:
    """Return a form as the file that a clinic brings in."""
    return {"schema": "needlepoint-form-1", "content": content}


def printable(text: str) -> str:
    """Return a text without what no form may say: values of its own, and signs not on paper."""
    return text.replace("{{7*7}}", "").replace("\u202e", "")


def _list_of_patients(written: Written) -> None:
    """A list is brought in whose headings and cells are typed by somebody."""
    word = written.word
    head = f'"{quoted(word("csv-head"))}",Born,Note\n'
    rows = f'"{quoted(word("csv-name"))}",1990-05-17,"{quoted(word("csv-note"))}"\n'
    desk = Desk.of(written.owner)
    sent = {"file": (io.BytesIO((head + rows).encode()), f"{word('csv-file')}.csv")}
    data = {"csrf_token": desk.api.csrf, "idempotency_key": uuid.uuid4().hex, **sent}
    answer = desk.api.client.post(f"{desk.base}/patients/imports", data=data)
    assert answer.status_code == 303, answer.text[:500]
    written.ids.append({"patient_import_id": answer.headers["Location"].rpartition("/")[2]})


def quoted(text: str) -> str:
    """Return a text as a quoted cell holds it."""
    return text.replace('"', '""')


def _own_pages(app: Flask, written: Written) -> list[str]:
    """What a patient types wrongly is given back to them, and what they ask is shown to them."""
    word, seen = written.word, list[str]()
    stranger = app.test_client()
    for path, fields in (
        ("/sign/code", {"short_code": word("own-code")}),
        ("/sign/new-link", {"contact": word("own-contact")}),
    ):
        seen.append(page_of(stranger.post(path, data=fields)))
    signer = Signer(app, make_asked_consent(make_discussed_plan(written.clinic)))
    signer.exchange()
    signer.get("/sign/identity")
    wrong = {"code": word("own-guess"), **BIRTH, "birth_day": word("own-day")}
    seen.append(page_of(signer.post("/sign/identity", wrong, expect=422)))
    signer.get("/sign/identity")
    signer.go("/sign/identity/code", {})
    signer.go("/sign/identity", {"code": signer.code_from_message(), **BIRTH})
    signer.go("/sign/electronic", {"way": "screen"})
    seen.append(page_of(signer.post("/sign/questions", {"pregnancy": word("own-answer")}, 422)))
    signer.get("/sign/questions")
    signer.answer()
    asked = {"document_sha256": signer.shown_on_page(), "question_risks": word("own-question")}
    signer.go("/sign/read", asked)
    right = signer.right_answers()
    signer.go("/sign/understood", right)
    signer.go("/sign/understood", right)
    seen.append(page_of(signer.page))
    seen.append(page_of(signer.get("/sign/read")))
    signer.get("/sign/signature")
    signer.go_without_answers()
    seen.append(page_of(signer.get("/sign/signature")))
    fields = signer.signing_fields(
        full_name=word("own-name"), signature_kind="typed", ink="", acknowledged=[]
    )
    seen.append(page_of(signer.post("/sign/signature", fields, expect=422)))
    signer.get("/sign/withdraw")
    no = {"reasons": ["cost"], "words": word("own-words") * 200}
    seen.append(page_of(signer.post("/sign/withdraw", no, expect=422)))
    return seen


def page_of(answer: TestResponse | None) -> str:
    """Return the text of a page."""
    assert answer is not None
    return answer.text
