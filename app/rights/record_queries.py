"""Every row that is about one person, found by the metadata: a new table is in it by itself."""

import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Table, select

from app.audit.models import AuditEvent
from app.database import Base, TenantScope
from app.messaging.models import Message
from app.tenants.models import StaffMember

Row = dict[str, Any]
# What is not a part of a patient's own data, and why.
LEFT_OUT = {
    "audit_event": "told separately, as who looked and what was done",
    "message": "told separately, with the secrets in links blanked",
    "sealing_operation": "a copy of what the sealed documents say",
    "patient_token": "words of the name, cut up for searching",
    "data_export": "the copies that were made of this",
    "data_export_part": "the copies that were made of this",
    "stripe_operation": "calls that were made to take a payment; the payment itself is told",
}


def list_rows_about(scope: TenantScope, patient_ids: Collection[uuid.UUID]) -> dict[str, list[Row]]:
    """Return every row about a person by table, parents before children."""
    found: dict[str, list[Row]] = {}
    ids: dict[str, set[Any]] = {"patient": set(patient_ids)}
    for table in Base.metadata.sorted_tables:
        if table.name in LEFT_OUT or "tenant_id" not in table.columns:
            continue
        for column, wanted in _ways(table, ids):
            statement = select(table).where(
                table.c.tenant_id == scope.tenant_id, table.c[column].in_(wanted)
            )
            rows = [dict(row._mapping) for row in scope.session.execute(statement)]
            if rows:
                found[table.name] = rows
                ids[table.name] = {row["id"] for row in rows if "id" in row}
            break
    return found


def _ways(table: Table, ids: Mapping[str, set[Any]]) -> Iterator[tuple[str, set[Any]]]:
    """Yield the column by which a table's rows belong to a person, with the ids to look for."""
    if table.name == "patient":
        yield "id", ids["patient"]
    elif "patient_id" in table.columns:
        yield "patient_id", ids["patient"]
    else:
        for key in table.foreign_key_constraints:
            parent = key.referred_table.name
            column = next(c.name for c in key.columns if c.name != "tenant_id")
            if parent != table.name and parent in ids and parent != "patient":
                yield column, ids[parent]


def list_messages_about(
    scope: TenantScope, patient_ids: Collection[uuid.UUID]
) -> Sequence[Message]:
    """Return every message to a person, the oldest first."""
    statement = (
        select(Message)
        .where(Message.tenant_id == scope.tenant_id, Message.patient_id.in_(patient_ids))
        .order_by(Message.created_at, Message.id)
    )
    return scope.session.scalars(statement).all()


def list_events_about(
    scope: TenantScope, patient_ids: Collection[uuid.UUID]
) -> Sequence[AuditEvent]:
    """Return what was done with a person's chart and who looked, the oldest first."""
    statement = (
        select(AuditEvent)
        .where(AuditEvent.tenant_id == scope.tenant_id, AuditEvent.patient_id.in_(patient_ids))
        .order_by(AuditEvent.at, AuditEvent.id)
    )
    return scope.session.scalars(statement).all()


def map_everybodys_names(scope: TenantScope) -> dict[uuid.UUID, str]:
    """Return the name of everybody who works or worked here."""
    statement = select(StaffMember.id, StaffMember.name).where(
        StaffMember.tenant_id == scope.tenant_id
    )
    return {row[0]: row[1] for row in scope.session.execute(statement)}


def exists_subject(
    scope: TenantScope, about: str, subject_id: uuid.UUID, patient_ids: Collection[uuid.UUID]
) -> bool:
    """Return whether a plan, consent, treatment, incident or document is a person's."""
    table = Base.metadata.tables[about]
    owner = table.c.id if about == "patient" else table.c.patient_id
    statement = select(table.c.id).where(
        table.c.tenant_id == scope.tenant_id,
        table.c.id == subject_id,
        owner.in_(patient_ids),
    )
    return scope.session.execute(statement).first() is not None
