"""Questions about events and their chain."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, exists, select, tuple_, union_all
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from app.audit.models import LOOKS, AuditEvent, AuditHead, AuditLink
from app.database import TenantScope
from app.database.person import records_of_person


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


def map_links(scope: TenantScope, event_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, AuditLink]:
    """Return the links of events by the event's id; the newest events have none yet."""
    statement = select(AuditLink).where(
        AuditLink.tenant_id == scope.tenant_id, AuditLink.event_id.in_(event_ids)
    )
    return {one.event_id: one for one in scope.session.scalars(statement)}


Place = tuple[datetime, uuid.UUID]
REASON_GIVEN = "chart:reason:give"


@dataclass(frozen=True)
class Wanted:
    """Which events are asked for. ``actions`` are codes; ``prefix`` is how a code begins.

    ``patient_id`` asks for the person: for every record that was merged with that one.
    """

    actor_id: uuid.UUID | None = None
    subject_id: uuid.UUID | None = None
    patient_id: uuid.UUID | None = None
    actions: tuple[str, ...] = ()
    prefix: str = ""
    since: datetime | None = None
    until: datetime | None = None
    looks_at_charts: bool = False


def page_events(
    scope: TenantScope, wanted: Wanted, *, before: Place | None = None, size: int = 50
) -> Sequence[AuditEvent]:
    """Return events, the newest first: the page before a (time, id)."""
    whose: Sequence[uuid.UUID | None] = [None]
    if wanted.patient_id is not None:
        whose = sorted({wanted.patient_id, *records_of_person(scope, wanted.patient_id)})
    # One walk of an index for each record of a person: no index is in order for several at once.
    walks = [_walk(scope, wanted, patient_id, before, size) for patient_id in whose]
    if len(walks) == 1:
        return scope.session.scalars(walks[0]).all()
    found = aliased(AuditEvent, union_all(*walks).subquery())
    statement = select(found).order_by(found.at.desc(), found.id.desc()).limit(size)
    return scope.session.scalars(statement).all()


def _walk(
    scope: TenantScope,
    wanted: Wanted,
    patient_id: uuid.UUID | None,
    before: Place | None,
    size: int,
) -> Select[AuditEvent]:
    statement = select(AuditEvent).where(AuditEvent.tenant_id == scope.tenant_id)
    if wanted.actor_id is not None:
        statement = statement.where(AuditEvent.actor_id == wanted.actor_id)
    if wanted.subject_id is not None:
        statement = statement.where(AuditEvent.subject_id == wanted.subject_id)
    if patient_id is not None:
        statement = statement.where(AuditEvent.patient_id == patient_id)
    if wanted.looks_at_charts:
        # The condition of an index, word for word, so that it is not checked row by row.
        statement = statement.where(AuditEvent.patient_id.is_not(None), LOOKS)
    if wanted.actions:
        statement = statement.where(AuditEvent.action.in_(wanted.actions))
    if wanted.prefix:
        # Leakproof, unlike LIKE, so that it may be checked inside an index under the walls.
        statement = statement.where(AuditEvent.action.op("^@")(wanted.prefix))
    if wanted.since is not None:
        statement = statement.where(AuditEvent.at >= wanted.since)
    if wanted.until is not None:
        statement = statement.where(AuditEvent.at < wanted.until)
    if before is not None:
        statement = statement.where(tuple_(AuditEvent.at, AuditEvent.id) < before)
    return statement.order_by(AuditEvent.at.desc(), AuditEvent.id.desc()).limit(size)
