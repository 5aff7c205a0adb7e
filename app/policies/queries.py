"""Questions to the policies: what holds at a location on a day."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select

from app.catalogue.loader import find_jurisdiction
from app.catalogue.queries import get_catalogue
from app.database import TenantScope
from app.kit.clock import today_in
from app.policies.definitions import POLICIES
from app.policies.errors import PolicyUnknown
from app.policies.holding import Holding, PlacePolicies
from app.policies.models import PolicyDecision
from app.policies.policy import Policy
from app.tenants.models import Location


def get_policies(
    scope: TenantScope, location: Location, *, on: date | None = None
) -> PlacePolicies:
    """Return every policy at a location on a day, today at the location unless told otherwise."""
    return get_policies_of_place(scope, location.jurisdiction, on=on or today_in(location.zone))


def get_policies_of_place(scope: TenantScope, jurisdiction: str, *, on: date) -> PlacePolicies:
    """Return every policy of a jurisdiction on a day."""
    place = find_jurisdiction(get_catalogue(scope), jurisdiction)
    return PlacePolicies(place, list_decisions(scope, jurisdiction), on)


def get_policy(
    scope: TenantScope, location: Location, policy: str, *, on: date | None = None
) -> Holding:
    """Return the value of one policy at a location on a day, and on which basis."""
    return get_policies(scope, location, on=on).holding(policy)


def get_definition(policy: str) -> Policy:
    """Return a policy by its name; raises PolicyUnknown."""
    if policy not in POLICIES:
        raise PolicyUnknown("There is no such policy.")
    return POLICIES[policy]


def list_decisions(scope: TenantScope, jurisdiction: str) -> Sequence[PolicyDecision]:
    """Return the clinic's decisions for a jurisdiction, the oldest first."""
    statement = (
        select(PolicyDecision)
        .where(
            PolicyDecision.tenant_id == scope.tenant_id,
            PolicyDecision.jurisdiction == jurisdiction,
        )
        .order_by(PolicyDecision.policy, PolicyDecision.number)
    )
    return scope.session.scalars(statement).all()


def count_decisions(scope: TenantScope, jurisdiction: str, policy: str) -> int:
    """Return how often a policy was decided."""
    statement = select(func.count()).where(
        PolicyDecision.tenant_id == scope.tenant_id,
        PolicyDecision.jurisdiction == jurisdiction,
        PolicyDecision.policy == policy,
    )
    return scope.session.execute(statement).scalar_one()
