"""A form whose patient restricted the use of their data: its link is out, and nothing goes on."""

import uuid

import pytest
from flask import Flask

from app.consent.services.request_consent import resend_link
from app.consent.services.sign_consent import sign_consent
from app.consent.ways.services.ask_new_link import ask_new_link
from app.messaging.errors import ProcessingRestricted
from app.messaging.queries import list_messages_to_patient
from app.patients.limit_models import LimitKind
from app.patients.services.limit_use import lift_limit, place_limit
from tests.factories.consent import MadeConsent, make_asked_consent, signing_act
from tests.factories.plans import make_discussed_plan
from tests.support.signer import Signer, state_of

RESTS = "This form rests for now"
WAY = ("identity", "electronic", "questions", "hold", "read", "understood", "signature")


@pytest.fixture
def asked(context: Flask) -> MadeConsent:
    return make_asked_consent(make_discussed_plan())


def restrict(asked: MadeConsent) -> uuid.UUID:
    with asked.made.clinic.scope() as scope:
        return place_limit(
            scope,
            patient_id=asked.made.patient_id,
            kind=LimitKind.RESTRICTION,
            reason="accuracy_contested",
        ).id


def letters(asked: MadeConsent) -> int:
    with asked.made.clinic.scope() as scope:
        return len(list_messages_to_patient(scope, asked.made.patient_id))


def test_a_link_that_is_out_shows_that_the_form_rests(context: Flask, asked: MadeConsent) -> None:
    restrict(asked)
    signer = Signer(context, asked)

    signer.exchange()

    page = signer.get("/sign/identity", expect=409).text
    assert RESTS in page
    assert "Tern &amp; Thistle" in page
    assert "Aoife" not in page
    sent = letters(asked)
    with asked.made.clinic.scope() as scope:
        assert not ask_new_link(scope, consent_id=asked.id, typed=asked.made.patient_email)
    assert letters(asked) == sent
    with pytest.raises(ProcessingRestricted), asked.made.clinic.scope() as scope:
        resend_link(scope, consent_id=asked.id)


def test_open_pages_take_nothing_and_go_on_once_it_is_lifted(
    context: Flask, asked: MadeConsent
) -> None:
    signer = Signer(context, asked)
    signer.reach_signature()
    fields = signer.signing_fields()
    token = signer.token_on_page()
    limit_id = restrict(asked)

    for name in WAY:
        assert RESTS in signer.get(f"/sign/{name}", expect=409).text, name
    for name in ("electronic", "questions", "read", "understood", "signature", "signature/again"):
        values = {**fields, "way": "screen", "csrf_token": token}
        assert RESTS in signer.post(f"/sign/{name}", values, expect=409).text, name
    kept = signer.client.put(
        "/api/v1/sign/drafts/questions",
        json={"sequence": 99, "values": {"a": "b"}},
        headers={"X-CSRF-Token": token},
    )
    assert kept.status_code == 409
    assert kept.get_json()["code"] == "processing_restricted"
    with pytest.raises(ProcessingRestricted), asked.made.clinic.scope() as scope:
        sign_consent(scope, consent_id=asked.id, act=signing_act(scope, asked.id))

    with asked.made.clinic.scope() as scope:
        assert state_of(scope, asked) == "cleared"
        lift_limit(scope, limit_id=limit_id)
    signer.get("/sign/signature")
    assert signer.go("/sign/signature", signer.signing_fields()) == "/sign/receipt"


def test_saying_no_and_what_was_signed_stay_open(context: Flask, asked: MadeConsent) -> None:
    signer = Signer(context, asked)
    signer.reach_signature()
    assert signer.go("/sign/signature", signer.signing_fields()) == "/sign/receipt"

    restrict(asked)

    assert signer.get("/sign/document").data.startswith(b"%PDF")
    signer.get("/sign/withdraw")
    assert signer.go("/sign/withdraw", {}) == "/sign/receipt"
    with asked.made.clinic.scope() as scope:
        assert state_of(scope, asked) == "withdrawn"
