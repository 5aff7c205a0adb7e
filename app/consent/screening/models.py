"""Answers about health as versions, each with what the rules made of it."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base, TenantOwned, one_of, tenant_fk, tenant_table


class AnswersSource(StrEnum):
    """Where a version of answers comes from: the patient, evidence that a clinician saw, or the
    same answers judged again for another day of the visit."""

    PATIENT = "patient"
    EVIDENCE = "evidence"
    REJUDGED = "rejudged"


class ConsentAnswers(TenantOwned, Base):
    """One complete set of answers and what the rules made of it. Never overwritten.

    With the source ``evidence``, ``entered_by`` has seen what ``evidence_cipher`` tells of.
    """

    __tablename__ = "consent_answers"
    __table_args__ = tenant_table(
        tenant_fk("consent_id", "consent"),
        tenant_fk("entered_by", "staff_member"),
        UniqueConstraint("tenant_id", "consent_id", "number"),
        one_of("source", [source.value for source in AnswersSource]),
        append_only=True,
    )

    consent_id: Mapped[uuid.UUID]
    number: Mapped[int]
    answers_cipher: Mapped[bytes]
    answers_salted_sha256: Mapped[bytes]
    outcome: Mapped[str]
    outcome_cipher: Mapped[bytes]
    catalogue_version_id: Mapped[uuid.UUID]
    made_at: Mapped[datetime]
    source: Mapped[str] = mapped_column(default=AnswersSource.PATIENT.value)
    entered_by: Mapped[uuid.UUID | None]
    evidence_cipher: Mapped[bytes | None]
