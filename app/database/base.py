"""The declarative base and the words that every model is written with.

A table either belongs to a clinic (``TenantOwned``: its key starts with ``tenant_id``) or lies in
the control plane, where the application has no rights at all and goes through definer functions.
"""

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    CheckConstraint,
    ColumnDefault,
    Date,
    DateTime,
    ForeignKeyConstraint,
    LargeBinary,
    MetaData,
    Text,
    Uuid,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

from app.kit.ids import new_id

NAMING = {
    "pk": "%(table_name)s_pk",
    "uq": "%(table_name)s_%(column_0_N_name)s_uq",
    "ix": "%(table_name)s_%(column_0_N_name)s_ix",
    "ck": "%(table_name)s_%(constraint_name)s_ck",
    "fk": "%(table_name)s_%(column_1_name)s_fk",
}


class Base(DeclarativeBase):
    """Every model's base: text without length, aware instants, constraint names by convention."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {
        datetime: DateTime(timezone=True),
        date: Date(),
        uuid.UUID: Uuid(),
        str: Text(),
        bytes: LargeBinary(),
    }

    def __init__(self, **values: Any) -> None:
        # Plain defaults are set at once and not at flush, so that an answer may show them before.
        for name, column in type(self).__mapper__.columns.items():
            if (
                name not in values
                and isinstance(column.default, ColumnDefault)
                and column.default.is_scalar
            ):
                values[name] = column.default.arg
        for name, value in values.items():
            if name not in type(self).__mapper__.attrs:
                raise TypeError(f"{type(self).__name__} has no column {name!r}")
            setattr(self, name, value)


# Flask-SQLAlchemy owns the engines and the session's choice of them; the models stay plain.
db = SQLAlchemy(metadata=Base.metadata)


class TenantRow:
    """A row of one clinic, whatever else its key holds."""

    @declared_attr
    @classmethod
    def tenant_id(cls) -> Mapped[uuid.UUID]:
        """Return the clinic's column: first of every key, never updated."""
        return mapped_column(primary_key=True, sort_order=-2)


class TenantOwned(TenantRow):
    """A row with the primary key ``(tenant_id, id)``; the id is made in Python."""

    @declared_attr
    @classmethod
    def id(cls) -> Mapped[uuid.UUID]:
        """Return the row's own column, a UUIDv7."""
        return mapped_column(primary_key=True, default=new_id, sort_order=-1)


def tenant_table(
    *constraints: Any,
    append_only: bool = False,
    updatable: Sequence[str] | None = None,
    deletable: bool = False,
    by_hand: bool = False,
) -> tuple[Any, ...]:
    """Return ``__table_args__`` that also say what the application may do with the rows.

    :param append_only: SELECT and INSERT only; history is kept by privilege, not by trigger.
    :param updatable: the only columns that UPDATE may touch; ``None`` means all but the key.
    :param deletable: whether DELETE is granted.
    :param by_hand: the table is written by hand in a migration (temporal constraints).
    """
    info = {
        "append_only": append_only,
        "updatable": None if updatable is None else tuple(updatable),
        "deletable": deletable,
        "by_hand": by_hand,
    }
    return (*constraints, {"info": info})


def tenant_fk(
    column: str, target: str, *, target_column: str = "id", name: str | None = None
) -> ForeignKeyConstraint:
    """Return the composite foreign key ``(tenant_id, column)`` → ``target(tenant_id, …)``."""
    return ForeignKeyConstraint(
        ["tenant_id", column], [f"{target}.tenant_id", f"{target}.{target_column}"], name=name
    )


def one_of(column: str, values: Sequence[str]) -> CheckConstraint:
    """Return a CHECK that a text column holds one of the values of a ``StrEnum``."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)
