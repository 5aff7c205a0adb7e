"""The receipt of a withdrawal: who took back what and when, through whom, and what it means.

It names the consent by the fingerprint of its sealed file. That file stays as it is and still
verifies; a withdrawal is a later fact beside it and never changes it.
"""

import json
from dataclasses import asdict, dataclass
from datetime import datetime

from app.catalogue.reading import read_content
from app.catalogue.shipped import canonical_json
from app.consent import queries
from app.consent.after.withdrawal_models import Withdrawal, WithdrawalWay
from app.consent.ciphers import get_shown
from app.consent.documents.certificate import clocks, moment
from app.consent.documents.frozen import Place, iso
from app.consent.documents.patient_paper import place_of
from app.consent.models import Consent
from app.consent.purposes import Purpose
from app.database import TenantScope
from app.documents.blocks import Block, Bullets, HashFact, Heading, Notice, Paragraph, Table
from app.documents.draft import Attached, DocumentDraft
from app.documents.models import Document
from app.kit.in_words import city_of, date_in_words
from app.kit.speech import mark, say, speaking, translated
from app.patients.queries import get_patient
from app.patients.reading import date_of_birth
from app.tenants.queries import get_location, get_staff

TITLE = mark("Receipt: consent taken back")
SCHEMA = "needlepoint-sealed-withdrawal-1"
_THROUGH = {
    WithdrawalWay.SIGN_LINK: mark(
        "The patient, on the pages of their form, after an identity check"
    ),
    WithdrawalWay.COPY_LINK: mark(
        "The patient, through the link to their copy, after an identity check"
    ),
}
_DOES = (
    mark("From this moment nothing may be begun under this consent. The system refuses it."),
    mark(
        "Visits that were planned under it are marked for the clinic, which will talk to the"
        " patient."
    ),
    mark(
        "Where money was paid, the clinic works out what it would give back by the terms of the"
        " sale."
    ),
)
_DOES_PHOTOS = {
    Purpose.CLINICAL_PHOTOS: (
        mark("From this moment no photograph may be added to the record. The system refuses it."),
        mark("Photographs that are in the record are not shown on any page any more."),
    ),
    Purpose.MARKETING_PHOTOS: (
        mark("From this moment no photograph may be shown to others by this clinic."),
        mark(
            "Photographs for marketing are not shown or handed out any more. Links to them are"
            " dead."
        ),
    ),
}
_DOES_NOT = (
    mark("It does not undo what was done before. The record of it is kept as the law requires."),
    mark(
        "It does not change earlier documents. They stay as they are, and their seals still hold."
    ),
    mark("It does not move any money by itself, and it does not cancel any visit by itself."),
    mark(
        "It does not reach other consents, such as one for photographs. Each is taken back by"
        " itself."
    ),
)
_DOES_NOT_PHOTOS = {
    Purpose.CLINICAL_PHOTOS: (
        mark(
            "It does not delete what is in the record, which is kept as long as the law requires."
        ),
        mark(
            "It does not change earlier documents. They stay as they are, and their seals still"
            " hold."
        ),
        mark("It does not reach other consents, such as the one for the treatment."),
    ),
    Purpose.MARKETING_PHOTOS: (
        mark(
            "It does not call back what was printed or published before. Ask the clinic for that."
        ),
        mark(
            "It does not delete photographs of the record. Ask for erasure of those for marketing."
        ),
        mark(
            "It does not change earlier documents. They stay as they are, and their seals still"
            " hold."
        ),
        mark("It does not reach other consents, such as the one for the treatment."),
    ),
}


@dataclass(frozen=True)
class WithdrawalPaper:
    """Every value of the receipt, frozen. Moments are ISO texts in UTC, hashes hexadecimal."""

    withdrawal_id: str
    consent_id: str
    receipt_code: str
    place: Place
    patient_name: str
    born: str
    consent_title: str
    purpose: str
    signed_at: str
    attested_at: str
    document_title: str
    document_sha256: str
    way: str
    staff_name: str
    withdrawn_at: str


def gather_withdrawal_paper(
    scope: TenantScope, consent: Consent, withdrawal: Withdrawal, document: Document
) -> WithdrawalPaper:
    """Return the values of the receipt; ``document`` is the newest sealed file of the consent."""
    patient = get_patient(scope, consent.patient_id)
    signature = queries.find_signature(scope, consent.id)
    staff_id = withdrawal.recorded_by
    return WithdrawalPaper(
        withdrawal_id=str(withdrawal.id),
        consent_id=str(consent.id),
        receipt_code="" if signature is None else signature.receipt_code,
        place=place_of(
            scope, get_location(scope, consent.location_id), get_shown(scope, consent).locale
        ),
        patient_name=patient.name,
        born=date_of_birth(scope, patient).isoformat(),
        consent_title=get_shown(scope, consent).title,
        purpose=consent.purpose,
        signed_at=iso(consent.signed_at),
        attested_at=iso(consent.attested_at),
        document_title=document.title,
        document_sha256=document.sha256.hex(),
        way=withdrawal.way,
        staff_name="" if staff_id is None else get_staff(scope, staff_id).name,
        withdrawn_at=iso(withdrawal.withdrawn_at),
    )


