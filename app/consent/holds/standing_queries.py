"""Questions about the clinic's standing decisions."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from app.consent.holds.standing_models import StandingDecision
from app.consent.holds.standing_rules import Standing
from app.database import TenantScope


def list_standing(scope: TenantScope) -> Sequence[StandingDecision]:
    """Return every version of every standing decision, by rule and in order."""
    statement = (
        select(StandingDecision)
        .where(StandingDecision.tenant_id == scope.tenant_id)
        .order_by(StandingDecision.rule_id, StandingDecision.number)
    )
    return scope.session.scalars(statement).all()


def map_active(scope: TenantScope) -> Mapping[str, Standing]:
    """Return the standing decisions that count now, by rule."""
    newest = {one.rule_id: one for one in list_standing(scope)}
    return {name: value_of(one) for name, one in newest.items() if one.is_active}


def value_of(row: StandingDecision) -> Standing:
    """Return a stored standing decision as the value that screening takes."""
    return Standing(
        row.rule_id,
        row.patient,
        row.confirm,
        row.basis,
        row.risk_id,
        row.max_depth_um,
        tuple(row.without),
        row.number,
    )
