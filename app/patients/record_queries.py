"""Questions about what belongs to one patient's record: contacts, former names, merges, tokens."""

import uuid
from collections.abc import Collection, Sequence

from sqlalchemy import or_, select, text

from app.database import TenantScope
from app.patients.errors import ContactUnknown, MergeUnknown
from app.patients.models import (
    Patient,
    PatientContact,
    PatientFormerName,
    PatientMerge,
    PatientToken,
)
from app.tenants.models import Clinic

# The photographs' room lies above this one, so that its table is named here.
MOVE_PHOTOS = text(
    "UPDATE photo SET location_id = :location WHERE tenant_id = :t AND patient_id = :patient"
)


def list_tokens(scope: TenantScope, patient_id: uuid.UUID) -> Sequence[PatientToken]:
    """Return everything by which a record is found."""
    statement = select(PatientToken).where(
        PatientToken.tenant_id == scope.tenant_id, PatientToken.patient_id == patient_id
    )
    return scope.session.scalars(statement).all()


def list_contacts(scope: TenantScope, patient: Patient) -> Sequence[PatientContact]:
    """Return a person's contacts: the preferred ones first, those of the kept record before the
    ones that came with a merged record."""
    root = patient.root_id
    statement = (
        select(PatientContact)
        .join(
            Patient,
            (Patient.tenant_id == PatientContact.tenant_id)
            & (Patient.id == PatientContact.patient_id),
        )
        .where(
            PatientContact.tenant_id == scope.tenant_id,
            Patient.tenant_id == scope.tenant_id,
            or_(Patient.id == root, Patient.merged_into == root),
        )
        .order_by(
            Patient.merged_into.is_not(None),
            PatientContact.is_preferred.desc(),
            PatientContact.created_at,
            PatientContact.id,
        )
    )
    return scope.session.scalars(statement).all()


def list_contacts_of_record(scope: TenantScope, patient_id: uuid.UUID) -> Sequence[PatientContact]:
    """Return the contacts of one record alone, the oldest first."""
    statement = (
        select(PatientContact)
        .where(PatientContact.tenant_id == scope.tenant_id, PatientContact.patient_id == patient_id)
        .order_by(PatientContact.created_at, PatientContact.id)
    )
    return scope.session.scalars(statement).all()


def get_contact(scope: TenantScope, patient_id: uuid.UUID, contact_id: uuid.UUID) -> PatientContact:
    """Return a contact of a record; raises ContactUnknown."""
    found = scope.session.get(PatientContact, (scope.tenant_id, contact_id))
    if found is None or found.patient_id != patient_id:
        raise ContactUnknown("There is no such contact.")
    return found


def list_former_names(
    scope: TenantScope, patient_ids: Collection[uuid.UUID]
) -> Sequence[PatientFormerName]:
    """Return the names that some records had before, the latest first."""
    statement = (
        select(PatientFormerName)
        .where(
            PatientFormerName.tenant_id == scope.tenant_id,
            PatientFormerName.patient_id.in_(patient_ids),
        )
        .order_by(PatientFormerName.changed_at.desc(), PatientFormerName.id.desc())
    )
    return scope.session.scalars(statement).all()


def list_open_merges(
    scope: TenantScope, patient_ids: Collection[uuid.UUID]
) -> Sequence[PatientMerge]:
    """Return the merges in force around some records, the latest first."""
    statement = (
        select(PatientMerge)
        .where(
            PatientMerge.tenant_id == scope.tenant_id,
            PatientMerge.undone_at.is_(None),
            or_(PatientMerge.alias_id.in_(patient_ids), PatientMerge.kept_id.in_(patient_ids)),
        )
        .order_by(PatientMerge.merged_at.desc(), PatientMerge.id.desc())
    )
    return scope.session.scalars(statement).all()


def get_merge(scope: TenantScope, merge_id: uuid.UUID) -> PatientMerge:
    """Return a merge, in force or undone; raises MergeUnknown."""
    found = scope.session.get(PatientMerge, (scope.tenant_id, merge_id))
    if found is None:
        raise MergeUnknown("There is no such merge.")
    return found


def lock_books(scope: TenantScope) -> None:
    """Let one merge of a clinic follow the other, so that no two of them make a circle."""
    statement = select(Clinic.id).where(Clinic.tenant_id == scope.tenant_id)
    scope.session.execute(statement.with_for_update(key_share=True))
