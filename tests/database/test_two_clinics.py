"""Two clinics, every table, every way to ask: the matrix is made from the models.

A new model is in the matrix as soon as it exists. A cell counts only because its owner reaches it.
"""

import uuid
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import ForeignKeyConstraint, Table, and_, delete, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError

from app import models
from app.database import SYSTEM, Base, OutsideScope, TenantScope, tenant_scope
from tests.support.rows import Row, World, key_of

models.load()
MAPPED = {mapper.local_table.name: mapper.class_ for mapper in Base.registry.mappers}
TABLES = [table for table in Base.metadata.sorted_tables if "tenant_id" in table.columns]
KEYS = sorted(
    ((table, key) for table in TABLES for key in table.foreign_key_constraints),
    key=lambda pair: str(pair[1].name),
)
INSUFFICIENT_PRIVILEGE = "42501"


@dataclass
class Clinic:
    """A clinic with one row in every table."""

    tenant_id: uuid.UUID
    rows: dict[str, Row]


@pytest.fixture(scope="module")
def clinics(app: Flask) -> tuple[Clinic, Clinic]:
    """Two clinics, each with a row in every table."""
    made = []
    with app.app_context():
        for _ in range(2):
            with tenant_scope(uuid.uuid4(), SYSTEM) as scope:
                world = World(scope.session.connection(), scope.tenant_id)
                for table in TABLES:
                    world.row(table.name)
            made.append(Clinic(scope.tenant_id, world.rows))
    return made[0], made[1]


@pytest.fixture
def owner(clinics: tuple[Clinic, Clinic]) -> Clinic:
    return clinics[0]


@pytest.fixture
def stranger(clinics: tuple[Clinic, Clinic]) -> Clinic:
    return clinics[1]


pytestmark = pytest.mark.usefixtures("context")
every_table = pytest.mark.parametrize("table", TABLES, ids=str)


def refusal(scope: TenantScope, statement: Any) -> str:
    """Run a statement in a savepoint; return its SQLSTATE, or the number of rows it touched."""
    try:
        with scope.session.begin_nested():
            done = scope.session.execute(statement)
            return f"{done.rowcount} rows"
    except DBAPIError as error:
        return str(getattr(error.orig, "sqlstate", None))


def same_key(table: Table, row: Row) -> Any:
    """Return the condition that names one row by its whole key."""
    return and_(*(column == row[column.name] for column in table.primary_key.columns))


def counts(scope: TenantScope, table: Table, row: Row) -> list[int]:
    """Return how many rows Core, raw SQL and the ORM find: by key, by clinic, in the table."""
    connection = scope.session.connection()
    named = {"t": row["tenant_id"]}
    results = [
        connection.execute(select(func.count()).select_from(table).where(same_key(table, row))),
        connection.execute(text(f"SELECT count(*) FROM {table.name} WHERE tenant_id = :t"), named),
        connection.execute(
            text(f"SELECT count(*) FILTER (WHERE tenant_id = :t) FROM {table.name}"), named
        ),
        connection.execute(
            text(f"SELECT count(*) FROM clinic c JOIN {table.name} x ON x.tenant_id = :t"), named
        ),
    ]
    found = [result.scalar_one() for result in results]
    model = MAPPED[table.name]
    listed = scope.session.scalars(select(model)).all()
    found.append(sum(one.tenant_id == row["tenant_id"] for one in listed))
    named = scope.session.scalars(select(model).where(model.tenant_id == row["tenant_id"]))
    return [*found, len(named.all())]


@every_table
def test_only_the_owner_can_read_a_row(owner: Clinic, stranger: Clinic, table: Table) -> None:
    row = owner.rows[table.name]
    with tenant_scope(owner.tenant_id, SYSTEM) as scope:
        assert min(counts(scope, table, row)) >= 1
        assert scope.session.get(MAPPED[table.name], key_of(table, row)) is not None

    with tenant_scope(stranger.tenant_id, SYSTEM) as scope:
        assert max(counts(scope, table, row)) == 0
        with pytest.raises(OutsideScope):
            scope.session.get(MAPPED[table.name], key_of(table, row))


@every_table
def test_only_the_owner_can_change_a_row(owner: Clinic, stranger: Clinic, table: Table) -> None:
    row = owner.rows[table.name]
    may_update = not table.info["append_only"]
    plain = [c.name for c in table.columns if not c.primary_key]
    # A table that is all key is written over in its key.
    name = (table.info["updatable"] or plain or [c.name for c in table.columns][-1:])[0]
    values = {name: row[name]}
    by_core = update(table).where(same_key(table, row)).values(values)
    by_orm = update(MAPPED[table.name]).where(same_key(table, row)).values(values)
    with tenant_scope(owner.tenant_id, SYSTEM) as scope:
        expected = "1 rows" if may_update else INSUFFICIENT_PRIVILEGE
        assert refusal(scope, by_core) == expected

    with tenant_scope(stranger.tenant_id, SYSTEM) as scope:
        expected = "0 rows" if may_update else INSUFFICIENT_PRIVILEGE
        assert {refusal(scope, by_core), refusal(scope, by_orm)} == {expected}


