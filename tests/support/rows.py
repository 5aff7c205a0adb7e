"""One row of any table, with every row that it refers to, made from the metadata alone.

A new table is covered as soon as it exists: columns get values by type, foreign keys by making
their parents first, and checks on listed values by taking the first of the list.
"""

import itertools
import re
import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import CheckConstraint, Column, Connection, Table, insert
from sqlalchemy.dialects.postgresql import Range

from app.database import Base

Row = dict[str, Any]
LONG_AGO = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
LISTED = re.compile(r"^(\w+) IN \('([^']*)'")
# What a check demands and a type alone cannot say.
FITTING: dict[str, Row] = {
    "plan_version": {"sessions": 3, "skin_type": 2},
    "form_version": {"procedure_id": "mechanical_microneedling"},
    "plan_spot": {"number": 1},
    "patient_question": {"answer_cipher": b"answered", "answered_at": LONG_AGO},
    "package": {"sessions": 3},
    "plan_area": {"max_depth_um": 1000},
    "consent_grant": {"max_depth_um": 1000},
    "treatment_area": {"depth_um": 1000},
    "ledger_account": {"has_floor": False},
    "stripe_account": {"account_id": "acct_ofArow"},
    "purchase": {"price_minor": 2, "deposit_minor": 1},
    "refund_quote": {
        **{"paid_minor": 3, "used_minor": 1, "quoted_minor": 2},
        **{"sessions": 3, "sessions_used": 1},
    },
    "qualification": {"verified_at": LONG_AGO},
    "rights_decision": {"reason": "kept"},
    "safety_notice": {"ended_at": LONG_AGO},
    "hold_agreement": {"outside_review_id": None},
}
# Tables drawn by hand keep their foreign keys in the migration, not in the metadata.
BY_HAND: dict[str, tuple[tuple[str, dict[str, str]], ...]] = {
    "consent_grant": (
        ("attestation", {"attestation_id": "id"}),
        ("consent", {"consent_id": "id", "patient_id": "patient_id"}),
    ),
    "treatment_area": (
        ("treatment", {"treatment_id": "id"}),
        (
            "consent_grant",
            {
                "consent_id": "consent_id",
                "patient_id": "patient_id",
                "procedure_id": "procedure_id",
                "area": "area",
                "granted_um": "max_depth_um",
            },
        ),
    ),
}
_numbers = itertools.count(1)


class World:
    """The rows of one clinic, at most one per table, each made when it is first asked for."""

    def __init__(self, connection: Connection, tenant_id: uuid.UUID) -> None:
        self.connection, self.tenant_id = connection, tenant_id
        self.rows: dict[str, Row] = {}

    def row(self, name: str) -> Row:
        """Return the clinic's row of a table, inserted with all its parents at the first use."""
        if name not in self.rows:
            values = self.values(name)
            self.connection.execute(insert(Base.metadata.tables[name]).values(values))
            self.rows[name] = values
        return self.rows[name]

    def values(self, name: str) -> Row:
        """Return values that fit a new row of a table, without inserting it."""
        table = Base.metadata.tables[name]
        values = {
            column.name: self._value(table, column)
            for column in table.columns
            if column.computed is None
        }
        values["tenant_id"] = self.tenant_id
        if name == "clinic":
            values["id"] = self.tenant_id
        values.update(self._parents(table))
        return {**values, **FITTING.get(name, {})}

    def _parents(self, table: Table) -> Row:
        found: Row = {}
        for key in table.foreign_key_constraints:
            parent = key.referred_table.name
            if parent == table.name:
                found.update({c.name: None for c in key.columns if c.name != "tenant_id"})
                continue
            target = self._second(parent) if key.name in SECOND else self.row(parent)
            found.update({e.parent.name: target[e.column.name] for e in key.elements})
        for parent, columns in BY_HAND.get(table.name, ()):
            target = self.row(parent)
            found.update({mine: target[theirs] for mine, theirs in columns.items()})
        return found

    def _second(self, parent: str) -> Row:
        """Return another row of a table, where a check wants two different parents."""
        marked = f"{parent} again"
        if marked not in self.rows:
            first = self.row(parent)
            values = self.values(parent)
            if "currency" in first:
                values["currency"] = first["currency"]
            self.connection.execute(insert(Base.metadata.tables[parent]).values(values))
            self.rows[marked] = values
        return self.rows[marked]

    def _value(self, table: Table, column: Column[Any]) -> Any:
        if column.nullable:
            return None
        listed = _listed_values(table).get(column.name)
        return listed if listed is not None else _plain_value(column)


SECOND = frozenset(
    {"transfer_credit_account_fk", "patient_merge_kept_id_fk", "qualification_verified_by_fk"}
)


def _listed_values(table: Table) -> dict[str, str]:
    checks = (c for c in table.constraints if isinstance(c, CheckConstraint))
    found = (LISTED.match(str(check.sqltext)) for check in checks)
    return {match.group(1): match.group(2) for match in found if match}


def _plain_value(column: Column[Any]) -> Any:
    kind = getattr(column.type, "python_type", None) if column.name != "valid" else Range
    number = next(_numbers)
    if kind is int:
        return number % 2_000_000 + 1
    if kind is datetime:
        return LONG_AGO
    fresh: dict[Any, Any] = {
        uuid.UUID: uuid.uuid4(),
        str: f"text-{number}-{uuid.uuid4().hex[:6]}",
        bytes: uuid.uuid4().bytes,
        date: date(2099, 1, 1),
        bool: False,
        Range: Range(LONG_AGO - timedelta(days=1), LONG_AGO + timedelta(days=365)),
    }
    return fresh.get(kind, [])


def key_of(table: Table, row: Row) -> tuple[Any, ...]:
    """Return a row's primary key, as ``Session.get`` wants it."""
    return tuple(row[column.name] for column in table.primary_key.columns)
