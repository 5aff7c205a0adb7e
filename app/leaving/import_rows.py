"""Lines of an export as rows again: encrypted under new keys, in the same places, ids as they were.

What was unreadable stays so: the row gets bytes that no key opens.
"""

import os
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from app.audit.models import AuditEvent
from app.audit.services import event_bytes
from app.database import TenantScope
from app.leaving.export_reader import Export, Row
from app.leaving.tables import Shape
from app.leaving.values import from_json
from app.vault import blind_index, encrypt_field, seal_for_clinic, sign_row

# A ciphertext by its form; it was made by no key, and so no key opens it.
FORM, NOISE = b"\x01", 44
# A person's id in an event is sealed in the chain and stays as it was.
SEALED_TABLE = "audit_event"


def values_of(
    scope: TenantScope, shape: Shape, row: Row, people: Mapping[uuid.UUID, uuid.UUID]
) -> dict[str, Any]:
    """Return a row's values for this installation; ``people`` maps accounts that differ here."""
    made = {
        column.name: _value(scope, shape, row, column.name, column)
        for column in shape.columns
        if column.name not in shape.blind_indexes
    }
    for name, source in shape.blind_indexes.items():
        made[name] = _index(scope, shape, name, row[source])
    if shape.name == "clinic":
        made["leaving_since"] = None  # It left there, and arrives here.
    if shape.name == SEALED_TABLE:
        made["mac"] = sign_row(scope.tenant_id, event_bytes(AuditEvent(**made)))
    elif "person_id" in made:
        made["person_id"] = people.get(made["person_id"], made["person_id"])
    return made


def _value(scope: TenantScope, shape: Shape, row: Row, name: str, column: Any) -> Any:
    value = row.get(name)
    if value is None or name not in shape.ciphers:
        return from_json(column, value)
    if "unreadable" in value:
        return FORM + os.urandom(NOISE)
    row_id, text, place = uuid.UUID(row["id"]), value["text"], value["place"]
    if value["key"] == "clinic":
        return seal_for_clinic(scope, place=place, row_id=row_id, text=text)
    return encrypt_field(
        scope,
        patient_id=uuid.UUID(value["patient"]),
        place=place,
        row_id=row_id,
        text=text,
        retention=value["key"],
    )


def _index(scope: TenantScope, shape: Shape, name: str, source: Row | None) -> bytes | None:
    if source is None or "text" not in source:
        return None
    place = f"{shape.name}.{name.removesuffix('_index')}"
    return blind_index(scope, place, source["text"])


def in_own_order(export: Export, shape: Shape) -> Iterator[Row]:
    """Yield a table's rows, each after the row of the same table that it refers to."""
    own = [one for one in shape.references if one.table == shape.name]
    if not own:
        yield from export.rows(shape.name)
        return
    written: set[str] = set()
    waiting = list(export.rows(shape.name))
    while waiting:
        held = []
        for row in waiting:
            named = [row[one.columns[-1]] for one in own]
            if all(name is None or name == row["id"] or name in written for name in named):
                written.add(row["id"])
                yield row
            else:
                held.append(row)
        if len(held) == len(waiting):
            raise ValueError(f"rows of {shape.name} refer to each other in a circle")
        waiting = held
