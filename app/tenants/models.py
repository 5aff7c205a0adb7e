"""The tables of a clinic: its locations, staff, qualifications with their scope, and devices."""

import uuid
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ARRAY, JSON, CheckConstraint, Index, Text, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base, TenantOwned, one_of, tenant_fk, tenant_table
from app.kit.clock import today_in


class Role(StrEnum):
    """What a member of staff is for; what each role may do is one table in ``auth/permissions``."""

    OWNER = "owner"
    MEDICAL_LEAD = "medical_lead"
    PRACTITIONER = "practitioner"
    FRONT_DESK = "front_desk"
    BILLING = "billing"
    MANAGER = "manager"
    AUDITOR = "auditor"


class Clinic(TenantOwned, Base):
    """The clinic itself; its id equals its tenant_id.

    Name, address and colour are those of the settings version in force, ``settings_id``, which a
    document pins.
    """

    __tablename__ = "clinic"
    __table_args__ = tenant_table(CheckConstraint("id = tenant_id", name="is_its_own_tenant"))

    settings_id: Mapped[uuid.UUID]
    legal_name: Mapped[str]
    address: Mapped[str]
    brand_colour: Mapped[str]
    logo_id: Mapped[uuid.UUID | None]
    processor_agreement: Mapped[str]
    created_at: Mapped[datetime]
    leaving_since: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)


class Location(TenantOwned, Base):
    """A place of treatment. Its zone, currency and jurisdiction govern days, money and law.

    ``opening_hours`` is what ``opening_hours.OpeningHours`` reads: spans by weekday, and days that
    differ. ``closed_from`` is the first day, counted here, on which nobody is treated any more.
    """

    __tablename__ = "location"
    __table_args__ = tenant_table(
        CheckConstraint("(closed_from IS NULL) = (closed_reason IS NULL)", name="closed_whole")
    )

    name: Mapped[str]
    address: Mapped[str]
    zone: Mapped[str]
    currency: Mapped[str]
    jurisdiction: Mapped[str]
    market: Mapped[str]
    premises_kind: Mapped[str]
    premises_registration: Mapped[str | None]
    premises_registered_until: Mapped[date | None]
    emergency_contact: Mapped[str]
    opening_hours: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime]
    closed_from: Mapped[date | None]
    closed_reason: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1)

    def is_closed_on(self, day: date) -> bool:
        """Return whether the location is closed on one of its own days."""
        return self.closed_from is not None and self.closed_from <= day

    @property
    def is_closed(self) -> bool:
        """Whether the location is closed today, by its own calendar."""
        return self.is_closed_on(today_in(self.zone))

    @property
    def listed_name(self) -> str:
        """The name as lists show it, which say when a location is closed."""
        return f"{self.name} (closed)" if self.is_closed else self.name


class StaffMember(TenantOwned, Base):
    """A person's place in this clinic. ``person_id`` is the account in the control plane."""

    __tablename__ = "staff_member"
    __table_args__ = tenant_table(
        one_of("role", [role.value for role in Role]),
        UniqueConstraint("tenant_id", "person_id"),
    )

    person_id: Mapped[uuid.UUID]
    name: Mapped[str]
    email: Mapped[str]
    role: Mapped[str]
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)


class StaffLocation(TenantOwned, Base):
    """A location to which a member of staff is limited. Without any row, the whole clinic is open.

    An owner is never limited, since owners decide about limits.
    """

    __tablename__ = "staff_location"
    __table_args__ = tenant_table(
        tenant_fk("staff_id", "staff_member"),
        tenant_fk("location_id", "location"),
        UniqueConstraint("tenant_id", "staff_id", "location_id"),
        append_only=True,
        deletable=True,
    )

    staff_id: Mapped[uuid.UUID]
    location_id: Mapped[uuid.UUID]