@every_table
def test_nobody_can_move_a_row_to_another_clinic(
    owner: Clinic, stranger: Clinic, table: Table
) -> None:
    row = owner.rows[table.name]
    moved = update(table).where(same_key(table, row)).values(tenant_id=stranger.tenant_id)
    with tenant_scope(owner.tenant_id, SYSTEM) as scope:
        assert refusal(scope, moved) == INSUFFICIENT_PRIVILEGE


@every_table
def test_only_the_owner_can_delete_a_row(owner: Clinic, stranger: Clinic, table: Table) -> None:
    row = owner.rows[table.name]
    gone = delete(table).where(same_key(table, row))
    may_delete = table.info["deletable"]
    with tenant_scope(owner.tenant_id, SYSTEM) as scope:
        assert refusal(scope, gone) == ("1 rows" if may_delete else INSUFFICIENT_PRIVILEGE)
        scope.session.rollback()

    with tenant_scope(stranger.tenant_id, SYSTEM) as scope:
        assert refusal(scope, gone) == ("0 rows" if may_delete else INSUFFICIENT_PRIVILEGE)


@every_table
def test_nobody_can_put_a_row_into_another_clinic(
    owner: Clinic, stranger: Clinic, table: Table
) -> None:
    row = owner.rows[table.name]
    model = MAPPED[table.name]
    with tenant_scope(stranger.tenant_id, SYSTEM) as scope:
        assert refusal(scope, insert(table).values(row)) == INSUFFICIENT_PRIVILEGE
        assert refusal(scope, insert(model).values([row, row])) == INSUFFICIENT_PRIVILEGE
        over = upsert(table).values(row).on_conflict_do_nothing()
        assert refusal(scope, over) == INSUFFICIENT_PRIVILEGE
        scope.session.add(model(**row))
        with pytest.raises(OutsideScope):
            scope.session.flush()
        scope.session.rollback()


@every_table
def test_writing_over_an_invisible_row_is_refused(
    owner: Clinic, stranger: Clinic, table: Table
) -> None:
    row = owner.rows[table.name]
    names = [c.name for c in table.columns if not c.primary_key and c.computed is None]
    if not names or table.name == "consent_grant":
        names = ["patient_id"]
    keys = [] if table.name == "consent_grant" else list(table.primary_key.columns)
    statement = upsert(table).values(row)
    if keys:
        over = statement.on_conflict_do_update(index_elements=keys, set_={names[0]: row[names[0]]})
    else:
        over = statement.on_conflict_do_nothing()
    with tenant_scope(stranger.tenant_id, SYSTEM) as scope:
        assert refusal(scope, over) == INSUFFICIENT_PRIVILEGE


# Keys of which a row has one or the other: what makes room for the one that is tried.
INSTEAD = {
    "hold_agreement_outside_review_id_fk": {"staff_id": None},
    "photo_copied_from_fk": {"purpose": "marketing"},
}


@pytest.mark.parametrize(("table", "key"), KEYS, ids=[str(key.name) for _, key in KEYS])
def test_a_row_cannot_refer_to_another_clinics_row(
    owner: Clinic, stranger: Clinic, table: Table, key: ForeignKeyConstraint
) -> None:
    columns = [c.name for c in key.columns if c.name not in {"tenant_id", "currency"}]
    target = {e.parent.name: e.column.name for e in key.elements}
    foreign = owner.rows[key.referred_table.name]
    with tenant_scope(stranger.tenant_id, SYSTEM) as scope:
        world = World(scope.session.connection(), stranger.tenant_id)
        values = world.values(table.name)
        smuggled = {**values, **{name: foreign[target[name]] for name in columns}}
        smuggled |= INSTEAD.get(str(key.name), {})
        if "currency" in target:
            smuggled["currency"] = foreign["currency"]
        with pytest.raises(IntegrityError) as caught:
            scope.session.connection().execute(insert(table).values(smuggled))
        scope.session.rollback()

    assert caught.value.orig.sqlstate == "23503"


@every_table
def test_nothing_is_there_without_a_clinic(app: Flask, app_engine: Any, table: Table) -> None:
    with app_engine.connect() as connection, pytest.raises(ProgrammingError):
        connection.execute(select(table))


@pytest.mark.parametrize("schema", ["control", "queue"])
def test_the_application_reads_nothing_beyond_its_own_tables(
    app_engine: Any, over_the_wall: Any, schema: str
) -> None:
    tables = over_the_wall.scalars(
        text("SELECT tablename FROM pg_tables WHERE schemaname = :s"), {"s": schema}
    ).all()
    assert tables

    for table in tables:
        with app_engine.connect() as connection, pytest.raises(ProgrammingError) as caught:
            connection.execute(text(f"SELECT * FROM {schema}.{table}"))
        assert caught.value.orig.sqlstate == INSUFFICIENT_PRIVILEGE


def test_the_matrix_holds_every_table_of_a_clinic() -> None:
    assert set(TABLES) == set(Base.metadata.tables.values())
    assert set(MAPPED) == set(Base.metadata.tables)
