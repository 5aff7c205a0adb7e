"""The patient's way through the form, page by page, as on a phone."""

import html
import io
import json
import math
import re
from dataclasses import dataclass

from pypdf import PdfReader

from app.consent.ways.sample_code import LETTERS
from app.consent.ways.short_code import ALPHABET
from demo.clinics import DemoClinic
from demo.pages import Fields, form_to
from demo.visitor import StoryFailed, Visitor

LINK = re.compile(r"https?://[^\s<\"]+/(?:sign|pay|document)#[A-Za-z0-9_-]+")
SAMPLE_CODE = re.compile(rf"\b[{ALPHABET}]{{{LETTERS}}}\b")
CODE = re.compile(r"Your code is (\d{8})")


@dataclass(frozen=True)
class Person:
    """Somebody who signs: the name on record and the date of birth."""

    name: str
    born: str


def newest_in_outbox(clinic: DemoClinic, pattern: re.Pattern[str], kind: str = "") -> str:
    """Return the newest text in the clinic's outbox that looks so."""
    page = clinic.visitor(clinic.owner_key).get(clinic.page("/outbox"))
    for found in pattern.finditer(html.unescape(page.text)):
        if kind in found.group(0):
            return found.group(found.lastindex or 0)
    raise StoryFailed(f"nothing like {pattern.pattern} is in the outbox")


def open_link(base: str, link: str) -> Visitor:
    """Open the page behind a link and press its button: the token goes by POST, once."""
    patient = Visitor(base)
    patient.get("/sign")
    answer = patient.api(
        "POST", "/api/v1/sign/exchange", {"token": link.partition("#")[2]}, expect=200
    )
    patient.get(answer["location"])
    return patient


def prove_identity(patient: Visitor, clinic: DemoClinic, person: Person) -> None:
    """Ask for a code, read it in the message, and give it with the date of birth."""
    patient.post_form("/sign/identity/code")
    year, month, day = person.born.split("-")
    patient.post_form(
        "/sign/identity",
        {
            "code": newest_in_outbox(clinic, CODE),
            "birth_day": day,
            "birth_month": month,
            "birth_year": year,
        },
    )


def accept_screen(patient: Visitor) -> None:
    """Agree to sign on a screen; where the place asks for it, with the code of the sample file."""
    page = patient.get("/sign/electronic")
    fields = form_to(page.text, "/sign/electronic").answered("screen")
    if "sample_code" in page.text:
        fields = {**fields, "sample_code": read_sample(patient.download("/sign/sample"))}
    patient.post_form("/sign/electronic", fields)


def read_sample(data: bytes) -> str:
    """Return the code that stands in the sample file."""
    text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages)
    found = SAMPLE_CODE.search(text)
    if found is None:
        raise StoryFailed("the sample file shows no code")
    return found.group()


def answer_questions(patient: Visitor) -> None:
    """Answer every question; nothing is wrong with this patient."""
    page = patient.get("/sign/questions")
    fields = form_to(page.text, "/sign/questions").answered("no")
    plain = {
        name: value
        for name, value in fields.items()
        if "__" not in name and name != "nothing_changed"
    }
    page = patient.post_form("/sign/questions", plain)
    if not page.url.endswith("/sign/read"):
        raise StoryFailed(f"the answers led to {page.url}")


def read_form(patient: Visitor) -> None:
    """Read the form and ask nothing."""
    form = form_to(patient.get("/sign/read").text, "/sign/read")
    patient.post_form("/sign/read", form.values)


def show_understanding(patient: Visitor) -> None:
    """Answer the three questions; the page explains each, whatever was answered."""
    page = patient.get("/sign/understood")
    page = patient.post_form("/sign/understood", form_to(page.text, "/sign/understood").answered())
    if page.url.endswith("/sign/understood"):
        patient.post_form("/sign/understood", form_to(page.text, "/sign/understood").answered())


def sign(patient: Visitor, person: Person) -> bytes:
    """Draw a signature and sign; return the sealed document from the receipt page."""
    form = form_to(patient.get("/sign/signature").text, "/sign/signature")
    fields: Fields = {**form.values, **form.ticks}
    fields |= {"full_name": person.name, "signature_kind": "ink", "ink": drawn_ink()}
    page = patient.post_form("/sign/signature", fields)
    if not page.url.endswith("/sign/receipt"):
        raise StoryFailed(f"signing led to {page.url}")
    return patient.download("/sign/document")


def drawn_ink() -> str:
    """Return a signature as a finger draws it: vectors with time, not a picture."""
    strokes = []
    for number, (left, width) in enumerate(((0.08, 0.4), (0.55, 0.35))):
        strokes.append(
            [
                [
                    round(left + width * i / 60, 4),
                    round(0.55 - 0.22 * math.sin(i / (4 + 3 * number)) * (1 - i / 90), 4),
                    700 * number + i * 9,
                    0.5,
                ]
                for i in range(61)
            ]
        )
    return json.dumps({"strokes": strokes, "width": 358, "height": 179})
