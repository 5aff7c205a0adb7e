"""One whole way of a consent, a secret planted in every text: where does any of them turn up?

What is written about health is found in no row at all, since it lies encrypted; a name is found
where patients are looked up by it, and in no log, address, subject, job, event or refusal.
"""

import logging
import uuid
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.consent.signing.patient_questions import FIELD
from app.kit.clock import now
from tests.audit.test_logs import Log, everything_of, log
from tests.factories.consent import make_asked_consent
from tests.factories.plans import MadePlan, make_discussed_plan
from tests.support.api import Api
from tests.support.signer import Signer
from tests.support.step_up import proven

__all__ = ["log"]
NAME = "Zaubername Quellstein"
WRITTEN = {
    one: f"Zauber{one} isst Äpfel, und das soll niemand sonst lesen."
    for one in ("wunsch", "fleck", "sinn", "notiz", "frage", "antwort", "grund", "abschied", "wert")
}
PLAIN = text(
    "SELECT subject FROM message WHERE tenant_id = :t"
    " UNION ALL SELECT args::text FROM queue.procrastinate_jobs"
    " UNION ALL SELECT action || details FROM audit_event WHERE tenant_id = :t"
)


class Watched:
    """Keeps the addresses that were led to, and what was said by every refusal."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def refused(self, api: Api, path: str, body: dict[str, Any]) -> None:
        """Send what is refused, and keep the answer."""
        headers = {"X-CSRF-Token": api.csrf, "Idempotency-Key": uuid.uuid4().hex}
        answer = api.client.post(api.url(path), json=body, headers=headers)
        assert 400 <= answer.status_code < 500, answer.text
        self.said.append(answer.text)


def walk(app: Flask, made: MadePlan) -> tuple[Signer, Watched]:
    """Plan, ask, hold, decide, question, answer, sign, confirm and take back, over HTTP."""
    api, watched = proven(Api(app, made.clinic, made.practitioner)), Watched()
    _plan(api, made)
    asked = make_asked_consent(made)
    signer = Signer(app, asked)
    _screen(api, made, watched)
    signer.reach_questions()
    assert signer.answer(hsv_history_area="yes") == "/sign/hold"
    hold = api.get("/holds")[0]
    decision = {"kind": "safe", "reason": WRITTEN["grund"], "answers_number": 1}
    api.post(f"/holds/{hold['id']}/decisions", decision)
    watched.refused(api, f"/holds/{hold['id']}/decisions", decision)
    _read_and_sign(api, signer, watched)
    api.post(f"/consents/{asked.id}/attest")
    watched.refused(api, f"/consents/{asked.id}/attest", {"note": WRITTEN["wert"]})
    api.post(f"/consents/{asked.id}/withdraw", {"reason": WRITTEN["abschied"]}, expect=200)
    watched.refused(api, f"/consents/{asked.id}/withdraw", {"why": WRITTEN["abschied"]})
    return signer, watched


def _plan(api: Api, made: MadePlan) -> None:
    terms = {
        "procedure_id": "mechanical_microneedling",
        "indication_id": "acne_scars_atrophic",
        "areas": {"face_cheeks": 1000},
        "device_id": str(made.device_id),
        "practitioner_id": str(made.practitioner.id),
        "sessions": 3,
        "interval_days": 28,
        "anaesthetic": "otc",
        "skin_type": 2,
        "price_minor": 52650,
        "what_matters": WRITTEN["wunsch"],
        "leave_out": [{"area": "face_cheeks", "what": WRITTEN["fleck"]}],
        "capacity_note": WRITTEN["sinn"],
    }
    version = api.get(f"/plans/{made.plan_id}")["version"]
    latest = api.put(f"/plans/{made.plan_id}", terms, match=version)
    talk = {
        "held_at": (now() - timedelta(hours=1)).isoformat(),
        "held_by": str(made.practitioner.id),
        "mode": "in_person",
        "language": "en",
        "note": WRITTEN["notiz"],
    }
    api.post(f"/plan-versions/{latest['id']}/discussions", talk)


def _screen(api: Api, made: MadePlan, watched: Watched) -> None:
    path = f"/plans/{made.plan_id}/screening"
    api.post(path, {"answers": {"pregnancy": "yes"}}, expect=200)
    watched.refused(api, path, {"answers": {"pregnancy": WRITTEN["wert"]}})
    watched.refused(api, path, {"answers": {WRITTEN["wert"][:40]: "yes"}, "visit_on": "x"})


def _read_and_sign(api: Api, signer: Signer, watched: Watched) -> None:
    signer.get("/sign/read")
    fields = {"document_sha256": signer.shown_on_page()}
    section = signer.page.text.partition(f'name="{FIELD}')[2].partition('"')[0]
    assert signer.go("/sign/read", {**fields, FIELD + section: WRITTEN["frage"]})
    right = signer.right_answers()
    signer.go("/sign/understood", right)
    consent = f"/consents/{signer.asked.id}"
    question = api.get(f"{consent}/questions")[0]
    path = f"{consent}/questions/{question['id']}/answer"
    api.post(path, {"answer": WRITTEN["antwort"]}, expect=200)
    watched.refused(api, path, {"answer": WRITTEN["wert"]})
    assert signer.go("/sign/understood", right) == "/sign/signature"
    where = signer.go("/sign/signature", signer.signing_fields(full_name=NAME))
    assert where == "/sign/receipt"
    watched.said.append(where)


def test_what_is_written_about_a_patient_is_nowhere_else(
    context: Flask, log: Log, superuser: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    made = make_discussed_plan()
    log.clear()

    _, watched = walk(context, made)

    stored = everything_of(superuser, made.clinic.tenant_id)
    said = [log.text(), caplog.text, *watched.said, stored]
    assert len(log.lines()) > 20
    for text_of_it in said:
        for form in ("zauber", b"Zauber".hex()):
            assert form not in text_of_it.lower()
    with superuser.connect() as connection:
        plain = connection.scalars(PLAIN, {"t": made.clinic.tenant_id}).all()
    assert len(plain) > 20
    assert not any("zauber" in one.lower() for one in plain)
