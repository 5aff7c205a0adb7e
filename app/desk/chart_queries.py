"""Questions behind the reports of who looked: names, and who has to do with a patient."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping

from sqlalchemy import case, select, union, union_all

from app.care.models import Treatment
from app.database import TenantScope
from app.patients.models import Patient
from app.plans.models import Plan, PlanVersion, Visit

PATIENTS = Patient.__table__


def map_patient_names(
    scope: TenantScope, patient_ids: Collection[uuid.UUID]
) -> dict[uuid.UUID, str]:
    """Return patients' names by id."""
    statement = select(Patient.id, Patient.name).where(
        Patient.tenant_id == scope.tenant_id, Patient.id.in_(patient_ids)
    )
    return {row[0]: row[1] for row in scope.session.execute(statement)}


def map_kept_records(
    scope: TenantScope, patient_ids: Collection[uuid.UUID]
) -> dict[uuid.UUID, uuid.UUID]:
    """Return, for every record of the people whom some records are about, the one that is kept."""
    # Plain tables: whose records belong together is asked of the whole clinic, whoever asks.
    asked, other = (PATIENTS.alias().c for _ in range(2))
    # A CASE, since under the walls PostgreSQL looks nothing up by coalesce().
    root = case((asked.merged_into.is_(None), asked.id), else_=asked.merged_into)
    # Two walks of two indexes: joined with OR, PostgreSQL reads every patient.
    walks = [
        select(other.id, root).where(
            asked.tenant_id == scope.tenant_id,
            other.tenant_id == scope.tenant_id,
            asked.id.in_(patient_ids),
            column == root,
        )
        for column in (other.id, other.merged_into)
    ]
    return {row[0]: row[1] for row in scope.session.execute(union_all(*walks))}


def map_treating_staff(
    scope: TenantScope, kept: Mapping[uuid.UUID, uuid.UUID]
) -> dict[uuid.UUID, set[uuid.UUID]]:
    """Return who plans for, sees or treats each person, or has done so, by the kept record.

    :param kept: every record of these people, as ``map_kept_records`` returns them.
    """
    planned = (
        select(Plan.patient_id, PlanVersion.practitioner_id)
        .join(
            PlanVersion,
            (PlanVersion.tenant_id == Plan.tenant_id) & (PlanVersion.plan_id == Plan.id),
        )
        .where(Plan.tenant_id == scope.tenant_id, Plan.patient_id.in_(kept))
    )
    seen = select(Visit.patient_id, Visit.practitioner_id).where(
        Visit.tenant_id == scope.tenant_id, Visit.patient_id.in_(kept)
    )
    treated = select(Treatment.patient_id, Treatment.practitioner_id).where(
        Treatment.tenant_id == scope.tenant_id, Treatment.patient_id.in_(kept)
    )
    found: dict[uuid.UUID, set[uuid.UUID]] = defaultdict(set)
    for patient_id, staff_id in scope.session.execute(union(planned, seen, treated)):
        found[kept[patient_id]].add(staff_id)
    return dict(found)
