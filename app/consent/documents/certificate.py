"""The certificate at the end of each document: how it came to be, and how to check it.

It tells what the seal is and is not: the installation's seal over a person's act. Whether a time
stamp was had is never printed, because the stamp covers what is fixed before it.
"""

import hashlib
from collections.abc import Callable, Iterator
from datetime import datetime

from app.consent.documents.frozen import PatientPaper, PractitionerPaper, Way
from app.documents.blocks import Block, Bullets, Facts, HashFact, Heading, Notice, Paragraph, Table
from app.kit.in_words import city_of, language_in_words, moment_in_words, short_moment
from app.kit.speech import ENGLISH, mark, say, speaking, spoken

_IDENTITY = {
    "email_code_and_birth_date": mark(
        "one-time code to the email address on file and date of birth"
    ),
    "sms_code_and_birth_date": mark(
        "one-time code to the telephone number on file and date of birth"
    ),
    "id_shown_to_staff_and_birth_date": mark("identity document shown to staff and date of birth"),
    "id_shown_to_staff": mark(
        "identity document shown to staff, who saw the patient sign on paper"
    ),
}
_OPENED = {
    "sign_link": mark("by the link in a message"),
    "short_code": mark("by the typed code of a message"),
    "qr_link": mark("on the patient's own device, by a code shown in the clinic"),
    "tablet": mark("on a device of the clinic, handed over"),
    "paper": mark("printed on paper"),
}
_OUTCOMES = {
    "clear": mark("nothing stands in the way"),
    "warn": mark("nothing stands in the way, with a caution that is printed above"),
    "substitute": mark("something is replaced, as printed above"),
    "exclude_area": mark("some spots are left out, as printed above"),
    "review": mark("a clinician looked at them and decided, as printed above"),
    "defer": mark("a clinician looked at them and decided, as printed above"),
    "block": mark("two clinicians looked at them and decided, as printed above"),
}
_NOT_MORE = mark(
    "This is a simple electronic signature. The seal is the installation's own seal over the"
    " patient's act. It shows that nothing was changed since. It is not a signature that the"
    " patient made with a key of their own (advanced or qualified)."
)


_ON_PAPER = mark(
    "The patient signed with a pen. The seal is the installation's own seal over the scan and over"
    " what was entered with it. It shows that nothing was changed since, and it does not take the"
    " place of the original."
)
_SIGNED_WITH = {
    "ink": mark("drawn lines"),
    "typed": mark("typed name"),
    "paper": mark("pen on paper; scanned, and compared with the original"),
}


def moment(iso: str, zone: str) -> str:
    """Return an instant for people: "Tuesday 24 November 2026, 14:30:05, London time"."""
    return moment_in_words(datetime.fromisoformat(iso), zone, seconds=True)


def identity_in_words(way: Way) -> str:
    """Return how it was made sure that it is the patient."""
    told = say(_IDENTITY[way.identity_method])
    shown = way.identity_method.startswith("id_shown") and way.identity_by
    return say("%(how)s (seen by %(name)s)", how=told, name=way.identity_by) if shown else told


def opened_in_words(way: Way) -> str:
    """Return by which way the form came before the patient, and who handed it over."""
    told = say(_OPENED[way.opened_by]) if way.opened_by else ""
    if way.device:
        told = say("%(how)s “%(device)s”", how=told, device=way.device)
    return say("%(how)s, by %(name)s", how=told, name=way.host) if way.host else told


def _contact(way: Way) -> str:
    if not way.contact_masked:
        return say("no contact on file")
    return say("contact %(to)s", to=way.contact_masked)


def patient_certificate(paper: PatientPaper) -> tuple[Block, ...]:
    """Return the certificate of the document that the patient signs."""
    return _also_in_english(lambda: _patient_certificate(paper))


def executed_certificate(paper: PractitionerPaper) -> tuple[Block, ...]:
    """Return the certificate of the executed consent."""
    return _also_in_english(lambda: _executed_certificate(paper))


def _also_in_english(blocks: Callable[[], Iterator[Block]]) -> tuple[Block, ...]:
    """Tell a certificate in the language spoken and once more in English, for whoever checks it."""
    told = tuple(blocks())
    if spoken() == ENGLISH:
        return told
    with speaking(ENGLISH):
        return (*told, *blocks())


def _patient_certificate(paper: PatientPaper) -> Iterator[Block]:
    yield Heading(2, say("Certificate"))
    yield _what_the_seal_says(paper)
    yield _times(_patient_steps(paper), paper.place.zone)
    yield Facts(
        (
            (say("Receipt code"), paper.receipt_code),
            (say("Identity"), f"{identity_in_words(paper.way)}; {_contact(paper.way)}"),
            (say("Opened"), opened_in_words(paper.way)),
            (say("Signed with"), say(_SIGNED_WITH[paper.method])),
            (say("Form"), _form(paper)),
            (say("Clinical catalogue"), _version(paper.hashes.catalogue_number)),
            *(((say("Health answers"), _answers(paper)),) if paper.answers else ()),
            (say("Consent number"), paper.consent_id),
        )
    )
    yield Heading(3, say("Fingerprints (SHA-256)"))
    yield from _fingerprints(paper)
    yield from _how_to_check(())


