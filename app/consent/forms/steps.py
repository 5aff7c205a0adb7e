"""Writes down who took which step with a form version, and who else may take it."""

import uuid
from collections.abc import Sequence

from app import audit
from app.auth.permissions import Permission, may
from app.consent.forms.models import FormStep, FormVersion, Step
from app.database import TenantScope
from app.kit.clock import now
from app.kit.ids import new_id
from app.tenants.models import Role, StaffMember
from app.tenants.queries import list_staff
from app.tenants.staff_queries import list_limited_staff


def note_step(
    scope: TenantScope, version: FormVersion, step: Step, *, is_alone: bool = False, note: str = ""
) -> FormStep:
    """Write a step down, over the hash of the wording that the person had before them."""
    row = FormStep(
        tenant_id=scope.tenant_id,
        id=new_id(),
        form_version_id=version.id,
        step=step.value,
        staff_id=acting(scope),
        sha256=version.sha256,
        is_alone=is_alone,
        note=note,
        at=now(),
    )
    scope.session.add(row)
    audit.record(
        scope,
        "consent:wording:step",
        subject_id=version.id,
        step=step.value,
        number=version.number,
        alone=is_alone,
    )
    return row


def acting(scope: TenantScope) -> uuid.UUID:
    """Return who acts; a form has no life without people."""
    if scope.actor.kind != "staff" or scope.actor.id is None:
        raise PermissionError("only a member of staff takes a step with a form")
    return scope.actor.id


def who_may(scope: TenantScope, permission: Permission) -> Sequence[StaffMember]:
    """Return those who work here and may do something for the whole clinic."""
    limited = list_limited_staff(scope)
    staff = (one for one in list_staff(scope) if one.disabled_at is None)
    return [one for one in staff if may(one.role, permission, is_limited=one.id in limited)]


def clinical_reviewers(scope: TenantScope) -> Sequence[StaffMember]:
    """Return the medical leads, or the owners of a clinic that has none."""
    able = who_may(scope, Permission.FORM_REVIEW)
    leads = [one for one in able if one.role == Role.MEDICAL_LEAD]
    return leads or able
