"""Who may stand in a plan: those who treat by their role.

A front desk neither treats nor talks a treatment over: whoever performs or supervises it seeks the
consent (GMC, Cosmetic interventions, paragraph 16). Qualifications are asked about where they
count.
"""

import uuid

from app.auth.permissions import CLINICAL
from app.database import TenantScope
from app.tenants.queries import get_staff


def may_treat_by_role(scope: TenantScope, staff_id: uuid.UUID) -> bool:
    """Return whether somebody treats by their role; raises StaffUnknown.

    Also those who left: a talk that they held can still be recorded.
    """
    return get_staff(scope, staff_id).role in CLINICAL
