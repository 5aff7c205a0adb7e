"""A form as it is printed to be signed with a pen: the same text, with boxes and lines to fill in.

Pure: no database and no clock. Each page bears the code, the version and the hash of what is read.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from app.catalogue.rules import Question
from app.consent.documents.frozen import Place
from app.consent.documents.sections import form_blocks, on_paper
from app.consent.forms.shown import AssembledForm, ShownBlock
from app.documents.blocks import Block, CodeImage, Facts, Heading, Notice, Paragraph
from app.documents.draft import DocumentDraft
from app.kit.in_words import listed
from app.kit.speech import mark, say, speaking

MARK = mark("TO BE SIGNED ON PAPER")
LINE = "_" * 46
_HOW = mark(
    "Read everything. Ask whatever is not clear. Answer the questions about your health by a cross"
    " in one box each. Sign at the end, in front of the person who hands you this form. You can say"
    " no, and you can take your consent back at any time."
)
_CROSS = mark("One cross for each question. If you are not sure, say so: we look at it with you.")
_FOR_STAFF = mark(
    "For the clinic: leads whoever works there to this form. It shows nothing to others."
)
_TOLD_ALL = mark(
    "I am an adult, and I have put all of this and what was said into words that the patient"
    " understands: signature"
)


@dataclass(frozen=True)
class Print:
    """What is printed: for a patient, or ``blank`` with lines for what belongs to one."""

    shown: AssembledForm
    place: Place
    code: str
    form_key: str
    form_number: int
    made_at: datetime
    statement: str
    questions: tuple[tuple[str, tuple[Question, ...]], ...]
    patient_name: str = ""
    born: str = ""
    page_url: str = ""
    number: int = 0
    is_interpreted: bool = False


def print_draft(one: Print) -> DocumentDraft:
    """Return the form to be printed, in its own language."""
    with speaking(one.place.language, whole=True):
        return _draft(one)


def _draft(one: Print) -> DocumentDraft:
    number = say("No. %(number)s", number=one.number) + ", " if one.number else ""
    fingerprint = one.shown.shown_sha256.hex()
    return DocumentDraft(
        title=one.shown.title,
        language=one.place.language,
        page=one.place.paper,
        author=f"{one.place.clinic_name}, {one.place.clinic_address}",
        created_at=one.made_at,
        reference=number + listed(one.code, _form(one), fingerprint[:16]),
        summary=tuple(_summary(one)),
        blocks=tuple(_blocks(one)),
        accent=one.place.accent,
        mark=f"{one.place.mark} {say(MARK)}".strip(),
    )


def _summary(one: Print) -> Iterator[tuple[str, str]]:
    if one.patient_name:
        born = say("%(name)s, born %(day)s", name=one.patient_name, day=one.born)
        yield (say("Who"), born)
    else:
        yield (say("Who"), LINE)
        yield (say("Born"), LINE)
        yield (say("Where and how deep at most"), f"{LINE}\n{LINE}")
        yield (say("By whom"), LINE)
    yield (say("Where"), listed(one.place.location_name, one.place.location_address))
    yield (say("Form"), say("%(form)s; code %(code)s", form=_form(one), code=one.code))
    yield (say("What to do"), say(_HOW))
    if one.number:
        yield (say("Why on this form"), say("The system could not be used when this was signed."))


def _form(one: Print) -> str:
    return say("“%(key)s” version %(number)s", key=one.form_key, number=one.form_number)


def _blocks(one: Print) -> Iterator[Block]:
    shown = on_paper(one.shown)
    yield from form_blocks(shown)
    yield Heading(2, say("Your health"))
    yield Paragraph(say(_CROSS))
    number = 0
    for title, questions in one.questions:
        yield Heading(3, title)
        for question in questions:
            number += 1
            yield Paragraph(f"{number}. {_asked(question)}")
    yield Heading(2, say("Was it clear?"))
    for block in _of_kind(shown, "question"):
        boxes = "\n".join(f"[ ] {option.text}" for option in block.options)
        yield Paragraph(f"{block.text}\n{boxes}", numbered=True)
    yield Heading(2, say("Signature"))
    agreed = (block.text for block in _of_kind(shown, "acknowledgement"))
    yield Paragraph("\n".join(f"[ ] {text}" for text in agreed))
    yield Notice(say("What I sign"), one.statement)
    yield from _hands(one)
    if one.page_url:
        title = say("Code that leads the clinic's staff to this form")
        yield CodeImage(one.page_url, title, say(_FOR_STAFF))


def _hands(one: Print) -> Iterator[Block]:
    yield Facts(
        (
            (say("My signature"), f"\n{LINE}"),
            (say("My name in capitals"), LINE),
            (say("Day and time"), LINE),
        )
    )
    yield Heading(3, say("Who was there"))
    yield Facts(
        (
            (say("I have seen an ID and saw the patient sign: name"), LINE),
            (say("Signature"), f"\n{LINE}"),
            (say("Day and time"), LINE),
        )
    )
    alone = mark("Interpreter or witness, if there was one")
    yield Heading(3, say("Interpreter") if one.is_interpreted else say(alone))
    yield Facts(
        (
            (say("Name, language, agency or number"), LINE),
            (say(_TOLD_ALL), f"\n{LINE}"),
        )
    )


def _asked(question: Question) -> str:
    lines = [question.text]
    if question.choices:
        lines += [f"[ ] {choice.text}" for choice in question.choices]
        lines.append(_boxes(say("Not sure")))
    else:
        lines.append(_boxes(say("Yes"), say("No"), say("Not sure")))
    if question.answer == "date_or_no":
        lines.append(say("If yes, on which day?") + " ____ . ____ . ________")
    if question.asks_area:
        lines.append(say("If yes, where?") + " " + "_" * 30)
    return "\n".join(lines)


def _boxes(*words: str) -> str:
    return "   ".join(f"[ ] {word}" for word in words)


def _of_kind(shown: AssembledForm, kind: str) -> Iterator[ShownBlock]:
    yield from (block for part in shown.sections for block in part.blocks if block.kind == kind)
