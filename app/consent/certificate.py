"""The certificate at the end of each document: how it came to be, and how to check it.

It tells what the seal is and is not: the installation's seal over a person's act. Whether a time
stamp was had is never printed, because the stamp covers what is fixed before it.
"""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from app.consent.papers import PatientPaper, PractitionerPaper, Way
from app.documents.blocks import Block, Bullets, Facts, HashFact, Heading, Notice, Paragraph, Table
from app.kit.in_words import day_in_words
from app.patients.words import language_word

_IDENTITY = {
    "email_code_and_birth_date": "one-time code to the email address on file and date of birth",
    "sms_code_and_birth_date": "one-time code to the telephone number on file and date of birth",
    "id_shown_to_staff_and_birth_date": "identity document shown to staff and date of birth",
    "id_shown_to_staff": "identity document shown to staff, who saw the patient sign on paper",
}
_OPENED = {
    "sign_link": "by the link in a message",
    "short_code": "by the typed code of a message",
    "qr_link": "on the patient's own device, by a code shown in the clinic",
    "tablet": "on a device of the clinic, handed over",
    "paper": "printed on paper",
}
_OUTCOMES = {
    "clear": "nothing stands in the way",
    "warn": "nothing stands in the way, with a caution that is printed above",
    "substitute": "something is replaced, as printed above",
    "exclude_area": "some spots are left out, as printed above",
    "review": "a clinician looked at them and decided, as printed above",
    "defer": "a clinician looked at them and decided, as printed above",
    "block": "two clinicians looked at them and decided, as printed above",
}
_NOT_MORE = (
    "This is a simple electronic signature. The seal is the installation's own seal over the"
    " patient's act. It shows that nothing was changed since. It is not a signature that the"
    " patient made with a key of their own (advanced or qualified)."
)


_ON_PAPER = (
    "The patient signed with a pen. The seal is the installation's own seal over the scan and over"
    " what was entered with it. It shows that nothing was changed since, and it does not take the"
    " place of the original."
)
_SIGNED_WITH = {
    "ink": "drawn lines",
    "typed": "typed name",
    "paper": "pen on paper; scanned, and compared with the original",
}


def moment(iso: str, zone: str) -> str:
    """Return an instant for people: "Tuesday 24 November 2026, 14:30:05, London time"."""
    there = datetime.fromisoformat(iso).astimezone(ZoneInfo(zone))
    place = zone.rsplit("/", 1)[-1].replace("_", " ")
    return f"{day_in_words(there.date())}, {there:%H:%M:%S}, {place} time"


def identity_in_words(way: Way) -> str:
    """Return how it was made sure that it is the patient."""
    told = _IDENTITY.get(way.identity_method, way.identity_method)
    shown = way.identity_method.startswith("id_shown") and way.identity_by
    return f"{told} (seen by {way.identity_by})" if shown else told


def opened_in_words(way: Way) -> str:
    """Return by which way the form came before the patient, and who handed it over."""
    told = _OPENED.get(way.opened_by, way.opened_by)
    device = f" “{way.device}”" if way.device else ""
    host = f", by {way.host}" if way.host else ""
    return f"{told}{device}{host}"


def _contact(way: Way) -> str:
    return f"contact {way.contact_masked}" if way.contact_masked else "no contact on file"


def patient_certificate(paper: PatientPaper) -> Iterator[Block]:
    """Yield the certificate of the document that the patient signs."""
    yield Heading(2, "Certificate")
    yield _what_the_seal_says(paper)
    yield _times(_patient_steps(paper), paper.place.zone)
    yield Facts(
        (
            ("Receipt code", paper.receipt_code),
            ("Identity", f"{identity_in_words(paper.way)}; {_contact(paper.way)}"),
            ("Opened", opened_in_words(paper.way)),
            ("Signed with", _SIGNED_WITH[paper.method]),
            ("Form", _form(paper)),
            ("Clinical catalogue", f"version {paper.hashes.catalogue_number} of this clinic"),
            *((("Health answers", _answers(paper)),) if paper.answers else ()),
            ("Consent number", paper.consent_id),
        )
    )
    yield Heading(3, "Fingerprints (SHA-256)")
    yield from _fingerprints(paper)
    yield from _how_to_check(())


