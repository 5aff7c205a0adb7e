"""The clinic's medical lead approves a standing decision as a new version, or ends one."""

from dataclasses import dataclass

from app import audit
from app.catalogue.queries import get_catalogue
from app.consent.errors import CannotLift, DecisionRefused, NotEligible
from app.consent.holds.decision import NO_ANAESTHETIC, NO_PRILOCAINE
from app.consent.holds.standing_models import StandingDecision
from app.consent.holds.standing_queries import list_standing
from app.consent.holds.standing_rules import Standing, may_stand
from app.database import TenantScope
from app.errors import Stale
from app.kit.clock import earliest_today, now
from app.kit.ids import new_id
from app.tenants.queries import list_locations, list_qualifications

LONGEST_TEXT = 1000


@dataclass(frozen=True)
class NewStanding:
    """What is approved, or ended (``is_active`` False); ``after`` is the number that was read."""

    standing: Standing
    after: int
    is_active: bool = True


def decide_standing(scope: TenantScope, wanted: NewStanding) -> StandingDecision:
    """Record a version; raises CannotLift, NotEligible, Stale or DecisionRefused."""
    rule = get_catalogue(scope).rule.get(wanted.standing.rule_id)
    if rule is None or not may_stand(rule):
        raise CannotLift("No standing decision may be made about this rule.", rules=[])
    staff_id = scope.actor.id
    if scope.actor.kind != "staff" or staff_id is None or not _is_clinician(scope):
        raise NotEligible("Whoever approves this needs a registration that is in date.")
    number = sum(1 for one in list_standing(scope) if one.rule_id == rule.id)
    if number != wanted.after:
        raise Stale("Somebody else has decided this in the meantime. Read it again.")
    checked = wanted.standing
    _check(scope, checked)
    row = StandingDecision(
        tenant_id=scope.tenant_id,
        id=new_id(),
        rule_id=rule.id,
        number=number + 1,
        is_active=wanted.is_active,
        patient=checked.patient.strip(),
        confirm=checked.confirm.strip(),
        risk_id=checked.risk_id,
        max_depth_um=checked.max_depth_um,
        without=list(checked.without),
        basis=checked.basis.strip(),
        decided_by=staff_id,
        decided_at=now(),
    )
    scope.session.add(row)
    audit.record(
        scope,
        "consent:standing:decide",
        subject_id=row.id,
        rule=rule.id,
        number=row.number,
        is_active=row.is_active,
    )
    return row


def _is_clinician(scope: TenantScope) -> bool:
    if scope.actor.id is None:
        return False
    today = earliest_today(one.zone for one in list_locations(scope))
    held = list_qualifications(scope, scope.actor.id)
    return any(one.expires_on >= today for one in held)


def _check(scope: TenantScope, standing: Standing) -> None:
    wrong: dict[str, str] = {}
    texts = (
        ("patient", standing.patient),
        ("confirm", standing.confirm),
        ("basis", standing.basis),
    )
    for field, text in texts:
        if not 10 <= len(text.strip()) <= LONGEST_TEXT:
            wrong[field] = f"Write 10 to {LONGEST_TEXT} characters."
    if standing.risk_id is not None and standing.risk_id not in get_catalogue(scope).risk:
        wrong["risk_id"] = "Choose a risk of the catalogue."
    if standing.max_depth_um is not None and not 0 < standing.max_depth_um <= 8000:
        wrong["max_depth"] = "Enter a depth up to 8 mm, or leave it empty."
    if set(standing.without) - {NO_ANAESTHETIC, NO_PRILOCAINE}:
        wrong["without"] = "Choose from what can be left out."
    if wrong:
        raise DecisionRefused(next(iter(wrong.values())), fields=wrong)
