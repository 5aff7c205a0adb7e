"""Visits that a change of a location's hours concerns.

The plans' room lies above this one, so that its table is read by name here.
"""

import uuid
from datetime import datetime

from sqlalchemy import text

from app.database import TenantScope

UNCONFIRMED_VISITS = text(
    "SELECT id, planned_at FROM visit WHERE tenant_id = :tenant_id AND location_id = :location_id"
    " AND planned_at >= :since AND state IN ('planned', 'arrived') AND outside_hours_by IS NULL"
    " ORDER BY planned_at, id"
)
CONFIRM_VISITS = text(
    "UPDATE visit SET outside_hours_by = :by, version = version + 1"
    " WHERE tenant_id = :tenant_id AND id = ANY(:ids)"
)


def list_unconfirmed_visits(
    scope: TenantScope, location_id: uuid.UUID, *, since: datetime
) -> list[tuple[uuid.UUID, datetime]]:
    """Return ids and times of visits still to come that nobody confirmed outside the hours."""
    values = {"tenant_id": scope.tenant_id, "location_id": location_id, "since": since}
    return [(row[0], row[1]) for row in scope.session.execute(UNCONFIRMED_VISITS, values)]
