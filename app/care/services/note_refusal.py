"""A start that was refused leaves a trace, although nothing of it is kept."""

import uuid

from app import audit
from app.database import TenantScope


def note_refused_start(scope: TenantScope, visit_id: uuid.UUID) -> None:
    """Record that somebody tried to start a treatment and was refused."""
    audit.record(scope, "care:treatment:refuse", subject_id=visit_id)
