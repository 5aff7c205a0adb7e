"""Rows as lines of JSON: encrypted fields opened, with the class of their key; files beside them.

What no living key opens any more was destroyed on purpose or is damaged: it is exported as
unreadable, so that nobody takes its absence for an empty field.
"""

import json
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import RowMapping

from app.leaving.queries import PATIENT
from app.leaving.tables import CIPHER, Shape
from app.leaving.values import Json, to_json
from app.vault import KeyBunch

UNREADABLE: Json = {"unreadable": True}


def lines_of(shape: Shape, rows: Sequence[RowMapping], keys: KeyBunch) -> bytes:
    """Return rows as JSON lines; ``keys`` are gathered for the patients of these rows."""
    return b"".join(
        json.dumps(_plain(shape, row, keys), ensure_ascii=False, separators=(",", ":")).encode()
        + b"\n"
        for row in rows
    )


def patients_of(rows: Sequence[RowMapping]) -> set[uuid.UUID]:
    """Return the patients that rows are about."""
    return {row[PATIENT] for row in rows if row[PATIENT] is not None}


def places_of(shape: Shape, column: str) -> Iterator[str]:
    """Yield the names by which a column may have been called when it was encrypted."""
    yield f"{shape.name}.{column.removesuffix(CIPHER)}"
    yield f"{shape.name}.{column}"


def _plain(shape: Shape, row: RowMapping, keys: KeyBunch) -> Json:
    hidden = {*shape.ciphers, *shape.blind_indexes}
    made: Json = {c.name: to_json(row[c.name]) for c in shape.columns if c.name not in hidden}
    for column in shape.ciphers:
        made[column] = _opened(shape, row, column, keys)
    return made


def _opened(shape: Shape, row: RowMapping, column: str, keys: KeyBunch) -> Json | None:
    cipher, patient_id = row[column], row[PATIENT]
    if cipher is None:
        return None
    for place in places_of(shape, column):
        found = keys.open_value(patient_id, place, row["id"], bytes(cipher))
        if found is not None:
            whose: Any = None if found.key == "clinic" else str(patient_id)
            text = found.data.decode()
            return {"key": found.key, "patient": whose, "place": place, "text": text}
    return dict(UNREADABLE)
