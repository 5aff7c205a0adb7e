"""Frozen values become the drafts of the two documents of a consent.

Pure: no database and no clock. The patient's document says everything that was read, answered and
signed. The executed consent shows both signatures and carries the patient's sealed file inside.
"""

from collections.abc import Iterator
from datetime import date, datetime

from app.consent.certificate import (
    executed_certificate,
    identity_in_words,
    moment,
    patient_certificate,
)
from app.consent.drawn import read_drawn
from app.consent.evidence import executed_evidence, patient_evidence
from app.consent.paper_blocks import paper_signature, scan_files, signed_in_words
from app.consent.paper_sections import form_blocks, on_paper
from app.consent.papers import AskedPaper, PatientPaper, Place, PractitionerPaper, Talk
from app.consent.purposes import rules_of
from app.documents.blocks import (
    Block,
    Bullets,
    Facts,
    Heading,
    Notice,
    Paragraph,
    SignatureBlock,
    Table,
)
from app.documents.draft import Attached, DocumentDraft
from app.kit.in_words import day_in_words

PATIENT_FILE = "patient-consent.pdf"
EVIDENCE_FILE = "evidence.json"
_MODES = {"in_person": "face to face", "video": "by video", "phone": "by telephone"}


def patient_draft(paper: PatientPaper, scan: tuple[bytes, ...] = ()) -> DocumentDraft:
    """Return the document that the patient signs; ``scan`` holds the pages of a paper as JPEGs."""
    blocks = (
        *form_blocks(paper.shown if paper.paper is None else on_paper(paper.shown)),
        *(_talk(paper.talk, paper.place.zone) if rules_of(paper.purpose).discussed else ()),
        *(_answers(paper) if paper.answers else ()),
        *_understanding(paper),
        Heading(2, "Signature"),
        *_decision(paper),
        *patient_signature(paper),
        *patient_certificate(paper),
    )
    summary = (
        ("Who", f"{paper.patient_name}, born {_born(paper)}"),
        *_what(paper),
        ("Signed", signed_in_words(paper)),
        ("In force", _in_force(paper)),
    )
    return _draft(
        paper.place,
        title=paper.shown.title,
        reference=paper.receipt_code,
        made_at=paper.way.signed_at,
        summary=summary,
        blocks=blocks,
        attachments=(*scan_files(scan), _evidence(patient_evidence(paper), paper.way.signed_at)),
    )


def _in_force(paper: PatientPaper) -> str:
    if rules_of(paper.purpose).attested:
        return "Not yet. The patient has signed; a qualified practitioner still has to confirm it."
    zone = paper.place.zone
    until = moment(paper.in_force_until, zone) if paper.in_force_until else "it is taken back"
    return f"From {moment(paper.way.signed_at, zone)}\nUntil {until}"


def executed_draft(paper: PractitionerPaper, patient_file: bytes) -> DocumentDraft:
    """Return the executed consent; ``patient_file`` is the sealed document, bit for bit."""
    patient = paper.patient
    zone = patient.place.zone
    blocks = (
        Heading(2, "What was agreed"),
        *_agreed(paper),
        *_decided(patient),
        *_talk(paper.talk, zone),
        Heading(2, "Signatures"),
        *patient_signature(patient),
        _practitioner_signature(paper),
        *executed_certificate(paper),
    )
    summary = (
        ("Who", f"{patient.patient_name}, born {_born(patient)}"),
        *_what(patient),
        ("Confirmed", f"{paper.practitioner_name}, {moment(paper.attested_at, zone)}"),
        (
            "In force",
            f"From {moment(paper.in_force_from, zone)}\nUntil {moment(paper.in_force_until, zone)}"
            "\nUnless the patient takes it back before.",
        ),
    )
    return _draft(
        patient.place,
        title=f"Executed {patient.shown.title[:1].lower()}{patient.shown.title[1:]}",
        reference=patient.receipt_code,
        made_at=paper.attested_at,
        summary=summary,
        blocks=blocks,
        attachments=(
            Attached(
                PATIENT_FILE,
                "application/pdf",
                patient_file,
                "Source",
                "The document that the patient read and signed, sealed, byte for byte.",
            ),
            _evidence(executed_evidence(paper), paper.attested_at),
        ),
    )


def patient_signature(paper: PatientPaper) -> Iterator[Block]:
    """Yield the patient's signature as the document shows it: drawn, typed, or made on paper."""
    if paper.paper is not None:
        yield from paper_signature(
            paper.paper,
            name=paper.typed_name,
            statement=paper.statement,
            zone=paper.place.zone,
        )
        return
    drawn = paper.method == "ink"
    how = "Drawn by hand on a screen" if drawn else "Name typed on a screen"
    yield SignatureBlock(
        label="The patient",
        name=paper.typed_name,
        meaning=paper.statement,
        at_utc=datetime.fromisoformat(paper.way.signed_at),
        zone=paper.place.zone,
        method=f"{how}, after this identity check: {identity_in_words(paper.way)}",
        typed_name=None if drawn else paper.typed_name,
        ink=read_drawn(paper.ink) if drawn else None,
    )


