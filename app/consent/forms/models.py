"""Versions of forms, their drafts, and the steps that they take, each with its person."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.consent.purposes import Purpose
from app.database import Base, TenantOwned, one_of, tenant_fk, tenant_table


class FormState(StrEnum):
    """Frozen wording; before, a draft (``FormDraft``). ``returned`` and ``retired`` are final."""

    CLINICAL_REVIEW = "clinical_review"
    LEGAL_REVIEW = "legal_review"
    RETURNED = "returned"
    APPROVED = "approved"
    PUBLISHED = "published"
    RETIRED = "retired"


class FormVersion(TenantOwned, Base):
    """A form's wording as canonical JSON of structured blocks; ``sha256`` is of that text.

    The privileges of the application leave the wording as it was written. ``translation_of`` names
    the version that this one says in another language; ``change`` is ``material`` where its meaning
    differs from the version before, so that what was signed before has to be asked again.
    """

    __tablename__ = "form_version"
    __table_args__ = tenant_table(
        UniqueConstraint("tenant_id", "form_key", "locale", "number"),
        tenant_fk("translation_of", "form_version"),
        one_of("state", [state.value for state in FormState]),
        one_of("purpose", [one.value for one in Purpose]),
        one_of("change", ["minor", "material"]),
        Index("form_version_list_ix", "tenant_id", "form_key", text("number DESC"), "id"),
        Index(
            *("form_version_current_ix", "tenant_id", "form_key", text("number DESC")),
            postgresql_where=text("state NOT IN ('retired', 'returned')"),
        ),
        CheckConstraint("(purpose = 'add_on') = (add_on_id IS NOT NULL)", name="add_on"),
        CheckConstraint("(purpose = 'treatment') = (procedure_id IS NOT NULL)", name="procedure"),
        updatable=("state", "published_at", "retired_at"),
    )

    form_key: Mapped[str]
    purpose: Mapped[str] = mapped_column(default=Purpose.TREATMENT.value)
    procedure_id: Mapped[str | None]
    add_on_id: Mapped[str | None]
    locale: Mapped[str]
    number: Mapped[int]
    change: Mapped[str] = mapped_column(default="material")
    translation_of: Mapped[uuid.UUID | None]
    state: Mapped[str]
    content: Mapped[str]
    sha256: Mapped[bytes]
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    retired_at: Mapped[datetime | None]


class Step(StrEnum):
    """What somebody did with a form version."""

    SUBMIT = "submit"
    CLINICAL = "clinical"
    LEGAL = "legal"
    PUBLISH = "publish"
    RETURN = "return"
    RETIRE = "retire"


class FormDraft(TenantOwned, Base):
    """A form that is still written: the only wording that may change.

    Sending it to review freezes it as a version and ends the draft. ``copied_from`` is the version
    from which it was copied, ``translation_of`` the one that it says in another language.
    """

    __tablename__ = "form_draft"
    __table_args__ = tenant_table(
        tenant_fk("copied_from", "form_version"),
        tenant_fk("translation_of", "form_version"),
        tenant_fk("written_by", "staff_member"),
        UniqueConstraint("tenant_id", "form_key", "locale"),
        deletable=True,
    )

    form_key: Mapped[str]
    locale: Mapped[str]
    content: Mapped[str]
    copied_from: Mapped[uuid.UUID | None]
    translation_of: Mapped[uuid.UUID | None]
    written_by: Mapped[uuid.UUID]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)


class FormStep(TenantOwned, Base):
    """One step of a version's life: who, when, over which wording (``sha256``).

    ``is_alone`` says that the same person took the step before, since the clinic has nobody else
    who may. ``note`` is why a version was sent back or retired.
    """

    __tablename__ = "form_step"
    __table_args__ = tenant_table(
        tenant_fk("form_version_id", "form_version"),
        tenant_fk("staff_id", "staff_member"),
        one_of("step", [one.value for one in Step]),
        Index("form_step_version_ix", "tenant_id", "form_version_id", "at"),
        append_only=True,
    )

    form_version_id: Mapped[uuid.UUID]
    step: Mapped[str]
    staff_id: Mapped[uuid.UUID]
    sha256: Mapped[bytes]
    is_alone: Mapped[bool]
    note: Mapped[str]
    at: Mapped[datetime]
