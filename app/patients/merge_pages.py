"""Pages on which two records become one patient, and become two again."""

import uuid
from dataclasses import replace

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from app.auth.guards import guard
from app.auth.permissions import Permission
from app.database import TenantScope
from app.forms import Form, asking_again, sent_form
from app.idempotency import idempotent
from app.patients import record_queries
from app.patients.duplicates import find_alike
from app.patients.errors import MergeUnknown
from app.patients.models import Patient
from app.patients.person import main_record, person_ids
from app.patients.queries import get_patient, search_patients
from app.patients.reading import PatientDetails, date_of_birth, read_patient
from app.patients.sealed_search import open_search, seal_search, tidy_search
from app.patients.services.merge_patients import merge_patients, undo_merge
from app.patients.words import WHY_ALIKE, language_word
from app.staff_pages import go_to
from app.tenants.queries import get_location, list_locations

bp = Blueprint(
    "merge_pages", __name__, url_prefix="/clinics/<uuid:clinic_id>/patients/<uuid:patient_id>"
)


@bp.get("/merge")
@guard(Permission.PATIENT_MERGE)
def ask_which(scope: TenantScope, patient_id: uuid.UUID) -> str:
    """Ask which other record is the same person; those who are alike come first."""
    patient = main_record(scope, patient_id)
    mine = person_ids(scope, patient.id)
    wanted = open_search(scope, request.args.get("found", ""))
    alike = find_alike(
        scope,
        name=patient.name,
        born=date_of_birth(scope, patient),
        contact_tokens=_contact_tokens(scope, patient),
        besides=mine,
    )
    found = search_patients(scope, wanted) if wanted else []
    return render_template(
        "patients/merge_which.html",
        patient=patient,
        alike=alike,
        found=[one for one in found if one.id not in mine],
        wanted=wanted,
        why_words=WHY_ALIKE,
        where={one.id: one.listed_name for one in list_locations(scope)},
    )


@bp.post("/merge/search")
@guard(Permission.PATIENT_MERGE)
def search(scope: TenantScope, patient_id: uuid.UUID) -> Response:
    """Search for the other record."""
    patient = get_patient(scope, patient_id)
    sealed = seal_search(scope, tidy_search(request.form.get("q", "")))
    return go_to(scope, f"/patients/{patient.id}/merge?found={sealed}")


@bp.get("/merge/<uuid:alias_id>")
@guard(Permission.PATIENT_MERGE)
def compare(scope: TenantScope, patient_id: uuid.UUID, alias_id: uuid.UUID) -> str:
    """Show two records side by side, before they become one patient."""
    return _compare_page(scope, patient_id, alias_id, Form())


@bp.post("/merge/<uuid:alias_id>")
@guard(Permission.PATIENT_MERGE, step_up=True)
@idempotent
def merge(scope: TenantScope, patient_id: uuid.UUID, alias_id: uuid.UUID) -> Response:
    """Make the other record an alias of this one."""
    form = sent_form()
    with asking_again(form, lambda again: _compare_page(scope, patient_id, alias_id, again)):
        done = merge_patients(scope, kept_id=patient_id, alias_id=alias_id)
    return go_to(scope, f"/patients/{done.kept_id}", "merged")


@bp.get("/merges/<uuid:merge_id>")
@guard(Permission.PATIENT_MERGE)
def show_merge(scope: TenantScope, patient_id: uuid.UUID, merge_id: uuid.UUID) -> str:
    """Show what was merged into what, and offer to undo it."""
    patient, done = get_patient(scope, patient_id), record_queries.get_merge(scope, merge_id)
    if done.undone_at is not None or done.kept_id not in person_ids(scope, patient.id):
        raise MergeUnknown("There is no such merge.")
    return render_template(
        "patients/merged.html",
        patient=patient,
        merge=done,
        kept=_details(scope, done.kept_id),
        alias=_details(scope, done.alias_id),
        zone=get_location(scope, patient.location_id).zone,
        form=Form(),
        language_word=language_word,
    )


@bp.post("/merges/<uuid:merge_id>/undo")
@guard(Permission.PATIENT_MERGE, step_up=True)
@idempotent
def undo(scope: TenantScope, patient_id: uuid.UUID, merge_id: uuid.UUID) -> Response:
    """Take two records apart again."""
    done = undo_merge(scope, patient_id=patient_id, merge_id=merge_id)
    return go_to(scope, f"/patients/{done.kept_id}", "parted")


def _contact_tokens(scope: TenantScope, patient: Patient) -> list[str]:
    held = (one.token for one in record_queries.list_tokens(scope, patient.id))
    return [token for token in held if token.startswith(("e:", "p:"))]


def _compare_page(
    scope: TenantScope, patient_id: uuid.UUID, alias_id: uuid.UUID, form: Form
) -> str:
    kept, alias = main_record(scope, patient_id), main_record(scope, alias_id)
    return render_template(
        "patients/merge.html",
        form=form,
        patient=kept,
        kept=_details(scope, kept.id),
        alias=_details(scope, alias.id),
        is_same=kept.id == alias.id,
        language_word=language_word,
    )


def _details(scope: TenantScope, patient_id: uuid.UUID) -> PatientDetails:
    """Open one record with its own contacts alone, so that two can be compared."""
    details = read_patient(scope, get_patient(scope, patient_id))
    own = [one for one in details.contacts if one.patient_id == patient_id]
    return replace(details, contacts=own)
