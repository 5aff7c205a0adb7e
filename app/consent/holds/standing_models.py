"""What the clinic has decided once for all about a rule that else asks a clinician each time."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base, TenantOwned, tenant_fk, tenant_table


class StandingDecision(TenantOwned, Base):
    """One version of a standing decision about one rule; the newest counts, if it is active.

    ``patient`` is what the patient reads, ``confirm`` what the practitioner confirms at the visit,
    ``basis`` what it rests on. ``max_depth_um`` and ``without`` narrow every consent to which it
    is applied.
    """

    __tablename__ = "standing_decision"
    __table_args__ = tenant_table(
        tenant_fk("decided_by", "staff_member"),
        UniqueConstraint("tenant_id", "rule_id", "number"),
        CheckConstraint("number >= 1", name="number"),
        CheckConstraint("max_depth_um > 0", name="depth"),
        append_only=True,
    )

    rule_id: Mapped[str]
    number: Mapped[int]
    is_active: Mapped[bool]
    patient: Mapped[str]
    confirm: Mapped[str]
    risk_id: Mapped[str | None]
    max_depth_um: Mapped[int | None]
    without: Mapped[list[Any]] = mapped_column(JSON)
    basis: Mapped[str]
    decided_by: Mapped[uuid.UUID]
    decided_at: Mapped[datetime]
