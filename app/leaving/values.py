"""Values of columns as JSON and back, exactly: what is read is what was written."""

import base64
import uuid
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import ARRAY, JSON, Boolean, Column, Date, DateTime, LargeBinary, Text, Uuid
from sqlalchemy.dialects.postgresql import TSTZRANGE, Range
from sqlalchemy.types import Integer

Json = dict[str, Any]
_TYPES: tuple[tuple[type[Any], Json], ...] = (
    (Uuid, {"type": "string", "format": "uuid"}),
    (DateTime, {"type": "string", "format": "date-time"}),
    (Date, {"type": "string", "format": "date"}),
    (LargeBinary, {"type": "string", "contentEncoding": "base64"}),
    (Boolean, {"type": "boolean"}),
    (Integer, {"type": "integer"}),
    (TSTZRANGE, {"$ref": "#/$defs/period"}),
    (ARRAY, {"type": "array"}),
    (JSON, {}),
    (Text, {"type": "string"}),
)


def json_type(column: Column[object]) -> Json:
    """Return the JSON Schema of a column's values; raises TypeError for a type not seen before."""
    for kind, schema in _TYPES:
        if isinstance(column.type, kind):
            return dict(schema)
    raise TypeError(f"{column} has a type that an export does not know: {column.type!r}")


def to_json(value: Any) -> Any:
    """Return a column's value as JSON knows it."""
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(bytes(value)).decode()
    if isinstance(value, list):
        return [to_json(one) for one in value]
    if isinstance(value, Range):
        return {
            "lower": to_json(value.lower),
            "upper": to_json(value.upper),
            "bounds": value.bounds,
        }
    return value


def from_json(column: Column[object], value: Any) -> Any:
    """Return the value that a column holds; raises ValueError or TypeError for another shape."""
    if value is None:
        return None
    kind = column.type
    if isinstance(kind, ARRAY):
        item: Column[object] = Column(kind.item_type)
        return [from_json(item, one) for one in value]
    if isinstance(kind, Uuid):
        return uuid.UUID(value)
    if isinstance(kind, DateTime):
        return datetime.fromisoformat(value)
    if isinstance(kind, Date):
        return date.fromisoformat(value)
    if isinstance(kind, LargeBinary):
        return base64.b64decode(value, validate=True)
    if isinstance(kind, TSTZRANGE):
        ends = [None if value[end] is None else datetime.fromisoformat(value[end]) for end in _ENDS]
        return Range(ends[0], ends[1], bounds=value["bounds"])
    return value


_ENDS = ("lower", "upper")
