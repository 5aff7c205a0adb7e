"""What stands on the page that a patient reads first in a copy of their data."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from app.audit.told import told_to_patient
from app.care.aftercare_paper import area_titles
from app.care.places import places_on_body
from app.catalogue.content import Catalogue
from app.catalogue.errors import LanguageMissing
from app.catalogue.overlay import told_in
from app.catalogue.queries import get_catalogue
from app.database import TenantScope
from app.kit.in_words import language_in_words, money_in_words
from app.kit.speech import mark, say, spoken, translated
from app.pages_setup import moment
from app.patients.models import Patient
from app.patients.reading import contact, date_of_birth
from app.patients.services.add_addendum import read_addenda
from app.rights.wording import in_words
from app.tenants.queries import get_clinic, get_location
from app.vault import KeyShredded

Values = dict[str, Any]
Record = Mapping[str, Any]
TABLE_WORDS = {
    "patient": mark("You"),
    "patient_contact": mark("Addresses and numbers"),
    "patient_former_name": mark("Earlier names"),
    "patient_addendum": mark("Your corrections"),
    "patient_limit": mark("Limits on the use of your data"),
    "plan_version": mark("Plans"),
    "plan_area": mark("Areas in the plans"),
    "plan_spot": mark("Spots that are left out"),
    "discussion": mark("Talks about the plans"),
    "visit": mark("Visits"),
    "consent": mark("Consents"),
    "patient_question": mark("What you asked before you signed"),
    "consent_answers": mark("Your answers to questions on health"),
    "signature": mark("Your signatures"),
    "attestation": mark("Confirmations by the practitioner"),
    "withdrawal": mark("Consents that you took back"),
    "consent_decline": mark("Forms to which you said no"),
    "acute_check": mark("Short questions before a treatment"),
    "treatment": mark("Treatments"),
    "treatment_area": mark("Areas that were treated"),
    "treatment_completion": mark("What was recorded of the treatments"),
    "incident": mark("Incidents"),
    "aftercare_given": mark("Aftercare sheets"),
    "photo": mark("Photographs"),
    "purchase": mark("What you bought"),
    "refund_quote": mark("What would be given back after you took a consent back"),
    "payment_attempt": mark("Payments"),
    "receipt": mark("Receipts"),
    "rights_request": mark("What you asked about your data"),
    "rights_decision": mark("What was decided about it"),
}


def cover_values(
    scope: TenantScope,
    patient: Patient,
    record: Record,
    documents: list[Values],
    photographs: list[Values],
) -> Values:
    """Return the values of ``rights/cover.html``."""
    location = get_location(scope, patient.location_id)
    records = record["records"]
    return {
        "clinic": get_clinic(scope),
        "location": location,
        "patient": patient,
        "born": _born(scope, patient),
        "email": _contact(scope, patient, "email"),
        "phone": _contact(scope, patient, "phone"),
        "made_at": in_words(date.fromisoformat(record["made_at"][:10])),
        "language": language_in_words(patient.language),
        "addenda": [
            {
                "at": moment(one.recorded_at, location.zone),
                "text": one.text,
                "agreed": one.is_agreed,
            }
            for one in read_addenda(scope, patient.id)
        ],
        "treatments": _treatments(scope, record),
        "purchases": [
            {
                "at": in_words(date.fromisoformat(one["sold_at"][:10])),
                "name": one["name"],
                "price": money_in_words(one["price_minor"], one["currency"]),
            }
            for one in records.get("purchase", [])
        ],
        "photographs": [
            {**one, "at": moment(one["taken_at"], location.zone)} for one in photographs
        ],
        "documents": [_paper(one, location.zone) for one in documents],
        "messages": record["messages"],
        "events": _events(record),
        "counts": [
            {"what": say(TABLE_WORDS[name]), "many": len(records[name])}
            for name in TABLE_WORDS
            if records.get(name)
        ],
    }


def _paper(one: Values, zone: str) -> Values:
    title: str = one["title"]
    return {**one, "title": translated(title), "at": moment(one["sealed_at"], zone)}


def _treatments(scope: TenantScope, record: Record) -> list[Values]:
    records, people = record["records"], record["people"]
    if not records.get("treatment"):
        return []
    titles = places_on_body(_told(get_catalogue(scope)))
    return [
        {
            "at": _short(one["started_at"]),
            "by": people.get(one["practitioner_id"], ""),
            "areas": area_titles(
                titles,
                {
                    area["area"]: area["depth_um"]
                    for area in records.get("treatment_area", [])
                    if area["treatment_id"] == one["id"]
                },
            ),
        }
        for one in records["treatment"]
    ]


def _told(catalogue: Catalogue) -> Catalogue:
    """Return a catalogue in the language spoken, or as it is where it lacks that language."""
    try:
        return told_in(catalogue, spoken())
    except LanguageMissing:
        return catalogue


def _events(record: Record) -> list[Values]:
    nobody = {"patient": say("you"), "staff": say("a member of staff")}
    system = say("the system")
    return [
        {
            "at": _short(one["at"]),
            "by": record["people"].get(one["by"] or "", nobody.get(one["by_kind"], system)),
            "what": told_to_patient(one["what"]),
        }
        for one in record["events"]
    ]


def _short(at: str) -> str:
    return at[:16].replace("T", " ")


def _born(scope: TenantScope, patient: Patient) -> str:
    try:
        return in_words(date_of_birth(scope, patient))
    except KeyShredded:
        return say("Erased")


def _contact(scope: TenantScope, patient: Patient, field: str) -> str:
    try:
        return contact(scope, patient, field) or say("None")
    except KeyShredded:
        return say("Erased")
