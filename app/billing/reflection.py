"""While the days between talk and consent run, nothing is asked for and nothing is taken.

What was paid before stays as it is, and no treatment waits for money: this holds back payments
that have not begun. The days are those of the place where the package was sold, counted from the
talk about the person's newest plan for the same procedure.
"""

from app.billing.models import Purchase
from app.database import TenantScope
from app.kit.clock import day_in, today_in
from app.patients.person import person_ids
from app.plans.queries import find_discussion, find_newest_version_for
from app.policies.errors import MoneyWaits
from app.policies.patient_rules import require_money_may_come
from app.policies.queries import get_policies
from app.tenants.queries import get_location


def require_reflection_over(scope: TenantScope, purchase: Purchase) -> None:
    """Raise MoneyWaits, which quotes the place's rule and names the first day to pay."""
    location = get_location(scope, purchase.location_id)
    people = person_ids(scope, purchase.patient_id)
    version = find_newest_version_for(scope, people, purchase.procedure_id)
    talk = None if version is None else find_discussion(scope, version.id)
    require_money_may_come(
        get_policies(scope, location),
        None if talk is None else day_in(talk.held_at, location.zone),
        today_in(location.zone),
    )


def why_it_waits(scope: TenantScope, purchase: Purchase) -> str:
    """Return why nothing can be paid for a purchase today, or ""."""
    try:
        require_reflection_over(scope, purchase)
    except MoneyWaits as waits:
        return waits.message
    return ""
