"""A code by text message: to the number on file, recorded as what it was."""

from collections.abc import Iterator

import pytest
from flask import Flask

from app.auth.attempts import count_attempt
from app.consent.services.request_consent import resend_link
from app.consent.ways.services.prove_identity import MOST_TEXTS, contacts_on_file, send_code
from app.errors import TooManyTries
from app.jobs.worker import work
from app.messaging.text_messages import TextMessages
from app.messaging.transport import ByChannel, Smtp
from app.patients.queries import get_patient
from app.patients.record_queries import list_contacts_of_record
from app.patients.services.keep_contacts import remove_contact
from tests.consent.test_ways import finish_reading, sealed_text
from tests.factories.consent import MadeConsent, make_asked_consent
from tests.factories.plans import make_discussed_plan
from tests.fakes.text_provider import Phones, text_provider
from tests.support.signer import BIRTH, Signer


@pytest.fixture
def asked(context: Flask) -> MadeConsent:
    return make_asked_consent(make_discussed_plan())


@pytest.fixture
def phones(context: Flask) -> Iterator[Phones]:
    """The application sends text messages by the provider of this test."""
    kept = context.extensions["needlepoint_transport"]
    with text_provider() as running:
        context.extensions["needlepoint_transport"] = TextMessages(running.url, "Needlepoint")
        yield running
    context.extensions["needlepoint_transport"] = kept


def run_jobs(app: Flask) -> None:
    work(app, app.config["SETTINGS"].worker_url, until_empty=True)


def test_case_15_a_code_by_text_message_is_recorded_as_that(
    context: Flask, asked: MadeConsent, phones: Phones
) -> None:
    signer = Signer(context, asked)
    signer.exchange()
    signer.get("/sign/identity")
    signer.go("/sign/identity/code", {"channel": "sms"})
    run_jobs(context)
    [arrived] = [one for one in phones.sent if "Your code for" in one["Body"]]
    code = arrived["Body"].split(":")[0]

    assert arrived["To"] == "+447700900123"
    assert len(code) == 8
    signer.get("/sign/identity")
    assert "•••• 123" in signer.page.text
    assert signer.go("/sign/identity", {"code": code, **BIRTH}) == "/sign/electronic"
    signer.go("/sign/electronic", {"way": "screen"})
    finish_reading(signer)
    assert "one-time code to the telephone number on file" in sealed_text(asked)


def test_both_contacts_are_offered_masked(context: Flask, asked: MadeConsent) -> None:
    signer = Signer(context, asked)
    signer.exchange()

    page = signer.get("/sign/identity").text

    assert "By text message to •••• 123 instead" in page
    assert "7700900123" not in page


def test_without_a_provider_no_text_message_is_offered(context: Flask, asked: MadeConsent) -> None:
    kept = context.extensions["needlepoint_transport"]
    context.extensions["needlepoint_transport"] = ByChannel(Smtp("smtp://127.0.0.1:9", "x@c.test"))
    try:
        with asked.made.clinic.scope() as scope:
            channels = [one.channel for one in contacts_on_file(scope, asked.read(scope))]
    finally:
        context.extensions["needlepoint_transport"] = kept

    assert channels == ["email"]


def test_a_patient_with_a_number_alone_gets_the_link_there(
    context: Flask, asked: MadeConsent, phones: Phones
) -> None:
    made = asked.made
    with made.clinic.scope() as scope:
        for one in list_contacts_of_record(scope, made.patient_id):
            if one.kind == "email":
                version = get_patient(scope, made.patient_id).version
                remove_contact(
                    scope, patient_id=made.patient_id, contact_id=one.id, version=version
                )
    with made.clinic.scope(made.practitioner) as scope:
        link = resend_link(scope, consent_id=asked.id).link
    run_jobs(context)

    [arrived] = [one["Body"] for one in phones.sent if link in one["Body"]]
    assert len(arrived) < 480


def test_case_16_a_clinic_has_a_ceiling_for_text_messages(
    context: Flask, asked: MadeConsent
) -> None:
    with asked.made.clinic.scope() as scope:
        tenant_id = scope.tenant_id
    from_the_ceiling = f"consent.sms:{tenant_id}"
    with asked.made.clinic.scope() as scope:
        for _ in range(MOST_TEXTS):
            count_attempt(scope.session, from_the_ceiling, most=MOST_TEXTS, seconds=3600)

    with asked.made.clinic.scope() as scope, pytest.raises(TooManyTries):
        send_code(scope, consent_id=asked.id, channel="sms")
