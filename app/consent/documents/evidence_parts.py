"""Parts of the sealed evidence: what is to be done, the days to think it over, and the events.

The events are a chain of their own: each names the hash of the one before, so that none can be
left out, moved or slipped in without every later hash being another.
"""

import hashlib
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from itertools import chain

from app.catalogue.shipped import canonical_json
from app.consent.documents.frozen import PatientPaper, PractitionerPaper, ProcedureFacts, Reflection

# What happened, when (ISO in UTC, "" for never), by whose hand, and the hash of what it was about.
Happening = tuple[str, str, str, str]
RENDERER = f"WeasyPrint {version('weasyprint')}"
# The steps of the way that are a page, in the words of its events.
_PAGES = {"electronic_accepted", "answered", "read", "understood", "patient_signed"}
_OFFLINE = (
    "Open the file in a PDF reader that shows signatures, or run “pdfsig FILE” or"
    " “flask documents verify FILE”. The patient's file inside the executed consent is checked in"
    " the same way. Hash of an event: SHA-256 of the event as canonical JSON (sorted keys, no"
    " blanks, UTF-8) without its field “hash”."
)


def procedure_evidence(facts: ProcedureFacts | None) -> dict[str, object] | None:
    """Return what is to be done, in the catalogue's ids; depths in micrometres."""
    if facts is None:
        return None
    return {
        "procedure": facts.procedure,
        "indication": facts.indication,
        "areas": [{"area": area, "max_depth_um": depth} for area, depth in facts.areas],
        "device": facts.device,
        "device_class": facts.device_class,
        "energy": facts.energy,
        "sessions": facts.sessions,
        "interval_days": facts.interval_days,
        "add_ons": list(facts.add_ons),
        "anaesthetic_legal_class": facts.anaesthetic,
        "off_label_reasons": list(facts.off_label),
    }


def reflection_evidence(waited: Reflection | None) -> dict[str, object] | None:
    """Return the time to think it over; whole days at the location, which nobody can waive."""
    if waited is None:
        return None
    return {
        "info_given_at": waited.info_given_at,
        "required_hours": 24 * waited.required_days,
        "satisfied_at": waited.satisfied_at,
        "waived_by": None,
    }


def verify_evidence(paper: PatientPaper) -> dict[str, str]:
    """Return how the file is checked without asking anybody, and by whose certificate it is."""
    return {
        "offline_instructions": _OFFLINE,
        "seal_certificate_sha256": paper.place.seal_sha256,
    }


def pages_seen(paper: PatientPaper) -> list[str]:
    """Return the pages of the way that the patient sent on; none for a form on paper."""
    if paper.paper is not None:
        return []
    return [name for name, at, _, _ in _on_the_screen(paper) if at and name in _PAGES]


def patient_events(paper: PatientPaper) -> list[dict[str, object]]:
    """Return what happened until the patient had signed."""
    return _chained(_of_patient(paper))


def executed_events(paper: PractitionerPaper) -> list[dict[str, object]]:
    """Return what happened until the consent was in force."""
    attested = (
        "practitioner_attested",
        paper.attested_at,
        paper.practitioner_name,
        paper.patient_document_sha256,
    )
    return _chained(chain(_of_patient(paper.patient), (attested,)))


def _of_patient(paper: PatientPaper) -> Iterator[Happening]:
    if paper.talk is not None:
        yield ("discussed", paper.talk.held_at, paper.talk.held_by, "")
    yield ("sent", paper.way.asked_at, "clinic", paper.hashes.form_sha256)
    yield from _on_paper(paper) if paper.paper is not None else _on_the_screen(paper)
    for one in paper.parties:
        yield (f"{one.role}_stated", one.stated_at, one.typed_name, _hash_of(one.statement))


def _on_the_screen(paper: PatientPaper) -> Iterator[Happening]:
    way, hashes = paper.way, paper.hashes
    by_staff = way.identity_by if way.identity_method.startswith("id_shown") else "patient"
    yield ("opened", way.opened_at, way.host or "patient", "")
    yield ("identified", way.identified_at, by_staff, "")
    yield ("privacy_notice_shown", way.privacy_shown_at, "patient", way.privacy_sha256)
    yield ("electronic_demonstrated", way.electronic_demonstrated_at, "patient", "")
    yield ("electronic_withdrawn", way.electronic_withdrawn_at, "patient", "")
    yield ("electronic_accepted", way.electronic_accepted_at, "patient", hashes.form_sha256)
    yield ("answered", way.answered_at, "patient", hashes.answers_salted_sha256)
    yield ("read", way.read_at, "patient", hashes.shown_sha256)
    yield ("understood", way.understood_at, "patient", hashes.shown_sha256)
    yield ("patient_signed", way.signed_at, "patient", hashes.shown_sha256)


def _on_paper(paper: PatientPaper) -> Iterator[Happening]:
    facts, hashes = paper.paper, paper.hashes
    if facts is None:
        return
    scan = _hash_of("".join(facts.pages))
    yield ("answered", paper.way.answered_at, "clinic", hashes.answers_salted_sha256)
    yield ("printed", facts.printed_at, "clinic", hashes.shown_sha256)
    yield ("patient_signed", facts.signed_at, "patient", hashes.shown_sha256)
    yield ("original_compared", facts.entered_at, facts.confirmed_by, scan)


def _chained(happened: Iterator[Happening] | chain[Happening]) -> list[dict[str, object]]:
    """Return events in the order of their moments, each with the hash of the one before."""
    events: list[dict[str, object]] = []
    before = ""
    known = sorted((one for one in happened if one[1]), key=lambda one: one[1])
    for seq, (name, at, actor, about) in enumerate(known, start=1):
        event: dict[str, object] = {
            "seq": seq,
            "type": name,
            "at": at,
            "actor": actor,
            "data_sha256": about,
            "prev_hash": before,
        }
        before = event_hash(event)
        events.append({**event, "hash": before})
    return events


def event_hash(event: Mapping[str, object]) -> str:
    """Return the hash of an event from all its fields but the hash itself."""
    return _hash_of(canonical_json({key: one for key, one in event.items() if key != "hash"}))


def _hash_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest() if text else ""
