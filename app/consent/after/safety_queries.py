"""Questions about safety communications."""

import uuid
from collections.abc import Sequence

from sqlalchemy import select

from app.consent.after.safety_models import SafetyNotice
from app.consent.errors import SafetyNoticeUnknown
from app.database import TenantScope


def list_notices(scope: TenantScope) -> Sequence[SafetyNotice]:
    """Return every safety communication, the newest first."""
    statement = (
        select(SafetyNotice)
        .where(SafetyNotice.tenant_id == scope.tenant_id)
        .order_by(SafetyNotice.said_on.desc(), SafetyNotice.entered_at.desc(), SafetyNotice.id)
    )
    return scope.session.scalars(statement).all()


def get_notice_for_update(scope: TenantScope, notice_id: uuid.UUID) -> SafetyNotice:
    """Return one safety communication, locked; raises SafetyNoticeUnknown."""
    statement = (
        select(SafetyNotice)
        .where(SafetyNotice.tenant_id == scope.tenant_id, SafetyNotice.id == notice_id)
        .with_for_update()
    )
    found = scope.session.scalar(statement)
    if found is None:
        raise SafetyNoticeUnknown("There is no such safety communication.")
    return found
