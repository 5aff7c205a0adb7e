"""That a patient took a consent back: when, and through whom."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from app.database import Base, TenantOwned, one_of, tenant_fk, tenant_table


class WithdrawalWay(StrEnum):
    """Through whom a consent was taken back."""

    SIGN_LINK = "sign_link"
    COPY_LINK = "copy_link"
    STAFF = "staff"


class Withdrawal(TenantOwned, Base):
    """The patient's change of mind. It closes the grants at once and never touches the past.

    ``way`` says through whom: the patient behind the link to sign or to a copy, or staff.
    """

    __tablename__ = "withdrawal"
    __table_args__ = tenant_table(
        tenant_fk("consent_id", "consent"),
        UniqueConstraint("tenant_id", "consent_id"),
        Index("withdrawal_at_ix", "tenant_id", "withdrawn_at", "id"),
        one_of("way", [way.value for way in WithdrawalWay]),
        append_only=True,
    )

    consent_id: Mapped[uuid.UUID]
    way: Mapped[str]
    reason_cipher: Mapped[bytes | None]
    recorded_by: Mapped[uuid.UUID | None]
    withdrawn_at: Mapped[datetime]
