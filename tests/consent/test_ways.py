"""The ways in the clinic: a code on the screen, and a tablet that is locked to one form."""

import io
import re
import threading
from datetime import timedelta

import pytest
from flask import Flask
from pypdf import PdfReader

from app.auth.guards import STAFF_COOKIE
from app.auth.shared_desk import enrol_device, set_pin
from app.consent import queries
from app.consent.errors import ConsentMoved
from app.consent.forms.services.publish_form import publish_shipped_form
from app.consent.services.request_consent import request_consent, resend_link
from app.consent.signing.progress import progress_of
from app.consent.ways.services.show_code import show_code
from app.database import Actor, tenant_scope
from app.documents.files import read_document
from app.kit.clock import shifted
from app.patients.queries import get_patient
from app.patients.record_queries import list_contacts_of_record
from app.patients.services.keep_contacts import remove_contact
from tests.factories.consent import MadeConsent, make_asked_consent, make_signed_consent
from tests.factories.plans import make_discussed_plan
from tests.support.api import Api
from tests.support.signer import BIRTH, Signer, state_of

PIN = "482913"


@pytest.fixture
def asked(context: Flask) -> MadeConsent:
    return make_asked_consent(make_discussed_plan())


def scanned(asked: MadeConsent) -> str:
    """Show a code and return the secret that a phone reads from it."""
    with asked.made.clinic.scope(asked.made.practitioner) as scope:
        return show_code(scope, consent_id=asked.id).link.partition("#")[2]


def handed(app: Flask, asked: MadeConsent) -> Signer:
    """Hand a tablet over: the staff's own browser becomes the patient's."""
    clinic, host = asked.made.clinic, asked.made.practitioner
    api = Api(app, clinic, host)
    signer = Signer(app, asked)
    signer.client = api.client
    answer = api.client.post(
        f"/clinics/{clinic.tenant_id}/consents/{asked.id}/hand-over",
        data={"csrf_token": api.csrf},
    )
    assert answer.headers["Location"] == "/sign/identity"
    return signer


def reading(app: Flask, asked: MadeConsent) -> Signer:
    """Hand a tablet over and walk to the questions."""
    signer = handed(app, asked)
    signer.get("/sign/identity")
    assert signer.go("/sign/identity", dict(BIRTH)) == "/sign/electronic"
    assert signer.go("/sign/electronic", {"way": "screen"}) == "/sign/questions"
    return signer


def finish_reading(signer: Signer) -> None:
    """Go from the questions to the receipt."""
    assert signer.answer() == "/sign/read"
    signer.go("/sign/read", {"document_sha256": signer.shown_on_page()})
    right = signer.right_answers()
    signer.go("/sign/understood", right)
    signer.go("/sign/understood", right)
    assert signer.go("/sign/signature", signer.signing_fields()) == "/sign/receipt"


