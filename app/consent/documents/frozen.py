"""The values that a consent's documents show, frozen before they are sealed.

They are kept encrypted as canonical JSON and read back from it: what is printed is what is stored.
Moments are ISO texts in UTC, hashes lower-case hexadecimal, ``ink`` the drawn JSON or "".
"""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Literal, TypeVar

from app.catalogue.reading import read_content
from app.catalogue.shipped import canonical_json
from app.consent.forms.shown import AssembledForm

P = TypeVar("P", "PatientPaper", "PractitionerPaper")


@dataclass(frozen=True)
class Place:
    """The clinic and the location whose days, paper and colours govern."""

    clinic_id: str
    settings_id: str
    clinic_name: str
    clinic_address: str
    location_name: str
    location_address: str
    jurisdiction: str
    zone: str
    paper: Literal["A4", "Letter"]
    accent: str
    mark: str
    language: str
    registration: str = ""
    seal_sha256: str = ""


@dataclass(frozen=True)
class ProcedureFacts:
    """What is to be done, in the catalogue's ids; ``areas`` are (area, deepest needle in µm)."""

    procedure: str
    indication: str
    areas: tuple[tuple[str, int], ...]
    device: str
    device_class: str
    energy: str
    sessions: int
    interval_days: int
    add_ons: tuple[str, ...]
    anaesthetic: str
    off_label: tuple[str, ...]


@dataclass(frozen=True)
class Reflection:
    """The days to think it over: from the talk, as many as the place asks for, until then."""

    info_given_at: str
    required_days: int
    satisfied_at: str


@dataclass(frozen=True)
class Talk:
    """The discussion that came before."""

    discussion_id: str
    held_at: str
    held_by: str
    mode: str
    language: str
    interpreter: str


@dataclass(frozen=True)
class Hashes:
    """What stands behind the words: versions and hashes, never the answers themselves.

    Where no health questions were asked, ``answers_number`` is 0 and the hash of answers "".
    """

    form_key: str
    form_number: int
    form_sha256: str
    form_change: str
    catalogue_number: int
    catalogue_sha256: str
    shown_sha256: str
    answers_number: int
    answers_salted_sha256: str


@dataclass(frozen=True)
class Way:
    """The moments of the patient's way, how it was made sure who they are, and how they came.

    ``host`` is who handed over ``device`` or showed the code.
    """

    asked_at: str
    opened_at: str
    identified_at: str
    identity_method: str
    identity_by: str
    privacy_shown_at: str
    privacy_sha256: str
    electronic_accepted_at: str
    answered_at: str
    read_at: str
    understood_at: str
    signed_at: str
    contact_masked: str
    address: str
    user_agent: str
    opened_by: str = "sign_link"
    host: str = ""
    device: str = ""
    electronic_demonstrated_at: str = ""
    electronic_withdrawn_at: str = ""


@dataclass(frozen=True)
class TaughtBack:
    """One question that checked understanding, what was answered, and the explanation shown."""

    question: str
    answer: str
    right: bool
    explanation: str


@dataclass(frozen=True)
class Override:
    """A rule that two people lifted, or one shortened: who, and why."""

    rule: str
    by: str
    second_by: str
    reason: str


@dataclass(frozen=True)
class DecisionPaper:
    """What a clinician decided about the answers, as labelled lines and for computers."""

    rows: tuple[tuple[str, str], ...]
    overrides: tuple[Override, ...]
    decided_at: str
    answers_number: int


@dataclass(frozen=True)
class AskedPaper:
    """What the patient asked about a part of the form, and who answered what, when."""

    part: str
    question: str
    answer: str
    by: str
    at: str


@dataclass(frozen=True)
class PaperFacts:
    """A form signed on paper: its print, its two times, who saw what, and where the original lies.

    ``pages`` are the SHA-256 of each scanned page. ``blank_number`` is 0 for a form printed for
    this patient. ``is_later`` where it was not entered on the day on which it was signed.
    """

    code: str
    blank_number: int
    printed_at: str
    signed_at: str
    entered_at: str
    seen_by: str
    scanned_by: str
    confirmed_by: str
    original: str
    pages: tuple[str, ...]
    is_later: bool


@dataclass(frozen=True)
class PartyPaper:
    """An interpreter or a witness: who, how, what they said, and who took it down for them."""

    role: str
    name: str
    how: str
    language: str
    reference: str
    statement: str
    typed_name: str
    stated_at: str
    taken_by: str


@dataclass(frozen=True)
class PatientPaper:
    """Everything on the document that the patient signs.

    ``talk`` is None where the purpose needs none. ``in_force_until`` is the end of a consent that
    nobody has to confirm; "" where it has none, or where it is confirmed later.
    """

    consent_id: str
    plan_version_id: str
    receipt_code: str
    place: Place
    patient_name: str
    born: str
    practitioner: str
    shown: AssembledForm
    answers: tuple[tuple[str, str], ...]
    noticed: tuple[str, ...]
    outcome: str
    asked: tuple[AskedPaper, ...]
    reading_seconds: int | None
    reading: tuple[tuple[str, int], ...]
    taught_back: tuple[TaughtBack, ...]
    acknowledged: tuple[str, ...]
    statement: str
    typed_name: str
    method: Literal["ink", "typed", "paper"]
    ink: str
    talk: Talk | None
    hashes: Hashes
    way: Way
    purpose: str
    is_other_language: bool
    in_force_until: str
    decision: DecisionPaper | None = None
    paper: PaperFacts | None = None
    parties: tuple[PartyPaper, ...] = ()
    procedure: ProcedureFacts | None = None
    reflection: Reflection | None = None


@dataclass(frozen=True)
class PractitionerPaper:
    """Everything on the executed consent beside what the patient's document says."""

    patient: PatientPaper
    patient_document_sha256: str
    patient_sealed_at: str
    practitioner_name: str
    qualification: str
    registration: str
    statement: str
    attested_at: str
    stepped_up_at: str
    in_force_from: str
    in_force_until: str
    areas: tuple[tuple[str, str], ...]
    talk: Talk
    capacity: str
    address: str
    user_agent: str


def paper_to_json(paper: PatientPaper | PractitionerPaper) -> str:
    """Return a paper's values as one canonical text."""
    return canonical_json(asdict(paper))


def paper_from_json(kind: type[P], text: str) -> P:
    """Return the paper that a text holds; raises ContentRefused."""
    return read_content(kind, json.loads(text), "paper")


def iso(at: datetime | None) -> str:
    """Return a moment as ISO text in UTC, or "" where there is none."""
    return "" if at is None else at.astimezone(UTC).isoformat()
