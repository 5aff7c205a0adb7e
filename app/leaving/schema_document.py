"""The JSON Schema of an export, made from the models: one definition for each table.

Beside the standard's words there are ours, all beginning with ``x-``: the order of tables, keys,
references and files. The verifier and the import read nothing else about the tables.
"""

from functools import cache

from sqlalchemy import Column

from app.database import Base
from app.leaving.tables import LEFT_OUT, Shape, shapes
from app.leaving.values import Json, json_type

FORMAT = 1
DIALECT = "https://json-schema.org/draft/2020-12/schema"
ENCRYPTED = "#/$defs/encrypted"


@cache
def schema_document() -> Json:
    """Return the whole document. ``x-tables`` is the order in which rows can be written again."""
    return {
        "$schema": DIALECT,
        "$id": f"urn:needlepoint:clinic-export:{FORMAT}",
        "title": "Needlepoint clinic export: one line of a table",
        "description": "Each line of tables/<name>/*.jsonl is valid against $defs/<name>. Where a"
        " key comes twice, the line in the part with the higher number is the row.",
        "x-format": FORMAT,
        "x-tables": [shape.name for shape in shapes()],
        "x-left-out": dict(LEFT_OUT),
        "$defs": {
            "encrypted": _encrypted(),
            "period": _period(),
            **{shape.name: _definition(shape) for shape in shapes()},
        },
    }


def _definition(shape: Shape) -> Json:
    made = {
        "type": "object",
        "description": " ".join(_model_words(shape).split()),
        "additionalProperties": False,
        "required": [c.name for c in shape.columns if c.name not in shape.blind_indexes],
        "properties": {
            c.name: _property(shape, c) for c in shape.columns if c.name not in shape.blind_indexes
        },
        "x-primary-key": [c.name for c in shape.table.primary_key.columns],
        "x-references": [
            {"columns": list(one.columns), "table": one.table, "targets": list(one.targets)}
            for one in shape.references
        ],
    }
    if shape.has_files:
        made["x-file"] = f"files/<key>/{shape.name}/<id>, whose SHA-256 is the row's sha256"
    if shape.blind_indexes:
        made["x-made-again"] = sorted(shape.blind_indexes)
    return made


def _property(shape: Shape, column: Column[object]) -> Json:
    schema: Json = {"$ref": ENCRYPTED} if column.name in shape.ciphers else json_type(column)
    if column.nullable and schema:
        return {"anyOf": [schema, {"type": "null"}]}
    return schema


def _encrypted() -> Json:
    readable = {
        "type": "object",
        "additionalProperties": False,
        "required": ["key", "patient", "place", "text"],
        "properties": {
            "key": {"enum": ["clinical", "contact", "financial", "marketing", "clinic"]},
            "patient": {"anyOf": [{"type": "string", "format": "uuid"}, {"type": "null"}]},
            "place": {"type": "string"},
            "text": {"type": "string"},
        },
    }
    gone = {
        "type": "object",
        "additionalProperties": False,
        "required": ["unreadable"],
        "properties": {"unreadable": {"const": True}},
    }
    return {
        "description": "A field that is encrypted at rest, in plain, with the class of its key;"
        " or that no key opens it any more.",
        "anyOf": [readable, gone],
    }


def _period() -> Json:
    end = {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]}
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["lower", "upper", "bounds"],
        "properties": {
            "lower": end,
            "upper": end,
            "bounds": {"enum": ["[)", "[]", "(]", "()"]},
        },
    }


def _model_words(shape: Shape) -> str:
    models = (mapper.class_ for mapper in Base.registry.mappers)
    found = (one.__doc__ for one in models if one.__table__ is shape.table)
    return next(found, None) or shape.name