class InvitationState(StrEnum):
    """What became of an invitation. One that ran out of time stays pending until it is replaced."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    CANCELLED = "cancelled"


class StaffInvitation(TenantOwned, Base):
    """An offer to one address to join the staff in one role. Its secret lies in the control plane.

    ``location_ids`` empty means the whole clinic. ``created_by`` must still be somebody who may
    invite when it is accepted.
    """

    __tablename__ = "staff_invitation"
    __table_args__ = tenant_table(
        tenant_fk("created_by", "staff_member"),
        tenant_fk("staff_id", "staff_member"),
        one_of("role", [role.value for role in Role]),
        one_of("state", [state.value for state in InvitationState]),
        Index(
            "staff_invitation_one_open_uq",
            "tenant_id",
            "email",
            unique=True,
            postgresql_where=text("state = 'pending'"),
        ),
        Index(
            "staff_invitation_open_ix",
            "tenant_id",
            "created_at",
            "id",
            postgresql_where=text("state = 'pending'"),
        ),
        Index("staff_invitation_created_ix", "tenant_id", "created_at"),
    )

    email: Mapped[str]
    role: Mapped[str]
    location_ids: Mapped[list[uuid.UUID]] = mapped_column(ARRAY(Uuid))
    state: Mapped[str]
    created_at: Mapped[datetime]
    created_by: Mapped[uuid.UUID]
    sent_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    staff_id: Mapped[uuid.UUID | None]
    version: Mapped[int] = mapped_column(default=1)


class Qualification(TenantOwned, Base):
    """A registration of a practitioner with a professional body, and when it lapses.

    Both last days are inclusive and counted at the location. Nobody verifies their own.
    """

    __tablename__ = "qualification"
    __table_args__ = tenant_table(
        tenant_fk("staff_id", "staff_member"),
        tenant_fk("verified_by", "staff_member"),
        Index("qualification_staff_ix", "tenant_id", "staff_id"),
        Index("qualification_expires_ix", "tenant_id", "expires_on"),
        CheckConstraint("verified_by IS DISTINCT FROM staff_id", name="not_by_oneself"),
        CheckConstraint("(verified_by IS NULL) = (verified_at IS NULL)", name="verified_whole"),
    )

    staff_id: Mapped[uuid.UUID]
    kind: Mapped[str]
    body: Mapped[str]
    registration_number: Mapped[str]
    is_prescriber: Mapped[bool]
    expires_on: Mapped[date]
    insurance: Mapped[str | None]
    insurance_expires_on: Mapped[date | None]
    verified_by: Mapped[uuid.UUID | None]
    verified_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)


class QualificationScope(TenantOwned, Base):
    """What a qualification allows at one location. Without a row, it allows nothing there.

    ``max_depth_um`` is inclusive. ``areas`` NULL means every area of the catalogue,
    ``device_kinds`` NULL every kind that the procedure takes. ``attests`` is whether they may also
    confirm consents.
    """

    __tablename__ = "qualification_scope"
    __table_args__ = tenant_table(
        tenant_fk("qualification_id", "qualification"),
        tenant_fk("location_id", "location"),
        UniqueConstraint("tenant_id", "qualification_id", "location_id", "procedure_id"),
        CheckConstraint("max_depth_um >= 0", name="depth_not_negative"),
    )

    qualification_id: Mapped[uuid.UUID]
    location_id: Mapped[uuid.UUID]
    procedure_id: Mapped[str]
    max_depth_um: Mapped[int]
    areas: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    device_kinds: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    energy: Mapped[str] = mapped_column(default="none")
    prescribed_anaesthetic: Mapped[bool] = mapped_column(default=False)
    attests: Mapped[bool] = mapped_column(default=True)
    basis: Mapped[str]
    created_at: Mapped[datetime]


class Device(TenantOwned, Base):
    """A pen or roller that the clinic owns. ``label`` holds {market, cap_um, areas,
    indications}."""

    __tablename__ = "device"
    __table_args__ = tenant_table(tenant_fk("location_id", "location"))

    location_id: Mapped[uuid.UUID]
    kind: Mapped[str]
    model: Mapped[str]
    serial: Mapped[str]
    label: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


class CartridgeLot(TenantOwned, Base):
    """A lot of sterile cartridges for a device, with its last day of use."""

    __tablename__ = "cartridge_lot"
    __table_args__ = tenant_table(
        tenant_fk("device_id", "device"),
        UniqueConstraint("tenant_id", "device_id", "lot"),
        Index("cartridge_lot_expires_ix", "tenant_id", "expires_on"),
    )

    device_id: Mapped[uuid.UUID]
    lot: Mapped[str]
    expires_on: Mapped[date]
    received_at: Mapped[datetime]
    recalled_at: Mapped[datetime | None]