def executed_certificate(paper: PractitionerPaper) -> Iterator[Block]:
    """Yield the certificate of the executed consent."""
    patient, zone = paper.patient, paper.patient.place.zone
    yield Heading(2, "Certificate")
    yield _what_the_seal_says(patient)
    steps = (
        *_patient_steps(patient),
        ("Second factor shown by the practitioner", paper.stepped_up_at),
        ("Confirmed by the practitioner", paper.attested_at),
    )
    yield _times(steps, zone)
    yield Facts(
        (
            ("Receipt code", patient.receipt_code),
            ("Identity of the patient", identity_in_words(patient.way)),
            ("Opened", opened_in_words(patient.way)),
            ("Identity of the practitioner", "own account with password and second factor"),
            ("Form", _form(patient)),
            ("Clinical catalogue", f"version {patient.hashes.catalogue_number} of this clinic"),
            ("Consent number", patient.consent_id),
        )
    )
    yield Heading(3, "Fingerprints (SHA-256)")
    yield HashFact("The patient's sealed file, carried inside", paper.patient_document_sha256)
    yield from _fingerprints(patient)
    yield from _how_to_check(
        (
            "Detach the patient's file from this one; it has to bear the same fingerprint as"
            " printed above, and its own seal has to hold.",
        )
    )


def _what_the_seal_says(paper: PatientPaper) -> Notice:
    told = _NOT_MORE if paper.paper is None else _ON_PAPER
    return Notice("What the seal says, and what it does not", told)


def ink_sha256(paper: PatientPaper) -> str:
    """Return the fingerprint of the drawn lines as they were sent, or "" for a typed name."""
    return hashlib.sha256(paper.ink.encode()).hexdigest() if paper.ink else ""


def _patient_steps(paper: PatientPaper) -> tuple[tuple[str, str], ...]:
    way = paper.way
    return (
        ("Talked over with the practitioner", paper.talk.held_at if paper.talk else ""),
        ("Form sent", way.asked_at),
        ("Link first opened", way.opened_at),
        ("Identity proved", way.identified_at),
        ("Told how the data are looked after", way.privacy_shown_at),
        ("Agreed to sign on a screen", way.electronic_accepted_at),
        ("Health questions answered", way.answered_at),
        ("Form read", way.read_at),
        ("Questions about understanding done", way.understood_at),
        *_last_step(paper),
    )


def _last_step(paper: PatientPaper) -> tuple[tuple[str, str], ...]:
    """Return when the patient signed; a paper has two times, and only the second is ours."""
    facts = paper.paper
    if facts is None:
        return (("Signed by the patient", paper.way.signed_at),)
    return (
        ("Form printed", facts.printed_at),
        (f"Signed on paper, as {facts.seen_by} says", facts.signed_at),
        ("Scan entered and compared", facts.entered_at),
    )


def _times(steps: tuple[tuple[str, str], ...], zone: str) -> Table:
    rows = tuple((label, *clocks(iso, zone)) for label, iso in steps if iso)
    place = zone.rsplit("/", 1)[-1].replace("_", " ")
    header = ("What happened", f"{place} time", "UTC")
    return Table("What happened when, by the server's clock", header, rows, (6, 5, 5))


def clocks(iso: str, zone: str) -> tuple[str, str]:
    """Return an instant by the clock of a place and in UTC."""
    at = datetime.fromisoformat(iso)
    there = at.astimezone(ZoneInfo(zone))
    return f"{there:%d %b %Y, %H:%M:%S}", f"{at.astimezone(UTC):%d %b %Y, %H:%M:%S}"


def _form(paper: PatientPaper) -> str:
    hashes = paper.hashes
    language = language_word(paper.shown.locale)
    chosen = ", chosen by staff beside the patient's own" if paper.is_other_language else ""
    version = f"version {hashes.form_number} of this clinic"
    return f"“{hashes.form_key}”, {version}, in {language}{chosen}"


def _answers(paper: PatientPaper) -> str:
    return f"version {paper.hashes.answers_number}; {_OUTCOMES.get(paper.outcome, paper.outcome)}"


def _fingerprints(paper: PatientPaper) -> Iterator[Block]:
    hashes = paper.hashes
    yield HashFact("The text that was shown", hashes.shown_sha256)
    yield HashFact("The form's wording", hashes.form_sha256)
    yield HashFact("The clinical catalogue", hashes.catalogue_sha256)
    if hashes.answers_salted_sha256:
        yield HashFact("The health answers, with a secret salt", hashes.answers_salted_sha256)
    if paper.ink:
        yield HashFact("The drawn lines", ink_sha256(paper))
    for number, page in enumerate(paper.paper.pages if paper.paper else (), start=1):
        yield HashFact(f"The scan, page {number}", page)


def _how_to_check(more: tuple[str, ...]) -> Iterator[Block]:
    yield Heading(3, "How to check this file")
    yield Paragraph("No account and no internet are needed for most of it:")
    yield Bullets(
        (
            "Open it in a PDF reader that shows signatures. It has to say that the document was"
            " not changed since it was sealed. Whether the reader knows the sealing authority is"
            " a question of its own.",
            "Or run a verifier such as “pdfsig” or “flask documents verify”. They also say whether"
            " an independent authority has confirmed the time.",
            *more,
            "Whether a consent was taken back later is a matter of record: ask the clinic. A"
            " withdrawal never breaks the seal.",
        )
    )
