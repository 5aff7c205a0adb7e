"""A clinic's decisions about the policies of a jurisdiction: versions that never change."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base, TenantOwned, one_of, tenant_fk, tenant_table

BASES = ("law", "guidance", "clinic")


class PolicyDecision(TenantOwned, Base):
    """That a value holds from a day on. ``in_force_from`` NULL means: as long as there were days.

    ``value`` is {"value": …}: a whole number, a truth, or a list of words. ``verified`` says that
    the clinic has had the source confirmed, so that it may be quoted as law.
    """

    __tablename__ = "policy_decision"
    __table_args__ = tenant_table(
        tenant_fk("decided_by", "staff_member"),
        one_of("basis", BASES),
        UniqueConstraint("tenant_id", "jurisdiction", "policy", "number"),
        CheckConstraint("number >= 1", name="number"),
        append_only=True,
    )

    jurisdiction: Mapped[str]
    policy: Mapped[str]
    number: Mapped[int]
    value: Mapped[dict[str, Any]] = mapped_column(JSON)
    basis: Mapped[str]
    in_force_from: Mapped[date | None]
    verified: Mapped[bool]
    source: Mapped[str]
    reason: Mapped[str]
    decided_by: Mapped[uuid.UUID]
    decided_at: Mapped[datetime]
