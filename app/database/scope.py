"""The only door to a clinic's rows.

A :class:`TenantScope` is a value that services and queries get as their first argument. Its session
sets ``app.tenant_id`` with SET LOCAL in every transaction, so that PostgreSQL's policies apply, and
adds the clinic to every ORM statement as a second wall. A session is bound to one clinic for life.
"""

import uuid
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import (
    ClauseElement,
    Connection,
    Engine,
    Executable,
    Table,
    event,
    inspect,
    text,
)
from sqlalchemy.orm import (
    ORMExecuteState,
    SessionTransaction,
    UOWTransaction,
    with_loader_criteria,
)
from sqlalchemy.sql import visitors

from app.database.base import Base, TenantRow
from app.database.flush_order import order_by_foreign_keys

ActorKind = Literal["staff", "patient", "system"]
Row = TypeVar("Row")


class OutsideScope(RuntimeError):
    """A clinic's rows were asked for without a clinic, or with another clinic's session."""


@dataclass(frozen=True)
class Actor:
    """Who acts: a member of staff, a patient, or the system on somebody's behalf.

    ``id`` is the staff member's or patient's id; ``person_id`` is the account behind a staff
    member; ``device_id`` is the shared device of the clinic on which they act, if it is one.
    """

    kind: ActorKind
    id: uuid.UUID | None = None
    person_id: uuid.UUID | None = None
    device_id: uuid.UUID | None = None


SYSTEM = Actor("system")


class ScopedSession(FlaskSession):
    """A session that knows its clinic. Without one it can only call doors to the control plane."""

    tenant_id: uuid.UUID | None = None
    # The locations to which whoever acts is limited; None is the whole clinic. See reach.py.
    places: frozenset[uuid.UUID] | None = None

    def get_bind(self, *args: Any, **options: Any) -> Engine | Connection:
        """Return the session's own engine where it was given one (maintenance by another role)."""
        return self.bind if self.bind is not None else super().get_bind(*args, **options)

    def bind_tenant(self, tenant_id: uuid.UUID) -> None:
        """Bind the session to a clinic, once and for all; raises OutsideScope on a second one."""
        if not isinstance(tenant_id, uuid.UUID):
            raise OutsideScope("a clinic is named by a UUID")
        if self.tenant_id is not None and self.tenant_id != tenant_id:
            raise OutsideScope("a session serves one clinic")
        self.tenant_id = tenant_id
        if self.in_transaction():
            _set_tenant(self.connection(), tenant_id)

    def get(self, entity: type[Row], ident: Any, **options: Any) -> Row | None:  # type: ignore[override]  # entities only
        """Refuse a foreign key before the identity map could answer without any SQL."""
        if _is_tenant_row(entity):
            tenant_id = self.require_tenant()
            named = ident.get("tenant_id") if isinstance(ident, dict) else next(iter(ident))
            if named != tenant_id:
                raise OutsideScope("the key names another clinic")
        return super().get(entity, ident, **options)

    def require_tenant(self) -> uuid.UUID:
        """Return the clinic; raises OutsideScope, before any SQL, when there is none."""
        if self.tenant_id is None:
            raise OutsideScope("no clinic has been entered")
        return self.tenant_id


@dataclass(frozen=True)
class TenantScope:
    """One clinic, one actor, one session: what every service and query needs to know."""

    tenant_id: uuid.UUID
    actor: Actor
    session: ScopedSession


def _is_tenant_row(entity: Any) -> bool:
    return isinstance(entity, type) and issubclass(entity, TenantRow)


def _set_tenant(connection: Connection, tenant_id: uuid.UUID) -> None:
    # The literal is safe because the type is UUID. A bound parameter would need set_config(), which
    # distributed PostgreSQL does not carry to its workers.
    connection.execute(text(f"SET LOCAL app.tenant_id = '{tenant_id}'"))


@event.listens_for(ScopedSession, "after_begin")
def _enter_clinic(
    session: ScopedSession, transaction: SessionTransaction, connection: Connection
) -> None:
    if session.tenant_id is not None and not transaction.nested:
        _set_tenant(connection, session.tenant_id)


@event.listens_for(ScopedSession, "do_orm_execute")
def _add_second_wall(state: ORMExecuteState) -> None:
    session = state.session
    if not isinstance(session, ScopedSession):
        return
    if session.tenant_id is None:
        if _names_clinic_rows(state.statement):
            session.require_tenant()
        return
    if state.is_column_load or state.is_relationship_load:
        return
    if state.is_select or state.is_update or state.is_delete:
        tenant_id = session.tenant_id
        # Added to every statement, also where only a subquery names an entity.
        state.statement = state.statement.options(
            with_loader_criteria(
                TenantRow, lambda cls: cls.tenant_id == tenant_id, include_aliases=True
            )
        )


def _names_clinic_rows(statement: Executable) -> bool:
    if not isinstance(statement, ClauseElement):
        return False
    parts = (getattr(part, "table", part) for part in visitors.iterate(statement))
    return any(isinstance(part, Table) and part.metadata is Base.metadata for part in parts)


@event.listens_for(ScopedSession, "before_flush")
def _stamp_clinic(session: ScopedSession, flush: UOWTransaction, _instances: object) -> None:
    order_by_foreign_keys(flush, {inspect(row).mapper for row in session.new})
    for row in (*session.new, *session.dirty, *session.deleted):
        if not isinstance(row, TenantRow):
            continue
        tenant_id = session.require_tenant()
        if getattr(row, "tenant_id", None) is None:
            row.tenant_id = tenant_id
        elif row.tenant_id != tenant_id:
            raise OutsideScope("the row belongs to another clinic")
