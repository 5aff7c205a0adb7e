"""The clinic stops a plan that was consented to: its grants close at once, until somebody decides.

Stopping asks for no qualification, so that whoever sees a reason can act on it. What was treated
before stays as it was. Only a decision opens anything again, by the attestation that there is.
"""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app import audit
from app.catalogue.rules import Action
from app.consent import queries
from app.consent.ciphers import close_text
from app.consent.errors import ConsentMoved, DecisionRefused
from app.consent.holds.decision import LONGEST_REASON, SHORTEST_REASON
from app.consent.holds.models import Hold, HoldOrigin
from app.consent.models import Consent, ConsentState
from app.consent.purposes import rules_of
from app.consent.screening.outcome import ScreeningOutcome
from app.consent.services.open_grants import close_grants
from app.database import TenantScope
from app.kit.clock import now
from app.kit.ids import new_id
from app.plans.services.want_new_talk import want_new_talk

IN_FORCE = (ConsentState.SIGNED, ConsentState.ACTIVE)
BY_CLINIC = (HoldOrigin.CLINIC, HoldOrigin.INCIDENT, HoldOrigin.ACUTE_CHECK)
REVIEW = Action.REVIEW.strength
NEWER_FORM = "The patient answered the questions of a newer form. Look at that form's hold as well."


@dataclass(frozen=True)
class Finding:
    """Why the clinic stops: in words, and the rules with the answers that it was about, if any.

    ``newer`` is the other form to which those answers were given, if it was another one.
    """

    origin: HoldOrigin
    reason: str
    fired: Sequence[Mapping[str, Any]] = ()
    answers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    newer: uuid.UUID | None = None


def pause_plan(scope: TenantScope, *, plan_id: uuid.UUID, finding: Finding) -> Hold:
    """Stop every consent of a plan that is signed or in force; return the newest one's hold.

    After an incident a new talk is wanted, whether or not there was anything to stop.

    Raises DecisionRefused without a reason, and ConsentMoved where nothing is in force.
    """
    reason = finding.reason.strip()
    if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON:
        told = f"Say why in {SHORTEST_REASON} to {LONGEST_REASON} characters."
        raise DecisionRefused(told, fields={"reason": told})
    if finding.origin is HoldOrigin.INCIDENT:
        want_new_talk(scope, plan_id=plan_id)
    holds = _pause_all(scope, plan_id, finding, reason)
    if not holds:
        raise ConsentMoved("There is no consent in force that could be stopped.")
    return holds[-1]


def stop_for_answers(
    scope: TenantScope,
    newer: Consent,
    outcome: ScreeningOutcome,
    answers: Mapping[str, Mapping[str, Any]],
) -> None:
    """Stop what a plan allows already, because of answers to a newer form of it.

    What a person answers today counts for the treatment that is under way as well. The caller
    holds the locks of ``queries.lock_with_alike``.
    """
    fired = [one.as_dict() for one in outcome.fired if one.action.strength >= REVIEW]
    finding = Finding(HoldOrigin.ANSWERS, NEWER_FORM, fired, answers, newer=newer.id)
    _pause_all(scope, newer.plan_id, finding, NEWER_FORM)


def _pause_all(scope: TenantScope, plan_id: uuid.UUID, finding: Finding, reason: str) -> list[Hold]:
    found = queries.list_consents_for_update(scope, plan_id, IN_FORCE)
    treating = [one for one in found if rules_of(one.purpose).grants]
    return [_pause(scope, consent, finding, reason) for consent in treating]


def _pause(scope: TenantScope, consent: Consent, finding: Finding, reason: str) -> Hold:
    close_grants(scope, consent.id)
    hold_id = new_id()
    told: dict[str, Any] = {
        "reason": reason,
        "fired": list(finding.fired),
        "answers": dict(finding.answers),
    }
    if finding.newer is not None:
        told["newer"] = str(finding.newer)
    strongest = max((Action(one["action"]).strength for one in finding.fired), default=0)
    hold = Hold(
        tenant_id=scope.tenant_id,
        id=hold_id,
        consent_id=consent.id,
        outcome=next(
            (one["action"] for one in finding.fired if Action(one["action"]).strength == strongest),
            Action.REVIEW.value,
        ),
        origin=finding.origin.value,
        is_after_signing=True,
        found_cipher=close_text(
            scope,
            consent.patient_id,
            "hold.found",
            hold_id,
            json.dumps(told, ensure_ascii=False),
        ),
        opened_at=now(),
        opened_by=scope.actor.id if scope.actor.kind == "staff" else None,
    )
    scope.session.add(hold)
    consent.state = ConsentState.PAUSED
    consent.version += 1
    audit.record(
        scope,
        "consent:hold:open",
        subject_id=hold.id,
        patient_id=consent.patient_id,
        consent_id=consent.id,
        origin=finding.origin.value,
    )
    return hold
