"""Questions about limits on a patient's data, and their corrections."""

import uuid
from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import select

from app.database import TenantScope
from app.patients.addendum_models import PatientAddendum
from app.patients.errors import LimitUnknown
from app.patients.limit_models import LimitKind, PatientLimit
from app.patients.person import person_ids


def list_limits(scope: TenantScope, patient_id: uuid.UUID) -> Sequence[PatientLimit]:
    """Return every limit that a person's data ever had on any record, the newest first."""
    statement = (
        select(PatientLimit)
        .where(
            PatientLimit.tenant_id == scope.tenant_id,
            PatientLimit.patient_id.in_(person_ids(scope, patient_id)),
        )
        .order_by(PatientLimit.placed_at.desc(), PatientLimit.id.desc())
    )
    return scope.session.scalars(statement).all()


def get_limit_for_update(scope: TenantScope, limit_id: uuid.UUID) -> PatientLimit:
    """Return a limit, locked until the transaction ends; raises LimitUnknown."""
    statement = (
        select(PatientLimit)
        .where(PatientLimit.tenant_id == scope.tenant_id, PatientLimit.id == limit_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = scope.session.scalar(statement)
    if found is None:
        raise LimitUnknown("There is no such limit.")
    return found


def find_limit(
    scope: TenantScope, patient_id: uuid.UUID, kind: LimitKind, reason: str | None = None
) -> PatientLimit | None:
    """Return a limit on one very record that was not lifted, or None."""
    statement = select(PatientLimit).where(
        PatientLimit.tenant_id == scope.tenant_id,
        PatientLimit.patient_id == patient_id,
        PatientLimit.kind == kind.value,
        PatientLimit.lifted_at.is_(None),
    )
    if reason is not None:
        statement = statement.where(PatientLimit.reason == reason)
    return scope.session.scalars(statement.limit(1)).first()


def list_holds_on(
    scope: TenantScope, patient_ids: Collection[uuid.UUID], today: date
) -> Sequence[PatientLimit]:
    """Return the legal holds on one person's records that are in force on a day."""
    statement = select(PatientLimit).where(
        PatientLimit.tenant_id == scope.tenant_id,
        PatientLimit.patient_id.in_(patient_ids),
        PatientLimit.kind == LimitKind.LEGAL_HOLD.value,
        PatientLimit.lifted_at.is_(None),
        PatientLimit.until_on.is_(None) | (PatientLimit.until_on >= today),
    )
    return scope.session.scalars(statement).all()


def list_addenda(scope: TenantScope, patient_id: uuid.UUID) -> Sequence[PatientAddendum]:
    """Return a person's corrections on any record, the oldest first."""
    statement = (
        select(PatientAddendum)
        .where(
            PatientAddendum.tenant_id == scope.tenant_id,
            PatientAddendum.patient_id.in_(person_ids(scope, patient_id)),
        )
        .order_by(PatientAddendum.recorded_at, PatientAddendum.id)
    )
    return scope.session.scalars(statement).all()
