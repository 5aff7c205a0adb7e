"""All records of one person, for the rooms that lie below the patients' own.

What was merged stays under its own id, so whoever asks about a person asks for every record.
"""

import uuid

from sqlalchemy import text

from app.database.scope import TenantScope

# Two walks of two indexes: asked with OR, PostgreSQL reads every patient.
RECORDS_OF_PERSON = text(
    "SELECT p.id FROM patient p WHERE p.tenant_id = :tenant_id AND p.id ="
    " (SELECT coalesce(own.merged_into, own.id) FROM patient own"
    " WHERE own.tenant_id = :tenant_id AND own.id = :patient_id)"
    " UNION ALL SELECT p.id FROM patient p WHERE p.tenant_id = :tenant_id AND p.merged_into ="
    " (SELECT coalesce(own.merged_into, own.id) FROM patient own"
    " WHERE own.tenant_id = :tenant_id AND own.id = :patient_id)"
)


def records_of_person(scope: TenantScope, patient_id: uuid.UUID) -> list[uuid.UUID]:
    """Return the ids of all records of the person whom one record is about; none for a stranger.

    A limit to locations is left aside: who may ask is for the caller to decide.
    """
    values = {"tenant_id": scope.tenant_id, "patient_id": patient_id}
    return list(scope.session.scalars(RECORDS_OF_PERSON, values))
