"""A patient's page: may we treat, where, how deep, until when, and why not – then the rest."""

import uuid
from collections.abc import Iterable, Mapping

from flask import Blueprint, g, render_template
from werkzeug.wrappers import Response

from app.audit.sentences import REASONS
from app.auth.guards import guard, has_permission
from app.auth.permissions import CLINICAL, Permission
from app.billing.queries import list_purchase_lines
from app.catalogue.queries import get_catalogue
from app.consent.standing import Standing, consent_standing
from app.database import TenantScope
from app.desk import queries
from app.desk.chart_access import is_involved
from app.desk.needs import (
    CONSENT_WORDS,
    VISIT_WORDS,
    areas_in_words,
    consent_marks,
    consent_need,
)
from app.desk.queries import PlanLine
from app.documents.queries import list_documents_of_patient
from app.kit.clock import now
from app.kit.lookalikes import lookalike_warning
from app.patients.models import Patient
from app.patients.person import day_of_death, person_ids
from app.patients.queries import get_patient
from app.patients.reading import PatientDetails, health_note, read_former_names, read_patient
from app.patients.record_queries import list_open_merges
from app.patients.words import AGE_EVIDENCE, INTERPRETERS, language_word
from app.staff_pages import go_to
from app.tenants.queries import get_staff, list_locations, map_staff_names

bp = Blueprint("patient_file", __name__, url_prefix="/clinics/<uuid:clinic_id>/patients")
DOCUMENT_WORDS = {
    "patient_consent": "Consent, signed by the patient",
    "executed_consent": "Consent, signed and attested",
    "withdrawal": "Withdrawal of consent",
    "decision": "Decision after signing",
    "aftercare": "Aftercare sheet",
    "receipt": "Receipt",
}


@bp.get("/<uuid:patient_id>")
@guard(Permission.PATIENT_READ)
def show_patient(scope: TenantScope, patient_id: uuid.UUID) -> str | Response:
    """Show a patient; whoever sees contact details is recorded.

    A record that was merged away leads on to the one that the person is kept under.
    """
    patient = get_patient(scope, patient_id)
    if patient.merged_into is not None:
        return go_to(scope, f"/patients/{patient.root_id}")
    records = {one: get_patient(scope, one) for one in person_ids(scope, patient.id)}
    locations = {one.id: one for one in list_locations(scope)}
    clinical = _clinical(scope, patient) if has_permission(Permission.PLAN_READ) else {}
    return render_template(
        "desk/patient.html",
        patient=patient,
        location=locations[patient.location_id],
        where=locations,
        details=_details(scope, patient),
        language=language_word(patient.language),
        purchases=list_purchase_lines(scope, patient_id),
        documents=(
            list_documents_of_patient(scope, patient_id)
            if has_permission(Permission.DOCUMENT_READ)
            else []
        ),
        document_words=DOCUMENT_WORDS,
        reasons=_reasons(scope, patient),
        died_on=day_of_death(scope, patient.id),
        health_notes=_health_notes(scope, patient, records.values()),
        record_names={one: record.name for one, record in records.items()},
        merges=list_open_merges(scope, records.keys()) if len(records) > 1 else [],
        former_names=read_former_names(scope, frozenset(records)),
        lookalike=lookalike_warning(patient.name),
        interpreter=INTERPRETERS[patient.interpreter],
        age_evidence=AGE_EVIDENCE,
        age_checked_by=_checked_by(scope, patient),
        **clinical,
    )


def _checked_by(scope: TenantScope, patient: Patient) -> str:
    checked_by = patient.age_checked_by
    return get_staff(scope, checked_by).name if checked_by is not None else ""


def _reasons(scope: TenantScope, patient: Patient) -> list[dict[str, str]]:
    """Return the reasons to choose from, for clinicians who have nothing to do with a patient."""
    staff_id = scope.actor.id
    if g.staff.role not in CLINICAL or staff_id is None:
        return []
    if is_involved(scope, patient.id, staff_id):
        return []
    reasons = [{"value": code, "label": words} for code, words in REASONS.items()]
    return [{"value": "", "label": "Choose one"}, *reasons]


def _details(scope: TenantScope, patient: Patient) -> PatientDetails | None:
    """Open contact details for those who look after patients; billing sees the name alone."""
    return read_patient(scope, patient) if has_permission(Permission.PATIENT_WRITE) else None


def _health_notes(scope: TenantScope, patient: Patient, records: Iterable[Patient]) -> list[str]:
    """Return the notes on health of all of a person's records, the kept one's first."""
    if not (has_permission(Permission.PATIENT_WRITE) and has_permission(Permission.CONSENT_READ)):
        return []
    own_first = sorted(records, key=lambda one: (one.id != patient.id, one.created_at))
    return [note for one in own_first if (note := health_note(scope, one))]


def _clinical(scope: TenantScope, patient: Patient) -> dict[str, object]:
    plans = queries.map_plan_lines(scope, patient_id=patient.id)
    consents = queries.map_newest_consents(scope, plans)
    main = _main_plan(scope, patient, plans)
    titles = {one.id: one.title for one in get_catalogue(scope).areas}
    return {
        "plans": [
            {
                "line": line,
                "what": areas_in_words(line.areas, titles),
                "consent": consents.get(line.plan.id),
                "marks": consent_marks(consents.get(line.plan.id)),
                "word": CONSENT_WORDS[consents[line.plan.id].state]
                if line.plan.id in consents
                else ("No consent asked for", "plain"),
            }
            for line in plans.values()
        ],
        "main": main,
        "need": consent_need(main, consents.get(main.plan.id), now()) if main else None,
        "standing": _standing(scope, patient, main),
        "titles": titles,
        "visits": queries.list_visits_of_patient(scope, patient.id),
        "names": map_staff_names(scope),
        "visit_words": VISIT_WORDS,
    }


def _main_plan(
    scope: TenantScope, patient: Patient, plans: Mapping[uuid.UUID, PlanLine]
) -> PlanLine | None:
    """Return the newest plan whose consent is in force, else the newest plan."""
    in_force = queries.list_plans_in_force(scope, patient.id, now())
    return next(iter([*(plans[one] for one in plans if one in in_force), *plans.values()]), None)


def _standing(scope: TenantScope, patient: Patient, main: PlanLine | None) -> Standing | None:
    if main is None:
        return None
    return consent_standing(scope, patient_id=main.plan.patient_id, plan_id=main.plan.id, at=now())
