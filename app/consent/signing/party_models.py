"""Others who take part in a signature: an interpreter, a witness."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from app.database import Base, TenantOwned, one_of, tenant_fk, tenant_table


class PartyRole(StrEnum):
    """What somebody does beside the patient."""

    INTERPRETER = "interpreter"
    WITNESS = "witness"


class ConsentParty(TenantOwned, Base):
    """Somebody beside the patient. ``details_cipher`` holds who it is and what they said.

    ``stated_at`` is when they put their name to it; ``taken_by`` who took it down for somebody on
    the telephone, on video or on paper.
    """

    __tablename__ = "consent_party"
    __table_args__ = tenant_table(
        tenant_fk("consent_id", "consent"),
        tenant_fk("added_by", "staff_member"),
        tenant_fk("taken_by", "staff_member"),
        one_of("role", [one.value for one in PartyRole]),
        Index("consent_party_consent_ix", "tenant_id", "consent_id", "added_at"),
        updatable=("details_cipher", "stated_at", "taken_by", "removed_at"),
    )

    consent_id: Mapped[uuid.UUID]
    role: Mapped[str]
    details_cipher: Mapped[bytes]
    added_at: Mapped[datetime]
    added_by: Mapped[uuid.UUID | None]
    stated_at: Mapped[datetime | None]
    taken_by: Mapped[uuid.UUID | None]
    removed_at: Mapped[datetime | None]
