"""A request for erasure is decided class by class, each with its reason and its day."""

import uuid

from app import audit, jobs
from app.database import TenantScope
from app.errors import Invalid
from app.kit.clock import now, today_in
from app.kit.ids import new_id
from app.messaging.services import queue_message
from app.patients.limit_models import LimitKind
from app.patients.limit_queries import list_holds_on
from app.patients.models import Patient
from app.patients.person import person_ids
from app.patients.queries import get_patient
from app.patients.reading import contact
from app.patients.services.limit_use import place_limit
from app.rights import queries
from app.rights.errors import RequestDecided
from app.rights.models import DecisionState, RequestKind, RightsDecision, RightsRequest
from app.rights.proposal import Proposal, propose_all
from app.rights.wording import DecisionsInWords
from app.tenants.queries import get_clinic, get_location


def decide_erasure(
    scope: TenantScope, *, request_id: uuid.UUID, backup_days: int
) -> list[RightsDecision]:
    """Decide what becomes of each class, tell the patient, and start what is due.

    What must be kept is restricted at once. Raises RequestUnknown, RequestDecided, or Invalid for
    another kind of request.
    """
    request = queries.get_request_for_update(scope, request_id)
    if request.kind != RequestKind.ERASURE:
        raise Invalid("Only a request for erasure is decided here.")
    if request.state != "open":
        raise RequestDecided("This request was decided already.")
    patient = get_patient(scope, request.patient_id)
    today = today_in(get_location(scope, patient.location_id).zone)
    is_held = bool(list_holds_on(scope, person_ids(scope, patient.id), today))
    decided = [_row(scope, request, one, is_held) for one in propose_all(scope, patient)]
    scope.session.add_all(decided)
    request.state, request.decided_at = "decided", now()
    request.version += 1
    place_limit(scope, patient_id=patient.id, kind=LimitKind.MARKETING_OBJECTION, reason="asked")
    if any(one.due_on is None or one.due_on > today for one in decided):
        place_limit(
            scope, patient_id=patient.id, kind=LimitKind.RESTRICTION, reason="awaiting_erasure"
        )
    for one in decided:
        audit.record(
            scope,
            "rights:erasure:decide",
            subject_id=request.id,
            patient_id=patient.id,
            retention=one.retention,
            state=one.state,
            reason=one.reason,
        )
    _tell(scope, patient, decided, backup_days)
    scope.session.flush()  # The jobs refer to rows that must be there when they run.
    for one in decided:
        if one.due_on is not None and one.due_on <= today:
            start_carrying_out(scope, one.id)
    return decided


def start_carrying_out(scope: TenantScope, decision_id: uuid.UUID) -> None:
    """Enqueue the carrying out of a decision; those of one request wait for each other.

    They share no lock of the queue: one that has to wait would hold up all that come after it.
    """
    jobs.enqueue(scope, "rights.carry_out", rights_decision_id=decision_id)


def _row(
    scope: TenantScope, request: RightsRequest, wanted: Proposal, is_held: bool
) -> RightsDecision:
    return RightsDecision(
        tenant_id=scope.tenant_id,
        id=new_id(),
        request_id=request.id,
        patient_id=request.patient_id,
        retention=wanted.retention,
        state=DecisionState.HELD if is_held else DecisionState.WAITING,
        reason=wanted.reason,
        decided_by=scope.actor.id,
        decided_at=now(),
        **wanted.columns(),
    )


def _tell(
    scope: TenantScope, patient: Patient, decided: list[RightsDecision], backup_days: int
) -> None:
    """Send the answer while there is an address to send it to."""
    to = contact(scope, patient, "email")
    if to is None:
        return
    queue_message(
        scope,
        to=to,
        channel="email",
        template="rights_answer",
        values={
            "name": patient.name,
            "clinic": get_clinic(scope).legal_name,
            "decisions": DecisionsInWords(tuple(decided), backup_days),
        },
        patient_id=patient.id,
        location_id=patient.location_id,
    )
