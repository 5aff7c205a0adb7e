"""A patient who reads Arabic or German meets no English: on no page, on no paper, in no message.

Latin words in Arabic are easily seen; what was typed in by the clinic is known and left alone.
"""

import html
import re
from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.care.services.give_aftercare import give_before
from app.consent.after.services.seal_withdrawal import take_back
from app.consent.after.withdrawal_models import WithdrawalWay
from app.consent.documents.executed_paper import ground_of_consent, statement_for
from app.consent.forms.services.publish_form import publish_shipped_form
from app.consent.paper.making import blank_of, print_of
from app.consent.paper.services.print_paper import print_blanks, print_paper
from app.consent.services.attest_consent import attest_consent
from app.consent.services.request_consent import request_consent
from app.documents.files import read_document
from app.documents.queries import list_documents_of_patient
from app.kit.clock import now
from app.messaging.queries import list_messages_to_patient
from app.messaging.services import read_message
from tests.factories.consent import MadeConsent
from tests.factories.plans import make_discussed_plan, make_visit
from tests.support.left_english import english_in_arabic, english_in_german
from tests.support.papers import text_of_pdf
from tests.support.signer import Signer

LEFT = {"ar": english_in_arabic, "de": english_in_german}
# What the clinic typed in, and the names of formats, clocks and programs.
KNOWN = """Tern & Thistle
Harbour
1 Quay Street
Morven Achterberg
Tadhg Ó Dálaigh
Aoife Nguyễn
Test Pen
Mole, left, a thumb below the eye
Wants to look calm at her sister's wedding in spring.
TEST
mechanical
UTC SHA-256 PDF JSON
Europe/London clinic.example
evidence.json patient-consent.pdf pdfsig flask documents verify
Needlepoint https http www
"""


class Reader(Signer):
    """A patient who remembers every page."""

    def __init__(self, app: Flask, asked: MadeConsent) -> None:
        super().__init__(app, asked)
        self.read: list[tuple[str, str]] = []

    def get(self, path: str, expect: int = 200) -> TestResponse:
        page = super().get(path, expect)
        self.read.append((path, page.text))
        return page

    def get_or_follow(self, path: str) -> bool:
        leads_on = super().get_or_follow(path)
        if self.page is not None and not leads_on:
            self.read.append((path, self.page.text))
        return leads_on


def words_on(page: str) -> str:
    """Return what a page shows and says: its text, and the labels that are read aloud."""
    labels = " ".join(re.findall(r'(?:alt|title|aria-label|data-text-[\w-]+)="([^"]*)"', page))
    body = re.sub(r"<(script|style)\b.*?</\1>|<[^>]*>", " ", page, flags=re.DOTALL)
    return html.unescape(f"{body} {labels}")


def before_the_english_certificate(text: str) -> str:
    """Leave out the certificate in English, which stands last for whoever checks a document."""
    return text.partition("Certificate")[0]


def confirmed_in_english(asked: MadeConsent) -> str:
    """Return what the practitioner read and confirmed, which stands in a document once more."""
    with asked.made.clinic.scope() as scope:
        consent = asked.read(scope)
        return statement_for(scope, consent, ground_of_consent(scope, consent))


def asked_in(locale: str) -> MadeConsent:
    made = make_discussed_plan(language=locale)
    with made.clinic.scope() as scope:
        publish_shipped_form(scope, locale=locale)
    with made.clinic.scope(made.practitioner) as scope:
        asked = request_consent(scope, plan_id=made.plan_id)
    return MadeConsent(made, asked.consent.id, asked.link.partition("#")[2], asked.short_code)


def papers_of(asked: MadeConsent) -> Iterator[tuple[str, str]]:
    """Yield every sealed paper of the patient with its text."""
    with asked.made.clinic.scope() as scope:
        for document in list_documents_of_patient(scope, asked.made.patient_id):
            text = text_of_pdf(read_document(scope, document.id))
            yield document.kind, before_the_english_certificate(text)


def printed(asked: MadeConsent, locale: str) -> Iterator[tuple[str, str]]:
    """Yield the form as it is printed to be signed, for the patient and for nobody."""
    clinic = asked.made.clinic
    with clinic.scope() as scope:
        paper = print_paper(scope, consent_id=asked.id)
        yield "print", text_of_pdf(print_of(scope, asked.read(scope), paper))
        version_id = asked.read(scope).form_version_id
        (blank,) = print_blanks(
            scope, form_version_id=version_id, location_id=clinic.location_id, many=1
        )
        yield "blank", text_of_pdf(blank_of(scope, blank))


@pytest.mark.parametrize("locale", ["ar", "de"])
def test_pages_papers_and_messages_hold_no_english(context: Flask, locale: str) -> None:
    asked = asked_in(locale)
    made, clinic = asked.made, asked.made.clinic
    found = dict(printed(asked, locale))
    patient = Reader(context, asked)
    patient.get("/sign?lang=" + locale)
    patient.reach_signature()
    patient.go("/sign/signature", patient.signing_fields())
    with clinic.scope(made.practitioner) as scope:
        attest_consent(scope, consent_id=asked.id, stepped_up_at=now())
    visit_id = make_visit(made)
    with clinic.scope(made.practitioner) as scope:
        give_before(scope, visit_id=visit_id)
    with clinic.scope() as scope:
        take_back(scope, consent_id=asked.id, way=WithdrawalWay.STAFF)
        for message in list_messages_to_patient(scope, made.patient_id):
            found[message.template] = f"{message.subject}\n{read_message(scope, message).body}"
    found |= dict(papers_of(asked)) | {path: words_on(page) for path, page in patient.read}

    known = dict.fromkeys(found, KNOWN)
    known["executed_consent"] += confirmed_in_english(asked)
    left = {
        name: words for name, text in found.items() if (words := LEFT[locale](text, known[name]))
    }
    assert {"print", "blank", "aftercare", "withdrawal", "/sign/signature"} <= set(found)
    assert left == {}
