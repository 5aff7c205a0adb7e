"""What a clinic's tables look like to an export, read from the models' metadata alone.

A new table is exported as soon as it exists. The words that it is read by are conventions of the
house: ``*_cipher`` is encrypted, ``*_index`` beside it is a blind index, ``object_name`` with
``sha256`` and ``length`` is a stored file.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from sqlalchemy import Column, LargeBinary, Table

from app.database import Base

# Left out of every export, and why.
LEFT_OUT = {
    "idempotency_key": "answers to repeated requests, kept for a short time only",
    "patient_token": "what the search finds patients by, keyed; made again by an import",
    "patient_import": "the report of reading a list of patients in, kept for a short time only",
    "patient_import_row": "the same",
    "data_export": "exports of single patients, kept for a short time only",
    "data_export_part": "the same",
    "audit_head": "where the chain ends, tagged by this installation; made again by an import",
    "clinic_export": "exports themselves",
    "clinic_export_part": "exports themselves",
}
CIPHER, INDEX = "_cipher", "_index"


@dataclass(frozen=True)
class Reference:
    """A foreign key: these columns, in this order, name a row of ``table`` by ``targets``."""

    columns: tuple[str, ...]
    table: str
    targets: tuple[str, ...]


# Tables drawn by hand keep their foreign keys in a migration. A period lies within, and is no key.
_SAME_AREA = ("tenant_id", "patient_id", "procedure_id", "area")
BY_HAND = {
    "consent_grant": (
        Reference(("tenant_id", "attestation_id"), "attestation", ("tenant_id", "id")),
        Reference(("tenant_id", "consent_id"), "consent", ("tenant_id", "id")),
    ),
    "treatment_area": (
        Reference(("tenant_id", "treatment_id"), "treatment", ("tenant_id", "id")),
        Reference(
            (*_SAME_AREA, "granted_um", "consent_id"),
            "consent_grant",
            (*_SAME_AREA, "max_depth_um", "consent_id"),
        ),
    ),
}


@dataclass(frozen=True)
class Shape:
    """One table. ``to_patient`` leads from a row to the patient whose key may have closed it.

    It is a chain of (column, table): the column's value is an id in the next table, and the last
    table is "patient". Empty for rows of the clinic alone.
    """

    table: Table
    columns: tuple[Column[object], ...]
    references: tuple[Reference, ...]
    to_patient: tuple[tuple[str, str], ...]

    @property
    def name(self) -> str:
        """The table's name."""
        return self.table.name

    @property
    def key(self) -> tuple[Column[object], ...]:
        """The primary key without the clinic, in which pages are read."""
        return tuple(c for c in self.table.primary_key.columns if c.name != "tenant_id")

    @property
    def ciphers(self) -> tuple[str, ...]:
        """The encrypted columns."""
        return tuple(
            c.name
            for c in self.columns
            if c.name.endswith(CIPHER) and isinstance(c.type, LargeBinary)
        )

    @property
    def blind_indexes(self) -> dict[str, str]:
        """Each blind index with the encrypted column that it is made from."""
        stems = {name.removesuffix(CIPHER): name for name in self.ciphers}
        found = {c.name: stems.get(c.name.removesuffix(INDEX)) for c in self.columns}
        return {name: source for name, source in found.items() if source and name.endswith(INDEX)}

    @property
    def has_files(self) -> bool:
        """Whether each row owns a stored file, with its hash."""
        return {"object_name", "sha256", "length"} <= {c.name for c in self.columns}

    @property
    def is_deletable(self) -> bool:
        """Whether rows may go while an export is being made."""
        return bool(self.table.info.get("deletable"))


@cache
def shapes() -> tuple[Shape, ...]:
    """Return every table of an export, each after all that it refers to."""
    tables = {
        name: table for name, table in Base.metadata.tables.items() if "tenant_id" in table.columns
    }
    made = {name: _shape(table, tables) for name, table in tables.items() if name not in LEFT_OUT}
    return tuple(_in_order(made))


@cache
def all_tables() -> tuple[str, ...]:
    """Return the names of all tables of a clinic, each after all that it refers to."""
    left_out = [
        name
        for name in Base.metadata.tables
        if name in LEFT_OUT and "tenant_id" in Base.metadata.tables[name].columns
    ]
    return (*(shape.name for shape in shapes()), *sorted(left_out))


def tables_with_objects() -> list[Table]:
    """Return every table whose rows name an object of the store, also those left out."""
    tables = (Base.metadata.tables[name] for name in all_tables())
    return [table for table in tables if "object_name" in table.columns]


def shape_of(name: str) -> Shape:
    """Return one table's shape; raises KeyError."""
    return {shape.name: shape for shape in shapes()}[name]


def _shape(table: Table, tables: dict[str, Table]) -> Shape:
    return Shape(
        table,
        tuple(column for column in table.columns if column.computed is None),
        tuple(references_of(table)),
        _way_to_patient(table.name, tables),
    )


def references_of(table: Table) -> list[Reference]:
    """Return a table's foreign keys, in the order of their columns."""
    drawn = [
        Reference(
            tuple(element.parent.name for element in key.elements),
            key.referred_table.name,
            tuple(element.column.name for element in key.elements),
        )
        for key in table.foreign_key_constraints
    ]
    return sorted([*drawn, *BY_HAND.get(table.name, ())], key=lambda one: one.columns)


def _way_to_patient(name: str, tables: dict[str, Table]) -> tuple[tuple[str, str], ...]:
    """Return the shortest way from a row to a patient, by ids."""
    waiting: list[tuple[str, tuple[tuple[str, str], ...]]] = [(name, ())]
    seen = {name}
    while waiting:
        here, way = waiting.pop(0)
        if here == "patient" and not way:
            return (("id", "patient"),)
        if "patient_id" in tables[here].columns:
            return (*way, ("patient_id", "patient"))
        for one in references_of(tables[here]):
            if one.targets == ("tenant_id", "id") and one.table not in seen:
                seen.add(one.table)
                if one.table == "patient":
                    return (*way, (one.columns[1], "patient"))
                waiting.append((one.table, (*way, (one.columns[1], one.table))))
    return ()


def _in_order(made: dict[str, Shape]) -> Iterable[Shape]:
    waiting, placed = dict(sorted(made.items())), set[str]()
    while waiting:
        ready = [
            shape
            for name, shape in waiting.items()
            if {one.table for one in shape.references} - {name} <= placed
        ]
        if not ready:
            raise ValueError(f"tables refer to each other in a circle: {sorted(waiting)}")
        for shape in ready:
            yield shape
            placed.add(shape.name)
            del waiting[shape.name]
