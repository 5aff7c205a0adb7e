"""Questions that leaving and arriving put to a clinic's tables and to the doors of leaving."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Table, select, text

from app.audit.models import AuditLink
from app.billing.models import StripeAccount
from app.database import Base, TenantScope
from app.leaving.queries import follow
from app.leaving.tables import Shape
from app.messaging.models import Message
from app.patients.models import Patient

BEGIN_LEAVING = text("SELECT door.begin_leaving()")
CANCEL_LEAVING = text("SELECT door.cancel_leaving()")
FIND_LEAVING = text("SELECT * FROM door.find_leaving()")
LEAVING_TENANTS = text("SELECT tenant_id FROM door.leaving_tenants()")
BEGIN_ERASING = text("SELECT door.begin_erasing()")
ERASE_TABLE = text("SELECT door.erase_table(:name)")
FORGET_JOBS = text("SELECT door.forget_jobs()")
FINISH_LEAVING = text("SELECT door.finish_leaving(:name, :seq, :hash, :backups_end)")


@dataclass(frozen=True)
class Leaving:
    """Since when a clinic has been leaving, and when its deletion begins or began."""

    leaving_at: datetime
    delete_after: datetime
    erasing_since: datetime | None


def find_patient_of(scope: TenantScope, shape: Shape, values: dict[str, Any]) -> uuid.UUID | None:
    """Return the patient that a row is about, which may not be written yet itself."""
    if not shape.to_patient:
        return None
    (column, target), rest = shape.to_patient[0], shape.to_patient[1:]
    if not rest:
        found: uuid.UUID | None = values[column]
        return found
    table = Base.metadata.tables[target]
    statement = select(follow(table.c, rest)).where(
        table.c.tenant_id == scope.tenant_id, table.c.id == values[column]
    )
    return scope.session.execute(statement).scalar_one_or_none()


def page_patients(scope: TenantScope, *, after: uuid.UUID | None) -> Sequence[Patient]:
    """Return the next patients by id, merged and erased ones, too."""
    statement = (
        select(Patient).where(Patient.tenant_id == scope.tenant_id).order_by(Patient.id).limit(200)
    )
    if after is not None:
        statement = statement.where(Patient.id > after)
    return scope.session.scalars(statement).all()


def list_accounts(scope: TenantScope) -> Sequence[str]:
    """Return the payment accounts of the clinic."""
    statement = select(StripeAccount.account_id).where(StripeAccount.tenant_id == scope.tenant_id)
    return scope.session.scalars(statement).all()


def find_last_link(scope: TenantScope) -> AuditLink | None:
    """Return the last row of the clinic's audit chain."""
    statement = (
        select(AuditLink)
        .where(AuditLink.tenant_id == scope.tenant_id)
        .order_by(AuditLink.seq.desc())
        .limit(1)
    )
    return scope.session.scalar(statement)


def find_leaving(scope: TenantScope) -> Leaving | None:
    """Return how far the clinic is on its way out, or None where it stays."""
    row = scope.session.execute(FIND_LEAVING).mappings().first()
    return Leaving(**row) if row else None


def list_waiting_messages(scope: TenantScope) -> Sequence[Message]:
    """Return the messages that have not been sent."""
    statement = select(Message).where(
        Message.tenant_id == scope.tenant_id, Message.state == "queued"
    )
    return scope.session.scalars(statement).all()


def page_object_names(scope: TenantScope, table: Table, *, after: str | None) -> Sequence[str]:
    """Return the next names of stored objects that a table's rows hold; a gap has none."""
    name = table.c.object_name
    statement = (
        select(name)
        .where(table.c.tenant_id == scope.tenant_id, name != "")
        .order_by(name)
        .limit(500)
    )
    if after is not None:
        statement = statement.where(name > after)
    return scope.session.scalars(statement).all()
