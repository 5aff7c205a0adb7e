"""The patient asks about the form; nobody signs before a named practitioner has answered.

A question may be taken back, which is the patient's own choice to go on without an answer.
"""

import uuid

from app import audit
from app.consent import queries
from app.consent.ciphers import close_text, get_shown
from app.consent.models import Consent, PatientQuestion
from app.consent.screening.fields import Fields, text_of
from app.consent.signing import question_queries
from app.consent.signing.patient_questions import FIELD, questions_asked
from app.consent.signing.steps import Step, require_step
from app.database import TenantScope
from app.kit.clock import now
from app.kit.ids import new_id


def note_questions(scope: TenantScope, consent: Consent, fields: Fields) -> Fields:
    """Store what was asked on the page with the form; return its fields without the questions.

    The same question about the same part, sent again, is one question.
    """
    known = {(one.section, one.text) for one in questions_asked(scope, consent)}
    for part in get_shown(scope, consent).sections:
        text = text_of(fields, FIELD + part.id).strip()
        if text and (part.id, text) not in known:
            scope.session.add(_row(scope, consent, part.id, text))
            audit.record(
                scope,
                "consent:question:ask",
                subject_id=consent.id,
                patient_id=consent.patient_id,
            )
    return {name: value for name, value in fields.items() if not name.startswith(FIELD)}


def take_back_question(
    scope: TenantScope, *, consent_id: uuid.UUID, question_id: uuid.UUID
) -> PatientQuestion:
    """Note that the patient goes on without an answer; raises QuestionUnknown, ConsentMoved."""
    consent = queries.get_consent_for_update(scope, consent_id)
    require_step(scope, consent, Step.UNDERSTOOD)
    row = question_queries.get_question_for_update(scope, consent.id, question_id)
    if row.answered_at is None and row.taken_back_at is None:
        row.taken_back_at = now()
        audit.record(
            scope,
            "consent:question:take_back",
            subject_id=consent.id,
            patient_id=consent.patient_id,
        )
    return row


def _row(scope: TenantScope, consent: Consent, section: str, text: str) -> PatientQuestion:
    row_id = new_id()
    return PatientQuestion(
        tenant_id=scope.tenant_id,
        id=row_id,
        consent_id=consent.id,
        section=section,
        question_cipher=close_text(
            scope, consent.patient_id, "patient_question.question", row_id, text
        ),
        asked_at=now(),
    )
