"""Questions to the outbox."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select, text, tuple_

from app.audit.queries import Place
from app.database import TenantScope
from app.database.person import records_of_person
from app.errors import NotFound
from app.messaging.models import Message

# The patients' room lies above this one, so that its tables are read by name here.
RESTRICTION = text(
    "SELECT 1 FROM patient_limit WHERE tenant_id = :tenant_id AND patient_id = ANY(:records)"
    " AND kind = 'restriction' AND lifted_at IS NULL"
)
DEATH = text(
    "SELECT 1 FROM patient WHERE tenant_id = :tenant_id AND id = ANY(:records)"
    " AND deceased_on IS NOT NULL"
)
# The earliest location stands in where a message is about none; ties go to what was asked for.
QUIET_HOURS = text(
    "SELECT s.quiet_from, s.quiet_until, l.zone FROM clinic c"
    " JOIN clinic_settings s ON s.tenant_id = c.tenant_id AND s.id = c.settings_id"
    " JOIN location l ON l.tenant_id = c.tenant_id"
    " LEFT JOIN patient p ON p.tenant_id = c.tenant_id AND p.id = CAST(:patient AS uuid)"
    " WHERE c.tenant_id = :t AND s.tenant_id = :t AND l.tenant_id = :t AND s.quiet_from IS NOT NULL"
    " ORDER BY (l.id = CAST(:location AS uuid)) DESC NULLS LAST,"
    " (l.id = p.location_id) DESC NULLS LAST, l.created_at LIMIT 1"
)

HOME = text("SELECT location_id FROM patient WHERE tenant_id = :t AND id = :patient")
LANGUAGE = text("SELECT language FROM patient WHERE tenant_id = :t AND id = :patient")
ZONES = text("SELECT id, zone FROM location WHERE tenant_id = :t")


def exists_death(scope: TenantScope, patient_id: uuid.UUID) -> bool:
    """Return whether a death is noted on any record of a person."""
    values = {"tenant_id": scope.tenant_id, "records": records_of_person(scope, patient_id)}
    return scope.session.execute(DEATH, values).first() is not None


def exists_restriction(scope: TenantScope, patient_id: uuid.UUID) -> bool:
    """Return whether a person's data, on any of their records, may only be kept."""
    values = {"tenant_id": scope.tenant_id, "records": records_of_person(scope, patient_id)}
    return scope.session.execute(RESTRICTION, values).first() is not None


def exists_queued(scope: TenantScope, patient_id: uuid.UUID) -> bool:
    """Return whether a message to a person, on any of their records, still waits to be sent."""
    statement = (
        select(Message.id)
        .where(
            Message.tenant_id == scope.tenant_id,
            Message.patient_id.in_(records_of_person(scope, patient_id)),
            Message.state == "queued",
        )
        .limit(1)
    )
    return scope.session.execute(statement).first() is not None


def count_messages_since(
    scope: TenantScope, templates: Collection[str], *, since: datetime, most: int
) -> int:
    """Return how many messages of some templates were queued since an instant, up to ``most``."""
    found = (
        select(Message.id)
        .where(
            Message.tenant_id == scope.tenant_id,
            Message.created_at > since,
            Message.template.in_(templates),
        )
        .limit(most)
    )
    return scope.session.execute(select(func.count()).select_from(found.subquery())).scalar_one()


@dataclass(frozen=True)
class QuietHours:
    """Beginning and end as "HH:MM" on the clock of a zone."""

    begins: str
    ends: str
    zone: str


def find_quiet_hours(
    scope: TenantScope, *, patient_id: uuid.UUID | None, location_id: uuid.UUID | None
) -> QuietHours | None:
    """Return the clinic's quiet hours at the location, else the patient's, else the first one."""
    values = {"t": scope.tenant_id, "patient": patient_id, "location": location_id}
    row = scope.session.execute(QUIET_HOURS, values).first()
    return None if row is None else QuietHours(row[0], row[1], row[2])


def find_language(scope: TenantScope, patient_id: uuid.UUID) -> str | None:
    """Return the tag of the language that a patient reads best, or None for an unknown patient."""
    values = {"t": scope.tenant_id, "patient": patient_id}
    found: str | None = scope.session.execute(LANGUAGE, values).scalar()
    return found


def find_home(scope: TenantScope, patient_id: uuid.UUID | None) -> uuid.UUID | None:
    """Return the location that looks after a patient, or None for a message to somebody else."""
    if patient_id is None:
        return None
    found: uuid.UUID | None = scope.session.execute(
        HOME, {"t": scope.tenant_id, "patient": patient_id}
    ).scalar()
    return found


def map_zones(scope: TenantScope) -> dict[uuid.UUID, str]:
    """Return the zone of each location, by its id."""
    return {row[0]: row[1] for row in scope.session.execute(ZONES, {"t": scope.tenant_id})}


def get_message_for_update(scope: TenantScope, message_id: uuid.UUID) -> Message:
    """Return a message, locked until the transaction ends; raises NotFound."""
    statement = (
        select(Message)
        .where(Message.tenant_id == scope.tenant_id, Message.id == message_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    message = scope.session.scalar(statement)
    if message is None:
        raise NotFound("There is no such message.")
    return message


def page_messages(
    scope: TenantScope, *, before: Place | None = None, size: int = 100
) -> Sequence[Message]:
    """Return the newest messages of the clinic, or those before a (time, id).

    For somebody who is limited to locations: those that are about these locations. What lies
    elsewhere is never read, so that few messages of a large clinic are found as quickly as many.
    """
    places = scope.session.places
    walks = [
        _walk(scope, location_id, before, size)
        for location_id in ([None] if places is None else sorted(places))
    ]
    if len(walks) == 1:
        return scope.session.scalars(walks[0]).all()
    found = [one for walk in walks for one in scope.session.scalars(walk)]
    return sorted(found, key=lambda one: (one.created_at, one.id), reverse=True)[:size]


def _walk(
    scope: TenantScope, location_id: uuid.UUID | None, before: Place | None, size: int
) -> Select[Message]:
    statement = select(Message).where(Message.tenant_id == scope.tenant_id)
    if location_id is not None:
        statement = statement.where(Message.location_id == location_id)
    if before is not None:
        statement = statement.where(tuple_(Message.created_at, Message.id) < before)
    return statement.order_by(Message.created_at.desc(), Message.id.desc()).limit(size)


def list_messages_to_patient(
    scope: TenantScope,
    patient_id: uuid.UUID,
    *,
    since: datetime | None = None,
    most: int | None = 50,
) -> Sequence[Message]:
    """Return the newest messages to one person; ``most`` None for all of them since a moment."""
    statement = (
        select(Message)
        .where(
            Message.tenant_id == scope.tenant_id,
            Message.patient_id.in_(records_of_person(scope, patient_id)),
        )
        .order_by(Message.created_at.desc(), Message.id.desc())
        .limit(most)
    )
    if since is not None:
        statement = statement.where(Message.created_at >= since)
    return scope.session.scalars(statement).all()
