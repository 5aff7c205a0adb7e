"""While the days between talk and consent run, nothing is asked for and nothing is taken.

What was paid before stays as it is, and no treatment waits for money: this holds back payments
that have not begun. The days are those of the place where the package was sold, counted from the
talk about the person's newest plan for the same procedure.
"""

import uuid
from collections.abc import Collection

from app.billing.models import Purchase
from app.database import TenantScope
from app.kit.clock import day_in, today_in
from app.patients.person import person_ids
from app.plans.queries import find_newest_version_for
from app.plans.talk_queries import NewestTalk, find_newest_talk
from app.policies.errors import MoneyWaits
from app.policies.patient_rules import quoted_days, require_money_may_come
from app.policies.queries import get_policies
from app.tenants.queries import get_location

# For staff alone: a patient's own page is never limited to locations.
_OUT_OF_SIGHT = (
    "Nothing can be paid for this yet, and at your locations you cannot see from when. If the"
    " treatment was not talked over yet, let a practitioner do that and record it first. If it was,"
    " ask somebody who works at every location, such as an owner: they see the day, and can send"
    " the payment link from then on. "
)


def require_reflection_over(scope: TenantScope, purchase: Purchase) -> None:
    """Raise MoneyWaits, which quotes the place's rule and names the first day to pay.

    The days are the same for everybody. Who works at some locations only and sees no plan that
    decides is told what to do, in the same words whether there is one elsewhere or none at all.
    """
    location = get_location(scope, purchase.location_id)
    people = person_ids(scope, purchase.patient_id)
    newest = find_newest_talk(scope, people, purchase.procedure_id)
    held_at = None if newest is None else newest.held_at
    policies = get_policies(scope, location)
    try:
        require_money_may_come(
            policies,
            None if held_at is None else day_in(held_at, location.zone),
            today_in(location.zone),
        )
    except MoneyWaits:
        if _is_in_sight(scope, people, purchase, newest):
            raise
        raise MoneyWaits(_OUT_OF_SIGHT + quoted_days(policies)) from None


def _is_in_sight(
    scope: TenantScope,
    people: Collection[uuid.UUID],
    purchase: Purchase,
    newest: NewestTalk | None,
) -> bool:
    if scope.session.places is None:
        return True
    seen = find_newest_version_for(scope, people, purchase.procedure_id)
    return seen is not None and newest is not None and seen.id == newest.version_id


def why_it_waits(scope: TenantScope, purchase: Purchase) -> str:
    """Return why nothing can be paid for a purchase today, or ""."""
    try:
        require_reflection_over(scope, purchase)
    except MoneyWaits as waits:
        return waits.message
    return ""
