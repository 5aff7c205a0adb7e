"""What a patient asked about the form, with the answers, as pages and paper show it."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.consent.ciphers import open_text
from app.consent.models import Consent, PatientQuestion
from app.consent.signing import question_queries
from app.database import TenantScope
from app.pages_setup import moment
from app.tenants.queries import map_staff_names

FIELD = "question_"


@dataclass(frozen=True)
class Asked:
    """One question about a section of the form; ``answer`` is "" as long as nobody answered."""

    id: uuid.UUID
    section: str
    text: str
    asked_at: datetime
    answer: str
    answered_by: str
    answered_at: datetime | None
    taken_back: bool

    @property
    def is_open(self) -> bool:
        """Whether the patient still waits for an answer."""
        return not self.answer and not self.taken_back


def questions_asked(scope: TenantScope, consent: Consent) -> tuple[Asked, ...]:
    """Return everything that the patient asked about this form, in its order."""
    rows = question_queries.list_questions(scope, consent.id)
    names = map_staff_names(scope) if any(row.answered_by for row in rows) else {}
    return tuple(_asked(scope, consent, row, names) for row in rows)


def _asked(
    scope: TenantScope, consent: Consent, row: PatientQuestion, names: dict[uuid.UUID, str]
) -> Asked:
    return Asked(
        id=row.id,
        section=row.section,
        text=_open(scope, consent, row, "question", row.question_cipher),
        asked_at=row.asked_at,
        answer=_open(scope, consent, row, "answer", row.answer_cipher),
        answered_by=names.get(row.answered_by, "") if row.answered_by else "",
        answered_at=row.answered_at,
        taken_back=row.taken_back_at is not None,
    )


def _open(
    scope: TenantScope, consent: Consent, row: PatientQuestion, part: str, cipher: bytes | None
) -> str:
    if cipher is None:
        return ""
    return open_text(scope, consent.patient_id, f"patient_question.{part}", row.id, cipher)


def open_ones(asked: Sequence[Asked]) -> tuple[Asked, ...]:
    """Return the questions that wait for an answer."""
    return tuple(one for one in asked if one.is_open)


def asked_view(asked: Sequence[Asked], zone: str) -> list[dict[str, object]]:
    """Return questions for a page, without those that were taken back; times are the place's."""
    return [
        {
            "id": str(one.id),
            "section": one.section,
            "text": one.text,
            "answer": one.answer or None,
            "by": one.answered_by,
            "at": moment(one.answered_at, zone) if one.answered_at else None,
        }
        for one in asked
        if not one.taken_back
    ]
