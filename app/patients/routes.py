"""Patients, for programs."""

import uuid
from typing import Any

from flask_smorest import Blueprint

from app.auth.guards import guard, has_permission
from app.auth.permissions import Permission
from app.database import TenantScope
from app.errors import Forbidden
from app.idempotency import idempotent
from app.kit.lookalikes import lookalike_warning
from app.patients import queries
from app.patients.models import Patient
from app.patients.person import day_of_death
from app.patients.schemas import (
    PatientChangeRequest,
    PatientPageRequest,
    PatientPageResponse,
    PatientRequest,
    PatientResponse,
    PatientSearchRequest,
    PatientSearchResponse,
)
from app.patients.services.add_patient import NewPatient, add_patient
from app.patients.services.edit_patient import PatientEdit, edit_patient
from app.versioned import versioned

PAGE = 50
bp = Blueprint(
    "patients",
    __name__,
    url_prefix="/api/v1/clinics/<uuid:clinic_id>/patients",
    description="Patients",
)


@bp.get("")
@guard(Permission.PATIENT_READ)
@bp.arguments(PatientPageRequest, location="query")
@bp.response(200, PatientPageResponse)
def list_patients(scope: TenantScope, wanted: dict[str, Any]) -> dict[str, Any]:
    """List patients by name, fifty at a time."""
    found = queries.page_patients(scope, after=wanted["after"], size=PAGE)
    return {"patients": found, "next": found[-1].id if len(found) == PAGE else None}


@bp.post("/search")
@guard(Permission.PATIENT_READ)
@bp.arguments(PatientSearchRequest)
@bp.response(200, PatientSearchResponse)
def search(scope: TenantScope, wanted: dict[str, str]) -> dict[str, Any]:
    """Find patients by beginnings of names, date of birth, last digits of phone, whole address."""
    return {"patients": queries.search_patients(scope, wanted["q"])}


@bp.post("")
@guard(Permission.PATIENT_WRITE)
@idempotent
@bp.arguments(PatientRequest)
@bp.response(201, PatientResponse)
def add(scope: TenantScope, wanted: dict[str, Any]) -> dict[str, Any]:
    """Add a patient; 409 asks to look first at those who may be the same person."""
    looked_at = wanted.pop("looked_at")
    return shown(scope, add_patient(scope, NewPatient(**wanted), looked_at=looked_at))


@bp.get("/<uuid:patient_id>")
@guard(Permission.PATIENT_READ)
@bp.response(200, PatientResponse)
def get(scope: TenantScope, patient_id: uuid.UUID) -> dict[str, Any]:
    """Return a patient without contact or health fields."""
    return shown(scope, queries.get_patient(scope, patient_id))


@bp.put("/<uuid:patient_id>")
@guard(Permission.PATIENT_WRITE)
@idempotent
@versioned
@bp.arguments(PatientChangeRequest)
@bp.response(200, PatientResponse)
def change(
    scope: TenantScope, wanted: dict[str, Any], patient_id: uuid.UUID, expected_version: int
) -> dict[str, Any]:
    """Change a patient's record; ``If-Match`` names the version that was read."""
    if wanted["health_note"] is not None and not has_permission(Permission.CONSENT_READ):
        raise Forbidden("Only those who read the note on health may change it.")
    edit = PatientEdit(**wanted)
    return shown(
        scope, edit_patient(scope, patient_id=patient_id, version=expected_version, wanted=edit)
    )


def shown(scope: TenantScope, patient: Patient) -> dict[str, Any]:
    """Return what a program may see of a patient, with what staff should look at twice."""
    names = PatientResponse().fields.keys() - {"warning"}
    return {name: getattr(patient, name) for name in names} | {
        # Noted on any record of the person.
        "deceased_on": day_of_death(scope, patient.id),
        "warning": lookalike_warning(patient.name),
    }
