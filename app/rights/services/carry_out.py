"""Carry out a decision to erase, on its day: destroy the key, then remove what it had closed.

Everything is looked at again first, since the world has moved since the decision: a hold may have
come, the patient may have been treated again. Every step may be repeated after a kill.
"""

import uuid
from collections.abc import Collection
from datetime import timedelta

from app import audit, jobs
from app.database import TenantScope
from app.kit.clock import now, today_in
from app.messaging.queries import exists_queued
from app.patients.limit_models import LimitKind
from app.patients.limit_queries import find_limit, list_holds_on
from app.patients.models import Patient
from app.patients.person import person_ids
from app.patients.queries import get_patient
from app.patients.services.limit_use import lift_limit
from app.rights import queries
from app.rights.models import DecisionState, RightsDecision
from app.rights.proposal import Proposal, propose
from app.rights.scrub import scrub_class
from app.tenants.queries import get_location
from app.vault import shred_patient

WAIT_FOR_MESSAGES = timedelta(minutes=10)


def carry_out(scope: TenantScope, *, decision_id: uuid.UUID) -> RightsDecision:
    """Erase one class of a patient's data if its day has come and nothing stands against it.

    Raises StoreUnavailable where the shred list cannot be written; nothing is erased then.
    """
    decision = queries.get_decision_for_update(scope, decision_id)
    # One class of a request after another: the last one to be done closes it.
    queries.get_request_for_update(scope, decision.request_id)
    if decision.state in (DecisionState.DONE, DecisionState.CANCELLED):
        return decision
    patient = get_patient(scope, decision.patient_id)
    if not _is_due(scope, decision, patient):
        return decision
    if decision.retention == "contact" and exists_queued(scope, patient.id):
        later = now() + WAIT_FOR_MESSAGES
        jobs.enqueue(scope, "rights.carry_out", not_before=later, rights_decision_id=decision.id)
        return decision
    erase_class(scope, patient, decision.retention)
    if decision.retention == "clinical":
        _forget_who_came_back(scope, decision, patient)
    decision.state, decision.carried_out_at = DecisionState.DONE, now()
    audit.record(
        scope,
        "rights:erasure:carry_out",
        subject_id=decision.request_id,
        patient_id=patient.id,
        retention=decision.retention,
    )
    start_removing_files(scope, decision.id)
    if decision.retention != "marketing":
        jobs.enqueue(scope, "leaving.drop_exports", lock="exports")
    _finish_request(scope, decision)
    return decision


def erase_class(scope: TenantScope, patient: Patient, retention: str) -> None:
    """Destroy the keys of one class of a person, all their merged records included, and scrub."""
    ids = person_ids(scope, patient.id)
    for one in sorted(ids):
        shred_patient(scope.tenant_id, one, retention)
    scrub_class(scope, ids, retention)


def _forget_who_came_back(scope: TenantScope, decision: RightsDecision, patient: Patient) -> None:
    """Erase contacts that were entered after the contacts had been erased: with the record."""
    still = queries.list_open_decisions_of(scope, decision.request_id)
    if all(one.retention != "contact" for one in still):
        erase_class(scope, patient, "contact")


def _is_due(scope: TenantScope, decision: RightsDecision, patient: Patient) -> bool:
    """Work out again whether it may be erased today; note why not."""
    today = today_in(get_location(scope, patient.location_id).zone)
    if list_holds_on(scope, person_ids(scope, patient.id), today):
        decision.state = DecisionState.HELD
        return False
    decision.state = DecisionState.WAITING
    fresh = propose(scope, patient, decision.retention)
    if fresh.due_on is not None and fresh.due_on <= today:
        return True
    _note_again(decision, fresh)
    return False


def _note_again(decision: RightsDecision, fresh: Proposal) -> None:
    """Write down until when and why it is kept now: another treatment, or longer years."""
    before, kept = decision.counted_from, fresh.kept
    decision.reason = fresh.reason
    if before is not None and kept is not None and kept.counted_from > before:
        decision.reason = "treated_since"
    for name, value in fresh.columns().items():
        setattr(decision, name, value)


def _finish_request(scope: TenantScope, decision: RightsDecision) -> None:
    scope.session.flush()  # So that the question below sees this decision done.
    if queries.list_open_decisions_of(scope, decision.request_id):
        return
    request = queries.get_request_for_update(scope, decision.request_id)
    request.state, request.closed_at = "done", now()
    request.version += 1
    limit = find_limit(scope, decision.patient_id, LimitKind.RESTRICTION, "awaiting_erasure")
    if limit is not None:
        lift_limit(scope, limit_id=limit.id)


def start_removing_files(scope: TenantScope, decision_id: uuid.UUID) -> None:
    """Enqueue the removal of the files of a class that was erased."""
    jobs.enqueue(scope, "rights.remove_files", rights_decision_id=decision_id)


def due_decisions(scope: TenantScope) -> Collection[uuid.UUID]:
    """Return the decisions that may be due somewhere on earth; each checks its own day."""
    return queries.list_due_decisions(scope, today_in("Pacific/Kiritimati"))
