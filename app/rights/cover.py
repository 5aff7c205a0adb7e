"""What stands on the page that a patient reads first in a copy of their data."""

from collections.abc import Mapping
from typing import Any

from app.database import TenantScope
from app.kit.money import format_money
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
    "patient": "You",
    "patient_contact": "Addresses and numbers",
    "patient_former_name": "Earlier names",
    "patient_addendum": "Your corrections",
    "patient_limit": "Limits on the use of your data",
    "plan_version": "Plans",
    "plan_area": "Areas in the plans",
    "plan_spot": "Spots that are left out",
    "discussion": "Talks about the plans",
    "visit": "Visits",
    "consent": "Consents",
    "patient_question": "What you asked before you signed",
    "consent_answers": "Your answers to questions on health",
    "signature": "Your signatures",
    "attestation": "Confirmations by the practitioner",
    "withdrawal": "Consents that you took back",
    "consent_decline": "Forms to which you said no",
    "acute_check": "Short questions before a treatment",
    "treatment": "Treatments",
    "treatment_area": "Areas that were treated",
    "treatment_completion": "What was recorded of the treatments",
    "incident": "Incidents",
    "aftercare_given": "Aftercare sheets",
    "photo": "Photographs",
    "purchase": "What you bought",
    "refund_quote": "What would be given back after you took a consent back",
    "payment_attempt": "Payments",
    "receipt": "Receipts",
    "rights_request": "What you asked about your data",
    "rights_decision": "What was decided about it",
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
        "made_at": record["made_at"][:10],
        "addenda": [
            {
                "at": moment(one.recorded_at, location.zone),
                "text": one.text,
                "agreed": one.is_agreed,
            }
            for one in read_addenda(scope, patient.id)
        ],
        "treatments": _treatments(record),
        "purchases": [
            {
                "at": one["sold_at"][:10],
                "name": one["name"],
                "price": format_money(one["price_minor"], one["currency"]),
            }
            for one in records.get("purchase", [])
        ],
        "photographs": [
            {**one, "at": moment(one["taken_at"], location.zone)} for one in photographs
        ],
        "documents": [{**one, "at": moment(one["sealed_at"], location.zone)} for one in documents],
        "messages": record["messages"],
        "events": _events(record),
        "counts": [
            {"what": TABLE_WORDS[name], "many": len(records[name])}
            for name in TABLE_WORDS
            if records.get(name)
        ],
    }


def _treatments(record: Record) -> list[Values]:
    records, people = record["records"], record["people"]
    return [
        {
            "at": _short(one["started_at"]),
            "by": people.get(one["practitioner_id"], ""),
            "areas": ", ".join(
                f"{area['area'].replace('_', ' ')} {area['depth_um'] / 1000:g} mm"
                for area in records.get("treatment_area", [])
                if area["treatment_id"] == one["id"]
            ),
        }
        for one in records.get("treatment", [])
    ]


def _events(record: Record) -> list[Values]:
    nobody = {"patient": "you", "staff": "a member of staff"}
    return [
        {
            "at": _short(one["at"]),
            "by": record["people"].get(one["by"] or "", nobody.get(one["by_kind"], "the system")),
            "what": one["what"].replace(":", ", ").replace("_", " "),
        }
        for one in record["events"]
    ]


def _short(at: str) -> str:
    return at[:16].replace("T", " ")


def _born(scope: TenantScope, patient: Patient) -> str:
    try:
        return in_words(date_of_birth(scope, patient))
    except KeyShredded:
        return "Erased"


def _contact(scope: TenantScope, patient: Patient, field: str) -> str:
    try:
        return contact(scope, patient, field) or "None"
    except KeyShredded:
        return "Erased"
