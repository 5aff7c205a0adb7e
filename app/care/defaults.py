"""What a start is filled with before anybody chooses: the plan's people and things."""

import uuid
from dataclasses import dataclass

from app.database import TenantScope
from app.kit.clock import today_in
from app.plans.queries import get_latest_version, get_plan, get_visit
from app.tenants.queries import get_location, list_usable_lots


@dataclass(frozen=True)
class UsualMeans:
    """Who and with what, as the visit and its plan say; ``lot`` is "" where none is usable."""

    practitioner_id: uuid.UUID
    device_id: uuid.UUID
    lot: str


def usual_means(scope: TenantScope, visit_id: uuid.UUID) -> UsualMeans:
    """Return a visit's practitioner, its plan's device, and the lot that runs out first."""
    visit = get_visit(scope, visit_id)
    version = get_latest_version(scope, get_plan(scope, visit.plan_id))
    today = today_in(get_location(scope, visit.location_id).zone)
    lots = list_usable_lots(scope, version.device_id, on=today)
    return UsualMeans(visit.practitioner_id, version.device_id, lots[0].lot if lots else "")
