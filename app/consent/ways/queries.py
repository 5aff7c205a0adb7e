"""Questions about the ways by which a form came before its patient."""

import uuid

from sqlalchemy import select

from app.consent.ways.models import ConsentWay, OpenedBy
from app.database import TenantScope


def find_open_way(scope: TenantScope, consent_id: uuid.UUID) -> ConsentWay | None:
    """Return the way by which a form was opened last, or None while nobody has opened it."""
    statement = (
        select(ConsentWay)
        .where(
            ConsentWay.tenant_id == scope.tenant_id,
            ConsentWay.consent_id == consent_id,
            ConsentWay.opened_at.is_not(None),
        )
        .order_by(ConsentWay.opened_at.desc(), ConsentWay.id.desc())
        .limit(1)
    )
    return scope.session.scalar(statement)


def find_offered_code(scope: TenantScope, consent_id: uuid.UUID) -> ConsentWay | None:
    """Return the code on a screen that nobody has scanned yet, or None."""
    statement = (
        select(ConsentWay)
        .where(
            ConsentWay.tenant_id == scope.tenant_id,
            ConsentWay.consent_id == consent_id,
            ConsentWay.opened_by == OpenedBy.QR,
            ConsentWay.opened_at.is_(None),
            ConsentWay.ended_at.is_(None),
        )
        .order_by(ConsentWay.offered_at.desc(), ConsentWay.id.desc())
        .limit(1)
    )
    return scope.session.scalar(statement)
