"""Questions about events and their chain."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.dialects.postgresql import insert

from app.audit.models import AuditEvent, AuditHead, AuditLink
from app.database import TenantScope


def find_head(scope: TenantScope) -> AuditHead | None:
    """Return where the clinic's chain ends, or None where nothing was sealed yet."""
    return scope.session.get(AuditHead, (scope.tenant_id,))


def lock_head(scope: TenantScope, first: AuditHead) -> AuditHead:
    """Return the clinic's head, locked; ``first`` is what is stored where there is none yet."""
    values = {column.name: getattr(first, column.name) for column in AuditHead.__table__.columns}
    scope.session.execute(insert(AuditHead).values(values).on_conflict_do_nothing())
    statement = (
        select(AuditHead)
        .where(AuditHead.tenant_id == scope.tenant_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return scope.session.scalars(statement).one()


def list_unsealed(scope: TenantScope, *, since: datetime | None, most: int) -> Sequence[AuditEvent]:
    """Return events without a link in the order of their time, from a moment on."""
    sealed = exists().where(
        AuditLink.tenant_id == scope.tenant_id, AuditLink.event_id == AuditEvent.id
    )
    statement = select(AuditEvent).where(AuditEvent.tenant_id == scope.tenant_id, ~sealed)
    if since is not None:
        statement = statement.where(AuditEvent.at >= since)
    return scope.session.scalars(statement.order_by(AuditEvent.at, AuditEvent.id).limit(most)).all()


def page_links(
    scope: TenantScope, *, after: int, size: int
) -> Sequence[tuple[AuditLink, AuditEvent | None]]:
    """Return links after a number, each with its event, or None where that is gone."""
    statement = (
        select(AuditLink, AuditEvent)
        .outerjoin(
            AuditEvent,
            (AuditEvent.tenant_id == AuditLink.tenant_id) & (AuditEvent.id == AuditLink.event_id),
        )
        .where(AuditLink.tenant_id == scope.tenant_id, AuditLink.seq > after)
        .order_by(AuditLink.seq)
        .limit(size)
    )
    return [(row[0], row[1]) for row in scope.session.execute(statement)]


def find_link(scope: TenantScope, seq: int) -> AuditLink | None:
    """Return one link by its number."""
    return scope.session.get(AuditLink, (scope.tenant_id, seq))
