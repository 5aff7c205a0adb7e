"""Limit what may be done with a patient's data: legal hold, restriction, objection."""

import uuid
from datetime import date

from app import audit
from app.database import TenantScope
from app.errors import Invalid
from app.kit.clock import now
from app.kit.ids import new_id
from app.messaging.errors import ProcessingRestricted
from app.patients.limit_models import LimitKind, PatientLimit
from app.patients.limit_queries import find_limit, get_limit_for_update
from app.patients.person import person_ids
from app.patients.queries import get_patient
from app.patients.services.require_alive import require_alive

# Why, as codes: an event and a list may show them, and no words about a person are kept.
REASONS: dict[LimitKind, tuple[str, ...]] = {
    LimitKind.LEGAL_HOLD: ("claim", "complaint", "regulator", "court_order", "insurer", "police"),
    LimitKind.RESTRICTION: (
        "accuracy_contested",
        "objection_pending",
        "unlawful_kept",
        "needed_for_claim",
        "awaiting_erasure",
    ),
    LimitKind.MARKETING_OBJECTION: ("asked",),
}


def place_limit(
    scope: TenantScope,
    *,
    patient_id: uuid.UUID,
    kind: LimitKind,
    reason: str,
    until_on: date | None = None,
) -> PatientLimit:
    """Set a limit on a patient's data; the same one set again stays as it is.

    :param until_on: the last day of a legal hold; None until somebody lifts it.
    """
    patient = get_patient(scope, patient_id)
    if reason not in REASONS[kind]:
        raise Invalid("Choose why.", fields={"reason": "not one of the reasons"})
    if until_on is not None and kind is not LimitKind.LEGAL_HOLD:
        raise Invalid("Only a legal hold has a last day.", fields={"until_on": "not here"})
    known = find_limit(scope, patient.id, kind, reason)
    if known is not None:
        return known
    limit = PatientLimit(
        tenant_id=scope.tenant_id,
        id=new_id(),
        patient_id=patient.id,
        kind=kind.value,
        reason=reason,
        until_on=until_on,
        placed_by=scope.actor.id if scope.actor.kind == "staff" else None,
        placed_at=now(),
    )
    scope.session.add(limit)
    audit.record(
        scope,
        "patients:limit:place",
        subject_id=limit.id,
        patient_id=patient.id,
        kind=kind.value,
        reason=reason,
    )
    return limit


def lift_limit(scope: TenantScope, *, limit_id: uuid.UUID) -> PatientLimit:
    """Lift a limit; one that was lifted before stays as it is. Raises LimitUnknown."""
    limit = get_limit_for_update(scope, limit_id)
    if limit.lifted_at is None:
        limit.lifted_at = now()
        limit.lifted_by = scope.actor.id if scope.actor.kind == "staff" else None
        audit.record(
            scope,
            "patients:limit:lift",
            subject_id=limit.id,
            patient_id=limit.patient_id,
            kind=limit.kind,
        )
    return limit


def is_restricted(scope: TenantScope, patient_id: uuid.UUID) -> bool:
    """Return whether the data of a patient, on whichever of their records, may only be kept."""
    records = person_ids(scope, patient_id)
    return any(find_limit(scope, one, LimitKind.RESTRICTION) is not None for one in records)


def require_unrestricted(scope: TenantScope, patient_id: uuid.UUID) -> None:
    """Raise ProcessingRestricted for a patient whose data may only be kept, PatientDeceased for
    one who has died."""
    require_alive(scope, patient_id)
    if is_restricted(scope, patient_id):
        raise ProcessingRestricted(
            "This patient's data may only be kept at present. Lift the restriction first."
        )
