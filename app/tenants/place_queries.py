"""Questions about settings, places and qualifications, beside those of ``queries``."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select, text

from app.database import TenantScope
from app.tenants.errors import LocationUnknown, LogoUnknown, QualificationUnknown, SettingsUnknown
from app.tenants.models import (
    CartridgeLot,
    Clinic,
    Device,
    Location,
    Qualification,
    QualificationScope,
    StaffMember,
)
from app.tenants.settings_models import (
    ClinicLogo,
    ClinicSettings,
    ExpiryReminder,
    QualificationEvidence,
)

# The plans' room lies above this one, so that its table is read by name here.
EXPECTED_VISITS = text(
    "SELECT id FROM visit WHERE tenant_id = :tenant_id AND location_id = :location_id"
    " AND planned_at >= :since AND state IN ('planned', 'arrived', 'started')"
    " ORDER BY planned_at, id LIMIT :most"
)


def get_clinic_for_update(scope: TenantScope) -> Clinic:
    """Return the clinic, locked until the transaction ends."""
    statement = (
        select(Clinic)
        .where(Clinic.tenant_id == scope.tenant_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return scope.session.scalars(statement).one()


def get_settings(scope: TenantScope) -> ClinicSettings:
    """Return the settings in force."""
    statement = (
        select(ClinicSettings)
        .join(
            Clinic,
            (Clinic.tenant_id == ClinicSettings.tenant_id)
            & (Clinic.settings_id == ClinicSettings.id),
        )
        .where(ClinicSettings.tenant_id == scope.tenant_id, Clinic.tenant_id == scope.tenant_id)
    )
    return scope.session.scalars(statement).one()


def get_settings_version(scope: TenantScope, settings_id: uuid.UUID) -> ClinicSettings:
    """Return one version of the settings; raises SettingsUnknown."""
    found = scope.session.get(ClinicSettings, (scope.tenant_id, settings_id))
    if found is None:
        raise SettingsUnknown("There is no such version of the settings.")
    return found


def list_settings(scope: TenantScope, *, most: int = 100) -> Sequence[ClinicSettings]:
    """Return the versions of the settings, the newest first."""
    statement = (
        select(ClinicSettings)
        .where(ClinicSettings.tenant_id == scope.tenant_id)
        .order_by(ClinicSettings.number.desc())
        .limit(most)
    )
    return scope.session.scalars(statement).all()


def find_logo(scope: TenantScope, logo_id: uuid.UUID | None) -> ClinicLogo | None:
    """Return a logo of the clinic, or None."""
    if logo_id is None:
        return None
    return scope.session.get(ClinicLogo, (scope.tenant_id, logo_id))


def get_logo(scope: TenantScope, logo_id: uuid.UUID) -> ClinicLogo:
    """Return a logo of the clinic; raises LogoUnknown."""
    found = find_logo(scope, logo_id)
    if found is None:
        raise LogoUnknown("There is no such logo.")
    return found


def get_location_for_update(scope: TenantScope, location_id: uuid.UUID) -> Location:
    """Return a location, locked until the transaction ends; raises LocationUnknown."""
    statement = (
        select(Location)
        .where(Location.tenant_id == scope.tenant_id, Location.id == location_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = scope.session.scalar(statement)
    if found is None:
        raise LocationUnknown("There is no such location.")
    return found


def get_location_for_visit(scope: TenantScope, location_id: uuid.UUID) -> Location:
    """Return a location that nobody can close before this transaction ends."""
    statement = (
        select(Location)
        .where(Location.tenant_id == scope.tenant_id, Location.id == location_id)
        .with_for_update(read=True, key_share=True)
        .execution_options(populate_existing=True)
    )
    found = scope.session.scalar(statement)
    if found is None:
        raise LocationUnknown("There is no such location.")
    return found


def list_expected_visits(
    scope: TenantScope, location_id: uuid.UUID, *, since: datetime, most: int
) -> list[uuid.UUID]:
    """Return the ids of visits at a location that are still to come, the next first."""
    values = {
        "tenant_id": scope.tenant_id,
        "location_id": location_id,
        "since": since,
        "most": most,
    }
    return [row[0] for row in scope.session.execute(EXPECTED_VISITS, values)]


def get_qualification(scope: TenantScope, qualification_id: uuid.UUID) -> Qualification:
    """Return a qualification; raises QualificationUnknown."""
    found = scope.session.get(Qualification, (scope.tenant_id, qualification_id))
    if found is None:
        raise QualificationUnknown("There is no such qualification.")
    return found


def get_qualification_for_update(scope: TenantScope, qualification_id: uuid.UUID) -> Qualification:
    """Return a qualification, locked until the transaction ends; raises QualificationUnknown."""
    statement = (
        select(Qualification)
        .where(Qualification.tenant_id == scope.tenant_id, Qualification.id == qualification_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = scope.session.scalar(statement)
    if found is None:
        raise QualificationUnknown("There is no such qualification.")
    return found


def list_scopes(scope: TenantScope, qualification_id: uuid.UUID) -> Sequence[QualificationScope]:
    """Return what a qualification allows, by location and procedure."""
    statement = (
        select(QualificationScope)
        .where(
            QualificationScope.tenant_id == scope.tenant_id,
            QualificationScope.qualification_id == qualification_id,
        )
        .order_by(QualificationScope.location_id, QualificationScope.procedure_id)
    )
    return scope.session.scalars(statement).all()


def list_evidence_names(scope: TenantScope) -> frozenset[str]:
    """Return the names of all stored files that show qualifications."""
    statement = select(QualificationEvidence.object_name).where(
        QualificationEvidence.tenant_id == scope.tenant_id
    )
    return frozenset(scope.session.scalars(statement))


def list_evidence(
    scope: TenantScope, qualification_ids: Sequence[uuid.UUID]
) -> Sequence[QualificationEvidence]:
    """Return the files that show qualifications, the oldest first."""
    statement = (
        select(QualificationEvidence)
        .where(
            QualificationEvidence.tenant_id == scope.tenant_id,
            QualificationEvidence.qualification_id.in_(qualification_ids),
        )
        .order_by(QualificationEvidence.added_at)
    )
    return scope.session.scalars(statement).all()


def get_evidence(
    scope: TenantScope, qualification_id: uuid.UUID, evidence_id: uuid.UUID
) -> QualificationEvidence:
    """Return one file of one qualification; raises QualificationUnknown."""
    found = scope.session.get(QualificationEvidence, (scope.tenant_id, evidence_id))
    if found is None or found.qualification_id != qualification_id:
        raise QualificationUnknown("There is no such file.")
    return found


def list_ending_qualifications(
    scope: TenantScope, *, until: date
) -> Sequence[tuple[Qualification, StaffMember]]:
    """Return qualifications of people who work here whose registration or insurance ends by a day.

    What has ended already is among them until it is renewed or put aside.
    """
    statement = (
        select(Qualification, StaffMember)
        .join(
            StaffMember,
            (StaffMember.tenant_id == Qualification.tenant_id)
            & (StaffMember.id == Qualification.staff_id),
        )
        .where(
            Qualification.tenant_id == scope.tenant_id,
            StaffMember.tenant_id == scope.tenant_id,
            StaffMember.disabled_at.is_(None),
            Qualification.ended_at.is_(None),
            (Qualification.expires_on <= until) | (Qualification.insurance_expires_on <= until),
        )
        .order_by(Qualification.expires_on, Qualification.id)
    )
    return [(row[0], row[1]) for row in scope.session.execute(statement)]


def list_ending_lots(
    scope: TenantScope, *, after: date, until: date
) -> Sequence[tuple[CartridgeLot, Device]]:
    """Return lots in use whose last day lies in a span of days, both included."""
    statement = (
        select(CartridgeLot, Device)
        .join(
            Device,
            (Device.tenant_id == CartridgeLot.tenant_id) & (Device.id == CartridgeLot.device_id),
        )
        .where(
            CartridgeLot.tenant_id == scope.tenant_id,
            Device.tenant_id == scope.tenant_id,
            Device.retired_at.is_(None),
            CartridgeLot.recalled_at.is_(None),
            CartridgeLot.expires_on >= after,
            CartridgeLot.expires_on <= until,
        )
        .order_by(CartridgeLot.expires_on, CartridgeLot.lot)
    )
    return [(row[0], row[1]) for row in scope.session.execute(statement)]


def list_reminders(
    scope: TenantScope, subject_ids: Sequence[uuid.UUID]
) -> Sequence[ExpiryReminder]:
    """Return what was already said about the ends of these things."""
    statement = select(ExpiryReminder).where(
        ExpiryReminder.tenant_id == scope.tenant_id, ExpiryReminder.subject_id.in_(subject_ids)
    )
    return scope.session.scalars(statement).all()
