"""The practitioner records that they talked the plan over with the patient."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from app import audit
from app.database import TenantScope
from app.errors import Invalid
from app.kit.clock import now
from app.kit.ids import new_id
from app.patients.services.limit_use import require_unrestricted
from app.plans import queries
from app.plans.models import Discussion, PlanVersion
from app.plans.people import may_treat_by_role
from app.vault import encrypt_field

# No consent lasts longer than a year (policy ``consent_months``), and no talk about one either.
OLDEST = timedelta(days=365)


@dataclass(frozen=True)
class NewDiscussion:
    """Who spoke with the patient, when, how, in which language and through whom."""

    held_at: datetime
    held_by: uuid.UUID
    mode: str
    language: str
    interpreter: str | None = None
    note: str | None = None


def record_discussion(
    scope: TenantScope, *, plan_version_id: uuid.UUID, wanted: NewDiscussion
) -> Discussion:
    """Record the discussion of one plan version.

    Raises Invalid when it lies in the future, more than a year back, or was held by somebody who
    treats nobody, StaffUnknown, ProcessingRestricted or PatientDeceased.
    """
    version = queries.get_plan_version(scope, plan_version_id)
    require_unrestricted(scope, version.patient_id)
    if not may_treat_by_role(scope, wanted.held_by):
        told = "Name the practitioner who talked it over: a front desk cannot do that."
        raise Invalid(told, fields={"held_by": told})
    recorded_at = now()
    if wanted.held_at > recorded_at:
        raise Invalid("The discussion is in the future.", fields={"held_at": "in the future"})
    if wanted.held_at < recorded_at - OLDEST:
        told = "That talk was more than a year ago. Talk about this plan anew."
        raise Invalid(told, fields={"held_at": told})
    discussion_id = new_id()
    discussion = Discussion(
        tenant_id=scope.tenant_id,
        id=discussion_id,
        plan_version_id=version.id,
        held_at=wanted.held_at,
        held_by=wanted.held_by,
        mode=wanted.mode,
        language=wanted.language,
        interpreter_cipher=_close(scope, version, discussion_id, "interpreter", wanted.interpreter),
        note_cipher=_close(scope, version, discussion_id, "note", wanted.note),
        recorded_at=recorded_at,
    )
    scope.session.add(discussion)
    audit.record(
        scope,
        "plans:discussion:record",
        subject_id=discussion_id,
        patient_id=version.patient_id,
        plan_version_id=version.id,
    )
    return discussion


def _close(
    scope: TenantScope, version: PlanVersion, row_id: uuid.UUID, field: str, text: str | None
) -> bytes | None:
    if not text:
        return None
    return encrypt_field(
        scope,
        patient_id=version.patient_id,
        place=f"discussion.{field}",
        row_id=row_id,
        text=text,
    )
