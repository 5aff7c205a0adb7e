"""Consents, drafts, questions, signatures, attestations and the grants behind the gate."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import TSTZRANGE, Range
from sqlalchemy.orm import Mapped, mapped_column

from app.consent.purposes import Purpose
from app.consent.state_checks import STATE_CHECKS
from app.database import Base, TenantOwned, TenantRow, one_of, tenant_fk, tenant_table

WITHDRAWN = text("state = 'withdrawn'")
_PURPOSES = [one.value for one in Purpose]


class ConsentState(StrEnum):
    """Where a consent stands. ``active`` is the only state in which grants exist.

    ``paused`` is a hold after signing: the grants are closed until somebody has decided.
    ``not_safe`` is the clinic's own no.
    """

    SENT = "sent"
    OPENED = "opened"
    HELD = "held"
    CLEARED = "cleared"
    SIGNED = "signed"
    ACTIVE = "active"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"
    VOIDED = "voided"
    NOT_SAFE = "not_safe"
    PAUSED = "paused"
    EXPIRED = "expired"


class Consent(TenantOwned, Base):
    """One request for consent to one purpose, and all that became of it.

    ``locale`` is the language of its text; ``is_other_language`` says that staff chose it although
    the patient reads another one best.
    ``shown_cipher`` is the assembled text that this patient reads, ``shown_sha256`` its hash: what
    was signed is what was shown.
    """

    __tablename__ = "consent"
    __table_args__ = tenant_table(
        tenant_fk("plan_version_id", "plan_version"),
        tenant_fk("plan_id", "plan"),
        tenant_fk("patient_id", "patient"),
        tenant_fk("form_version_id", "form_version"),
        tenant_fk("location_id", "location"),
        one_of("state", [state.value for state in ConsentState]),
        one_of("purpose", _PURPOSES),
        CheckConstraint("(purpose = 'add_on') = (add_on_id IS NOT NULL)", name="add_on"),
        *STATE_CHECKS,
        Index("consent_patient_ix", "tenant_id", "patient_id", "created_at"),
        Index("consent_plan_ix", "tenant_id", "plan_id"),
        Index("consent_withdrawn_ix", "tenant_id", "ended_at", "id", postgresql_where=WITHDRAWN),
        Index(
            *("consent_withdrawn_at_ix", "tenant_id", "location_id", "ended_at", "id"),
            postgresql_where=WITHDRAWN,
        ),
        Index(
            *("consent_locked_ix", "tenant_id", "location_id", "locked_at"),
            postgresql_where=text("locked_at IS NOT NULL"),
        ),
    )

    plan_id: Mapped[uuid.UUID]
    plan_version_id: Mapped[uuid.UUID]
    patient_id: Mapped[uuid.UUID]
    location_id: Mapped[uuid.UUID]
    form_version_id: Mapped[uuid.UUID]
    catalogue_version_id: Mapped[uuid.UUID]
    purpose: Mapped[str] = mapped_column(default=Purpose.TREATMENT.value)
    add_on_id: Mapped[str | None]
    locale: Mapped[str]
    is_other_language: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str]
    shown_cipher: Mapped[bytes]
    shown_sha256: Mapped[bytes]
    created_at: Mapped[datetime]
    created_by: Mapped[uuid.UUID]
    link_expires_at: Mapped[datetime]
    link_sent_at: Mapped[datetime | None]
    opened_at: Mapped[datetime | None]
    identified_at: Mapped[datetime | None]
    identity_method: Mapped[str | None]
    identity_attested_by: Mapped[uuid.UUID | None]
    identity_attested_at: Mapped[datetime | None]
    code_hash: Mapped[str | None]
    code_sent_at: Mapped[datetime | None]
    code_channel: Mapped[str | None]
    locked_at: Mapped[datetime | None]
    privacy_sha256: Mapped[bytes | None]
    privacy_shown_at: Mapped[datetime | None]
    electronic_accepted_at: Mapped[datetime | None]
    electronic_demonstrated_at: Mapped[datetime | None]
    electronic_withdrawn_at: Mapped[datetime | None]
    paper_wished_at: Mapped[datetime | None]
    read_shown_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
    understood_at: Mapped[datetime | None]
    teach_back_right: Mapped[int | None]
    signed_at: Mapped[datetime | None]
    is_entered_later: Mapped[bool] = mapped_column(default=False)
    attested_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    valid_until: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)


class ConsentDraft(TenantOwned, Base):
    """What the patient has typed and drawn so far; ``sequence`` orders autosaves."""

    __tablename__ = "consent_draft"
    __table_args__ = tenant_table(
        tenant_fk("consent_id", "consent"), UniqueConstraint("tenant_id", "consent_id")
    )

    consent_id: Mapped[uuid.UUID]
    sequence: Mapped[int]
    answers_cipher: Mapped[bytes | None]
    ink_cipher: Mapped[bytes | None]
    updated_at: Mapped[datetime]


class PatientQuestion(TenantOwned, Base):
    """What a patient asked about a part of the form, and who answered it before they signed."""

    __tablename__ = "patient_question"
    __table_args__ = tenant_table(
        tenant_fk("consent_id", "consent"),
        tenant_fk("answered_by", "staff_member"),
        CheckConstraint(
            "(answer_cipher IS NULL) = (answered_by IS NULL)"
            " AND (answer_cipher IS NULL) = (answered_at IS NULL)",
            name="answered_by_somebody",
        ),
        Index("patient_question_consent_ix", "tenant_id", "consent_id"),
        updatable=("answer_cipher", "answered_by", "answered_at", "taken_back_at"),
    )

    consent_id: Mapped[uuid.UUID]
    section: Mapped[str]
    question_cipher: Mapped[bytes]
    asked_at: Mapped[datetime]
    answer_cipher: Mapped[bytes | None]
    answered_by: Mapped[uuid.UUID | None]
    answered_at: Mapped[datetime | None]
    taken_back_at: Mapped[datetime | None]


class Signature(TenantOwned, Base):
    """The patient's act, with its sealed document. It exists only together with the seal."""

    __tablename__ = "signature"
    __table_args__ = tenant_table(
        tenant_fk("consent_id", "consent"),
        tenant_fk("patient_id", "patient"),
        tenant_fk("answers_id", "consent_answers"),
        tenant_fk("document_id", "document"),
        UniqueConstraint("tenant_id", "consent_id"),
        one_of("method", ["ink", "typed", "paper"]),
        append_only=True,
    )

    consent_id: Mapped[uuid.UUID]
    patient_id: Mapped[uuid.UUID]
    answers_id: Mapped[uuid.UUID | None]
    document_id: Mapped[uuid.UUID]
    method: Mapped[str]
    name_cipher: Mapped[bytes]
    ink_cipher: Mapped[bytes | None]
    meaning_cipher: Mapped[bytes]
    shown_sha256: Mapped[bytes]
    receipt_code: Mapped[str]
    user_agent_cipher: Mapped[bytes]
    signed_at: Mapped[datetime]
    zone: Mapped[str]


