"""Patients, for programs."""

import base64
import binascii
import uuid
from collections.abc import Sequence
from typing import Any

from flask_smorest import Blueprint

from app.auth.guards import guard
from app.auth.permissions import Permission
from app.database import TenantScope
from app.errors import Invalid
from app.idempotency import idempotent
from app.patients import queries
from app.patients.models import Patient
from app.patients.queries import PatientLine
from app.patients.schemas import (
    PatientPageRequest,
    PatientPageResponse,
    PatientRequest,
    PatientResponse,
)
from app.patients.services.add_patient import NewPatient, add_patient

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
def list_patients(scope: TenantScope, wanted: dict[str, str]) -> dict[str, Any]:
    """List patients by name, or find them by the beginning of a name or a whole email address."""
    if wanted["q"]:
        return {"patients": queries.search_patients(scope, wanted["q"]), "next": ""}
    found = queries.page_patients(scope, after=read_cursor(wanted["after"]), size=PAGE)
    return {"patients": found, "next": write_cursor(found) if len(found) == PAGE else ""}


@bp.post("")
@guard(Permission.PATIENT_WRITE)
@idempotent
@bp.arguments(PatientRequest)
@bp.response(201, PatientResponse)
def add(scope: TenantScope, wanted: dict[str, Any]) -> Patient:
    """Add a patient."""
    return add_patient(scope, NewPatient(**wanted))


@bp.get("/<uuid:patient_id>")
@guard(Permission.PATIENT_READ)
@bp.response(200, PatientResponse)
def get(scope: TenantScope, patient_id: uuid.UUID) -> Patient:
    """Return a patient without contact or health fields."""
    return queries.get_patient(scope, patient_id)


def write_cursor(found: Sequence[PatientLine]) -> str:
    """Return an opaque text for the place after the last line."""
    last = found[-1]
    return base64.urlsafe_b64encode(f"{last.id}|{last.sort_name}".encode()).decode()


def read_cursor(text: str) -> tuple[str, uuid.UUID] | None:
    """Return the place that a cursor stands for; raises Invalid."""
    if not text:
        return None
    try:
        plain = base64.urlsafe_b64decode(text.encode()).decode()
        key, _, name = plain.partition("|")
        return name, uuid.UUID(key)
    except (ValueError, binascii.Error) as bad:
        raise Invalid("This page does not exist.", fields={"after": "unknown"}) from bad
