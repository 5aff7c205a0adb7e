"""Holds and the decisions about them, for programs of the clinic."""

import uuid
from typing import Any

from flask_smorest import Blueprint

from app import audit
from app.audit.places import read_place, write_place
from app.auth.guards import guard, require_step_up
from app.auth.permissions import Permission
from app.consent import queries
from app.consent.holds import queries as hold_queries
from app.consent.holds.decided import read_decision
from app.consent.holds.decision import Limits
from app.consent.holds.findings import findings_of
from app.consent.holds.models import DecisionKind, Hold, HoldDecision, HoldOrigin, OutsideReview
from app.consent.holds.schemas import (
    HoldDecisionRequest,
    HoldDecisionResponse,
    HoldEvidenceRequest,
    HoldEvidenceResponse,
    HoldLineResponse,
    HoldResponse,
    OutsideRequest,
    OutsideResponse,
    PauseRequest,
    SecondRequest,
)
from app.consent.holds.services.ask_outside import ask_outside, cancel_review
from app.consent.holds.services.decide_hold import Wish, decide_hold
from app.consent.holds.services.enter_evidence import Evidence, enter_evidence
from app.consent.holds.services.second_person import agree_as_staff
from app.consent.holds.view import age_in_words
from app.consent.models import Consent
from app.consent.screening.models import ConsentAnswers
from app.consent.services.pause_consent import Finding, pause_plan
from app.database import TenantScope
from app.idempotency import idempotent
from app.kit.clock import now
from app.schemas import PageQuery

bp = Blueprint(
    "holds", __name__, url_prefix="/api/v1/clinics/<uuid:clinic_id>/holds", description="Holds"
)


@bp.get("")
@guard(Permission.CONSENT_STATUS)
@bp.arguments(PageQuery, location="query")
@bp.response(200, HoldLineResponse(many=True))
def list_open(scope: TenantScope, asked: dict[str, str]) -> list[dict[str, Any]]:
    """List the open holds, the oldest first, 100 at most; never an answer.

    ``after`` is the ``place`` of the last line of the page before.
    """
    found = hold_queries.list_open_holds(scope, after=read_place(asked["after"]))
    return [_line(one.hold, one.consent) for one in found]


@bp.post("")
@guard(Permission.HOLD_DECIDE)
@idempotent
@bp.arguments(PauseRequest)
@bp.response(201, HoldLineResponse)
def pause(scope: TenantScope, wanted: dict[str, Any]) -> dict[str, Any]:
    """Stop a plan that was consented to: its grants close at once, until somebody decides."""
    origin = HoldOrigin(wanted["origin"])
    hold = pause_plan(scope, plan_id=wanted["plan_id"], finding=Finding(origin, wanted["reason"]))
    return _line(hold, queries.get_consent(scope, hold.consent_id))


@bp.get("/<uuid:hold_id>")
@guard(Permission.HOLD_DECIDE)
@bp.response(200, HoldResponse)
def get(scope: TenantScope, hold_id: uuid.UUID) -> dict[str, Any]:
    """Return a hold with the rules that fired and the decisions about it."""
    hold = hold_queries.get_hold(scope, hold_id)
    consent = queries.get_consent(scope, hold.consent_id)
    audit.record(scope, "consent:hold:read", subject_id=hold.id, patient_id=consent.patient_id)
    findings = findings_of(scope, consent, hold)
    latest = queries.find_latest_answers(scope, consent.id)
    barred, lacking = findings.barred, findings.lacking_evidence
    return {
        "id": hold.id,
        "consent_id": consent.id,
        "origin": hold.origin,
        "opened_at": hold.opened_at,
        "waits_until": hold.waits_until,
        "closed_at": hold.closed_at,
        "is_after_signing": hold.is_after_signing,
        "answers_number": latest.number if latest else 0,
        "may_be_safe": findings.may_be_safe,
        "needs_second": findings.needs_second,
        "rules": [
            {
                **one,
                "is_barred": one in barred,
                "lacks_evidence": one in lacking,
                "unproved": findings.unproved.get(one["rule_id"], ()) if one in lacking else (),
            }
            for one in findings.fired
        ],
        "decisions": [
            _decision(scope, one)
            for one in hold_queries.list_decisions(scope, consent.id)
            if one.hold_id == hold.id
        ],
    }


