"""Plans, their versions and areas, the discussion, and visits."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ARRAY, CheckConstraint, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base, TenantOwned, one_of, tenant_fk, tenant_table


class VisitState(StrEnum):
    """The life of a visit."""

    PLANNED = "planned"
    ARRIVED = "arrived"
    STARTED = "started"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    MISSED = "missed"


class Anaesthetic(StrEnum):
    """The legal class of what is used to numb the skin; it can change who may treat, and where."""

    NONE = "none"
    OTC = "otc"
    PHARMACY = "pharmacy"
    PRESCRIPTION = "prescription"


class Capacity(StrEnum):
    """Whether the patient can decide this for themselves; capacity is presumed."""

    PRESUMED = "presumed"
    ASSESSED = "assessed"
    LACKING = "lacking"


class DiscussionMode(StrEnum):
    """How a practitioner and a patient spoke."""

    IN_PERSON = "in_person"
    VIDEO = "video"
    PHONE = "phone"


class Plan(TenantOwned, Base):
    """A course of treatment for one patient; ``latest_number`` is the version in force.

    ``talk_again_since`` is when its newest incident was recorded: only a talk from after it counts.
    """

    __tablename__ = "plan"
    __table_args__ = tenant_table(
        tenant_fk("patient_id", "patient"),
        tenant_fk("location_id", "location"),
        Index("plan_patient_ix", "tenant_id", "patient_id"),
    )

    patient_id: Mapped[uuid.UUID]
    location_id: Mapped[uuid.UUID]
    latest_number: Mapped[int]
    created_at: Mapped[datetime]
    created_by: Mapped[uuid.UUID]
    closed_at: Mapped[datetime | None]
    talk_again_since: Mapped[datetime | None] = mapped_column(default=None)
    version: Mapped[int] = mapped_column(default=1)


class PlanVersion(TenantOwned, Base):
    """One agreed state of a plan. Never changed; a change is a new version."""

    __tablename__ = "plan_version"
    __table_args__ = tenant_table(
        tenant_fk("plan_id", "plan"),
        tenant_fk("patient_id", "patient"),
        tenant_fk("practitioner_id", "staff_member"),
        tenant_fk("device_id", "device"),
        tenant_fk("catalogue_version_id", "catalogue_version"),
        UniqueConstraint("tenant_id", "plan_id", "number"),
        one_of("anaesthetic", [kind.value for kind in Anaesthetic]),
        one_of("capacity", [one.value for one in Capacity]),
        CheckConstraint("sessions BETWEEN 1 AND 24", name="sessions"),
        CheckConstraint("price_minor >= 0", name="price"),
        CheckConstraint("skin_type BETWEEN 1 AND 6", name="skin_type"),
        append_only=True,
    )

    plan_id: Mapped[uuid.UUID]
    patient_id: Mapped[uuid.UUID]
    number: Mapped[int]
    practitioner_id: Mapped[uuid.UUID]
    procedure_id: Mapped[str]
    indication_id: Mapped[str]
    device_id: Mapped[uuid.UUID]
    catalogue_version_id: Mapped[uuid.UUID]
    sessions: Mapped[int]
    interval_days: Mapped[int]
    anaesthetic: Mapped[str]
    anaesthetic_name: Mapped[str]
    add_ons: Mapped[list[str]] = mapped_column(ARRAY(Text))
    skin_type: Mapped[int]
    capacity: Mapped[str]
    capacity_cipher: Mapped[bytes | None]
    what_matters_cipher: Mapped[bytes]
    price_minor: Mapped[int]
    currency: Mapped[str]
    price_terms: Mapped[str]
    created_at: Mapped[datetime]
    created_by: Mapped[uuid.UUID]


class PlanArea(TenantOwned, Base):
    """An area of a plan version and the deepest that the needles may go there."""

    __tablename__ = "plan_area"
    __table_args__ = tenant_table(
        tenant_fk("plan_version_id", "plan_version"),
        UniqueConstraint("tenant_id", "plan_version_id", "area"),
        CheckConstraint("max_depth_um BETWEEN 1 AND 8000", name="depth"),
        append_only=True,
    )

    plan_version_id: Mapped[uuid.UUID]
    area: Mapped[str]
    max_depth_um: Mapped[int]


class PlanSpot(TenantOwned, Base):
    """A spot inside an area that is not treated; what and where it is lies in ``spot_cipher``."""

    __tablename__ = "plan_spot"
    __table_args__ = tenant_table(
        tenant_fk("plan_version_id", "plan_version"),
        UniqueConstraint("tenant_id", "plan_version_id", "number"),
        CheckConstraint("number BETWEEN 1 AND 40", name="number"),
        append_only=True,
    )

    plan_version_id: Mapped[uuid.UUID]
    number: Mapped[int]
    area: Mapped[str]
    spot_cipher: Mapped[bytes]


class Discussion(TenantOwned, Base):
    """The conversation in which the practitioner explained the plan version to the patient."""

    __tablename__ = "discussion"
    __table_args__ = tenant_table(
        tenant_fk("plan_version_id", "plan_version"),
        tenant_fk("held_by", "staff_member"),
        one_of("mode", [mode.value for mode in DiscussionMode]),
        Index("discussion_plan_version_ix", "tenant_id", "plan_version_id"),
        CheckConstraint("held_at <= recorded_at", name="not_in_the_future"),
        append_only=True,
    )

    plan_version_id: Mapped[uuid.UUID]
    held_at: Mapped[datetime]
    held_by: Mapped[uuid.UUID]
    mode: Mapped[str]
    language: Mapped[str]
    interpreter_cipher: Mapped[bytes | None]
    note_cipher: Mapped[bytes | None]
    recorded_at: Mapped[datetime]


class Visit(TenantOwned, Base):
    """A planned coming of the patient.

    ``outside_hours_by`` is who confirmed that they come while the location is closed.
    ``after_withdrawal`` says that a consent of the plan was taken back before the visit took place,
    so that those which somebody has to look at are few rows of an index. It says no more than that:
    whether the patient has agreed again is asked of the consents.
    """

    __tablename__ = "visit"
    __table_args__ = tenant_table(
        tenant_fk("plan_id", "plan"),
        tenant_fk("patient_id", "patient"),
        tenant_fk("location_id", "location"),
        tenant_fk("practitioner_id", "staff_member"),
        tenant_fk("outside_hours_by", "staff_member"),
        one_of("state", [state.value for state in VisitState]),
        Index("visit_day_ix", "tenant_id", "location_id", "planned_at"),
        Index("visit_plan_ix", "tenant_id", "plan_id"),
        Index(
            "visit_to_follow_ix",
            "tenant_id",
            "plan_id",
            postgresql_where=text("after_withdrawal AND state IN ('planned', 'arrived')"),
        ),
        Index("visit_patient_ix", "tenant_id", "patient_id", "planned_at"),
    )

    plan_id: Mapped[uuid.UUID]
    patient_id: Mapped[uuid.UUID]
    location_id: Mapped[uuid.UUID]
    practitioner_id: Mapped[uuid.UUID]
    planned_at: Mapped[datetime]
    outside_hours_by: Mapped[uuid.UUID | None]
    after_withdrawal: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
