"""What a clinic would give back when a patient changes their mind: worked out, never moved here."""

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, column
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base, TenantOwned, tenant_fk, tenant_table


class RefundQuote(TenantOwned, Base):
    """What of one purchase would be given back, computed from the ledger. It moves no money.

    ``used_minor`` is the price of the sessions that were used, by the shares fixed at the sale;
    ``quoted_minor`` is what was paid less that, and never below zero. ``withdrawal_id`` is an id
    only: consents are a room beside this one. Open until a member of staff has dealt with it.
    """

    __tablename__ = "refund_quote"
    __table_args__ = tenant_table(
        tenant_fk("patient_id", "patient"),
        tenant_fk("purchase_id", "purchase"),
        UniqueConstraint("tenant_id", "withdrawal_id", "purchase_id"),
        CheckConstraint("paid_minor >= 0 AND used_minor >= 0", name="amounts"),
        CheckConstraint("quoted_minor = greatest(paid_minor - used_minor, 0)", name="formula"),
        CheckConstraint("sessions_used BETWEEN 0 AND sessions", name="sessions"),
        Index("refund_quote_patient_ix", "tenant_id", "patient_id"),
        Index(
            "refund_quote_open_ix",
            "tenant_id",
            "withdrawal_id",
            postgresql_where=column("handled_at").is_(None),
        ),
        updatable=("handled_at", "handled_by"),
    )

    patient_id: Mapped[uuid.UUID]
    purchase_id: Mapped[uuid.UUID]
    withdrawal_id: Mapped[uuid.UUID]
    paid_minor: Mapped[int] = mapped_column(BigInteger)
    used_minor: Mapped[int] = mapped_column(BigInteger)
    quoted_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str]
    sessions: Mapped[int]
    sessions_used: Mapped[int]
    payment_under_way: Mapped[bool]
    terms_sha256: Mapped[bytes]
    quoted_at: Mapped[datetime]
    handled_at: Mapped[datetime | None]
    handled_by: Mapped[uuid.UUID | None]
