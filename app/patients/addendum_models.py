"""A patient's correction, kept beside what it corrects. The original is never touched."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from app.database import Base, TenantOwned, one_of, tenant_fk, tenant_table


class AddendumAbout(StrEnum):
    """What a correction stands beside."""

    PATIENT = "patient"
    PLAN = "plan"
    CONSENT = "consent"
    TREATMENT = "treatment"
    INCIDENT = "incident"
    DOCUMENT = "document"


class PatientAddendum(TenantOwned, Base):
    """One correction in the patient's words, and whether the clinic agrees with it."""

    __tablename__ = "patient_addendum"
    __table_args__ = tenant_table(
        tenant_fk("patient_id", "patient"),
        one_of("about", [about.value for about in AddendumAbout]),
        one_of("position", ["agreed", "not_agreed"]),
        Index("patient_addendum_patient_ix", "tenant_id", "patient_id", "recorded_at"),
        append_only=True,
    )

    patient_id: Mapped[uuid.UUID]
    about: Mapped[str]
    subject_id: Mapped[uuid.UUID]
    text_cipher: Mapped[bytes]
    position: Mapped[str]
    recorded_by: Mapped[uuid.UUID | None]
    recorded_at: Mapped[datetime]
