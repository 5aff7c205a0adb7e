"""The record of a decision about a hold after signing, sealed by itself.

The documents that were signed are older than it and stay as they are. So what a clinician decided
in the middle of a course, and what two people lifted, gets a sealed page of its own.
"""

import json
from dataclasses import asdict, dataclass
from datetime import datetime

from app.catalogue.reading import read_content
from app.catalogue.shipped import canonical_json
from app.consent import queries
from app.consent.ciphers import get_shown
from app.consent.consent_facts import ground_of
from app.consent.documents.certificate import clocks
from app.consent.documents.frozen import DecisionPaper, Place, iso
from app.consent.documents.patient_paper import place_of
from app.consent.holds.decided import read_decision
from app.consent.holds.decision_paper import paper_of
from app.consent.holds.findings import found_by_clinic
from app.consent.holds.models import Hold, HoldDecision
from app.consent.models import Consent
from app.database import TenantScope
from app.documents.blocks import Block, Facts, HashFact, Heading, Notice, Paragraph, Table
from app.documents.draft import Attached, DocumentDraft
from app.documents.models import Document
from app.kit.in_words import city_of, date_in_words
from app.kit.speech import mark, say, speaking
from app.patients.queries import get_patient
from app.patients.reading import date_of_birth
from app.plans.queries import get_plan_version
from app.tenants.queries import get_location

TITLE = mark("Decision about a consent after it was signed")
SCHEMA = "needlepoint-sealed-decision-1"


@dataclass(frozen=True)
class DecisionRecord:
    """Every value of the record, frozen. Moments are ISO texts in UTC, hashes hexadecimal."""

    decision_id: str
    hold_id: str
    consent_id: str
    plan_version_id: str
    receipt_code: str
    place: Place
    patient_name: str
    born: str
    consent_title: str
    kind: str
    number: int
    origin: str
    why_stopped: str
    stopped_at: str
    signed_at: str
    delay_until: str
    expires_on: str
    max_depth_um: tuple[tuple[str, int], ...]
    left_out: tuple[str, ...]
    prophylaxis: bool
    without: tuple[str, ...]
    decided_by: str
    decision: DecisionPaper
    document_title: str
    document_sha256: str


def gather_decision_record(
    scope: TenantScope, consent: Consent, hold: Hold, row: HoldDecision, document: Document
) -> DecisionRecord:
    """Return the values of the record; ``document`` is the newest sealed file of the consent."""
    patient, shown = get_patient(scope, consent.patient_id), get_shown(scope, consent)
    ground = ground_of(scope, get_plan_version(scope, consent.plan_version_id))
    decided = read_decision(scope, consent, row)
    limits, answers = decided.terms.limits, queries.find_latest_answers(scope, consent.id)
    signature = queries.find_signature(scope, consent.id)
    with speaking(shown.locale, whole=True):
        paper = paper_of(decided, ground.told, 0 if answers is None else answers.number)
    return DecisionRecord(
        decision_id=str(row.id),
        hold_id=str(hold.id),
        consent_id=str(consent.id),
        plan_version_id=str(consent.plan_version_id),
        receipt_code="" if signature is None else signature.receipt_code,
        place=place_of(scope, get_location(scope, consent.location_id), shown.locale),
        patient_name=patient.name,
        born=date_of_birth(scope, patient).isoformat(),
        consent_title=shown.title,
        kind=row.kind,
        number=row.number,
        origin=hold.origin,
        why_stopped=str(found_by_clinic(scope, consent, hold).get("reason", "")),
        stopped_at=iso(hold.opened_at),
        signed_at=iso(consent.signed_at),
        delay_until="" if row.delay_until is None else row.delay_until.isoformat(),
        expires_on="" if row.expires_on is None else row.expires_on.isoformat(),
        max_depth_um=tuple(limits.depths.items()),
        left_out=limits.left_out,
        prophylaxis=limits.prophylaxis,
        without=limits.without,
        decided_by=decided.by,
        decision=paper,
        document_title=document.title,
        document_sha256=document.sha256.hex(),
    )


