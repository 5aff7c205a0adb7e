"""People who come late: a link runs out under their hands, or before they are in the clinic."""

from datetime import timedelta

import pytest
from flask import Flask

from app.consent.ways.services.hand_over import hand_over
from app.consent.ways.services.show_code import show_code
from app.kit.clock import shifted
from app.messaging.queries import list_messages_to_patient
from app.patients.queries import get_patient
from app.patients.reading import contact
from tests.factories.consent import MadeConsent, make_asked_consent
from tests.factories.plans import make_discussed_plan
from tests.support.signer import BIRTH, Signer, state_of

IN_TIME = timedelta(days=6, hours=23, minutes=50)
LATE = timedelta(days=7, minutes=5)


@pytest.fixture
def asked(context: Flask) -> MadeConsent:
    return make_asked_consent(make_discussed_plan())


def links_sent(asked: MadeConsent) -> int:
    """Count the messages with a link to the form."""
    with asked.made.clinic.scope() as scope:
        sent = list_messages_to_patient(scope, asked.made.patient_id)
        return sum(one.template == "sign_request" for one in sent)


def email_of(asked: MadeConsent) -> str:
    """Return the address that the clinic has for the patient."""
    with asked.made.clinic.scope() as scope:
        return contact(scope, get_patient(scope, asked.made.patient_id), "email") or ""


def test_a_form_that_was_opened_in_time_is_signed_after_its_link_ran_out(
    context: Flask, asked: MadeConsent
) -> None:
    signer = Signer(context, asked)
    with shifted(IN_TIME):
        signer.reach_signature()
        fields = signer.signing_fields()

    with shifted(LATE):
        assert signer.go("/sign/signature", fields) == "/sign/receipt"

        with asked.made.clinic.scope() as scope:
            assert state_of(scope, asked) == "signed"
        Signer(context, asked).exchange(expect=410)


def test_the_link_itself_opens_nothing_after_its_time_though_a_page_is_open(
    context: Flask, asked: MadeConsent
) -> None:
    with shifted(IN_TIME):
        Signer(context, asked).reach_signature()

    with shifted(LATE):
        late = Signer(context, asked)
        late.exchange(expect=410)
        late.get("/sign")
        late.post("/sign/code", {"short_code": asked.short_code}, expect=410)


@pytest.mark.parametrize("way", ["tablet", "code"])
def test_a_link_that_ran_out_stands_in_nobodys_way_in_the_clinic(
    context: Flask, asked: MadeConsent, way: str
) -> None:
    signer = Signer(context, asked)
    with shifted(timedelta(days=9)):
        with asked.made.clinic.scope(asked.made.practitioner) as scope:
            if way == "tablet":
                token = hand_over(scope, consent_id=asked.id)
                signer.client.set_cookie("__Host-sign", token, secure=True)
            else:
                token = show_code(scope, consent_id=asked.id).link.partition("#")[2]
        if way == "code":
            signer.exchange(token)
            signer.get("/sign/identity")
            signer.go("/sign/identity/code", {})
        code = {"code": signer.code_from_message()} if way == "code" else {}
        signer.get("/sign/identity")
        signer.go("/sign/identity", {**code, **BIRTH})
        signer.go("/sign/electronic", {"way": "screen"})
        assert signer.answer() == "/sign/read"


@pytest.mark.parametrize("way", ["link", "short code"])
def test_whose_page_ended_gets_a_new_link_from_the_page_that_says_so(
    context: Flask, asked: MadeConsent, way: str
) -> None:
    signer = Signer(context, asked)
    if way == "link":
        signer.exchange()
    else:
        signer.get("/sign")
        signer.go("/sign/code", {"short_code": asked.short_code})
    signer.get("/sign/identity")

    with shifted(timedelta(hours=4)):
        signer.get("/sign/identity", expect=410)
        answer = signer.post("/sign/new-link", {"contact": "aoife@example.com"}, expect=200)
        assert links_sent(asked) == 1, "it goes to the contact on file and nowhere else"
        signer.get("/sign/neutral")
        signer.post("/sign/new-link", {"contact": email_of(asked)}, expect=200)

    assert "on its way" in answer.text
    assert links_sent(asked) == 2
