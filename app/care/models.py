"""Treatments and their areas (the gate's guarded rows), completions, incidents and aftercare."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Computed, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import TSTZRANGE, Range
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base, TenantOwned, TenantRow, tenant_fk, tenant_table


class AcuteCheck(TenantOwned, Base):
    """The short questions asked again within 48 hours before a start; answers are encrypted."""

    __tablename__ = "acute_check"
    __table_args__ = tenant_table(
        tenant_fk("visit_id", "visit"),
        tenant_fk("patient_id", "patient"),
        Index("acute_check_visit_ix", "tenant_id", "visit_id", "made_at"),
        Index("acute_check_patient_ix", "tenant_id", "patient_id", "made_at", "id"),
        append_only=True,
    )

    visit_id: Mapped[uuid.UUID]
    patient_id: Mapped[uuid.UUID]
    answers_cipher: Mapped[bytes]
    outcome: Mapped[str]
    outcome_cipher: Mapped[bytes]
    made_at: Mapped[datetime]
    made_by: Mapped[uuid.UUID | None]


class Treatment(TenantOwned, Base):
    """The header of one treatment that was started. One session credit at most, however many
    areas."""

    __tablename__ = "treatment"
    __table_args__ = tenant_table(
        tenant_fk("visit_id", "visit"),
        tenant_fk("patient_id", "patient"),
        tenant_fk("plan_version_id", "plan_version"),
        tenant_fk("consent_id", "consent"),
        tenant_fk("practitioner_id", "staff_member"),
        tenant_fk("device_id", "device"),
        tenant_fk("lot_id", "cartridge_lot"),
        tenant_fk("location_id", "location"),
        tenant_fk("acute_check_id", "acute_check"),
        UniqueConstraint("tenant_id", "visit_id"),
        Index("treatment_patient_ix", "tenant_id", "patient_id", "started_at"),
        append_only=True,
    )

    visit_id: Mapped[uuid.UUID]
    patient_id: Mapped[uuid.UUID]
    plan_version_id: Mapped[uuid.UUID]
    consent_id: Mapped[uuid.UUID]
    procedure_id: Mapped[str]
    practitioner_id: Mapped[uuid.UUID]
    device_id: Mapped[uuid.UUID]
    lot_id: Mapped[uuid.UUID]
    location_id: Mapped[uuid.UUID]
    acute_check_id: Mapped[uuid.UUID]
    started_at: Mapped[datetime]


class TreatmentArea(TenantRow, Base):
    """One area of a treatment: the row that the consent gate guards. Written by hand."""

    __tablename__ = "treatment_area"
    __table_args__ = tenant_table(
        CheckConstraint("depth_um BETWEEN 0 AND granted_um", name="within_grant"),
        CheckConstraint("at <= recorded_at", name="not_in_the_future"),
        append_only=True,
        by_hand=True,
    )

    treatment_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[uuid.UUID]
    procedure_id: Mapped[str]
    area: Mapped[str]
    granted_um: Mapped[int]
    consent_id: Mapped[uuid.UUID]
    depth_um: Mapped[int]
    at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    moment: Mapped[Range[datetime]] = mapped_column(
        TSTZRANGE, Computed("tstzrange(at, at, '[]')", persisted=True)
    )


class TreatmentCompletion(TenantOwned, Base):
    """What was really done, written at the end and never refused. A correction is a new row.

    ``note_cipher`` holds, as JSON, what only clinicians read: the note, the anaesthetic, the end
    point and what went wrong.
    """

    __tablename__ = "treatment_completion"
    __table_args__ = tenant_table(
        tenant_fk("treatment_id", "treatment"),
        tenant_fk("completed_by", "staff_member"),
        UniqueConstraint("tenant_id", "treatment_id", "number"),
        append_only=True,
    )

    treatment_id: Mapped[uuid.UUID]
    number: Mapped[int]
    completed_at: Mapped[datetime]
    completed_by: Mapped[uuid.UUID]
    device_model: Mapped[str]
    device_serial: Mapped[str]
    lot: Mapped[str]
    lot_expires_on: Mapped[date]
    areas: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    topicals: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    beyond_consent: Mapped[bool]
    note_cipher: Mapped[bytes | None]


class Incident(TenantOwned, Base):
    """A treatment that happened without a valid start: recorded as what it was, owner alerted.

    Device and lot are known where the clinic has them, so that a recall finds this patient too.
    """

    __tablename__ = "incident"
    __table_args__ = tenant_table(
        tenant_fk("patient_id", "patient"),
        tenant_fk("visit_id", "visit"),
        tenant_fk("named_staff_id", "staff_member"),
        tenant_fk("recorded_by", "staff_member"),
        tenant_fk("location_id", "location"),
        tenant_fk("device_id", "device"),
        tenant_fk("lot_id", "cartridge_lot"),
        Index("incident_patient_ix", "tenant_id", "patient_id", "happened_at"),
        append_only=True,
    )

    patient_id: Mapped[uuid.UUID]
    visit_id: Mapped[uuid.UUID | None]
    named_staff_id: Mapped[uuid.UUID]
    recorded_by: Mapped[uuid.UUID]
    location_id: Mapped[uuid.UUID]
    device_id: Mapped[uuid.UUID | None]
    lot_id: Mapped[uuid.UUID | None]
    procedure_id: Mapped[str]
    areas: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    refused_because: Mapped[list[str]] = mapped_column(JSON)
    reason_cipher: Mapped[bytes]
    happened_at: Mapped[datetime]
    recorded_at: Mapped[datetime]


class AftercareGiven(TenantOwned, Base):
    """That an aftercare sheet was given, to whom, when, before or after, and as which document."""

    __tablename__ = "aftercare_given"
    __table_args__ = tenant_table(
        tenant_fk("patient_id", "patient"),
        tenant_fk("visit_id", "visit"),
        tenant_fk("treatment_id", "treatment"),
        tenant_fk("incident_id", "incident"),
        tenant_fk("document_id", "document"),
        Index("aftercare_given_visit_ix", "tenant_id", "visit_id"),
        Index("aftercare_given_patient_ix", "tenant_id", "patient_id", "given_at"),
        append_only=True,
    )

    patient_id: Mapped[uuid.UUID]
    visit_id: Mapped[uuid.UUID | None]
    treatment_id: Mapped[uuid.UUID | None]
    incident_id: Mapped[uuid.UUID | None]
    document_id: Mapped[uuid.UUID]
    message_id: Mapped[uuid.UUID | None]
    occasion: Mapped[str]
    given_at: Mapped[datetime]