class Attestation(TenantOwned, Base):
    """The practitioner's act: confirms the discussion, carries the executed document."""

    __tablename__ = "attestation"
    __table_args__ = tenant_table(
        tenant_fk("consent_id", "consent"),
        tenant_fk("staff_id", "staff_member"),
        tenant_fk("qualification_id", "qualification"),
        tenant_fk("discussion_id", "discussion"),
        tenant_fk("signature_id", "signature"),
        tenant_fk("document_id", "document"),
        UniqueConstraint("tenant_id", "consent_id", "staff_id"),
        append_only=True,
    )

    consent_id: Mapped[uuid.UUID]
    signature_id: Mapped[uuid.UUID]
    staff_id: Mapped[uuid.UUID]
    qualification_id: Mapped[uuid.UUID]
    discussion_id: Mapped[uuid.UUID]
    document_id: Mapped[uuid.UUID]
    statement: Mapped[str]
    stepped_up_at: Mapped[datetime]
    attested_at: Mapped[datetime]


class ConsentGrant(TenantRow, Base):
    """Permission to treat one area, down to one depth, for one period. The gate's other half.

    Written by hand in a migration, since its key is temporal. The application may insert grants;
    only ``door.close_grants`` narrows them.
    """

    __tablename__ = "consent_grant"
    __table_args__ = tenant_table(
        CheckConstraint("max_depth_um > 0", name="depth"), append_only=True, by_hand=True
    )

    patient_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    procedure_id: Mapped[str] = mapped_column(primary_key=True)
    area: Mapped[str] = mapped_column(primary_key=True)
    max_depth_um: Mapped[int] = mapped_column(primary_key=True)
    consent_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    attestation_id: Mapped[uuid.UUID]
    valid: Mapped[Range[datetime]] = mapped_column(TSTZRANGE, primary_key=True)
