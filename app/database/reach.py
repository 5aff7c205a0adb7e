"""The third wall: people who are limited to some locations see and make rows of those alone.

The limit lies on the session, like the clinic, so that no query can forget it: every ORM statement
is narrowed before it is sent, and a new row elsewhere is refused. What reaches where is one table
in ``app/reach.py``. Patients, jobs and commands have no limit. A question that must see the whole
clinic for a patient's safety says so with ``execution_options(everywhere=True)``.
"""

import uuid
from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, Table, event, inspect, or_, select, true
from sqlalchemy.orm import (
    LoaderCriteriaOption,
    ORMExecuteState,
    UOWTransaction,
    with_loader_criteria,
)
from sqlalchemy.sql import visitors

from app.database.base import TenantRow
from app.database.scope import ScopedSession
from app.errors import NotFound

Places = frozenset[uuid.UUID]
# A rule gets the columns of a model or of its table, and returns what must hold for a row.
Rule = Callable[[Any, Places], ColumnElement[bool]]
RULES: dict[type[TenantRow], list[Rule]] = {}
PLACED: set[type[TenantRow]] = set()


class OutsideReach(NotFound):
    """The location is not one of those to which the member of staff is limited."""

    code = "outside_reach"
    title = "There is no such location for you"


def at_location(*models: type[TenantRow]) -> None:
    """A row is in reach where its own ``location_id`` is."""
    for model in models:
        PLACED.add(model)
        RULES.setdefault(model, []).append(lambda row, places: row.location_id.in_(places))


def through(model: type[TenantRow], column: str, parent: type[TenantRow]) -> None:
    """A row is in reach where the row that ``column`` names is; several of these: where any is."""

    def rule(row: Any, places: Places) -> ColumnElement[bool]:
        table = _table(parent).alias()
        same = (table.c.tenant_id == row.tenant_id) & (table.c.id == getattr(row, column))
        return select(true()).where(same, _within(parent, table.c, places)).exists()

    RULES.setdefault(model, []).append(rule)


def because_of(model: type[TenantRow], child: type[TenantRow], column: str) -> None:
    """A row is in reach also where some placed row is that names it in ``column``."""

    def rule(row: Any, places: Places) -> ColumnElement[bool]:
        table = _table(child).alias()
        same = (table.c.tenant_id == row.tenant_id) & (table.c[column] == row.id)
        return select(true()).where(same, table.c.location_id.in_(places)).exists()

    RULES.setdefault(model, []).append(rule)


def joined_by(model: type[TenantRow], column: str) -> None:
    """Rows that were joined are in reach together: one names the other in ``column``, or both name
    the same row. Call it after the model's other rules."""
    others = tuple(RULES[model])

    def rule(row: Any, places: Places) -> ColumnElement[bool]:
        table = _table(model).alias()
        kept, own = getattr(row, column), table.c[column]
        joined = or_(table.c.id == kept, own == row.id, own == kept)
        allowed = or_(*(one(table.c, places) for one in others))
        return select(true()).where(table.c.tenant_id == row.tenant_id, joined, allowed).exists()

    RULES[model].append(rule)


def unless_about(model: type[TenantRow], column: str, *subjects: type[TenantRow]) -> None:
    """Narrow a model's other rules: not where ``column`` names a placed row of another place."""
    others = RULES[model]

    def rule(row: Any, places: Places) -> ColumnElement[bool]:
        allowed = or_(*(one(row, places) for one in others))
        for subject in subjects:
            table = _table(subject).alias()
            same = (table.c.tenant_id == row.tenant_id) & (table.c.id == getattr(row, column))
            # An offset of nothing makes PostgreSQL look at the one row, not first at all of them.
            elsewhere = select(true()).where(same, table.c.location_id.not_in(places)).offset(0)
            allowed = allowed & ~elsewhere.exists()
        return allowed

    RULES[model] = [rule]


def exists_in_reach(session: ScopedSession, table: str, row_id: uuid.UUID) -> bool:
    """Return whether a row exists for whoever acts, for rooms that lie below the table's own."""
    model = next(one for one in RULES if _table(one).name == table)
    wanted = (session.require_tenant(), row_id)
    return session.get(model, wanted) is not None


def _table(model: type[TenantRow]) -> Table:
    found: Table = inspect(model).local_table
    return found


def _within(model: type[TenantRow], row: Any, places: Places) -> ColumnElement[bool]:
    return or_(*(rule(row, places) for rule in RULES[model]))


@event.listens_for(ScopedSession, "do_orm_execute")
def _narrow(state: ORMExecuteState) -> None:
    session = state.session
    if not isinstance(session, ScopedSession) or session.places is None:
        return
    if state.is_column_load or state.is_relationship_load:
        return
    if state.execution_options.get("everywhere"):
        return
    if state.is_select or state.is_update or state.is_delete:
        asked = _models_in(state.statement)
        state.statement = state.statement.options(*(_option(session, one) for one in asked))


def _models_in(statement: Any) -> set[type[TenantRow]]:
    """Return the models that a statement asks for, so that only theirs are narrowed.

    An ``aliased()`` model would keep the columns of the model itself in its rule. So it is refused:
    a plain ``Model.__table__.alias()`` is not narrowed, and the query says why that is right.
    """
    found = set()
    for part in visitors.iterate(statement):
        found.add(getattr(part, "table", part))
        entity = getattr(part, "_annotations", {}).get("parententity")
        if entity is not None and entity.is_aliased_class and entity.class_ in RULES:
            raise TypeError(f"an alias of {entity.class_.__name__} cannot be narrowed to locations")
    tables = {one for one in found if isinstance(one, Table)}
    return {model for model in RULES if _table(model) in tables}


def _option(session: ScopedSession, model: type[TenantRow]) -> LoaderCriteriaOption:
    """Return what narrows a model for this session; made once."""
    made: dict[type[TenantRow], LoaderCriteriaOption] = session.info.setdefault("reach", {})
    if model not in made:
        within = _within(model, model, session.places or frozenset())
        made[model] = with_loader_criteria(model, within, include_aliases=True)
    return made[model]


@event.listens_for(ScopedSession, "before_flush")
def _refuse_elsewhere(session: ScopedSession, _flush: UOWTransaction, _instances: object) -> None:
    if session.places is None:
        return
    for row in (*session.new, *session.dirty):
        if type(row) not in PLACED or row.location_id in session.places:
            continue
        if inspect(row).attrs.location_id.history.has_changes():
            raise OutsideReach
