"""Frozen values become the drafts of the two documents of a consent.

Pure: no database and no clock. The patient's document says everything that was read, answered and
signed. The executed consent shows both signatures and carries the patient's sealed file inside.
"""

from collections.abc import Iterator
from datetime import datetime

from app.consent.documents.certificate import (
    executed_certificate,
    identity_in_words,
    moment,
    patient_certificate,
)
from app.consent.documents.evidence import executed_evidence, patient_evidence
from app.consent.documents.frozen import PatientPaper, Place, PractitionerPaper
from app.consent.documents.parts import (
    PATIENT_FILE,
    acknowledged_blocks,
    agreed_blocks,
    answer_blocks,
    by_at,
    decided_blocks,
    talk_blocks,
    understanding_blocks,
    what_where_by_whom,
    who,
)
from app.consent.documents.party_blocks import party_blocks
from app.consent.documents.sections import form_blocks, on_paper
from app.consent.paper.blocks import paper_signature, scan_files, signed_in_words
from app.consent.purposes import rules_of
from app.consent.signing.drawn import read_drawn
from app.documents.blocks import (
    Block,
    Heading,
    SignatureBlock,
)
from app.documents.draft import Attached, DocumentDraft
from app.kit.in_words import listed
from app.kit.speech import ENGLISH, say, speaking, spoken

EVIDENCE_FILE = "evidence.json"


def patient_draft(paper: PatientPaper, scan: tuple[bytes, ...] = ()) -> DocumentDraft:
    """Return the document that the patient signs, in the language of the form.

    ``scan`` holds the pages of a paper as JPEGs.
    """
    with speaking(paper.place.language, whole=True):
        return _patient_draft(paper, scan)


def executed_draft(paper: PractitionerPaper, patient_file: bytes) -> DocumentDraft:
    """Return the executed consent; ``patient_file`` is the sealed document, bit for bit."""
    with speaking(paper.patient.place.language, whole=True):
        return _executed_draft(paper, patient_file)


def _patient_draft(paper: PatientPaper, scan: tuple[bytes, ...]) -> DocumentDraft:
    blocks = (
        *form_blocks(paper.shown if paper.paper is None else on_paper(paper.shown)),
        *(talk_blocks(paper.talk, paper.place.zone) if rules_of(paper.purpose).discussed else ()),
        *(answer_blocks(paper) if paper.answers else ()),
        *understanding_blocks(paper),
        Heading(2, say("Signature")),
        *acknowledged_blocks(paper),
        *patient_signature(paper),
        *party_blocks(paper),
        *patient_certificate(paper),
    )
    summary = (
        (say("Who"), who(paper)),
        *what_where_by_whom(paper),
        (say("Signed"), signed_in_words(paper)),
        (say("In force"), _in_force(paper)),
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
        return say(
            "Not yet. The patient has signed; a qualified practitioner still has to confirm it."
        )
    zone = paper.place.zone
    begin = moment(paper.way.signed_at, zone)
    if not paper.in_force_until:
        return say("From %(begin)s\nUntil it is taken back", begin=begin)
    return say("From %(begin)s\nUntil %(end)s", begin=begin, end=moment(paper.in_force_until, zone))


def _executed_draft(paper: PractitionerPaper, patient_file: bytes) -> DocumentDraft:
    patient = paper.patient
    zone = patient.place.zone
    blocks = (
        Heading(2, say("What was agreed")),
        *agreed_blocks(paper),
        *decided_blocks(patient),
        *talk_blocks(paper.talk, zone),
        Heading(2, say("Signatures")),
        *patient_signature(patient),
        *party_blocks(patient),
        _practitioner_signature(paper),
        *executed_certificate(paper),
    )
    summary = (
        (say("Who"), who(patient)),
        *what_where_by_whom(patient),
        (say("Confirmed"), by_at(paper.practitioner_name, moment(paper.attested_at, zone))),
        (
            say("In force"),
            say(
                "From %(begin)s\nUntil %(end)s\nUnless the patient takes it back before.",
                begin=moment(paper.in_force_from, zone),
                end=moment(paper.in_force_until, zone),
            ),
        ),
    )
    return _draft(
        patient.place,
        title=say("Executed consent: %(title)s", title=patient.shown.title)
        if spoken() != ENGLISH
        else f"Executed {patient.shown.title[:1].lower()}{patient.shown.title[1:]}",
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
                say("The document that the patient read and signed, sealed, byte for byte."),
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
    how = say("Drawn by hand on a screen") if drawn else say("Name typed on a screen")
    yield SignatureBlock(
        label=say("The patient"),
        name=paper.typed_name,
        meaning=paper.statement,
        at_utc=datetime.fromisoformat(paper.way.signed_at),
        zone=paper.place.zone,
        method=say(
            "%(how)s, after this identity check: %(check)s",
            how=how,
            check=identity_in_words(paper.way),
        ),
        typed_name=None if drawn else paper.typed_name,
        ink=read_drawn(paper.ink) if drawn else None,
    )


def _practitioner_signature(paper: PractitionerPaper) -> SignatureBlock:
    return SignatureBlock(
        label=say("The practitioner"),
        name=listed(paper.practitioner_name, paper.qualification, paper.registration),
        meaning=paper.statement,
        at_utc=datetime.fromisoformat(paper.attested_at),
        zone=paper.patient.place.zone,
        method=say(
            "Confirmed in their own account, with a second factor shown at %(time)s",
            time=moment(paper.stepped_up_at, paper.patient.place.zone),
        ),
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


def _evidence(text: str, _made_at: str) -> Attached:
    return Attached(
        EVIDENCE_FILE,
        "application/json",
        text.encode(),
        "Data",
        say(
            "What is known about how this came to be, for a computer to check. It holds hashes of"
            " the answers and never the answers."
        ),
    )
