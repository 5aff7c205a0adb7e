"""A clinician decides about a hold: safe, not safe, or not before a day.

The decision is bound to the answers that were read, narrows the plan and never widens it. Where it
lifts a block it takes effect only when a second person agrees.
"""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from app import audit
from app.consent import queries
from app.consent.ciphers import close_text
from app.consent.consent_facts import Ground, ground_of, work_of
from app.consent.errors import CannotLift, DecisionRefused, HoldMoved, NotEligible
from app.consent.holds import queries as hold_queries
from app.consent.holds.decision import (
    LONGEST_REASON,
    Covered,
    Findings,
    Lifted,
    Limits,
    Terms,
    narrow,
    shortest_reason,
    terms_as_json,
    wrong_limits,
)
from app.consent.holds.findings import findings_of, own_answers
from app.consent.holds.models import DecisionKind, Hold, HoldDecision
from app.consent.holds.services.apply_decision import apply_decision
from app.consent.models import Consent
from app.database import TenantScope
from app.kit.clock import now
from app.kit.ids import new_id
from app.patients.services.limit_use import require_unrestricted
from app.plans.queries import get_plan_version
from app.policies.may_perform import Answer, may_perform


@dataclass(frozen=True)
class Wish:
    """What a clinician wants to decide.

    ``answers_number`` is the version of answers that they read, 0 where there is none. ``lifts``
    names the rules that they lift or shorten, each by itself.
    """

    kind: DecisionKind
    reason: str
    answers_number: int
    limits: Limits
    lifts: Collection[str] = ()
    delay_until: date | None = None
    expires_on: date | None = None
    next_step: str = ""


def decide_hold(scope: TenantScope, *, hold_id: uuid.UUID, wish: Wish) -> HoldDecision:
    """Record a decision; it takes effect at once, or with the second person's yes.

    Raises HoldUnknown, HoldMoved, NotEligible, CannotLift or DecisionRefused.
    """
    consent, hold = lock_hold(scope, hold_id)
    require_unrestricted(scope, consent.patient_id)
    latest = queries.find_latest_answers(scope, consent.id)
    if wish.answers_number != (latest.number if latest else 0):
        raise HoldMoved("There are newer answers. Please read them first.")
    ground = ground_of(scope, get_plan_version(scope, consent.plan_version_id))
    findings = findings_of(scope, consent, hold)
    wish = _completed(wish, findings, ground)
    _check(wish, findings, ground)
    qualification_id = require_decider(scope, ground, wish)
    row = _row(scope, consent, hold, wish, _terms(scope, consent, hold, wish, findings))
    row.answers_id = latest.id if latest else None
    row.qualification_id = qualification_id
    row.needs_second = wish.kind is DecisionKind.SAFE and findings.needs_second
    scope.session.add(row)
    audit.record(
        scope,
        "consent:hold:decide",
        subject_id=hold.id,
        patient_id=consent.patient_id,
        consent_id=consent.id,
        kind=row.kind,
        number=row.number,
        needs_second=row.needs_second,
    )
    if row.needs_second:
        hold.waits_until = None
    else:
        apply_decision(scope, consent, hold, row)
    return row


def lock_hold(scope: TenantScope, hold_id: uuid.UUID) -> tuple[Consent, Hold]:
    """Return an open hold and its consent, locked; raises HoldUnknown or HoldMoved."""
    hold = hold_queries.get_hold(scope, hold_id)
    consent = queries.get_consent_for_update(scope, hold.consent_id)
    scope.session.refresh(hold)
    if hold.closed_at is not None or consent.state not in hold_queries.ON_HOLD:
        raise HoldMoved("This hold is not open any more.")
    return consent, hold


def may_decide(scope: TenantScope, *, staff_id: uuid.UUID, ground: Ground) -> Answer:
    """Return whether somebody may decide about this plan: whoever may do it, now and there."""
    return may_perform(
        scope,
        staff_id=staff_id,
        location_id=ground.location.id,
        work=work_of(ground.version, ground.facts),
    )


def require_decider(scope: TenantScope, ground: Ground, wish: Wish) -> uuid.UUID:
    """Return the qualification of whoever decides; raises NotEligible."""
    staff_id = scope.actor.id
    if scope.actor.kind != "staff" or staff_id is None:
        raise NotEligible("Only a clinician decides about a hold.")
    facts = narrow(ground.facts, wish.limits)
    answer = may_decide(scope, staff_id=staff_id, ground=replace(ground, facts=facts))
    if not answer.allowed or answer.qualification_id is None:
        raise NotEligible(answer.reason)
    return answer.qualification_id


