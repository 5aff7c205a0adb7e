"""Something happened: a plan is talked over anew before anybody signs for it, or is treated."""

import uuid

from app import audit
from app.database import TenantScope
from app.kit.clock import now
from app.plans.models import Plan
from app.plans.queries import get_plan_for_update


def want_new_talk(scope: TenantScope, *, plan_id: uuid.UUID) -> Plan:
    """Let no talk from before this moment count any more, whether or not anything was signed."""
    plan = get_plan_for_update(scope, plan_id)
    plan.talk_again_since = now()
    audit.record(scope, "plans:talk:want", subject_id=plan.id, patient_id=plan.patient_id)
    return plan
