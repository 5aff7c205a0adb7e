"""A letter that no font of the paper has stops nobody who signs; the paper shows its number."""

import io

import pytest
from flask import Flask
from pypdf import PdfReader

from app.consent.forms.checks import check_form
from app.documents.blocks import Bullets, Paragraph, Table
from app.documents.compose import render
from app.documents.draft import LONGEST_TEXT
from app.documents.stand_ins import printable, with_stand_ins
from tests.consent.forms import block_of, changed_form
from tests.documents.drafts import make_draft, make_signature
from tests.factories.consent import make_asked_consent
from tests.factories.plans import make_discussed_plan
from tests.support.api import Api
from tests.support.signer import Signer
from tests.support.step_up import proven

FACE, HYPHEN, OVERRIDE = "\U0001f600", "\u00ad", "\u202e"
ASKED = f"Will it hurt? {FACE} micro{HYPHEN}needling {OVERRIDE}evil"
TOLD = "Will it hurt? [U+1F600] micro[U+00AD]needling [U+202E]evil"


def texts(data: bytes) -> str:
    pages = PdfReader(io.BytesIO(data)).pages
    return " ".join(" ".join(page.extract_text().split()) for page in pages)


def test_case_31_a_letter_without_a_font_in_a_question_stops_no_signature(context: Flask) -> None:
    made = make_discussed_plan()
    signer = Signer(context, make_asked_consent(made))
    signer.reach_signature(question_risks=ASKED)
    api = proven(Api(context, made.clinic, made.practitioner))
    consent = f"/consents/{signer.asked.id}"
    question = api.get(f"{consent}/questions")[0]
    api.post(f"{consent}/questions/{question['id']}/answer", {"answer": f"No {FACE}"}, expect=200)
    signer.get("/sign/signature")

    assert signer.go("/sign/signature", signer.signing_fields()) == "/sign/receipt"
    signed = texts(signer.get("/sign/document").data)
    api.post(f"{consent}/attest")

    assert TOLD in signed
    assert "No [U+1F600]" in signed
    assert api.get(f"{consent}/questions")[0]["text"] == ASKED


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a\ue000b", "a[U+E000]b"),
        ("\u2028", "[U+2028]"),
        (FACE * 3, "[U+1F600 U+1F600 U+1F600]"),
        (FACE * 9, "[U+1F600 U+1F600 U+1F600 +6]"),
        (f"a{FACE}" * 2_000, "a?" * 2_000),
    ],
)
def test_a_letter_is_told_by_its_number_and_a_text_stays_short(text: str, told: str) -> None:
    found = printable(text, frozenset({FACE, "\ue000", "\u2028"}))

    assert found == told
    assert len(found) <= LONGEST_TEXT


def test_every_part_of_a_paper_is_printed(context: Flask) -> None:
    odd = f"odd {FACE}"
    draft = make_draft(
        Paragraph(odd),
        Bullets((odd,)),
        Table(odd, (odd,), ((odd,),)),
        make_signature(name=odd),
        title=odd,
        author=odd,
    )

    shown = texts(render(with_stand_ins(draft)).data)

    assert shown.count("odd [U+1F600]") >= 5


def test_what_can_be_printed_comes_back_as_it_is() -> None:
    draft = make_draft(Paragraph("Siobhán\r\n\tعربي 山田\u00a0x"))

    assert with_stand_ins(draft) is draft


def test_a_clinic_does_not_publish_what_cannot_be_printed(context: Flask) -> None:
    def shine(raw: dict) -> None:
        block_of(raw, "wo-1")["text"] += " \u2728"

    with make_discussed_plan().clinic.scope() as scope:
        found = check_form(scope, changed_form(shine))

    assert [one.severity for one in found if "U+2728" in one.message] == ["error"]
