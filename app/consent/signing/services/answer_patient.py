"""A practitioner answers what a patient asked about the form, before the patient signs it."""

import uuid

from app import audit
from app.consent import queries
from app.consent.ciphers import close_text
from app.consent.errors import ConsentMoved, QuestionAnswered
from app.consent.models import PatientQuestion
from app.consent.services.request_consent import tell_of_answer
from app.consent.signing import question_queries
from app.database import TenantScope
from app.errors import Forbidden, Invalid
from app.kit.clock import now

LONGEST = 2000


def answer_patient(
    scope: TenantScope, *, consent_id: uuid.UUID, question_id: uuid.UUID, answer: str
) -> PatientQuestion:
    """Answer a question; after the last open one the patient is told that they may go on.

    Raises QuestionUnknown, QuestionAnswered, ConsentMoved once there is nothing left to sign, or
    Invalid for an empty or too long answer. The same answer again changes nothing.
    """
    text = _checked(answer)
    if scope.actor.kind != "staff" or scope.actor.id is None:
        raise Forbidden("Only a practitioner answers a patient's question.")
    consent = queries.get_consent_for_update(scope, consent_id)
    row = question_queries.get_question_for_update(scope, consent.id, question_id)
    if row.answered_at is not None:
        raise QuestionAnswered("Somebody has answered this question already.")
    if consent.state not in queries.UNSIGNED:
        raise ConsentMoved("There is nothing left to sign.", state=consent.state)
    row.answer_cipher = close_text(
        scope, consent.patient_id, "patient_question.answer", row.id, text
    )
    row.answered_by, row.answered_at = scope.actor.id, now()
    scope.session.flush()
    audit.record(
        scope, "consent:question:answer", subject_id=consent.id, patient_id=consent.patient_id
    )
    if not question_queries.count_open_questions(scope, consent.id):
        tell_of_answer(scope, consent)
    return row


def _checked(answer: str) -> str:
    text = answer.strip()
    if not text:
        raise Invalid("Write an answer.", fields={"answer": "Write an answer."})
    if len(text) > LONGEST:
        told = f"Use at most {LONGEST} characters."
        raise Invalid(told, fields={"answer": told})
    return text