def _completed(wish: Wish, findings: Findings, ground: Ground) -> Wish:
    """Add what the rules replace: nobody has to think of it, and nobody can leave it out."""
    named = (one["substitute"] for one in findings.fired if one["substitute"])
    without = tuple(dict.fromkeys((*wish.limits.without, *named)))
    depths = {
        area: um for area, um in wish.limits.depths.items() if um != ground.facts.areas.get(area)
    }
    limits = replace(wish.limits, depths=depths, without=without)
    return replace(wish, limits=limits, reason=wish.reason.strip())


def _check(wish: Wish, findings: Findings, ground: Ground) -> None:
    wrong = wrong_limits(ground.facts, wish.limits)
    shortest = shortest_reason(wish.kind, findings)
    if not shortest <= len(wish.reason) <= LONGEST_REASON:
        wrong["reason"] = f"Give your reason in {shortest} to {LONGEST_REASON} characters."
    if wish.expires_on is not None and wish.expires_on < ground.today:
        wrong["expires_on"] = "This day is over."
    if wish.kind is DecisionKind.SAFE:
        _check_lifts(wish, findings, wrong)
    if wish.kind is DecisionKind.DELAY:
        wrong |= _wrong_delay(wish, findings, ground)
    if wrong:
        raise DecisionRefused(next(iter(wrong.values())), fields=wrong)


def _check_lifts(wish: Wish, findings: Findings, wrong: dict[str, str]) -> None:
    if not findings.may_be_safe:
        stuck = (*findings.barred, *findings.lacking_evidence, *findings.waiting)
        raise CannotLift(
            "No decision lifts this. Decide that it is not safe, or delay it.",
            rules=[str(one["rule_id"]) for one in stuck],
        )
    for one in (*findings.overridable, *findings.shortenable):
        if one["rule_id"] not in wish.lifts:
            wrong[f"lift_{one['rule_id']}"] = "Tick this to lift it, or decide otherwise."


def _wrong_delay(wish: Wish, findings: Findings, ground: Ground) -> dict[str, str]:
    day, earliest = wish.delay_until, findings.earliest
    if day is None or day <= ground.today:
        return {"delay_until": "Enter a day after today."}
    if earliest is not None and day < earliest:
        text = f"A rule asks to wait until {earliest.day} {earliest:%B %Y} at least."
        return {"delay_until": text}
    if wish.expires_on is not None and wish.expires_on < day:
        return {"expires_on": "This is before the day until which it is delayed."}
    return {
        f"lift_{one['rule_id']}": "Tick this to make the wait shorter, or name a later day."
        for one in _shorter(findings, day)
        if one["rule_id"] not in wish.lifts
    }


def _shorter(findings: Findings, day: date | None) -> tuple[Mapping[str, Any], ...]:
    """Return the waits that end after the day of a delay, so that it makes them shorter."""
    return tuple(
        one
        for one in findings.shortenable
        if day is not None
        and one["earliest_date"] is not None
        and day < date.fromisoformat(one["earliest_date"])
    )


def _terms(
    scope: TenantScope, consent: Consent, hold: Hold, wish: Wish, findings: Findings
) -> Terms:
    lifts = wish.kind is DecisionKind.SAFE
    shorter = findings.shortenable if lifts else _shorter(findings, wish.delay_until)
    given = own_answers(scope, consent, hold)
    return Terms(
        limits=wish.limits,
        overrides=tuple(_lifted(one) for one in findings.overridable) if lifts else (),
        shortened=tuple(_lifted(one) for one in shorter),
        covered=tuple(
            Covered(one["rule_id"], one["action"], given(one["rule_id"])) for one in findings.fired
        ),
        asks_again=wish.kind is DecisionKind.DELAY and findings.asks_again,
        next_step=wish.next_step.strip(),
    )


def _lifted(rule: Mapping[str, Any]) -> Lifted:
    return Lifted(
        rule["rule_id"],
        rule["clinician"],
        rule["override_needs"] or "",
        rule["earliest_date"] or "",
    )


def _row(
    scope: TenantScope, consent: Consent, hold: Hold, wish: Wish, terms: Terms
) -> HoldDecision:
    row_id = new_id()

    def close(column: str, text: str) -> bytes:
        return close_text(scope, consent.patient_id, f"hold_decision.{column}", row_id, text)

    return HoldDecision(
        tenant_id=scope.tenant_id,
        id=row_id,
        hold_id=hold.id,
        consent_id=consent.id,
        number=len(hold_queries.list_decisions(scope, consent.id)) + 1,
        kind=wish.kind.value,
        reason_cipher=close("reason", wish.reason),
        terms_cipher=close("terms", terms_as_json(terms)),
        delay_until=wish.delay_until if wish.kind is DecisionKind.DELAY else None,
        expires_on=wish.expires_on,
        decided_by=scope.actor.id,
        decided_at=now(),
    )
