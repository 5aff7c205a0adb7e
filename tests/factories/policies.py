"""What a clinic decides about a policy of its place, for tests."""

from datetime import date

from app.kit.clock import today_in
from app.policies.policy import Value
from app.policies.queries import count_decisions
from app.policies.services.decide_policy import NewDecision, decide_policy
from app.tenants.queries import get_location
from tests.factories.tenants import MadeClinic


def decide(
    clinic: MadeClinic,
    policy: str,
    value: Value,
    *,
    basis: str = "clinic",
    source: str = "",
    on: date | None = None,
) -> None:
    """Decide a policy at the clinic's own location, from today there unless told otherwise."""
    with clinic.scope() as scope:
        place = get_location(scope, clinic.location_id)
        wanted = NewDecision(
            jurisdiction=place.jurisdiction,
            policy=policy,
            value=value,
            basis=basis,
            verified=basis != "clinic",
            source=source,
            reason="Decided for a test.",
            in_force_from=on or today_in(place.zone),
            after=count_decisions(scope, place.jurisdiction, policy),
        )
        decide_policy(scope, wanted)
