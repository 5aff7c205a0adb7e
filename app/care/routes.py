"""The short questions, starts, records, incidents and sheets, for programs."""

import uuid
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from flask_smorest import Blueprint

from app import audit
from app.auth.guards import guard, unit
from app.auth.permissions import Permission
from app.care import queries, reading
from app.care.acute import acute_questions, acute_standing
from app.care.answer import MayStart
from app.care.confirmations import needed_confirmations
from app.care.defaults import usual_means
from app.care.models import AcuteCheck, AftercareGiven, Incident
from app.care.record import ClinicalNote, Done, DoneArea, Topical
from app.care.schemas import (
    AcuteCheckRequest,
    AcuteCheckResponse,
    AftercareRequest,
    AftercareResponse,
    CompletionRequest,
    CompletionResponse,
    ConfirmationResponse,
    IncidentRequest,
    IncidentResponse,
    MayStartQuery,
    MayStartResponse,
    QuestionResponse,
    StartRequest,
    TreatmentResponse,
)
from app.care.services.complete_treatment import complete_treatment
from app.care.services.give_aftercare import give_after, give_after_incident, give_before
from app.care.services.may_start import may_start
from app.care.services.note_refusal import note_refused_start
from app.care.services.record_acute_check import Asked, record_acute_check
from app.care.services.record_incident import NewIncident, record_incident
from app.care.services.start_treatment import start_treatment
from app.care.visit_ground import ground_of_visit
from app.catalogue.rules import Question
from app.database import TenantScope, noted_in
from app.idempotency import idempotent
from app.kit.clock import now
from app.versioned import versioned

bp = Blueprint("care", __name__, url_prefix="/api/v1/clinics/<uuid:clinic_id>", description="Care")


@bp.get("/visits/<uuid:visit_id>/acute-questions")
@guard(Permission.PLAN_READ)
@bp.response(200, QuestionResponse(many=True))
def list_acute_questions(scope: TenantScope, visit_id: uuid.UUID) -> Sequence[Question]:
    """List the short questions that are asked again before this visit's treatment."""
    ground = ground_of_visit(scope, visit_id, at=now())
    # A tuple would be read as (body, status, headers).
    return list(acute_questions(ground.catalogue, ground.facts, ground.today))


@bp.get("/visits/<uuid:visit_id>/confirmations")
@guard(Permission.CONSENT_READ)
@bp.response(200, ConfirmationResponse(many=True))
def list_confirmations(scope: TenantScope, visit_id: uuid.UUID) -> list[dict[str, str]]:
    """List what the practitioner confirms before this visit's treatment starts."""
    ground = ground_of_visit(scope, visit_id, at=now())
    audit.record(
        scope,
        "care:confirmations:read",
        subject_id=visit_id,
        patient_id=ground.visit.patient_id,
    )
    acute = acute_standing(scope, ground)
    needed = needed_confirmations(scope, ground, acute.outcome if acute else None)
    return [{"key": key, "text": text} for key, text in needed.items()]


@bp.post("/visits/<uuid:visit_id>/acute-checks")
@guard(Permission.TREATMENT_START)
@idempotent
@bp.arguments(AcuteCheckRequest)
@bp.response(201, AcuteCheckResponse)
def ask_again(scope: TenantScope, wanted: dict[str, Any], visit_id: uuid.UUID) -> AcuteCheck:
    """Keep what was answered to the short questions."""
    return record_acute_check(scope, visit_id=visit_id, asked=Asked(**wanted))


@bp.get("/visits/<uuid:visit_id>/may-start")
@guard(Permission.CONSENT_STATUS)
@bp.arguments(MayStartQuery, location="query")
@bp.response(200, MayStartResponse)
def may_we(scope: TenantScope, wanted: dict[str, Any], visit_id: uuid.UUID) -> MayStart:
    """Say whether a treatment may start, where, how deep, and why not."""
    usual = usual_means(scope, visit_id)
    pairs = [one.split(":") for one in wanted["area"] or ()]
    return may_start(
        scope,
        visit_id=visit_id,
        practitioner_id=wanted["practitioner_id"] or usual.practitioner_id,
        device_id=wanted["device_id"] or usual.device_id,
        lot=usual.lot if wanted["lot"] is None else wanted["lot"],
        areas={area: int(um) for area, um in pairs} or None,
    )


