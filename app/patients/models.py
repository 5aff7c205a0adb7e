"""The patient. Contact and health fields are ciphertext under the patient's own keys."""

import uuid
from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base, TenantOwned, tenant_fk, tenant_table


class Patient(TenantOwned, Base):
    """A person who is or will be treated. ``*_index`` are blind indexes for exact look-up."""

    __tablename__ = "patient"
    __table_args__ = tenant_table(
        tenant_fk("location_id", "location"),
        Index("patient_name_ix", "tenant_id", "sort_name", "id"),
        Index("patient_email_ix", "tenant_id", "email_index"),
        Index("patient_phone_ix", "tenant_id", "phone_index"),
    )

    location_id: Mapped[uuid.UUID]
    name: Mapped[str]
    sort_name: Mapped[str] = mapped_column()
    language: Mapped[str]
    date_of_birth_cipher: Mapped[bytes]
    email_cipher: Mapped[bytes | None]
    email_index: Mapped[bytes | None]
    phone_cipher: Mapped[bytes | None]
    phone_index: Mapped[bytes | None]
    health_note_cipher: Mapped[bytes | None]
    age_evidence_kind: Mapped[str | None]
    age_checked_by: Mapped[uuid.UUID | None]
    age_checked_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    created_by: Mapped[uuid.UUID | None]
    erased_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
