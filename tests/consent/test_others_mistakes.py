"""Published mistakes of other software around consent, tried here. The number is the mistake's."""

import io
import uuid

import pytest
from flask import Flask
from pypdf import PdfReader

from tests.consent.test_routes import with_second_factor
from tests.factories.consent import ActiveConsent, make_active_consent, make_asked_consent
from tests.factories.plans import make_discussed_plan
from tests.support.signer import Signer, state_of

NAME = "<img src=x onerror=name> Aoife"
ASKED = "<script>asked</script> {{7*7}}"


@pytest.fixture(scope="module")
def signed(app: Flask) -> Signer:
    """A patient whose name and words are markup, and who has signed."""
    with app.app_context():
        signer = Signer(app, make_asked_consent(make_discussed_plan()))
        signer.reach_questions()
        signer.answer()
        signer.go(
            "/sign/read", {"document_sha256": signer.shown_on_page(), "question_risks": ASKED}
        )
        right = signer.right_answers()
        signer.get("/sign/understood")
        signer.go("/sign/understood", right)
        signer.go("/sign/understood", right)
        signer.go_without_answers()
        signer.go("/sign/signature", signer.signing_fields(full_name=NAME))
        return signer


@pytest.fixture(scope="module")
def staff_pages(app: Flask, signed: Signer) -> str:
    """What the practitioner is shown of it."""
    made = signed.asked.made
    with app.app_context():
        api = with_second_factor(app, made.clinic, made.practitioner)
        base = f"/clinics/{made.clinic.tenant_id}/consents/{signed.asked.id}"
        return "".join(api.client.get(path).text for path in (base, f"{base}/attest"))


@pytest.fixture
def active(context: Flask) -> ActiveConsent:
    return make_active_consent(make_discussed_plan())


def paper_of(signer: Signer) -> str:
    data = signer.get("/sign/document").data
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages)


def test_cve_2026_25743_what_a_patient_wrote_is_text_for_staff_and_on_paper(
    signed: Signer, staff_pages: str
) -> None:
    assert "All answers" in staff_pages
    assert "<script>asked" not in staff_pages
    assert "&lt;script&gt;asked&lt;/script&gt; {{7*7}}" in staff_pages
    assert ASKED in paper_of(signed).replace("\n", " ")


def test_cve_2026_32121_the_name_under_a_signature_is_text(
    signed: Signer, staff_pages: str
) -> None:
    receipt = signed.get("/sign/receipt").text

    assert "<img src=x" not in staff_pages + receipt
    assert NAME in paper_of(signed).replace("\n", " ")


@pytest.mark.usefixtures("context")
def test_cve_2026_24890_a_patient_cannot_confirm_as_the_practitioner(signed: Signer) -> None:
    made, consent_id = signed.asked.made, signed.asked.id
    below = f"/clinics/{made.clinic.tenant_id}/consents/{consent_id}/attest"
    headers = {"X-CSRF-Token": signed.csrf, "Idempotency-Key": uuid.uuid4().hex}
    body = {"role": "practitioner", "staff_id": str(made.practitioner.id)}

    by_program = signed.client.post(f"/api/v1{below}", headers=headers)
    with_role = signed.client.post(f"/api/v1{below}", json=body, headers=headers)
    by_page = signed.client.post(below, data={"csrf_token": signed.csrf, **body})
    again = signed.client.post("/sign/signature", data={"csrf_token": signed.csrf, **body})

    assert by_program.status_code == 401
    assert with_role.status_code == 422
    assert by_page.headers["Location"].startswith("/sign-in?next=")
    assert again.status_code in {303, 409, 410, 422}
    with made.clinic.scope() as scope:
        assert state_of(scope, signed.asked) == "signed"


def test_cve_2026_33934_a_patient_opens_no_signature_or_paper_by_its_id(
    signed: Signer, active: ActiveConsent
) -> None:
    for clinic, ids in (
        (active.made.clinic, [active.executed_document_id, active.attestation_id]),
        (signed.asked.made.clinic, [signed.asked.id]),
    ):
        for one in ids:
            for path in (f"documents/{one}", f"consents/{one}/document", f"consents/{one}"):
                url = f"/api/v1/clinics/{clinic.tenant_id}/{path}"
                assert signed.client.get(url).status_code in {401, 404}
    for path in ("/sign/document", "/sign/receipt"):
        query = {"consent_id": str(active.consent_id), "id": str(active.executed_document_id)}
        answer = signed.client.get(path, query_string=query)
        assert answer.data == signed.client.get(path).data


def test_cve_2026_4947_a_link_signs_its_own_form_whatever_id_is_sent(context: Flask) -> None:
    mine, other = (make_asked_consent(make_discussed_plan()) for _ in range(2))
    signer = Signer(context, mine)
    signer.reach_signature()
    swapped = {"consent_id": str(other.id), "document_id": str(other.id), "id": str(other.id)}

    signer.go("/sign/signature", signer.signing_fields(**swapped))

    for asked, state in ((mine, "signed"), (other, "sent")):
        with asked.made.clinic.scope() as scope:
            assert state_of(scope, asked) == state


def test_cve_2022_2734_no_page_of_signing_can_be_framed(signed: Signer) -> None:
    fresh = Signer(signed.client.application, signed.asked)
    pages = [signed.get("/sign/receipt"), signed.get("/sign/document"), fresh.get("/sign")]

    for page in pages:
        assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
