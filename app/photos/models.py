"""A photograph, what it shows and for what it is kept; and its files, one for each size."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped

from app.database import Base, TenantOwned, one_of, tenant_fk, tenant_table


class PhotoKind(StrEnum):
    """When it was taken, as seen from the treatment."""

    BEFORE = "before"
    AFTER = "after"
    OTHER = "other"


class PhotoPurpose(StrEnum):
    """For what it is kept; each purpose has a consent of its own."""

    CLINICAL = "clinical"
    MARKETING = "marketing"


class PhotoView(StrEnum):
    """From where it was taken, so that two can be laid side by side."""

    FRONT = "front"
    LEFT = "left"
    RIGHT = "right"
    LEFT_OBLIQUE = "left_oblique"
    RIGHT_OBLIQUE = "right_oblique"
    ABOVE = "above"
    BACK = "back"
    CLOSE = "close"


class PhotoSize(StrEnum):
    """The size to look at, and the size of a list."""

    FULL = "full"
    SMALL = "small"


IN_GALLERY = text("purpose = 'marketing' AND removed_at IS NULL")


class Photo(TenantOwned, Base):
    """One photograph of one area. ``copied_from`` is the clinical one that marketing may use.

    ``removed_at`` is set when somebody put it aside, as one of the wrong patient, or erased it.
    ``location_id`` is the one that looks after the patient, so that people who are limited to it
    find its photographs among those of a large clinic. ``taken_at`` is what the person who added
    it said; the file's own word for it is not kept.
    """

    __tablename__ = "photo"
    __table_args__ = tenant_table(
        tenant_fk("patient_id", "patient"),
        tenant_fk("plan_id", "plan"),
        tenant_fk("visit_id", "visit"),
        tenant_fk("copied_from", "photo"),
        tenant_fk("location_id", "location"),
        one_of("kind", [kind.value for kind in PhotoKind]),
        one_of("view", [view.value for view in PhotoView]),
        one_of("purpose", [purpose.value for purpose in PhotoPurpose]),
        CheckConstraint("copied_from IS NULL OR purpose = 'marketing'", name="copy"),
        CheckConstraint("taken_at <= added_at", name="not_in_the_future"),
        Index("photo_patient_ix", "tenant_id", "patient_id", "taken_at"),
        Index(
            "photo_gallery_ix",
            "tenant_id",
            "taken_at",
            "id",
            postgresql_where=IN_GALLERY,
        ),
        Index(
            "photo_gallery_at_ix",
            "tenant_id",
            "location_id",
            "taken_at",
            "id",
            postgresql_where=IN_GALLERY,
        ),
        updatable=("location_id", "removed_at", "removed_by"),
    )

    patient_id: Mapped[uuid.UUID]
    location_id: Mapped[uuid.UUID]
    plan_id: Mapped[uuid.UUID | None]
    visit_id: Mapped[uuid.UUID | None]
    copied_from: Mapped[uuid.UUID | None]
    area: Mapped[str]
    view: Mapped[str]
    kind: Mapped[str]
    purpose: Mapped[str]
    taken_at: Mapped[datetime]
    added_at: Mapped[datetime]
    added_by: Mapped[uuid.UUID | None]
    removed_at: Mapped[datetime | None]
    removed_by: Mapped[uuid.UUID | None]


class PhotoFile(TenantOwned, Base):
    """One size of a photograph, encrypted under the patient's key of the class that it is for."""

    __tablename__ = "photo_file"
    __table_args__ = tenant_table(
        tenant_fk("photo_id", "photo"),
        tenant_fk("patient_id", "patient"),
        one_of("size", [size.value for size in PhotoSize]),
        one_of("retention", [purpose.value for purpose in PhotoPurpose]),
        UniqueConstraint("tenant_id", "photo_id", "size"),
        Index("photo_file_patient_ix", "tenant_id", "patient_id", "retention"),
        append_only=True,
    )

    photo_id: Mapped[uuid.UUID]
    patient_id: Mapped[uuid.UUID]
    size: Mapped[str]
    retention: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    length: Mapped[int]
    sha256: Mapped[bytes]
    cipher_sha256: Mapped[bytes]
    object_name: Mapped[str]
