"""Lets a wait end by itself: on its day, or because the visit was moved behind it.

A decision to wait goes on when its day has come. Where nobody has decided, the same answers are
judged again for the visit as it is planned now; what then stands in the way no more is let go.
"""

import uuid

from app import audit
from app.catalogue.rules import Action
from app.consent import queries
from app.consent.consent_facts import ground_of
from app.consent.holds import queries as hold_queries
from app.consent.holds.decided import decisions_in_force, expires_on, newest_of, read_decision
from app.consent.holds.models import DecisionKind, Hold, HoldOrigin
from app.consent.holds.services.apply_decision import let_go_on, tell_patient
from app.consent.holds.services.open_hold import clear, open_hold_for, reopen_for_answers
from app.consent.models import Consent, ConsentState
from app.consent.screening.judging import AnswersNotUsable
from app.consent.screening.models import AnswersSource
from app.consent.screening.screen_answers import screen
from app.consent.screening.stored_answers import Origin, add_version, read_answers
from app.database import TenantScope
from app.kit.clock import now, today_in
from app.plans.queries import get_plan_version
from app.tenants.queries import get_location


def settle_hold(scope: TenantScope, *, consent_id: uuid.UUID) -> bool:
    """Let a consent go on where its wait is over; return whether it did. Changes nothing else."""
    if not _may_be_over(scope, queries.get_consent(scope, consent_id)):
        return False
    consent = queries.get_consent_for_update(scope, consent_id)
    hold = queries.find_open_hold(scope, consent_id)
    if hold is None or consent.state not in hold_queries.ON_HOLD:
        return False
    is_over = _on_its_day(scope, consent, hold) or _judged_again(scope, consent, hold)
    if is_over:
        consent.version += 1
        tell_patient(scope, consent)
        audit.record(
            scope,
            "consent:hold:lift",
            subject_id=hold.id,
            patient_id=consent.patient_id,
            consent_id=consent.id,
        )
    return is_over


def _may_be_over(scope: TenantScope, consent: Consent) -> bool:
    """Return whether it is worth a lock: a wait that somebody decided, or a deferral alone."""
    if consent.state not in hold_queries.ON_HOLD:
        return False
    hold = queries.find_open_hold(scope, consent.id)
    if hold is None:
        return False
    return hold.waits_until is not None or hold.outcome == Action.DEFER


def _on_its_day(scope: TenantScope, consent: Consent, hold: Hold) -> bool:
    if hold.waits_until is None:
        return False
    ground = ground_of(scope, get_plan_version(scope, consent.plan_version_id))
    row = newest_of(hold, hold_queries.list_decisions(scope, consent.id))
    if row is None or row.kind != DecisionKind.DELAY:
        return False
    if hold.waits_until > ground.today:
        asks_again = read_decision(scope, consent, row).terms.asks_again
        if asks_again or hold.waits_until > ground.visit_date or hold.is_after_signing:
            return False
    if hold.is_after_signing:
        # Nobody is asked anew here, so that a person has to say that it is over.
        reopen_for_answers(scope, consent)
        return False
    let_go_on(scope, consent, hold, row)
    return True


def end_expired(scope: TenantScope, *, consent_id: uuid.UUID) -> bool:
    """Open a hold where the decision that let the patient go on has run out; return whether."""
    consent = queries.get_consent(scope, consent_id)
    if consent.state != ConsentState.CLEARED or not has_expired(scope, consent):
        return False
    consent = queries.get_consent_for_update(scope, consent_id)
    row = queries.find_latest_answers(scope, consent_id)
    decided = decisions_in_force(scope, consent)
    if row is None or consent.state != ConsentState.CLEARED or not decided:
        return False
    number = decided[-1].row.number
    open_hold_for(scope, consent, row, HoldOrigin.EXPIRED, ends_number=number)
    consent.version += 1
    return True


def has_expired(scope: TenantScope, consent: Consent) -> bool:
    """Return whether the last day of a decision in force is over at the location."""
    last = expires_on(decisions_in_force(scope, consent))
    return last is not None and last < today_in(get_location(scope, consent.location_id).zone)


def _judged_again(scope: TenantScope, consent: Consent, hold: Hold) -> bool:
    """Judge the same answers for the visit as it is planned now; only a plain wait ends so."""
    row = queries.find_latest_answers(scope, consent.id)
    nobody_decided = newest_of(hold, hold_queries.list_decisions(scope, consent.id)) is None
    is_plain = hold.origin == HoldOrigin.ANSWERS and hold.answers_id == (row.id if row else None)
    if row is None or not (nobody_decided and is_plain) or consent.state != ConsentState.HELD:
        return False
    ground = ground_of(scope, get_plan_version(scope, consent.plan_version_id))
    answers = read_answers(scope, consent, row)
    try:
        outcome = screen(scope, ground, answers)
    except AnswersNotUsable:
        return False
    if not outcome.may_sign:
        return False
    add_version(scope, consent, answers, outcome, Origin(AnswersSource.REJUDGED))
    hold.closed_at = now()
    scope.session.flush()
    clear(scope, consent)
    return True