def withdrawal_to_json(paper: WithdrawalPaper) -> str:
    """Return the values as one canonical text."""
    return canonical_json(asdict(paper))


def withdrawal_draft(text: str) -> DocumentDraft:
    """Return the receipt that a canonical text describes; raises ContentRefused."""
    paper = read_content(WithdrawalPaper, json.loads(text), "paper")
    with speaking(paper.place.language, whole=True):
        return _draft(paper)


def _draft(paper: WithdrawalPaper) -> DocumentDraft:
    place, zone = paper.place, paper.place.zone
    return DocumentDraft(
        title=say(TITLE),
        language=place.language,
        page=place.paper,
        author=f"{place.clinic_name}, {place.clinic_address}",
        created_at=datetime.fromisoformat(paper.withdrawn_at),
        reference=paper.receipt_code or paper.withdrawal_id,
        summary=(
            (
                say("Who"),
                say("%(name)s, born %(day)s", name=paper.patient_name, day=_day(paper.born)),
            ),
            (say("What was taken back"), paper.consent_title),
            (say("When"), moment(paper.withdrawn_at, zone)),
            (say("Through whom"), through_whom(paper.way, paper.staff_name)),
            (
                say("Where"),
                say(", ").join((place.clinic_name, place.location_name, place.location_address)),
            ),
            (
                say("In force"),
                say("No. Since this moment nothing may be done under this consent."),
            ),
        ),
        blocks=_blocks(paper),
        attachments=(_evidence(paper),),
        accent=place.accent,
        mark=place.mark,
    )


def through_whom(way: str, staff_name: str) -> str:
    """Return in words through whom a consent was taken back."""
    if way == WithdrawalWay.STAFF:
        if not staff_name:
            return say("Staff recorded it")
        return say("%(name)s recorded it for the patient", name=staff_name)
    return say(_THROUGH[WithdrawalWay(way)])


def _day(iso_day: str) -> str:
    return date_in_words(datetime.fromisoformat(iso_day).date())


def _blocks(paper: WithdrawalPaper) -> tuple[Block, ...]:
    zone = paper.place.zone
    steps = (
        (say("Signed by the patient"), paper.signed_at),
        (say("Confirmed by the practitioner"), paper.attested_at),
        (say("Taken back"), paper.withdrawn_at),
    )
    purpose = Purpose(paper.purpose)
    rows = tuple((label, *clocks(at, zone)) for label, at in steps if at)
    return (
        Heading(2, say("What this does")),
        Bullets(tuple(say(one) for one in _DOES_PHOTOS.get(purpose, _DOES))),
        Heading(2, say("What this does not do")),
        Bullets(tuple(say(one) for one in _DOES_NOT_PHOTOS.get(purpose, _DOES_NOT))),
        Heading(2, say("Which consent")),
        Table(
            say("What happened when, by the server's clock"),
            (say("What happened"), say("%(place)s time", place=city_of(zone)), "UTC"),
            rows,
            (6, 5, 5),
        ),
        Paragraph(
            say(
                "The sealed document of this consent is “%(title)s”.",
                title=translated(paper.document_title),
            )
        ),
        HashFact(say("Its fingerprint (SHA-256)"), paper.document_sha256),
        Paragraph(say("Consent number: %(number)s", number=paper.consent_id)),
        Notice(
            say("What the seal of this receipt says"),
            say(
                "It is the installation's own seal. It shows that this receipt was not changed"
                " since it was made. The patient had to give no reason, and none is printed here."
            ),
        ),
    )


def _evidence(paper: WithdrawalPaper) -> Attached:
    values = {
        "schema": SCHEMA,
        "tenant": {"id": paper.place.clinic_id, "settings_id": paper.place.settings_id},
        "withdrawal_id": paper.withdrawal_id,
        "consent_id": paper.consent_id,
        "receipt_code": paper.receipt_code,
        "consent_document_sha256": paper.document_sha256,
        "way": paper.way,
        "withdrawn_at": paper.withdrawn_at,
        "timezone": paper.place.zone,
    }
    return Attached(
        "evidence.json",
        "application/json",
        canonical_json(values).encode(),
        "Data",
        say("Which consent was taken back and when, for a computer to check. It holds no answers."),
    )
