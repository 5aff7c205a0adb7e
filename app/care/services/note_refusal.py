"""A start that was refused leaves a trace, although nothing of it is kept."""

import uuid

from app import audit
from app.database import TenantScope
from app.errors import NotFound
from app.plans.queries import get_visit


def note_refused_start(scope: TenantScope, visit_id: uuid.UUID) -> None:
    """Record that somebody tried to start a treatment and was refused."""
    try:
        patient_id = get_visit(scope, visit_id).patient_id
    except NotFound:
        patient_id = None
    audit.record(scope, "care:treatment:refuse", subject_id=visit_id, patient_id=patient_id)