def record_to_json(record: DecisionRecord) -> str:
    """Return the values as one canonical text."""
    return canonical_json(asdict(record))


def record_draft(text: str) -> DocumentDraft:
    """Return the document that a canonical text describes; raises ContentRefused."""
    record = read_content(DecisionRecord, json.loads(text), "record")
    with speaking(record.place.language, whole=True):
        return _draft(record)


def _draft(record: DecisionRecord) -> DocumentDraft:
    place = record.place
    born = date_in_words(datetime.fromisoformat(record.born).date())
    return DocumentDraft(
        title=say(TITLE),
        language=place.language,
        page=place.paper,
        author=f"{place.clinic_name}, {place.clinic_address}",
        created_at=datetime.fromisoformat(record.decision.decided_at),
        reference=record.receipt_code or record.decision_id,
        summary=(
            (say("Who"), say("%(name)s, born %(day)s", name=record.patient_name, day=born)),
            (say("Which consent"), record.consent_title),
            *record.decision.rows[:2],
            (
                say("Where"),
                say(", ").join((place.clinic_name, place.location_name, place.location_address)),
            ),
        ),
        blocks=_blocks(record),
        attachments=(_evidence(record),),
        accent=place.accent,
        mark=place.mark,
    )


def _blocks(record: DecisionRecord) -> tuple[Block, ...]:
    zone = record.place.zone
    steps = (
        (say("Signed by the patient"), record.signed_at),
        (say("Stopped by the clinic"), record.stopped_at),
        (say("Decided"), record.decision.decided_at),
    )
    rows = tuple((label, *clocks(at, zone)) for label, at in steps if at)
    head = (say("What happened"), say("%(place)s time", place=city_of(zone)), "UTC")
    stopped = (Heading(2, say("Why it was stopped")), Paragraph(record.why_stopped))
    return (
        *(stopped if record.why_stopped else ()),
        Heading(2, say("What was decided")),
        Facts(record.decision.rows),
        Heading(2, say("Which consent")),
        Table(say("What happened when, by the server's clock"), head, rows, (6, 5, 5)),
        Paragraph(
            say("The sealed document of this consent is “%(title)s”.", title=record.document_title)
        ),
        HashFact(say("Its fingerprint (SHA-256)"), record.document_sha256),
        Paragraph(say("Consent number: %(number)s", number=record.consent_id)),
        Notice(
            say("What the seal of this record says"),
            say(
                "It is the installation's own seal. It shows that this record was not changed since"
                " it was made. What was signed stays as it is: a decision only narrows it."
            ),
        ),
    )


def _evidence(record: DecisionRecord) -> Attached:
    values = {
        "schema": SCHEMA,
        "tenant": {"id": record.place.clinic_id, "settings_id": record.place.settings_id},
        "decision_id": record.decision_id,
        "hold_id": record.hold_id,
        "consent_id": record.consent_id,
        "plan_version_id": record.plan_version_id,
        "receipt_code": record.receipt_code,
        "consent_document_sha256": record.document_sha256,
        "kind": record.kind,
        "number": record.number,
        "origin": record.origin,
        "stopped_at": record.stopped_at,
        "decided_at": record.decision.decided_at,
        "decided_by": record.decided_by,
        "answers_version": record.decision.answers_number,
        "overrides": [asdict(one) for one in record.decision.overrides],
        "limits": {
            "max_depth_um": dict(record.max_depth_um),
            "left_out": record.left_out,
            "prophylaxis": record.prophylaxis,
            "without": record.without,
            "delay_until": record.delay_until,
            "expires_on": record.expires_on,
        },
        "timezone": record.place.zone,
    }
    return Attached(
        "evidence.json",
        "application/json",
        canonical_json(values).encode(),
        "Data",
        say("What was decided about which consent, for a computer to check. It holds no answers."),
    )
