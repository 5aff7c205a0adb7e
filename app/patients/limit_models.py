"""What limits the use or the erasure of a patient's data: holds, restrictions, objections."""

import uuid
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, column
from sqlalchemy.orm import Mapped

from app.database import Base, TenantOwned, one_of, tenant_fk, tenant_table


class LimitKind(StrEnum):
    """What a limit does.

    A legal hold forbids erasing. A restriction allows keeping and nothing else. An objection ends
    marketing.
    """

    LEGAL_HOLD = "legal_hold"
    RESTRICTION = "restriction"
    MARKETING_OBJECTION = "marketing_objection"


class PatientLimit(TenantOwned, Base):
    """A limit: who set it, why, until when, and who lifted it. ``until_on`` is its last day."""

    __tablename__ = "patient_limit"
    __table_args__ = tenant_table(
        tenant_fk("patient_id", "patient"),
        one_of("kind", [kind.value for kind in LimitKind]),
        CheckConstraint("until_on IS NULL OR kind = 'legal_hold'", name="until"),
        Index("patient_limit_patient_ix", "tenant_id", "patient_id", "placed_at"),
        Index(
            "patient_limit_in_force_uq",
            "tenant_id",
            "patient_id",
            "kind",
            "reason",
            unique=True,
            postgresql_where=column("lifted_at").is_(None),
        ),
        updatable=("lifted_at", "lifted_by"),
    )

    patient_id: Mapped[uuid.UUID]
    kind: Mapped[str]
    reason: Mapped[str]
    until_on: Mapped[date | None]
    placed_by: Mapped[uuid.UUID | None]
    placed_at: Mapped[datetime]
    lifted_by: Mapped[uuid.UUID | None]
    lifted_at: Mapped[datetime | None]
