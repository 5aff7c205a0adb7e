"""When a treatment was last talked over with a person, wherever in the clinic that was."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.database import TenantScope
from app.plans.models import Discussion, Plan, PlanVersion


@dataclass(frozen=True)
class NewestTalk:
    """The newest open plan's version, and when it was talked over; None while nobody has."""

    version_id: uuid.UUID
    held_at: datetime | None


def find_newest_talk(
    scope: TenantScope, patient_ids: Collection[uuid.UUID], procedure_id: str
) -> NewestTalk | None:
    """Return the talk about a person's newest open plan for a procedure, or None without a plan.

    For a rule that holds for everybody alike. Nothing of the answer may be shown to somebody who
    does not see the plan.
    """
    statement = (
        select(PlanVersion.id, Discussion.held_at)
        .join(
            Plan,
            (Plan.tenant_id == PlanVersion.tenant_id)
            & (Plan.id == PlanVersion.plan_id)
            & (Plan.latest_number == PlanVersion.number),
        )
        .outerjoin(
            Discussion,
            (Discussion.tenant_id == PlanVersion.tenant_id)
            & (Discussion.plan_version_id == PlanVersion.id),
        )
        .where(
            PlanVersion.tenant_id == scope.tenant_id,
            Plan.tenant_id == scope.tenant_id,
            Plan.patient_id.in_(patient_ids),
            Plan.closed_at.is_(None),
            PlanVersion.procedure_id == procedure_id,
        )
        .order_by(Plan.created_at.desc(), Plan.id.desc(), Discussion.held_at.desc())
        .limit(1)
        .execution_options(everywhere=True)
    )
    found = scope.session.execute(statement).first()
    return None if found is None else NewestTalk(found.id, found.held_at)