@bp.post("/visits/<uuid:visit_id>/start")
@guard(Permission.TREATMENT_START)
@idempotent
@bp.arguments(StartRequest)
@bp.response(201, TreatmentResponse)
def start(scope: TenantScope, wanted: dict[str, Any], visit_id: uuid.UUID) -> dict[str, Any]:
    """Start the treatment of a visit, or refuse with every reason."""
    unit().after_failure(noted_in(scope, partial(note_refused_start, visit_id=visit_id)))
    started = start_treatment(scope, visit_id=visit_id, **wanted)
    return reading.view_treatment(scope, started.treatment).as_dict()


@bp.get("/treatments/<uuid:treatment_id>")
@guard(Permission.CONSENT_STATUS)
@bp.response(200, TreatmentResponse)
def get_treatment(scope: TenantScope, treatment_id: uuid.UUID) -> dict[str, Any]:
    """Return a treatment."""
    return reading.view_treatment(scope, queries.get_treatment(scope, treatment_id)).as_dict()


@bp.post("/treatments/<uuid:treatment_id>/records")
@guard(Permission.TREATMENT_START)
@idempotent
@versioned
@bp.arguments(CompletionRequest)
@bp.response(201, CompletionResponse)
def complete(
    scope: TenantScope, wanted: dict[str, Any], treatment_id: uuid.UUID, expected_version: int
) -> Mapping[str, Any]:
    """Record what was done; ``If-Match`` names the record that was read, "0" for none."""
    completion = complete_treatment(
        scope, treatment_id=treatment_id, done=done_from(wanted), after_number=expected_version
    )
    treatment = queries.get_treatment(scope, treatment_id)
    return reading.record_as_dict(completion, reading.flags_for(scope, treatment, completion))


def done_from(wanted: dict[str, Any]) -> Done:
    """Return what was sent as a value."""
    return Done(
        **{
            **wanted,
            "areas": tuple(DoneArea(**one) for one in wanted["areas"]),
            "topicals": tuple(Topical(**one) for one in wanted["topicals"]),
            "note": ClinicalNote(**wanted["note"]),
        }
    )


@bp.get("/treatments/<uuid:treatment_id>/records")
@guard(Permission.CONSENT_READ)
@bp.response(200, CompletionResponse(many=True))
def list_records(scope: TenantScope, treatment_id: uuid.UUID) -> list[Mapping[str, Any]]:
    """List what was recorded of a treatment, corrections last."""
    treatment = queries.get_treatment(scope, treatment_id)
    return [
        reading.record_as_dict(one, reading.flags_for(scope, treatment, one))
        for one in queries.list_completions(scope, [treatment.id])
    ]


@bp.post("/incidents")
@guard(Permission.INCIDENT_RECORD)
@idempotent
@bp.arguments(IncidentRequest)
@bp.response(201, IncidentResponse)
def report(scope: TenantScope, wanted: dict[str, Any]) -> Incident:
    """Record a treatment that happened without a valid start."""
    return record_incident(scope, NewIncident(**wanted))


@bp.get("/incidents/<uuid:incident_id>")
@guard(Permission.CONSENT_READ)
@bp.response(200, IncidentResponse)
def get_incident(scope: TenantScope, incident_id: uuid.UUID) -> Incident:
    """Return an incident."""
    return queries.get_incident(scope, incident_id)


@bp.post("/incidents/<uuid:incident_id>/aftercare")
@guard(Permission.AFTERCARE_GIVE)
@idempotent
@bp.response(201, AftercareResponse)
def give_sheet_after_incident(scope: TenantScope, incident_id: uuid.UUID) -> AftercareGiven:
    """Give the sheet to somebody who was treated without a valid start."""
    return give_after_incident(scope, incident_id=incident_id)


@bp.post("/visits/<uuid:visit_id>/aftercare")
@guard(Permission.AFTERCARE_GIVE)
@idempotent
@bp.arguments(AftercareRequest)
@bp.response(201, AftercareResponse)
def give_sheet(scope: TenantScope, wanted: dict[str, Any], visit_id: uuid.UUID) -> AftercareGiven:
    """Give the aftercare sheet before or after a visit's treatment."""
    give = give_before if wanted["occasion"] == "before" else give_after
    return give(scope, visit_id=visit_id)
