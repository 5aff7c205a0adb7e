"""Qualifications: entered by one person, checked by another, renewed and ended; never deleted."""

import uuid
from dataclasses import dataclass
from datetime import date

from app import audit
from app.database import TenantScope
from app.errors import Stale
from app.kit.clock import now
from app.kit.ids import new_id
from app.tenants import place_queries, queries
from app.tenants.errors import OwnQualification, QualificationEnded
from app.tenants.models import Qualification, QualificationScope


@dataclass(frozen=True)
class NewScope:
    """What a qualification allows at a location; the depth is inclusive and in micrometres."""

    location_id: uuid.UUID
    procedure_id: str
    max_depth_um: int
    basis: str
    areas: tuple[str, ...] | None = None
    prescribed_anaesthetic: bool = False
    device_kinds: tuple[str, ...] | None = None
    energy: str = "none"
    attests: bool = True


@dataclass(frozen=True)
class NewQualification:
    """A registration with a professional body and what it covers.

    ``is_checked`` says that whoever enters it has looked it up in the register. For one's own
    qualification that counts for nothing.
    """

    kind: str
    body: str
    registration_number: str
    is_prescriber: bool
    expires_on: date
    scopes: tuple[NewScope, ...]
    insurance: str | None = None
    insurance_expires_on: date | None = None
    is_checked: bool = True


@dataclass(frozen=True)
class Renewal:
    """New last days of a qualification; what is checked again is said anew."""

    expires_on: date
    insurance: str | None
    insurance_expires_on: date | None
    is_checked: bool = False


def add_qualification(
    scope: TenantScope, *, staff_id: uuid.UUID, wanted: NewQualification
) -> Qualification:
    """Record a qualification; it counts as checked only where somebody else enters it."""
    queries.get_staff(scope, staff_id)
    row = Qualification(
        tenant_id=scope.tenant_id,
        id=new_id(),
        staff_id=staff_id,
        kind=wanted.kind.strip(),
        body=wanted.body.strip(),
        registration_number=wanted.registration_number.strip(),
        is_prescriber=wanted.is_prescriber,
        expires_on=wanted.expires_on,
        insurance=wanted.insurance,
        insurance_expires_on=wanted.insurance_expires_on,
        created_at=now(),
    )
    _note_check(scope, row, is_checked=wanted.is_checked)
    scope.session.add(row)
    for allowed in wanted.scopes:
        _add_scope(scope, row.id, allowed)
    audit.record(
        scope,
        "tenants:qualification:add",
        subject_id=row.id,
        staff_id=staff_id,
        checked=row.verified_at is not None,
    )
    return row


def verify_qualification(scope: TenantScope, *, qualification_id: uuid.UUID) -> Qualification:
    """Note that the acting person has checked a qualification against its register.

    Raises OwnQualification for one's own, QualificationEnded for one that is kept for the record.
    """
    row = _open_one(scope, qualification_id)
    if row.staff_id == scope.actor.id:
        raise OwnQualification("Nobody checks their own qualification. Ask somebody else to.")
    row.verified_by, row.verified_at, row.version = scope.actor.id, now(), row.version + 1
    audit.record(scope, "tenants:qualification:verify", subject_id=row.id, staff_id=row.staff_id)
    return row


def renew_qualification(
    scope: TenantScope, *, qualification_id: uuid.UUID, wanted: Renewal, version: int
) -> Qualification:
    """Enter new last days. An older check does not cover them, so it has to be checked again.

    Raises Stale when somebody changed it since ``version`` was read.
    """
    row = _open_one(scope, qualification_id)
    if row.version != version:
        raise Stale("Somebody else has changed this qualification. Read it again.")
    row.expires_on = wanted.expires_on
    row.insurance, row.insurance_expires_on = wanted.insurance, wanted.insurance_expires_on
    row.verified_by = row.verified_at = None
    _note_check(scope, row, is_checked=wanted.is_checked)
    row.version += 1
    audit.record(
        scope,
        "tenants:qualification:renew",
        subject_id=row.id,
        staff_id=row.staff_id,
        checked=row.verified_at is not None,
    )
    return row


def extend_qualification(
    scope: TenantScope, *, qualification_id: uuid.UUID, allowed: NewScope
) -> QualificationScope:
    """Enter what a qualification allows at one more location, or for one more procedure."""
    row = _open_one(scope, qualification_id)
    part = _add_scope(scope, row.id, allowed)
    audit.record(
        scope,
        "tenants:qualification:extend",
        subject_id=row.id,
        staff_id=row.staff_id,
        location_id=allowed.location_id,
    )
    return part


def end_qualification(scope: TenantScope, *, qualification_id: uuid.UUID) -> Qualification:
    """End a qualification at once; it stays readable, and what it allowed stays as it was done."""
    row = _open_one(scope, qualification_id)
    row.ended_at, row.version = now(), row.version + 1
    audit.record(scope, "tenants:qualification:end", subject_id=row.id, staff_id=row.staff_id)
    return row


def _open_one(scope: TenantScope, qualification_id: uuid.UUID) -> Qualification:
    row = place_queries.get_qualification_for_update(scope, qualification_id)
    if row.ended_at is not None:
        raise QualificationEnded("This qualification was ended. Enter a new one.")
    return row


def _note_check(scope: TenantScope, row: Qualification, *, is_checked: bool) -> None:
    if is_checked and scope.actor.kind == "staff" and scope.actor.id != row.staff_id:
        row.verified_by, row.verified_at = scope.actor.id, now()


def _add_scope(
    scope: TenantScope, qualification_id: uuid.UUID, allowed: NewScope
) -> QualificationScope:
    queries.get_location(scope, allowed.location_id)
    row = QualificationScope(
        tenant_id=scope.tenant_id,
        id=new_id(),
        qualification_id=qualification_id,
        location_id=allowed.location_id,
        procedure_id=allowed.procedure_id,
        max_depth_um=allowed.max_depth_um,
        areas=None if allowed.areas is None else list(allowed.areas),
        device_kinds=None if allowed.device_kinds is None else list(allowed.device_kinds),
        energy=allowed.energy,
        prescribed_anaesthetic=allowed.prescribed_anaesthetic,
        attests=allowed.attests,
        basis=allowed.basis.strip(),
        created_at=now(),
    )
    scope.session.add(row)
    return row
