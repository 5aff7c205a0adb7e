"""A form as it is printed to be signed with a pen: the same text, with boxes and lines to fill in.

Pure: no database and no clock. Each page bears the code, the version and the hash of what is read.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from app.catalogue.rules import Question
from app.consent.paper_sections import form_blocks, on_paper
from app.consent.papers import Place
from app.consent.shown import AssembledForm, ShownBlock
from app.documents.blocks import Block, CodeImage, Facts, Heading, Notice, Paragraph
from app.documents.draft import DocumentDraft

MARK = "TO BE SIGNED ON PAPER"
LINE = "_" * 46
_NOT_SURE = "[ ] Not sure"
_HOW = (
    "Read everything. Ask whatever is not clear. Answer the questions about your health by a cross"
    " in one box each. Sign at the end, in front of the person who hands you this form. You can say"
    " no, and you can take your consent back at any time."
)
_CROSS = "One cross for each question. If you are not sure, say so: we look at it with you."
_FOR_STAFF = "For the clinic: leads whoever works there to this form. It shows nothing to others."
_TOLD_ALL = (
    "I am an adult, and I have put all of this and what was said into words that the patient"
    " understands: signature"
)


@dataclass(frozen=True)
class Print:
    """What is printed: for a patient, or ``blank`` with lines for what belongs to one."""

    shown: AssembledForm
    place: Place
    code: str
    form_text: str
    made_at: datetime
    statement: str
    questions: tuple[tuple[str, tuple[Question, ...]], ...]
    patient_name: str = ""
    born: str = ""
    page_url: str = ""
    number: int = 0
    is_interpreted: bool = False


def print_draft(one: Print) -> DocumentDraft:
    """Return the form to be printed."""
    number = f"No. {one.number}, " if one.number else ""
    fingerprint = one.shown.shown_sha256.hex()
    return DocumentDraft(
        title=one.shown.title,
        language=one.place.language,
        page=one.place.paper,
        author=f"{one.place.clinic_name}, {one.place.clinic_address}",
        created_at=one.made_at,
        reference=f"{number}{one.code}, {one.form_text}, {fingerprint[:16]}",
        summary=tuple(_summary(one)),
        blocks=tuple(_blocks(one)),
        accent=one.place.accent,
        mark=f"{one.place.mark} {MARK}".strip(),
    )


def _summary(one: Print) -> Iterator[tuple[str, str]]:
    yield ("Who", f"{one.patient_name}, born {one.born}" if one.patient_name else f"{LINE}")
    if not one.patient_name:
        yield ("Born", LINE)
        yield ("Where and how deep at most", f"{LINE}\n{LINE}")
        yield ("By whom", LINE)
    yield ("Where", f"{one.place.location_name}, {one.place.location_address}")
    yield ("Form", f"{one.form_text}; code {one.code}")
    yield ("What to do", _HOW)
    if one.number:
        yield ("Why on this form", "The system could not be used when this was signed.")


def _blocks(one: Print) -> Iterator[Block]:
    shown = on_paper(one.shown)
    yield from form_blocks(shown)
    yield Heading(2, "Your health")
    yield Paragraph(_CROSS)
    number = 0
    for title, questions in one.questions:
        yield Heading(3, title)
        for question in questions:
            number += 1
            yield Paragraph(f"{number}. {_asked(question)}")
    yield Heading(2, "Was it clear?")
    for block in _of_kind(shown, "question"):
        boxes = "\n".join(f"[ ] {option.text}" for option in block.options)
        yield Paragraph(f"{block.text}\n{boxes}", numbered=True)
    yield Heading(2, "Signature")
    agreed = (block.text for block in _of_kind(shown, "acknowledgement"))
    yield Paragraph("\n".join(f"[ ] {text}" for text in agreed))
    yield Notice("What I sign", one.statement)
    yield from _hands(one)
    if one.page_url:
        yield CodeImage(one.page_url, "Code that leads the clinic's staff to this form", _FOR_STAFF)


def _hands(one: Print) -> Iterator[Block]:
    yield Facts(
        (
            ("My signature", f"\n{LINE}"),
            ("My name in capitals", LINE),
            ("Day and time", LINE),
        )
    )
    yield Heading(3, "Who was there")
    yield Facts(
        (
            ("I have seen an ID and saw the patient sign: name", LINE),
            ("Signature", f"\n{LINE}"),
            ("Day and time", LINE),
        )
    )
    who = "Interpreter" if one.is_interpreted else "Interpreter or witness, if there was one"
    yield Heading(3, who)
    yield Facts(
        (
            ("Name, language, agency or number", LINE),
            (_TOLD_ALL, f"\n{LINE}"),
        )
    )


def _asked(question: Question) -> str:
    lines = [question.text]
    if question.choices:
        lines += [f"[ ] {choice.text}" for choice in question.choices]
        lines.append(_NOT_SURE)
    else:
        lines.append(f"[ ] Yes   [ ] No   {_NOT_SURE}")
    if question.answer == "date_or_no":
        lines.append("If yes, on which day? ____ . ____ . ________")
    if question.asks_area:
        lines.append(f"If yes, where? {'_' * 30}")
    return "\n".join(lines)


def _of_kind(shown: AssembledForm, kind: str) -> Iterator[ShownBlock]:
    yield from (block for part in shown.sections for block in part.blocks if block.kind == kind)