@bp.post("/<uuid:hold_id>/decisions")
@guard(Permission.HOLD_DECIDE)
@idempotent
@bp.arguments(HoldDecisionRequest)
@bp.response(201, HoldDecisionResponse)
def decide(scope: TenantScope, wanted: dict[str, Any], hold_id: uuid.UUID) -> dict[str, Any]:
    """Decide about a hold; lifting a block asks for a fresh second factor first."""
    hold = hold_queries.get_hold(scope, hold_id)
    consent = queries.get_consent(scope, hold.consent_id)
    kind = DecisionKind(wanted.pop("kind"))
    if kind is DecisionKind.SAFE and findings_of(scope, consent, hold).needs_second:
        require_step_up()
    limits = Limits(
        wanted.pop("depths"),
        tuple(wanted.pop("left_out")),
        wanted.pop("prophylaxis"),
        tuple(wanted.pop("without")),
    )
    row = decide_hold(scope, hold_id=hold_id, wish=Wish(kind=kind, limits=limits, **wanted))
    return _decision(scope, row)


@bp.post("/<uuid:hold_id>/evidence")
@guard(Permission.HOLD_DECIDE)
@idempotent
@bp.arguments(HoldEvidenceRequest)
@bp.response(201, HoldEvidenceResponse)
def add_evidence(scope: TenantScope, wanted: dict[str, Any], hold_id: uuid.UUID) -> ConsentAnswers:
    """Enter evidence for an answer, as a new version of the answers."""
    return enter_evidence(scope, hold_id=hold_id, evidence=Evidence(**wanted))


@bp.post("/<uuid:hold_id>/second")
@guard(Permission.HOLD_DECIDE, step_up=True)
@idempotent
@bp.arguments(SecondRequest)
@bp.response(201, HoldDecisionResponse)
def agree(scope: TenantScope, wanted: dict[str, Any], hold_id: uuid.UUID) -> dict[str, Any]:
    """Record the second person's word on the decision with a number."""
    said = agree_as_staff(scope, hold_id=hold_id, **wanted)
    return _decision(scope, hold_queries.get_decision(scope, said.decision_id))


@bp.post("/<uuid:hold_id>/outside")
@guard(Permission.HOLD_DECIDE, step_up=True)
@idempotent
@bp.arguments(OutsideRequest)
@bp.response(201, OutsideResponse)
def ask(scope: TenantScope, wanted: dict[str, Any], hold_id: uuid.UUID) -> OutsideReview:
    """Ask a clinician outside for the second word; the link goes to that address alone."""
    return ask_outside(scope, hold_id=hold_id, **wanted)


@bp.delete("/<uuid:hold_id>/outside")
@guard(Permission.HOLD_DECIDE)
@bp.response(204)
def cancel(scope: TenantScope, hold_id: uuid.UUID) -> None:
    """Take back what was asked outside."""
    cancel_review(scope, hold_id=hold_id)


def _line(hold: Hold, consent: Consent) -> dict[str, Any]:
    return {
        **{name: getattr(hold, name) for name in ("id", "consent_id", "opened_at")},
        "patient_id": consent.patient_id,
        "location_id": consent.location_id,
        "is_after_signing": hold.is_after_signing,
        "waits_until": hold.waits_until,
        "age": age_in_words(hold.opened_at, now()),
        "place": write_place((hold.opened_at, hold.id)),
    }


def _decision(scope: TenantScope, row: HoldDecision) -> dict[str, Any]:
    consent = queries.get_consent(scope, row.consent_id)
    decided = read_decision(scope, consent, row)
    limits = decided.terms.limits
    return {
        **{
            name: getattr(row, name)
            for name in ("id", "number", "kind", "delay_until", "expires_on", "needs_second")
        },
        "decided_at": row.decided_at,
        "decided_by": row.decided_by,
        "reason": decided.reason,
        "depths": limits.depths,
        "left_out": limits.left_out,
        "prophylaxis": limits.prophylaxis,
        "without": limits.without,
        "lifted": [one.rule for one in (*decided.terms.overrides, *decided.terms.shortened)],
        "second": None
        if decided.second is None
        else {"name": decided.second.name, "agrees": decided.second.agrees},
        "consent_state": consent.state,
    }
