"""Questions about what patients asked before they signed."""

import uuid
from collections.abc import Sequence

from sqlalchemy import func, select

from app.consent.errors import QuestionUnknown
from app.consent.models import PatientQuestion
from app.database import TenantScope


def list_questions(scope: TenantScope, consent_id: uuid.UUID) -> Sequence[PatientQuestion]:
    """Return what was asked about a consent, in its order."""
    statement = (
        select(PatientQuestion)
        .where(
            PatientQuestion.tenant_id == scope.tenant_id,
            PatientQuestion.consent_id == consent_id,
        )
        .order_by(PatientQuestion.asked_at, PatientQuestion.id)
    )
    return scope.session.scalars(statement).all()


def get_question_for_update(
    scope: TenantScope, consent_id: uuid.UUID, question_id: uuid.UUID
) -> PatientQuestion:
    """Return a question about a consent, locked until the end; raises QuestionUnknown."""
    statement = (
        select(PatientQuestion)
        .where(
            PatientQuestion.tenant_id == scope.tenant_id,
            PatientQuestion.id == question_id,
            PatientQuestion.consent_id == consent_id,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = scope.session.scalar(statement)
    if found is None:
        raise QuestionUnknown("There is no such question.")
    return found


def count_open_questions(scope: TenantScope, consent_id: uuid.UUID) -> int:
    """Return how many questions of a consent wait for an answer."""
    statement = (
        select(func.count())
        .select_from(PatientQuestion)
        .where(
            PatientQuestion.tenant_id == scope.tenant_id,
            PatientQuestion.consent_id == consent_id,
            PatientQuestion.answered_at.is_(None),
            PatientQuestion.taken_back_at.is_(None),
        )
    )
    return scope.session.scalar(statement) or 0
