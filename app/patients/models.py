"""The patient. Contact and health fields are ciphertext under the patient's own keys.

Names stand in clear, since a list has to sort by them and a search has to find their words. Birth
dates, phone numbers and addresses are found by keyed digests and never stored in clear.
"""

import uuid
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, Text, and_, column
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base, TenantOwned, TenantRow, one_of, tenant_fk, tenant_table


class Interpreter(StrEnum):
    """Whether somebody has to interpret when a plan is talked over."""

    NONE = "none"
    SPOKEN = "spoken"
    SIGN = "sign"


class ContactKind(StrEnum):
    """A way to reach a patient."""

    EMAIL = "email"
    PHONE = "phone"


class AgeEvidence(StrEnum):
    """What document showed a patient's age. Its number is never stored: nobody needs it."""

    PASSPORT = "passport"
    NATIONAL_ID = "national_id"
    DRIVING_LICENCE = "driving_licence"
    RESIDENCE_PERMIT = "residence_permit"
    BIRTH_CERTIFICATE = "birth_certificate"
    PROOF_OF_AGE_CARD = "proof_of_age_card"


class Patient(TenantOwned, Base):
    """A person who is or will be treated.

    A record that was merged away keeps all its rows and names the record that it belongs to in
    ``merged_into``, always the last one of a chain.
    """

    __tablename__ = "patient"
    __table_args__ = tenant_table(
        tenant_fk("location_id", "location"),
        tenant_fk("merged_into", "patient"),
        one_of("interpreter", [one.value for one in Interpreter]),
        one_of("age_evidence_kind", [one.value for one in AgeEvidence]),
        CheckConstraint("merged_into <> id", name="not_its_own_alias"),
        Index(
            "patient_name_ix",
            "tenant_id",
            "sort_name",
            "id",
            postgresql_where=and_(column("merged_into").is_(None), column("erased_at").is_(None)),
        ),
        Index("patient_merged_ix", "tenant_id", "merged_into"),
    )

    location_id: Mapped[uuid.UUID]
    name: Mapped[str]
    sort_name: Mapped[str] = mapped_column(Text(collation="C"))
    language: Mapped[str]
    interpreter: Mapped[str] = mapped_column(default=Interpreter.NONE.value)
    date_of_birth_cipher: Mapped[bytes]
    health_note_cipher: Mapped[bytes | None]
    age_evidence_kind: Mapped[str | None]
    age_checked_by: Mapped[uuid.UUID | None]
    age_checked_at: Mapped[datetime | None]
    deceased_on: Mapped[date | None]
    merged_into: Mapped[uuid.UUID | None]
    created_at: Mapped[datetime]
    created_by: Mapped[uuid.UUID | None]
    erased_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    @property
    def root_id(self) -> uuid.UUID:
        """Return the id of the record that the person is kept under."""
        return self.merged_into or self.id


class PatientToken(TenantRow, Base):
    """One beginning by which a patient is found.

    A token is a letter, a colon and a text: a word of the name in clear, or the keyed digest of
    something that may not be read here. ``search.py`` says which letters there are, and
    ``place_queries.py`` which tokens begin with a location.
    """

    __tablename__ = "patient_token"
    __table_args__ = tenant_table(
        tenant_fk("patient_id", "patient"),
        Index("patient_token_patient_ix", "tenant_id", "patient_id", "token"),
        append_only=True,
        deletable=True,
    )

    token: Mapped[str] = mapped_column(Text(collation="C"), primary_key=True)
    patient_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)


class PatientContact(TenantOwned, Base):
    """A way to reach a patient: in its one normal form, and as somebody typed it."""

    __tablename__ = "patient_contact"
    __table_args__ = tenant_table(
        tenant_fk("patient_id", "patient"),
        one_of("kind", [one.value for one in ContactKind]),
        Index("patient_contact_patient_ix", "tenant_id", "patient_id"),
        updatable=("is_preferred", "verified_at", "verified_by"),
        deletable=True,
    )

    patient_id: Mapped[uuid.UUID]
    kind: Mapped[str]
    value_cipher: Mapped[bytes]
    typed_cipher: Mapped[bytes]
    is_preferred: Mapped[bool]
    verified_at: Mapped[datetime | None]
    verified_by: Mapped[uuid.UUID | None]
    created_at: Mapped[datetime]


class PatientFormerName(TenantOwned, Base):
    """A name that a patient had here until a day; what was signed under it keeps it."""

    __tablename__ = "patient_former_name"
    __table_args__ = tenant_table(
        tenant_fk("patient_id", "patient"),
        Index("patient_former_name_patient_ix", "tenant_id", "patient_id"),
        append_only=True,
    )

    patient_id: Mapped[uuid.UUID]
    name_cipher: Mapped[bytes]
    changed_at: Mapped[datetime]
    changed_by: Mapped[uuid.UUID | None]


class PatientMerge(TenantOwned, Base):
    """Two records were found to be one person; undone when that was wrong. No row ever moves."""

    __tablename__ = "patient_merge"
    __table_args__ = tenant_table(
        tenant_fk("alias_id", "patient"),
        tenant_fk("kept_id", "patient"),
        CheckConstraint("alias_id <> kept_id", name="two_records"),
        Index(
            "patient_merge_open_uq",
            "tenant_id",
            "alias_id",
            unique=True,
            postgresql_where=column("undone_at").is_(None),
        ),
        updatable=("undone_at", "undone_by"),
    )

    alias_id: Mapped[uuid.UUID]
    kept_id: Mapped[uuid.UUID]
    merged_at: Mapped[datetime]
    merged_by: Mapped[uuid.UUID | None]
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[uuid.UUID | None]