def _practitioner_signature(paper: PractitionerPaper) -> SignatureBlock:
    return SignatureBlock(
        label="The practitioner",
        name=f"{paper.practitioner_name}, {paper.qualification}, {paper.registration}",
        meaning=paper.statement,
        at_utc=datetime.fromisoformat(paper.attested_at),
        zone=paper.patient.place.zone,
        method="Confirmed in their own account, with a second factor shown at "
        + moment(paper.stepped_up_at, paper.patient.place.zone),
        typed_name=paper.practitioner_name,
    )


def _draft(
    place: Place,
    *,
    title: str,
    reference: str,
    made_at: str,
    summary: tuple[tuple[str, str], ...],
    blocks: tuple[Block, ...],
    attachments: tuple[Attached, ...],
) -> DocumentDraft:
    return DocumentDraft(
        title=title,
        language=place.language,
        page=place.paper,
        author=f"{place.clinic_name}, {place.clinic_address}",
        created_at=datetime.fromisoformat(made_at),
        reference=reference,
        summary=summary,
        blocks=blocks,
        attachments=attachments,
        accent=place.accent,
        mark=place.mark,
    )


def _what(paper: PatientPaper) -> tuple[tuple[str, str], ...]:
    rows = _plan_rows(paper)
    place = paper.place
    where = ("Where", f"{place.clinic_name}, {place.location_name}, {place.location_address}")
    if not rows:
        return (("What", paper.shown.title), where)
    return (
        ("What", rows.get("Treatment", "")),
        ("Where on the body", rows.get("Where and how deep at most", "")),
        ("By whom", paper.practitioner),
        where,
    )


def _plan_rows(paper: PatientPaper) -> dict[str, str]:
    blocks = (block for part in paper.shown.sections for block in part.blocks)
    return {label: value for block in blocks for label, value in block.rows}


def _born(paper: PatientPaper) -> str:
    day = date.fromisoformat(paper.born)
    return day_in_words(day).split(" ", 1)[1]


def _talk(talk: Talk | None, zone: str) -> Iterator[Block]:
    yield Heading(2, "The conversation before")
    if talk is None:
        yield Paragraph("None was recorded when this was signed. A practitioner confirms after it.")
        return
    by = f"through the interpreter {talk.interpreter}" if talk.interpreter else "no interpreter"
    yield Facts(
        (
            ("With", talk.held_by),
            ("When", moment(talk.held_at, zone)),
            ("How", f"{_MODES.get(talk.mode, talk.mode)}, in {_language(talk.language)}, {by}"),
        )
    )


def _answer_given(asked: AskedPaper, zone: str) -> str:
    if not asked.answer:
        return "I went on without an answer."
    return f"{asked.by}, {moment(asked.at, zone)}: {asked.answer}"


def _language(tag: str) -> str:
    return "English" if tag.lower().startswith("en") else f"the language “{tag}”"


def _answers(paper: PatientPaper) -> Iterator[Block]:
    yield Heading(2, "My answers about my health")
    rows = paper.answers
    yield Table("What I was asked, and what I said", ("Question", "Answer"), rows, (3, 1))
    if paper.noticed:
        yield Heading(3, "What this means for you")
        yield Bullets(paper.noticed)
    else:
        yield Paragraph("Nothing in these answers needs special care.")
    if paper.asked:
        yield Heading(3, "What I asked")
        for one in paper.asked:
            yield Paragraph(
                f"{one.part}: {one.question}\n{_answer_given(one, paper.place.zone)}", True
            )


def _understanding(paper: PatientPaper) -> Iterator[Block]:
    yield Heading(2, "Was it clear?")
    if paper.paper is not None:
        yield Paragraph("The questions stand on the form. What was ticked is on the scanned pages.")
    for one in paper.taught_back:
        mark = "This is right." if one.right else "Explained again."
        yield Paragraph(f"{one.question}\nI said: {one.answer}. {mark} {one.explanation}", True)


def _decision(paper: PatientPaper) -> Iterator[Block]:
    yield Bullets(paper.acknowledged)


def _agreed(paper: PractitionerPaper) -> Iterator[Block]:
    rows = _plan_rows(paper.patient)
    kept = (
        "Treatment",
        "Reason",
        "Device",
        "How often",
        "Left out",
        "Numbing cream",
        "Added to it",
    )
    told = tuple((label, rows[label]) for label in kept if label in rows)
    yield Facts((*told, ("Able to decide", paper.capacity)))
    yield Table("Where, and how deep at most", ("Area", "Deepest"), paper.areas, (3, 1))
    yield Notice(
        "The whole text",
        "Everything that the patient read, answered and signed stands in the file"
        f" {PATIENT_FILE}, which is carried inside this document and bears its own seal.",
    )


def _decided(paper: PatientPaper) -> Iterator[Block]:
    """Yield what was decided about the answers; the patient's document tells it in its form."""
    if paper.decision is not None:
        yield Heading(2, "What was decided about the answers")
        yield Facts(paper.decision.rows)


def _evidence(text: str, _made_at: str) -> Attached:
    return Attached(
        EVIDENCE_FILE,
        "application/json",
        text.encode(),
        "Data",
        "What is known about how this came to be, for a computer to check. It holds hashes of"
        " the answers and never the answers.",
    )
