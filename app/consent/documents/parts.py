"""The parts of a consent's documents: who and what, the talk, the answers, what was agreed."""

from collections.abc import Iterator
from datetime import date

from app.consent.documents.certificate import (
    moment,
)
from app.consent.documents.frozen import AskedPaper, PatientPaper, PractitionerPaper, Talk
from app.documents.blocks import (
    Block,
    Bullets,
    Facts,
    Heading,
    Notice,
    Paragraph,
    Table,
)
from app.kit.in_words import date_in_words, language_in_words, listed
from app.kit.speech import mark, say

PATIENT_FILE = "patient-consent.pdf"
_MODES = {
    "in_person": mark("face to face"),
    "video": mark("by video"),
    "phone": mark("by telephone"),
}


def what_where_by_whom(paper: PatientPaper) -> tuple[tuple[str, str], ...]:
    rows = _plan_rows(paper)
    place = paper.place
    names = (place.clinic_name, place.location_name, place.location_address)
    where = (say("Where"), listed(*names))
    if not rows:
        return ((say("What"), paper.shown.title), where)
    return (
        (say("What"), rows["treatment"]),
        (say("Where on the body"), rows["areas"]),
        (say("By whom"), paper.practitioner),
        where,
    )


def _plan_rows(paper: PatientPaper) -> dict[str, str]:
    """Return what the plan's lines say, by the ids of what they tell."""
    return {name: value for name, (_, value) in _plan_lines(paper).items()}


def _plan_lines(paper: PatientPaper) -> dict[str, tuple[str, str]]:
    blocks = (block for part in paper.shown.sections for block in part.blocks)
    return {
        name: row
        for block in blocks
        if block.row_ids
        for name, row in zip(block.row_ids, block.rows, strict=True)
    }


def who(paper: PatientPaper) -> str:
    born = date_in_words(date.fromisoformat(paper.born))
    return say("%(name)s, born %(day)s", name=paper.patient_name, day=born)


def by_at(name: str, at: str) -> str:
    return say("%(name)s, %(time)s", name=name, time=at)


def talk_blocks(talk: Talk | None, zone: str) -> Iterator[Block]:
    yield Heading(2, say("The conversation before"))
    if talk is None:
        yield Paragraph(
            say("None was recorded when this was signed. A practitioner confirms after it.")
        )
        return
    by = say("no interpreter")
    if talk.interpreter:
        by = say("through the interpreter %(name)s", name=talk.interpreter)
    yield Facts(
        (
            (say("With"), talk.held_by),
            (say("When"), moment(talk.held_at, zone)),
            (say("How"), _how(talk, by)),
        )
    )


def _answer_given(asked: AskedPaper, zone: str) -> str:
    if not asked.answer:
        return say("I went on without an answer.")
    at = moment(asked.at, zone)
    return say("%(name)s, %(time)s: %(answer)s", name=asked.by, time=at, answer=asked.answer)


def _how(talk: Talk, by: str) -> str:
    mode, language = say(_MODES[talk.mode]), language_in_words(talk.language)
    return say("%(mode)s, in %(language)s, %(by)s", mode=mode, language=language, by=by)


def answer_blocks(paper: PatientPaper) -> Iterator[Block]:
    yield Heading(2, say("My answers about my health"))
    rows = paper.answers
    yield Table(
        say("What I was asked, and what I said"), (say("Question"), say("Answer")), rows, (3, 1)
    )
    if paper.noticed:
        yield Heading(3, say("What this means for you"))
        yield Bullets(paper.noticed)
    else:
        yield Paragraph(say("Nothing in these answers needs special care."))
    if paper.asked:
        yield Heading(3, say("What I asked"))
        for one in paper.asked:
            yield Paragraph(
                f"{one.part}: {one.question}\n{_answer_given(one, paper.place.zone)}", True
            )


def understanding_blocks(paper: PatientPaper) -> Iterator[Block]:
    yield Heading(2, say("Was it clear?"))
    if paper.paper is not None:
        yield Paragraph(
            say("The questions stand on the form. What was ticked is on the scanned pages.")
        )
    for one in paper.taught_back:
        said = say("I said: %(answer)s.", answer=one.answer)
        judged = say("This is right.") if one.right else say("Explained again.")
        yield Paragraph(f"{one.question}\n{said} {judged} {one.explanation}", True)


def acknowledged_blocks(paper: PatientPaper) -> Iterator[Block]:
    yield Bullets(paper.acknowledged)


def agreed_blocks(paper: PractitionerPaper) -> Iterator[Block]:
    rows = _plan_lines(paper.patient)
    kept = ("treatment", "reason", "device", "sessions", "left_out", "anaesthetic", "add_ons")
    told = tuple(rows[name] for name in kept if name in rows)
    yield Facts((*told, (say("Able to decide"), paper.capacity)))
    yield Table(
        say("Where, and how deep at most"), (say("Area"), say("Deepest")), paper.areas, (3, 1)
    )
    yield Notice(
        say("The whole text"),
        say(
            "Everything that the patient read, answered and signed stands in the file %(file)s,"
            " which is carried inside this document and bears its own seal.",
            file=PATIENT_FILE,
        ),
    )


def decided_blocks(paper: PatientPaper) -> Iterator[Block]:
    """Yield what was decided about the answers; the patient's document tells it in its form."""
    if paper.decision is not None:
        yield Heading(2, say("What was decided about the answers"))
        yield Facts(paper.decision.rows)
