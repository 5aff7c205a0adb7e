"""Corrections and limits for every page about a patient: shown wherever the original is shown."""

import uuid
from typing import Any

from flask import Blueprint, g

from app.auth.guards import has_permission
from app.auth.permissions import Permission
from app.kit.clock import today_in
from app.patients.limit_models import PatientLimit
from app.patients.limit_queries import list_addenda, list_limits
from app.patients.person import person_ids
from app.patients.queries import get_patient
from app.patients.services.add_addendum import Addendum, read_addenda
from app.rights import wording
from app.tenants.queries import get_location

bp = Blueprint("rights_beside", __name__)


@bp.app_context_processor
def beside_values() -> dict[str, Any]:
    """Return ``limits_of(patient_id)`` and ``corrections_of(patient_id, subject_id)``.

    A page asks for them in one line, so that rooms below need not know this one. Who may not read
    clinical texts learns that there is a correction, and not what it says.
    """
    work = g.get("unit_of_work")
    if "staff" not in g or work is None or work.scope is None:
        return {}
    scope = work.scope

    def limits_of(patient_id: uuid.UUID) -> list[PatientLimit]:
        patient = get_patient(scope, patient_id)
        today = today_in(get_location(scope, patient.location_id).zone)
        return [
            one
            for one in list_limits(scope, patient_id)
            if one.lifted_at is None and (one.until_on is None or one.until_on >= today)
        ]

    def corrections_of(patient_id: uuid.UUID, subject_id: uuid.UUID) -> list[Addendum]:
        about = {subject_id} if subject_id != patient_id else person_ids(scope, patient_id)
        return [one for one in read_addenda(scope, patient_id) if one.subject_id in about]

    def corrected_ids(patient_id: uuid.UUID) -> frozenset[uuid.UUID]:
        return frozenset(one.subject_id for one in list_addenda(scope, patient_id))

    return {
        "limits_of": limits_of,
        "corrected_ids": corrected_ids,
        "corrections_of": corrections_of,
        "reads_corrections": has_permission(Permission.CONSENT_READ),
        "rights_words": wording,
    }
