"""Questions to the outbox."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, text

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


def list_messages(scope: TenantScope, *, most: int = 100) -> Sequence[Message]:
    """Return the newest messages of the clinic."""
    statement = (
        select(Message)
        .where(Message.tenant_id == scope.tenant_id)
        .order_by(Message.created_at.desc(), Message.id.desc())
        .limit(most)
    )
    return scope.session.scalars(statement).all()


def list_messages_to_patient(
    scope: TenantScope, patient_id: uuid.UUID, *, most: int = 50
) -> Sequence[Message]:
    """Return the newest messages to one person."""
    statement = (
        select(Message)
        .where(
            Message.tenant_id == scope.tenant_id,
            Message.patient_id.in_(records_of_person(scope, patient_id)),
        )
        .order_by(Message.created_at.desc(), Message.id.desc())
        .limit(most)
    )
    return scope.session.scalars(statement).all()
