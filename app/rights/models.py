"""What patients ask about their data, and what was decided for each class of it."""

import uuid
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base, TenantOwned, one_of, tenant_fk, tenant_table


class RequestKind(StrEnum):
    """What a patient asks for."""

    ACCESS = "access"
    RECTIFICATION = "rectification"
    RESTRICTION = "restriction"
    OBJECTION = "objection"
    ERASURE = "erasure"


class DecisionState(StrEnum):
    """Where a decision stands. ``waiting`` has its day still to come, ``held`` a hold against
    it."""

    WAITING = "waiting"
    HELD = "held"
    DONE = "done"
    CANCELLED = "cancelled"


class RightsRequest(TenantOwned, Base):
    """One request: who took it, how they knew the patient, and by when an answer is due."""

    __tablename__ = "rights_request"
    __table_args__ = tenant_table(
        tenant_fk("patient_id", "patient"),
        one_of("kind", [kind.value for kind in RequestKind]),
        one_of("state", ["open", "decided", "done"]),
        Index("rights_request_patient_ix", "tenant_id", "patient_id", "asked_at"),
        Index("rights_request_open_ix", "tenant_id", "state", "due_on"),
        updatable=("state", "decided_at", "closed_at", "version"),
    )

    patient_id: Mapped[uuid.UUID]
    kind: Mapped[str]
    state: Mapped[str]
    channel: Mapped[str]
    identified_by: Mapped[str]
    asked_at: Mapped[datetime]
    due_on: Mapped[date]
    taken_by: Mapped[uuid.UUID | None]
    decided_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)


class RightsDecision(TenantOwned, Base):
    """What becomes of one class of a patient's data, why, on what basis, and on which day.

    ``files_removed_at`` is noted once the files of an erased class are gone, too.
    """

    __tablename__ = "rights_decision"
    __table_args__ = tenant_table(
        tenant_fk("request_id", "rights_request"),
        tenant_fk("patient_id", "patient"),
        UniqueConstraint("tenant_id", "request_id", "retention"),
        one_of("retention", ["clinical", "financial", "marketing", "contact"]),
        one_of("state", [state.value for state in DecisionState]),
        one_of("basis", ["law", "guidance", "clinic"]),
        Index("rights_decision_due_ix", "tenant_id", "state", "due_on"),
        Index("rights_decision_patient_ix", "tenant_id", "patient_id"),
        updatable=(
            *("state", "reason", "basis", "jurisdiction", "years", "counted_from", "due_on"),
            *("carried_out_at", "files_removed_at"),
        ),
    )

    request_id: Mapped[uuid.UUID]
    patient_id: Mapped[uuid.UUID]
    retention: Mapped[str]
    state: Mapped[str]
    reason: Mapped[str]
    basis: Mapped[str]
    jurisdiction: Mapped[str | None]
    years: Mapped[int | None]
    counted_from: Mapped[date | None]
    due_on: Mapped[date | None]
    decided_by: Mapped[uuid.UUID | None]
    decided_at: Mapped[datetime]
    carried_out_at: Mapped[datetime | None]
    files_removed_at: Mapped[datetime | None]
