"""The second person agrees to lift a block, or does not. Their word is given once.

It is bound to one decision about one version of one consent's answers: nothing of it carries over.
"""

import uuid

from app import audit
from app.consent import queries
from app.consent.ciphers import close_text
from app.consent.consent_facts import ground_of
from app.consent.errors import DecisionRefused, HoldMoved, NotEligible, SecondPersonRefused
from app.consent.holds import queries as hold_queries
from app.consent.holds.decided import narrowed, newest_of, read_decision
from app.consent.holds.decision import LONGEST_REASON, SHORTEST_OVERRIDE
from app.consent.holds.models import Hold, HoldAgreement, HoldDecision
from app.consent.holds.other_person import Traces, same_person, traces_of_staff
from app.consent.holds.services.apply_decision import apply_decision
from app.consent.holds.services.decide_hold import lock_hold, may_decide
from app.consent.models import Consent
from app.database import TenantScope
from app.kit.clock import now
from app.kit.ids import new_id
from app.plans.queries import get_plan_version


def agree_as_staff(
    scope: TenantScope, *, hold_id: uuid.UUID, number: int, agrees: bool, reason: str
) -> HoldAgreement:
    """Record the word of a second member of staff about the decision with a number.

    Raises HoldUnknown, HoldMoved, SecondPersonRefused, NotEligible or DecisionRefused.
    """
    consent, hold, decision = lock_pending(scope, hold_id, number)
    staff_id = scope.actor.id
    if scope.actor.kind != "staff" or staff_id is None:
        raise NotEligible("Only a clinician is a second person.")
    require_other(scope, decision, traces_of_staff(scope, staff_id))
    ground = ground_of(scope, get_plan_version(scope, consent.plan_version_id))
    as_decided = narrowed(ground, [read_decision(scope, consent, decision)])
    answer = may_decide(scope, staff_id=staff_id, ground=as_decided)
    if not answer.allowed or answer.qualification_id is None:
        raise NotEligible(answer.reason)
    said = HoldAgreement(
        tenant_id=scope.tenant_id,
        id=new_id(),
        decision_id=decision.id,
        staff_id=staff_id,
        qualification_id=answer.qualification_id,
        agrees=agrees,
        said_at=now(),
    )
    record_word(scope, consent, hold, decision, said, reason)
    return said


def lock_pending(
    scope: TenantScope, hold_id: uuid.UUID, number: int
) -> tuple[Consent, Hold, HoldDecision]:
    """Return the decision that waits for a second person, its consent locked; raises HoldMoved."""
    consent, hold = lock_hold(scope, hold_id)
    newest = newest_of(hold, hold_queries.list_decisions(scope, consent.id))
    if newest is None or newest.number != number or not newest.needs_second:
        raise HoldMoved("There is nothing here now that a second person could agree to.")
    if hold_queries.find_agreement(scope, newest.id) is not None:
        raise HoldMoved("A second person has said their word already.")
    latest = queries.find_latest_answers(scope, consent.id)
    if latest is not None and latest.id != newest.answers_id:
        raise HoldMoved("There are newer answers. Somebody has to decide anew.")
    return consent, hold, newest


def require_other(scope: TenantScope, decision: HoldDecision, second: Traces) -> None:
    """Raise SecondPersonRefused where the second person looks like the first."""
    told = same_person(traces_of_staff(scope, decision.decided_by), second)
    if told:
        raise SecondPersonRefused(told)


def record_word(
    scope: TenantScope,
    consent: Consent,
    hold: Hold,
    decision: HoldDecision,
    said: HoldAgreement,
    reason: str,
) -> None:
    """Keep a second person's word and let a yes take effect; raises DecisionRefused."""
    reason = reason.strip()
    if not SHORTEST_OVERRIDE <= len(reason) <= LONGEST_REASON:
        told = f"Give your own reason in {SHORTEST_OVERRIDE} to {LONGEST_REASON} characters."
        raise DecisionRefused(told, fields={"second_reason": told})
    said.reason_cipher = close_text(
        scope, consent.patient_id, "hold_agreement.reason", said.id, reason
    )
    scope.session.add(said)
    audit.record(
        scope,
        "consent:hold:second",
        subject_id=hold.id,
        patient_id=consent.patient_id,
        consent_id=consent.id,
        number=decision.number,
        agrees=said.agrees,
        review_id=said.outside_review_id,
    )
    scope.session.flush()
    if said.agrees:
        apply_decision(scope, consent, hold, decision)
