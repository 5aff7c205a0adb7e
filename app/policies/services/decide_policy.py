"""A clinic approves what ships, or sets a value of its own; every decision stays readable."""

from dataclasses import dataclass
from datetime import date

from app import audit
from app.database import TenantScope
from app.errors import Forbidden, Invalid, Stale
from app.kit.clock import now
from app.kit.ids import new_id
from app.policies import queries
from app.policies.errors import PolicyLaxer
from app.policies.models import BASES, PolicyDecision
from app.policies.policy import Policy, Value


@dataclass(frozen=True)
class NewDecision:
    """What is decided, and from which day. ``after`` is the newest number that was read.

    ``verified`` says that somebody with the knowledge has confirmed the source.
    """

    jurisdiction: str
    policy: str
    value: Value
    basis: str
    verified: bool
    source: str
    reason: str
    in_force_from: date
    after: int


def decide_policy(scope: TenantScope, wanted: NewDecision) -> PolicyDecision:
    """Record a decision as the policy's next version.

    Raises PolicyUnknown, Invalid, PolicyLaxer where verified law asks for more on that day, and
    Stale where somebody else decided since ``after`` was read.
    """
    policy = queries.get_definition(wanted.policy)
    _check(policy, wanted)
    if scope.actor.kind != "staff" or scope.actor.id is None:
        raise Forbidden("Only a member of staff decides a policy.")
    number = queries.count_decisions(scope, wanted.jurisdiction, wanted.policy)
    if number != wanted.after:
        raise Stale("Somebody else has decided this in the meantime. Read it again.")
    _refuse_laxer(scope, policy, wanted)
    value = list(wanted.value) if isinstance(wanted.value, tuple) else wanted.value
    decision = PolicyDecision(
        tenant_id=scope.tenant_id,
        id=new_id(),
        jurisdiction=wanted.jurisdiction,
        policy=policy.id,
        number=number + 1,
        value={"value": value},
        basis=wanted.basis,
        in_force_from=wanted.in_force_from,
        verified=wanted.verified,
        source=wanted.source.strip(),
        reason=wanted.reason.strip(),
        decided_by=scope.actor.id,
        decided_at=now(),
    )
    scope.session.add(decision)
    audit.record(
        scope,
        "policies:policy:decide",
        subject_id=decision.id,
        policy=policy.id,
        jurisdiction=wanted.jurisdiction,
        number=decision.number,
    )
    return decision


def _check(policy: Policy, wanted: NewDecision) -> None:
    wrong: dict[str, str] = {}
    if not policy.fits(wanted.value):
        wrong["value"] = (
            f"Enter a whole number from {policy.low} to {policy.high}."
            if policy.kind == "number"
            else "Choose from the values that this policy has."
        )
    if wanted.basis not in BASES:
        wrong["basis"] = "Choose law, guidance or the clinic's own policy."
    if wanted.basis != "clinic" and not wanted.source.strip():
        wrong["source"] = "Name the source, for example the Act with its section."
    if not wanted.reason.strip():
        wrong["reason"] = "Say why, for whoever reads this in some years."
    if wrong:
        raise Invalid(next(iter(wrong.values())), fields=wrong)


def _refuse_laxer(scope: TenantScope, policy: Policy, wanted: NewDecision) -> None:
    """Law that somebody verified is a floor; only other verified law replaces it."""
    if wanted.basis == "law" and wanted.verified:
        return
    held = queries.get_policies_of_place(scope, wanted.jurisdiction, on=wanted.in_force_from)
    law = held.floor(policy.id)
    if law is not None and policy.is_laxer(wanted.value, law.value):
        told = f"This asks for less than the law does. {law.quote()}"
        raise PolicyLaxer(told, fields={"value": told})
