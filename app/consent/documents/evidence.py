"""The sealed evidence: what is known before sealing, for computers, attached to the document.

Final hashes, time stamps, delivery and later changes of status are not known yet; they belong to
the evidence record of an export. Answers are here as salted hashes only, and never as answers.
"""

import hashlib
import json
from dataclasses import asdict

from app.consent.documents.certificate import ink_sha256
from app.consent.documents.evidence_parts import (
    RENDERER,
    executed_events,
    pages_seen,
    patient_events,
    procedure_evidence,
    reflection_evidence,
    verify_evidence,
)
from app.consent.documents.frozen import PatientPaper, Place, PractitionerPaper, Talk, Way
from app.consent.documents.party_blocks import party_evidence

SCHEMA = "needlepoint-sealed-evidence-1"


def patient_evidence(paper: PatientPaper) -> str:
    """Return the evidence of the patient's document as JSON."""
    return _json({**_common(paper), "parties": [_patient_party(paper), *party_evidence(paper)]})


def executed_evidence(paper: PractitionerPaper) -> str:
    """Return the evidence of the executed consent as JSON."""
    common = _common(paper.patient)
    return _json(
        {
            **common,
            "predecessor": {
                "sha256": paper.patient_document_sha256,
                "sealed_at": paper.patient_sealed_at,
                "relationship": "the patient's signed document, attached bit for bit",
            },
            "in_force": {
                "from": paper.in_force_from,
                "until": paper.in_force_until,
                "areas": [list(one) for one in paper.areas],
            },
            "parties": [
                _patient_party(paper.patient),
                *party_evidence(paper.patient),
                _practitioner_party(paper),
            ],
            "events": executed_events(paper),
        }
    )


def _common(paper: PatientPaper) -> dict[str, object]:
    hashes = paper.hashes
    return {
        "schema": SCHEMA,
        "consent_id": paper.consent_id,
        "receipt_code": paper.receipt_code,
        "tenant": _tenant(paper.place),
        "document": {
            "form": hashes.form_key,
            "version": hashes.form_number,
            "change": hashes.form_change,
            "locale": paper.shown.locale,
            "locale_chosen_by_staff": paper.is_other_language,
            "source_sha256": hashes.form_sha256,
            "shown_sha256": hashes.shown_sha256,
            "clause_ids": _clauses(paper),
            "renderer_name_version": RENDERER,
        },
        "purpose": paper.purpose,
        "plan_version_id": paper.plan_version_id,
        "procedure": procedure_evidence(paper.procedure),
        "way": _way(paper.way),
        "clinical_snapshot": _clinical(paper),
        "e_consent": _e_consent(paper),
        "privacy_notice": {
            "text_sha256": paper.way.privacy_sha256,
            "shown_at": paper.way.privacy_shown_at,
        },
        "discussion": _discussion(paper.talk),
        "reflection": reflection_evidence(paper.reflection),
        "comprehension": _comprehension(paper),
        "events": patient_events(paper),
        "verify": verify_evidence(paper),
    }


def _tenant(place: Place) -> dict[str, str]:
    return {
        "id": place.clinic_id,
        "settings_id": place.settings_id,
        "legal_name": place.clinic_name,
        "location": place.location_name,
        "address": place.location_address,
        "registration_no": place.registration,
        "jurisdiction": place.jurisdiction,
        "timezone": place.zone,
    }


def _comprehension(paper: PatientPaper) -> dict[str, object]:
    return {
        "pages_seen": pages_seen(paper),
        "teachback_score": sum(one.right for one in paper.taught_back),
        "question_count": len(paper.taught_back),
        "questions_asked": len(paper.asked),
        "questions_answered": sum(bool(one.answer) for one in paper.asked),
        "seconds_open": paper.reading_seconds,
        "seconds_by_part": dict(paper.reading),
    }


def _e_consent(paper: PatientPaper) -> dict[str, str]:
    way, hashes = paper.way, paper.hashes
    return {
        "disclosure_version": f"{hashes.form_key} {hashes.form_number} {paper.shown.locale}",
        "text_sha256": _sha256("\n".join(_electronic_text(paper))),
        "accepted_at": way.electronic_accepted_at,
        "demonstrated_at": way.electronic_demonstrated_at,
        "demonstrated_by": "code_in_pdf" if way.electronic_demonstrated_at else "",
        "withdrawn_at": way.electronic_withdrawn_at,
    }


def _way(way: Way) -> dict[str, str]:
    return {"opened_by": way.opened_by, "host": way.host, "device": way.device}


def _clinical(paper: PatientPaper) -> dict[str, object] | None:
    """Return what the rules said; None where no health questions were asked."""
    hashes = paper.hashes
    if not hashes.answers_number:
        return None
    return {
        "answers_version": hashes.answers_number,
        "answers_sha256_salted": hashes.answers_salted_sha256,
        "ruleset_version": hashes.catalogue_number,
        "ruleset_sha256": hashes.catalogue_sha256,
        "outcome": paper.outcome,
        "overrides": [asdict(one) for one in paper.decision.overrides] if paper.decision else [],
        "decided_at": paper.decision.decided_at if paper.decision else "",
    }


def _discussion(talk: Talk | None) -> dict[str, str] | None:
    if talk is None:
        return None
    return {
        "id": talk.discussion_id,
        "held_at": talk.held_at,
        "held_by": talk.held_by,
        "mode": talk.mode,
    }


def _clauses(paper: PatientPaper) -> list[str]:
    """Name the form's own clauses; what the catalogue filled in would tell of the answers."""
    blocks = (block for section in paper.shown.sections for block in section.blocks)
    return list(dict.fromkeys(block.clause.partition(".")[0] for block in blocks))


def _electronic_text(paper: PatientPaper) -> list[str]:
    return [
        json.dumps(asdict(block), ensure_ascii=False, sort_keys=True)
        for section in paper.shown.sections
        if section.id == "electronic_signing"
        for block in section.blocks
    ]


def _patient_party(paper: PatientPaper) -> dict[str, object]:
    way = paper.way
    return {
        "role": "patient",
        "name_typed": paper.typed_name,
        "name_on_record": paper.patient_name,
        "locale": paper.shown.locale,
        "contact_masked": way.contact_masked,
        "meaning_sentence_shown": paper.statement,
        "identity_checks": [
            {
                "method": way.identity_method,
                "result": "passed",
                "at": way.identified_at,
                "by": way.identity_by if way.identity_method.startswith("id_shown") else "",
            }
        ],
        "signature": {
            "kind": paper.method,
            "image_sha256": ink_sha256(paper),
            "at_utc": way.signed_at,
            "tz": paper.place.zone,
            "ip": way.address,
            "user_agent": way.user_agent,
            "paper": None if paper.paper is None else asdict(paper.paper),
        },
    }


def _practitioner_party(paper: PractitionerPaper) -> dict[str, object]:
    return {
        "role": "practitioner",
        "name_on_record": paper.practitioner_name,
        "locale": "en",
        "authority_evidence": f"{paper.qualification}, {paper.registration}",
        "meaning_sentence_shown": paper.statement,
        "identity_checks": [
            {
                "method": "password_and_second_factor",
                "result": "passed",
                "at": paper.stepped_up_at,
                "by": "",
            }
        ],
        "signature": {
            "kind": "attested",
            "at_utc": paper.attested_at,
            "tz": paper.patient.place.zone,
            "ip": paper.address,
            "user_agent": paper.user_agent,
        },
    }


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _json(values: dict[str, object]) -> str:
    return json.dumps(values, ensure_ascii=False, indent=1, sort_keys=True)