def text_of_document(data: bytes) -> str:
    """Return what a PDF says, in one line."""
    pages = PdfReader(io.BytesIO(data)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def sealed_text(asked: MadeConsent) -> str:
    """Return what the patient's sealed document says."""
    with asked.made.clinic.scope() as scope:
        signature = queries.find_signature(scope, asked.id)
        return text_of_document(read_document(scope, signature.document_id))


class TestCodeOnTheScreen:
    def test_a_scanned_code_opens_the_same_way_and_only_once(
        self, context: Flask, asked: MadeConsent
    ) -> None:
        token, phone = scanned(asked), Signer(context, asked)

        phone.exchange(token)
        assert "Send me a code" in phone.get("/sign/identity").text
        Signer(context, asked).exchange(token, expect=410)

    def test_of_two_phones_that_race_one_gets_in(self, context: Flask, asked: MadeConsent) -> None:
        token = scanned(asked)
        seen: list[int] = []

        def scan() -> None:
            client = context.test_client()
            seen.append(client.post("/api/v1/sign/exchange", json={"token": token}).status_code)

        threads = [threading.Thread(target=scan) for _ in range(6)]
        [one.start() for one in threads]
        [one.join() for one in threads]

        assert sorted(seen) == [200, 410, 410, 410, 410, 410]

    def test_it_ends_after_ten_minutes_and_with_the_next_one(
        self, context: Flask, asked: MadeConsent
    ) -> None:
        first, second = scanned(asked), scanned(asked)

        Signer(context, asked).exchange(first, expect=410)
        with shifted(timedelta(minutes=10, seconds=1)):
            Signer(context, asked).exchange(second, expect=410)

    def test_the_link_of_the_message_lives_on_and_a_new_link_ends_both(
        self, context: Flask, asked: MadeConsent
    ) -> None:
        token = scanned(asked)
        Signer(context, asked).exchange()

        with asked.made.clinic.scope(asked.made.practitioner) as scope:
            resend_link(scope, consent_id=asked.id)

        Signer(context, asked).exchange(expect=410)
        Signer(context, asked).exchange(token, expect=410)

    def test_there_is_none_for_what_is_signed(self, context: Flask) -> None:
        signed = make_signed_consent(make_discussed_plan())

        with pytest.raises(ConsentMoved):
            scanned(signed)

    def test_the_desk_sees_how_far_they_are_and_nothing_of_the_answers(
        self, context: Flask, asked: MadeConsent
    ) -> None:
        desk = Api(context, asked.made.clinic, asked.made.practitioner)

        def now() -> str:
            return desk.get(f"/consents/{asked.id}/progress")["text"]

        assert now() == "The patient has not opened the consent form yet."
        phone = Signer(context, asked)
        phone.exchange(scanned(asked))
        assert "being asked who they are" in now()
        phone.get("/sign/identity")
        phone.go("/sign/identity/code", {})
        phone.go("/sign/identity", {"code": phone.code_from_message(), **BIRTH})
        phone.go("/sign/electronic", {"way": "screen"})
        assert "answer the questions" in now()
        phone.answer(pregnancy="yes")
        told = desk.get(f"/consents/{asked.id}/progress")
        assert "A clinician has to look at it" in told["text"]
        assert "by scanning the code on the screen" in told["how"]
        assert "pregnan" not in str(told).lower()


class TestTablet:
    def test_case_17_handing_over_ends_the_session_of_the_staff(
        self, context: Flask, asked: MadeConsent
    ) -> None:
        signer = handed(context, asked)

        page = f"/clinics/{asked.made.clinic.tenant_id}/consents/{asked.id}"
        assert signer.client.get_cookie(STAFF_COOKIE) is None
        answer = signer.client.get(page, headers={"Accept": "text/html"})
        assert answer.headers["Location"].startswith("/sign-in")

    def test_case_17_the_session_has_a_new_name_once_it_is_known_who_it_is(
        self, context: Flask, asked: MadeConsent
    ) -> None:
        signer = handed(context, asked)
        before = signer.client.get_cookie("__Host-sign").value
        signer.get("/sign/identity")
        signer.go("/sign/identity", dict(BIRTH))

        assert signer.client.get_cookie("__Host-sign").value != before
        stale = Signer(context, asked)
        stale.client.set_cookie("__Host-sign", before, secure=True)
        stale.get("/sign/questions", expect=410)

    def test_nobody_touches_it_and_it_covers_itself(
        self, context: Flask, asked: MadeConsent
    ) -> None:
        signer = reading(context, asked)

        with shifted(timedelta(minutes=4, seconds=5)):
            for path in ("questions", "electronic", "identity"):
                covered = signer.get(f"/sign/{path}", expect=303)
                assert covered.headers["Location"] == "/sign/covered"
            page = signer.get("/sign/covered").text
            assert "We have covered this form" in page
            assert "Aoife" not in page
            wrong = {"birth_day": "1", "birth_month": "2", "birth_year": "1970"}
            signer.post("/sign/covered/birth", wrong, expect=401)
            assert signer.go("/sign/covered/birth", dict(BIRTH)) == "/sign/questions"

    def test_what_is_sent_into_a_covered_form_is_kept_and_not_done(
        self, context: Flask, asked: MadeConsent
    ) -> None:
        signer = reading(context, asked)
        with asked.made.clinic.scope() as scope:
            state = state_of(scope, asked)

        with shifted(timedelta(minutes=4, seconds=5)):
            sent = signer.post("/sign/questions", {"pregnancy": "unsure"})
            assert sent.headers["Location"] == "/sign/covered"
            signer.get("/sign/covered")
            signer.go("/sign/covered/birth", dict(BIRTH))
            page = signer.get("/sign/questions").text

        chosen = r'name="pregnancy" value="unsure"\s+id="[^"]*" checked'
        assert re.search(chosen, page)
        with asked.made.clinic.scope() as scope:
            assert state_of(scope, asked) == state

    def test_five_wrong_birthdays_leave_it_to_the_staff(
        self, context: Flask, asked: MadeConsent
    ) -> None:
        clinic, host = asked.made.clinic, asked.made.practitioner
        with clinic.scope(host) as scope:
            set_pin(scope, pin=PIN)
        signer = reading(context, asked)
        signer.post("/sign/cover", {})
        signer.get("/sign/covered")
        wrong = {"birth_day": "1", "birth_month": "2", "birth_year": "1970"}
        for _ in range(5):
            signer.post("/sign/covered/birth", wrong, expect=401)

        signer.post("/sign/covered/birth", dict(BIRTH), expect=429)
        signer.post("/sign/covered/pin", {"staff_id": str(host.id), "pin": "000001"}, expect=401)
        right = {"staff_id": str(host.id), "pin": PIN}
        assert signer.go("/sign/covered/pin", right) == "/sign/questions"

    def test_the_document_names_who_handed_over_what(self, context: Flask) -> None:
        made = make_discussed_plan()
        asked = make_asked_consent(made)
        with made.clinic.scope() as scope:
            device, _ = enrol_device(scope, name="Front desk, Harbour")
            device_id = device.id
        acting = Actor("staff", made.practitioner.id, made.practitioner.person_id, device_id)
        with tenant_scope(made.clinic.tenant_id, acting) as scope:
            from_here = show_code(scope, consent_id=asked.id).link.partition("#")[2]
        signer = Signer(context, asked)
        signer.exchange(from_here)
        signer.get("/sign/identity")
        signer.go("/sign/identity/code", {})
        signer.go("/sign/identity", {"code": signer.code_from_message(), **BIRTH})
        signer.go("/sign/electronic", {"way": "screen"})
        finish_reading(signer)

        text = text_of_document(signer.get("/sign/document").data)
        assert "by a code shown in the clinic" in text
        assert "Tadhg Ó Dálaigh" in text

    def test_on_the_tablet_no_file_is_handed_out_and_the_end_wipes_it(
        self, context: Flask, asked: MadeConsent
    ) -> None:
        signer = reading(context, asked)
        finish_reading(signer)

        assert "Nothing is saved on this device" in signer.get("/sign/receipt").text
        assert signer.get("/sign/document", expect=303).headers["Location"] == "/sign/receipt"
        signer.get("/sign/receipt")
        end = signer.post("/sign/finish", {})
        assert end.headers["Location"] == "/sign/blank"
        assert end.headers["Clear-Site-Data"] == '"cache", "storage"'
        assert end.headers["Cache-Control"] == "no-store"
        for path in ("receipt", "document", "questions", "covered"):
            signer.get(f"/sign/{path}", expect=410)
        with asked.made.clinic.scope() as scope:
            assert state_of(scope, asked) == "signed"
        assert "on a device of the clinic, handed over, by Tadhg Ó Dálaigh" in sealed_text(asked)

    def test_somebody_without_an_address_signs_on_the_tablet(self, context: Flask) -> None:
        made = make_discussed_plan()
        with made.clinic.scope() as scope:
            publish_shipped_form(scope)
            for one in list_contacts_of_record(scope, made.patient_id):
                version = get_patient(scope, made.patient_id).version
                remove_contact(
                    scope, patient_id=made.patient_id, contact_id=one.id, version=version
                )
        with made.clinic.scope(made.practitioner) as scope:
            asked_for = request_consent(scope, plan_id=made.plan_id, is_sent=False)
        asked = MadeConsent(made, asked_for.consent.id, "", "")
        signer = reading(context, asked)

        finish_reading(signer)

        assert "on paper" in signer.get("/sign/receipt").text

    def test_covering_never_happens_on_a_phone_of_their_own(
        self, context: Flask, asked: MadeConsent
    ) -> None:
        signer = Signer(context, asked)
        signer.reach_questions()

        with shifted(timedelta(minutes=30)):
            signer.get("/sign/questions")
            assert "data-tablet" not in signer.page.text

    def test_progress_says_that_the_device_is_covered(
        self, context: Flask, asked: MadeConsent
    ) -> None:
        signer = reading(context, asked)
        signer.post("/sign/cover", {})

        with asked.made.clinic.scope() as scope:
            told = progress_of(scope, asked.read(scope))
        assert told.text == "The clinic's device is covered: nobody touched it."