def _executed_certificate(paper: PractitionerPaper) -> Iterator[Block]:
    patient, zone = paper.patient, paper.patient.place.zone
    yield Heading(2, say("Certificate"))
    yield _what_the_seal_says(patient)
    steps = (
        *_patient_steps(patient),
        (say("Second factor shown by the practitioner"), paper.stepped_up_at),
        (say("Confirmed by the practitioner"), paper.attested_at),
    )
    yield _times(steps, zone)
    yield Facts(
        (
            (say("Receipt code"), patient.receipt_code),
            (say("Identity of the patient"), identity_in_words(patient.way)),
            (say("Opened"), opened_in_words(patient.way)),
            (
                say("Identity of the practitioner"),
                say("own account with password and second factor"),
            ),
            (say("Form"), _form(patient)),
            (say("Clinical catalogue"), _version(patient.hashes.catalogue_number)),
            (say("Consent number"), patient.consent_id),
        )
    )
    yield Heading(3, say("Fingerprints (SHA-256)"))
    yield HashFact(say("The patient's sealed file, carried inside"), paper.patient_document_sha256)
    yield from _fingerprints(patient)
    yield from _how_to_check(
        (
            say(
                "Detach the patient's file from this one; it has to bear the same fingerprint as"
                " printed above, and its own seal has to hold."
            ),
        )
    )


def _what_the_seal_says(paper: PatientPaper) -> Notice:
    told = _NOT_MORE if paper.paper is None else _ON_PAPER
    return Notice(say("What the seal says, and what it does not"), say(told))


def ink_sha256(paper: PatientPaper) -> str:
    """Return the fingerprint of the drawn lines as they were sent, or "" for a typed name."""
    return hashlib.sha256(paper.ink.encode()).hexdigest() if paper.ink else ""


def _patient_steps(paper: PatientPaper) -> tuple[tuple[str, str], ...]:
    way = paper.way
    return (
        (say("Talked over with the practitioner"), paper.talk.held_at if paper.talk else ""),
        (say("Form sent"), way.asked_at),
        (say("Link first opened"), way.opened_at),
        (say("Identity proved"), way.identified_at),
        (say("Told how the data are looked after"), way.privacy_shown_at),
        (say("Showed that PDF files open"), way.electronic_demonstrated_at),
        (say("Took back signing on a screen"), way.electronic_withdrawn_at),
        (say("Agreed to sign on a screen"), way.electronic_accepted_at),
        (say("Health questions answered"), way.answered_at),
        (say("Form read"), way.read_at),
        (say("Questions about understanding done"), way.understood_at),
        *_last_step(paper),
    )


def _last_step(paper: PatientPaper) -> tuple[tuple[str, str], ...]:
    """Return when the patient signed; a paper has two times, and only the second is ours."""
    facts = paper.paper
    if facts is None:
        return ((say("Signed by the patient"), paper.way.signed_at),)
    return (
        (say("Form printed"), facts.printed_at),
        (say("Signed on paper, as %(name)s says", name=facts.seen_by), facts.signed_at),
        (say("Scan entered and compared"), facts.entered_at),
    )


def _times(steps: tuple[tuple[str, str], ...], zone: str) -> Table:
    rows = tuple((label, *clocks(iso, zone)) for label, iso in steps if iso)
    header = (say("What happened"), say("%(place)s time", place=city_of(zone)), "UTC")
    return Table(say("What happened when, by the server's clock"), header, rows, (6, 5, 5))


def clocks(iso: str, zone: str) -> tuple[str, str]:
    """Return an instant by the clock of a place and in UTC."""
    at = datetime.fromisoformat(iso)
    return short_moment(at, zone), short_moment(at, "UTC")


def _form(paper: PatientPaper) -> str:
    hashes = paper.hashes
    told = say(
        "“%(key)s”, version %(number)s of this clinic, in %(language)s",
        key=hashes.form_key,
        number=hashes.form_number,
        language=language_in_words(paper.shown.locale),
    )
    if not paper.is_other_language:
        return told
    return say("%(form)s, chosen by staff beside the patient's own", form=told)


def _version(number: int) -> str:
    return say("version %(number)s of this clinic", number=number)


def _answers(paper: PatientPaper) -> str:
    number, outcome = paper.hashes.answers_number, say(_OUTCOMES[paper.outcome])
    return say("version %(number)s; %(outcome)s", number=number, outcome=outcome)


def _fingerprints(paper: PatientPaper) -> Iterator[Block]:
    hashes = paper.hashes
    yield HashFact(say("The text that was shown"), hashes.shown_sha256)
    yield HashFact(say("The form's wording"), hashes.form_sha256)
    yield HashFact(say("The clinical catalogue"), hashes.catalogue_sha256)
    if hashes.answers_salted_sha256:
        salted = say("The health answers, with a secret salt")
        yield HashFact(salted, hashes.answers_salted_sha256)
    if paper.ink:
        yield HashFact(say("The drawn lines"), ink_sha256(paper))
    for number, page in enumerate(paper.paper.pages if paper.paper else (), start=1):
        yield HashFact(say("The scan, page %(number)s", number=number), page)


def _how_to_check(more: tuple[str, ...]) -> Iterator[Block]:
    yield Heading(3, say("How to check this file"))
    yield Paragraph(say("No account and no internet are needed for most of it:"))
    yield Bullets(
        (
            say(
                "Open it in a PDF reader that shows signatures. It has to say that the document was"
                " not changed since it was sealed. Whether the reader knows the sealing authority"
                " is a question of its own."
            ),
            say(
                "Or run a verifier such as “%(one)s” or “%(other)s”. They also say whether"
                " an independent authority has confirmed the time.",
                one="pdfsig",
                other="flask documents verify",
            ),
            *more,
            say(
                "Whether a consent was taken back later is a matter of record: ask the clinic. A"
                " withdrawal never breaks the seal."
            ),
        )
    )
