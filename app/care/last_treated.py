"""When was each area last treated? Treatments and incidents count alike.

What was recorded at the end counts beside what was started, so that an area that was treated
without being planned is not forgotten.
"""

import uuid
from collections.abc import Iterator
from datetime import date, datetime

from app.care import queries
from app.care.models import TreatmentCompletion
from app.database import TenantScope
from app.kit.clock import day_in


def last_treated_on(scope: TenantScope, patient_id: uuid.UUID, *, zone: str) -> dict[str, date]:
    """Return area ids with the day of their last treatment, as a location's zone counts days."""
    last: dict[str, datetime] = {}
    for area, at in _moments(scope, patient_id):
        last[area] = max(at, last.get(area, at))
    return {area: day_in(at, zone) for area, at in last.items()}


def _moments(scope: TenantScope, patient_id: uuid.UUID) -> Iterator[tuple[str, datetime]]:
    for row in queries.list_areas_of_patient(scope, patient_id):
        yield row.area, row.at
    treatments = {
        one.id: one.started_at for one in queries.list_treatments_of_patient(scope, patient_id)
    }
    latest: dict[uuid.UUID, TreatmentCompletion] = {
        one.treatment_id: one for one in queries.list_completions(scope, list(treatments))
    }
    for treatment_id, completion in latest.items():
        for entry in completion.areas:
            yield entry["area"], treatments[treatment_id]
    for incident in queries.list_incidents_of_patient(scope, patient_id):
        for entry in incident.areas:
            yield entry["area"], incident.happened_at
