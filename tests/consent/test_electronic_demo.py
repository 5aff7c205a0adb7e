"""Where the law asks for it, patients show that they can open the files before they sign there."""

import json

import pypdfium2
import pytest
from flask import Flask

from app.consent.documents.drafts import EVIDENCE_FILE
from app.consent.errors import SampleNotOpened
from app.consent.signing.privacy import privacy_notice
from app.consent.signing.services.read_form import accept_electronic
from app.consent.ways.sample_code import sample_code
from app.consent.ways.short_code import ALPHABET
from app.documents.container import detach_files
from app.documents.files import read_document
from app.documents.queries import find_document_of
from demo.patient import read_sample
from tests.consent.test_languages import ask_in
from tests.factories.consent import MadeConsent, make_asked_consent
from tests.factories.plans import make_discussed_plan
from tests.factories.policies import decide
from tests.factories.tenants import make_clinic
from tests.support.signer import Signer


@pytest.fixture
def asked(context: Flask) -> MadeConsent:
    """A form at a place that asks for the demonstration."""
    made = make_discussed_plan()
    decide(made.clinic, "electronic_demo", value=True, basis="law", source="15 USC 7001(c)")
    return make_asked_consent(made)


def code_of(asked: MadeConsent) -> str:
    with asked.made.clinic.scope() as scope:
        return sample_code(scope, asked.read(scope))


def text_of(data: bytes) -> str:
    return "\n".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(data))


class TestOnTheirPhone:
    def test_the_code_stands_in_the_file_and_nowhere_on_the_page(
        self, context: Flask, asked: MadeConsent
    ) -> None:
        signer = Signer(context, asked)
        signer.identify()
        code = code_of(asked)
        page = signer.page.text

        file = signer.get("/sign/sample")

        assert 'href="/sign/sample"' in page
        assert code not in page
        assert file.mimetype == "application/pdf"
        assert file.headers["Content-Disposition"].startswith("inline")
        told = text_of(file.data)
        assert code in told
        assert read_sample(file.data) == code
        assert "Aoife" not in told
        assert "microneedling" not in told.lower()

    def test_without_the_code_nobody_goes_on_and_paper_stays_open(
        self, context: Flask, asked: MadeConsent
    ) -> None:
        signer = Signer(context, asked)
        signer.identify()

        wrong = signer.post("/sign/electronic", {"way": "screen", "sample_code": "AAAAAA"}, 422)
        none = signer.post("/sign/electronic", {"way": "screen"}, 422)
        paper = signer.post("/sign/electronic", {"way": "paper"}, 200)

        assert "Law: whoever signs on a screen first shows" in wrong.text
        assert "15 USC 7001(c)" in wrong.text
        assert "That is not the code in the file" in none.text
        assert "You get it on paper" in paper.text
        with asked.made.clinic.scope() as scope:
            consent = asked.read(scope)
            assert consent.electronic_accepted_at is None
            assert consent.electronic_demonstrated_at is None

    def test_the_code_opens_the_way_however_it_is_typed(
        self, context: Flask, asked: MadeConsent
    ) -> None:
        signer = Signer(context, asked)
        signer.identify()
        typed = " ".join(code_of(asked).lower())

        where = signer.go("/sign/electronic", {"way": "screen", "sample_code": typed})

        assert where == "/sign/questions"
        with asked.made.clinic.scope() as scope:
            assert asked.read(scope).electronic_demonstrated_at is not None

    def test_changing_ones_mind_leads_to_paper_and_is_kept(
        self, context: Flask, asked: MadeConsent
    ) -> None:
        signer = Signer(context, asked)
        signer.identify()
        signer.go("/sign/electronic", {"way": "screen", "sample_code": code_of(asked)})
        signer.get("/sign/electronic")

        page = signer.post("/sign/electronic", {"way": "paper"}, 200)
        signer.get("/sign/questions", expect=303)
        again = signer.get("/sign/electronic")

        assert "You get it on paper" in page.text
        assert "sample" not in again.text.replace("sample_code", "")
        with asked.made.clinic.scope() as scope:
            consent = asked.read(scope)
            assert consent.electronic_accepted_at is None
            assert consent.electronic_withdrawn_at is not None

    def test_it_is_told_in_the_patients_language(self, context: Flask) -> None:
        asked = ask_in("de")
        decide(asked.made.clinic, "electronic_demo", value=True)
        signer = Signer(context, asked)
        signer.identify()

        page = signer.page.text
        wrong = signer.post("/sign/electronic", {"way": "screen", "sample_code": "x"}, 422)

        assert "Beispiel-PDF öffnen" in page
        assert "Das ist nicht der Code aus der Datei" in wrong.text


def test_the_sealed_evidence_says_when_and_how_it_was_shown(
    context: Flask, asked: MadeConsent
) -> None:
    signer = Signer(context, asked)
    signer.identify()
    signer.go("/sign/electronic", {"way": "screen", "sample_code": code_of(asked)})
    signer.answer()
    signer.go("/sign/read", {"document_sha256": signer.shown_on_page()})
    signer.go("/sign/understood", signer.right_answers())
    signer.go("/sign/understood", signer.right_answers())

    signer.go("/sign/signature", signer.signing_fields())

    with asked.made.clinic.scope() as scope:
        document = find_document_of(scope, asked.id, "patient_consent")
        assert document is not None
        attached = detach_files(read_document(scope, document.id))
    evidence = json.loads({one.name: one.data for one in attached}[EVIDENCE_FILE])
    assert evidence["e_consent"]["demonstrated_by"] == "code_in_pdf"
    assert evidence["e_consent"]["demonstrated_at"]
    moments = {one["type"]: one["at"] for one in evidence["events"]}
    assert moments["electronic_demonstrated"] == evidence["e_consent"]["demonstrated_at"]


def test_a_place_that_does_not_ask_shows_no_file(context: Flask) -> None:
    signer = Signer(context, make_asked_consent(make_discussed_plan()))
    signer.identify()

    assert "/sign/sample" not in signer.page.text
    assert signer.go("/sign/electronic", {"way": "screen"}) == "/sign/questions"


def test_the_united_states_ask_unless_the_clinic_decides_otherwise(context: Flask) -> None:
    clinic = make_clinic(zone="America/New_York", currency="USD", jurisdiction="US-CA", market="US")
    asked = make_asked_consent(make_discussed_plan(clinic))
    with clinic.scope() as scope:
        asked.read(scope).identified_at = asked.read(scope).created_at
    with clinic.scope() as scope, pytest.raises(SampleNotOpened):
        accept_electronic(scope, consent_id=asked.id, privacy_sha256=privacy_notice(scope).sha256)

    decide(clinic, "electronic_demo", value=False)

    with clinic.scope() as scope:
        accept_electronic(scope, consent_id=asked.id, privacy_sha256=privacy_notice(scope).sha256)


def test_every_form_has_a_code_of_its_own(context: Flask, asked: MadeConsent) -> None:
    other = make_asked_consent(asked.made)

    assert len(code_of(asked)) == 6
    assert set(code_of(asked)) <= set(ALPHABET)
    assert code_of(asked) != code_of(other)
