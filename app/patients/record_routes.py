"""What belongs to a patient's record, for programs: contacts, age evidence, death, merges."""

import uuid
from collections.abc import Callable
from typing import Any

from flask_smorest import Blueprint

from app.auth.guards import guard
from app.auth.permissions import Permission
from app.database import TenantScope
from app.idempotency import idempotent
from app.patients import queries, record_queries
from app.patients.models import PatientMerge
from app.patients.person import person_ids
from app.patients.reading import read_patient
from app.patients.routes import shown
from app.patients.schemas import (
    AgeEvidenceRequest,
    ContactListResponse,
    ContactRequest,
    DeathRequest,
    MergeListResponse,
    MergeRequest,
    MergeResponse,
    PatientResponse,
)
from app.patients.services import keep_contacts, merge_patients
from app.patients.services.edit_patient import record_age_evidence, record_death
from app.versioned import versioned

bp = Blueprint(
    "patient_records",
    __name__,
    url_prefix="/api/v1/clinics/<uuid:clinic_id>/patients/<uuid:patient_id>",
    description="Patients' records",
)
Answer = dict[str, Any]


@bp.get("/contacts")
@guard(Permission.PATIENT_WRITE)
@bp.response(200, ContactListResponse)
def list_contacts(scope: TenantScope, patient_id: uuid.UUID) -> Answer:
    """Return a patient's contacts in plain text; that you looked is recorded."""
    patient = queries.get_patient(scope, patient_id)
    return {"contacts": read_patient(scope, patient).contacts, "version": patient.version}


@bp.post("/contacts")
@guard(Permission.PATIENT_WRITE)
@idempotent
@versioned
@bp.arguments(ContactRequest)
@bp.response(201, PatientResponse)
def add_contact(
    scope: TenantScope, wanted: dict[str, str], patient_id: uuid.UUID, expected_version: int
) -> Answer:
    """Add a contact; ``If-Match`` names the version of the patient that was read."""
    keep_contacts.add_contact(
        scope,
        patient_id=patient_id,
        version=expected_version,
        kind=wanted["kind"],
        typed=wanted["value"],
    )
    return shown(scope, queries.get_patient(scope, patient_id))


@bp.post("/contacts/<uuid:contact_id>/prefer")
@guard(Permission.PATIENT_WRITE)
@idempotent
@versioned
@bp.response(200, PatientResponse)
def prefer_contact(
    scope: TenantScope, patient_id: uuid.UUID, contact_id: uuid.UUID, expected_version: int
) -> Answer:
    """Make a contact the one of its kind that messages go to."""
    return _changed(scope, keep_contacts.prefer_contact, patient_id, contact_id, expected_version)


@bp.post("/contacts/<uuid:contact_id>/verify")
@guard(Permission.PATIENT_WRITE)
@idempotent
@versioned
@bp.response(200, PatientResponse)
def verify_contact(
    scope: TenantScope, patient_id: uuid.UUID, contact_id: uuid.UUID, expected_version: int
) -> Answer:
    """Note that the patient was reached there."""
    return _changed(scope, keep_contacts.verify_contact, patient_id, contact_id, expected_version)


@bp.post("/contacts/<uuid:contact_id>/remove")
@guard(Permission.PATIENT_WRITE)
@idempotent
@versioned
@bp.response(200, PatientResponse)
def remove_contact(
    scope: TenantScope, patient_id: uuid.UUID, contact_id: uuid.UUID, expected_version: int
) -> Answer:
    """Delete a contact."""
    return _changed(scope, keep_contacts.remove_contact, patient_id, contact_id, expected_version)


def _changed(
    scope: TenantScope,
    change: Callable[..., None],
    patient_id: uuid.UUID,
    contact_id: uuid.UUID,
    version: int,
) -> Answer:
    change(scope, patient_id=patient_id, contact_id=contact_id, version=version)
    return shown(scope, queries.get_patient(scope, patient_id))


@bp.post("/age-evidence")
@guard(Permission.PATIENT_WRITE)
@idempotent
@versioned
@bp.arguments(AgeEvidenceRequest)
@bp.response(200, PatientResponse)
def check_age(
    scope: TenantScope, wanted: dict[str, str], patient_id: uuid.UUID, expected_version: int
) -> Answer:
    """Note what document showed the patient's age."""
    patient = record_age_evidence(
        scope, patient_id=patient_id, version=expected_version, kind=wanted["kind"]
    )
    return shown(scope, patient)


@bp.post("/death")
@guard(Permission.PATIENT_WRITE)
@idempotent
@versioned
@bp.arguments(DeathRequest)
@bp.response(200, PatientResponse)
def note_death(
    scope: TenantScope, wanted: dict[str, Any], patient_id: uuid.UUID, expected_version: int
) -> Answer:
    """Note that the patient has died; nothing is sent to them or asked of them any more."""
    on = wanted["deceased_on"]
    patient = record_death(scope, patient_id=patient_id, version=expected_version, on=on)
    return shown(scope, patient)


@bp.get("/merges")
@guard(Permission.PATIENT_READ)
@bp.response(200, MergeListResponse)
def list_merges(scope: TenantScope, patient_id: uuid.UUID) -> Answer:
    """Return the merges in force around a patient."""
    return {"merges": record_queries.list_open_merges(scope, person_ids(scope, patient_id))}


@bp.post("/merges")
@guard(Permission.PATIENT_MERGE, step_up=True)
@idempotent
@bp.arguments(MergeRequest)
@bp.response(201, MergeResponse)
def merge(scope: TenantScope, wanted: dict[str, Any], patient_id: uuid.UUID) -> PatientMerge:
    """Make another record an alias of this one. No row moves, and it can be undone."""
    return merge_patients.merge_patients(scope, kept_id=patient_id, alias_id=wanted["alias_id"])


@bp.post("/merges/<uuid:merge_id>/undo")
@guard(Permission.PATIENT_MERGE, step_up=True)
@idempotent
@bp.response(200, MergeResponse)
def undo(scope: TenantScope, patient_id: uuid.UUID, merge_id: uuid.UUID) -> PatientMerge:
    """Take two records apart again."""
    return merge_patients.undo_merge(scope, patient_id=patient_id, merge_id=merge_id)
