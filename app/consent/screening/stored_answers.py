"""Answers about health as they are stored: versions, each with what the rules made of it."""

import json
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from app.catalogue.answers import Answer
from app.catalogue.rules import Question
from app.catalogue.shipped import canonical_json
from app.consent import queries
from app.consent.ciphers import close_text, open_text
from app.consent.consent_facts import Ground, ground_of
from app.consent.models import Consent
from app.consent.screening.models import AnswersSource, ConsentAnswers
from app.consent.screening.outcome import ScreeningOutcome
from app.consent.screening.questionnaire import parse_answers, questions_for
from app.database import TenantScope
from app.kit.clock import now
from app.kit.ids import new_id
from app.plans.queries import get_plan_version


@dataclass(frozen=True)
class Origin:
    """Where a version of answers comes from, and the evidence behind it where it has some."""

    source: AnswersSource = AnswersSource.PATIENT
    entered_by: uuid.UUID | None = None
    evidence: str = ""


FROM_PATIENT = Origin()


def asked_of_patient(ground: Ground) -> tuple[Question, ...]:
    """Return the questions that this plan asks its patient."""
    return questions_for(ground.told, ground.facts, visit_date=ground.visit_date)


def read_answers(scope: TenantScope, consent: Consent, row: ConsentAnswers) -> dict[str, Answer]:
    """Return a stored set of answers."""
    ground = ground_of(scope, get_plan_version(scope, consent.plan_version_id))
    answers, _ = parse_answers(
        asked_of_patient(ground), plain_answers(scope, consent, row), today=ground.today
    )
    return answers


def plain_answers(scope: TenantScope, consent: Consent, row: ConsentAnswers) -> dict[str, Any]:
    """Return a stored set of answers as it was stored, question by question."""
    text = open_text(
        scope, consent.patient_id, "consent_answers.answers", row.id, row.answers_cipher
    )
    found: dict[str, Any] = json.loads(text)["answers"]
    return found


def read_outcome(scope: TenantScope, consent: Consent, row: ConsentAnswers) -> dict[str, Any]:
    """Return what the rules made of a stored set of answers, as JSON-ready values."""
    text = open_text(
        scope, consent.patient_id, "consent_answers.outcome", row.id, row.outcome_cipher
    )
    found: dict[str, Any] = json.loads(text)
    return found


def read_evidence(
    scope: TenantScope, consent: Consent, row: ConsentAnswers
) -> dict[str, Any] | None:
    """Return the evidence behind a version of answers, or None where the patient gave it."""
    if row.evidence_cipher is None:
        return None
    place = "consent_answers.evidence"
    text = open_text(scope, consent.patient_id, place, row.id, row.evidence_cipher)
    found: dict[str, Any] = json.loads(text)
    return found


def add_version(
    scope: TenantScope,
    consent: Consent,
    answers: Mapping[str, Answer],
    outcome: ScreeningOutcome,
    origin: Origin = FROM_PATIENT,
) -> ConsentAnswers:
    """Store a complete set of answers as the consent's next version. The caller holds its lock."""
    latest = queries.find_latest_answers(scope, consent.id)
    row_id = new_id()

    def close(column: str, text: str) -> bytes:
        return close_text(scope, consent.patient_id, f"consent_answers.{column}", row_id, text)

    text = canonical_json({"salt": secrets.token_hex(32), "answers": as_plain(answers)})
    row = ConsentAnswers(
        tenant_id=scope.tenant_id,
        id=row_id,
        consent_id=consent.id,
        number=1 if latest is None else latest.number + 1,
        answers_cipher=close("answers", text),
        answers_salted_sha256=sha256(text.encode()).digest(),
        outcome=outcome.action.value,
        outcome_cipher=close("outcome", canonical_json(outcome.as_dict())),
        catalogue_version_id=consent.catalogue_version_id,
        made_at=now(),
        source=origin.source.value,
        entered_by=origin.entered_by,
        evidence_cipher=close("evidence", origin.evidence) if origin.evidence else None,
    )
    scope.session.add(row)
    return row


def as_plain(answers: Mapping[str, Answer]) -> dict[str, dict[str, object]]:
    """Return answers as they are stored."""
    return {
        name: {
            "value": one.value,
            **({"on": one.on.isoformat()} if one.on else {}),
            **({"areas": list(one.areas)} if one.areas else {}),
        }
        for name, one in answers.items()
    }
