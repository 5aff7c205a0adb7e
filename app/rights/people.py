"""Whose rows are meant: a patient and every record that was merged into theirs."""

import uuid

from app.database import TenantScope


def person_ids(scope: TenantScope, patient_id: uuid.UUID) -> frozenset[uuid.UUID]:
    """Return the ids of all records of one person."""
    return frozenset({patient_id})
