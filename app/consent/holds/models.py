"""Holds, the decisions about them, the second person's word, and whom the clinic asked outside."""

import uuid
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base, TenantOwned, one_of, tenant_fk, tenant_table

NOT_CLOSED = text("closed_at IS NULL")


class HoldOrigin(StrEnum):
    """What opened a hold: an answer, answers that changed, an expiry, or the clinic itself."""

    ANSWERS = "answers"
    CHANGED = "changed"
    EXPIRED = "expired"
    INCIDENT = "incident"
    ACUTE_CHECK = "acute_check"
    CLINIC = "clinic"


class Hold(TenantOwned, Base):
    """A stop on the way to signing, or after it, opened by an answer or by the clinic.

    ``ends_number`` names the decision that no longer stands because of this hold; ``found_cipher``
    what the clinic saw when it opened the hold itself. A decided hold is closed, and
    ``decided_number`` names the decision; one that waits for a day has ``waits_until``.
    """

    __tablename__ = "hold"
    __table_args__ = tenant_table(
        tenant_fk("consent_id", "consent"),
        tenant_fk("answers_id", "consent_answers"),
        tenant_fk("opened_by", "staff_member"),
        one_of("origin", [origin.value for origin in HoldOrigin]),
        Index("hold_open_ix", "tenant_id", "opened_at", "id", postgresql_where=NOT_CLOSED),
        Index("hold_consent_ix", "tenant_id", "consent_id", "opened_at"),
        Index(
            "hold_one_open_uq", "tenant_id", "consent_id", unique=True, postgresql_where=NOT_CLOSED
        ),
    )

    consent_id: Mapped[uuid.UUID]
    answers_id: Mapped[uuid.UUID | None]
    outcome: Mapped[str]
    origin: Mapped[str] = mapped_column(default=HoldOrigin.ANSWERS.value)
    is_after_signing: Mapped[bool] = mapped_column(default=False)
    found_cipher: Mapped[bytes | None]
    ends_number: Mapped[int | None]
    opened_at: Mapped[datetime]
    opened_by: Mapped[uuid.UUID | None]
    waits_until: Mapped[date | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[uuid.UUID | None]
    decided_number: Mapped[int | None]


class DecisionKind(StrEnum):
    """What a clinician decided about a hold."""

    SAFE = "safe"
    NOT_SAFE = "not_safe"
    DELAY = "delay"


class ReviewState(StrEnum):
    """The life of a question to a clinician outside."""

    ASKED = "asked"
    ANSWERED = "answered"
    CANCELLED = "cancelled"


class HoldDecision(TenantOwned, Base):
    """What one clinician decided about one hold, bound to one version of the answers.

    ``number`` counts the decisions of a consent. ``terms_cipher`` holds the limits, the lifted
    blocks, the shortened waits and what was decided about which answers. With ``needs_second`` it
    takes effect only through a :class:`HoldAgreement` that agrees.
    """

    __tablename__ = "hold_decision"
    __table_args__ = tenant_table(
        tenant_fk("hold_id", "hold"),
        tenant_fk("consent_id", "consent"),
        tenant_fk("answers_id", "consent_answers"),
        tenant_fk("decided_by", "staff_member"),
        tenant_fk("qualification_id", "qualification"),
        UniqueConstraint("tenant_id", "consent_id", "number"),
        one_of("kind", [kind.value for kind in DecisionKind]),
        CheckConstraint("(delay_until IS NOT NULL) = (kind = 'delay')", name="delay"),
        append_only=True,
    )

    hold_id: Mapped[uuid.UUID]
    consent_id: Mapped[uuid.UUID]
    answers_id: Mapped[uuid.UUID | None]
    number: Mapped[int]
    kind: Mapped[str]
    reason_cipher: Mapped[bytes]
    terms_cipher: Mapped[bytes]
    delay_until: Mapped[date | None]
    expires_on: Mapped[date | None]
    needs_second: Mapped[bool]
    decided_by: Mapped[uuid.UUID]
    qualification_id: Mapped[uuid.UUID]
    decided_at: Mapped[datetime]


class OutsideReview(TenantOwned, Base):
    """A clinician outside who was asked about one decision, and who they said they are."""

    __tablename__ = "outside_review"
    __table_args__ = tenant_table(
        tenant_fk("decision_id", "hold_decision"),
        tenant_fk("consent_id", "consent"),
        tenant_fk("asked_by", "staff_member"),
        one_of("state", [state.value for state in ReviewState]),
        Index("outside_review_consent_ix", "tenant_id", "consent_id"),
    )

    decision_id: Mapped[uuid.UUID]
    consent_id: Mapped[uuid.UUID]
    email_cipher: Mapped[bytes]
    person_cipher: Mapped[bytes | None]
    code_hash: Mapped[str | None]
    code_sent_at: Mapped[datetime | None]
    identified_at: Mapped[datetime | None]
    state: Mapped[str]
    asked_by: Mapped[uuid.UUID]
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)


class HoldAgreement(TenantOwned, Base):
    """The second person's yes or no to a decision: one of the staff, or somebody outside."""

    __tablename__ = "hold_agreement"
    __table_args__ = tenant_table(
        tenant_fk("decision_id", "hold_decision"),
        tenant_fk("staff_id", "staff_member"),
        tenant_fk("qualification_id", "qualification"),
        tenant_fk("outside_review_id", "outside_review"),
        UniqueConstraint("tenant_id", "decision_id"),
        CheckConstraint("staff_id IS NOT NULL OR outside_review_id IS NOT NULL", name="somebody"),
        append_only=True,
    )

    decision_id: Mapped[uuid.UUID]
    staff_id: Mapped[uuid.UUID | None]
    qualification_id: Mapped[uuid.UUID | None]
    outside_review_id: Mapped[uuid.UUID | None]
    agrees: Mapped[bool]
    reason_cipher: Mapped[bytes]
    said_at: Mapped[datetime]
