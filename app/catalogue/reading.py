"""Turns plain data into frozen dataclasses, strictly, so that a slip in the data is a sentence.

Unknown keys, missing keys and wrong types are refused with the path to the place. One reader for
all kinds keeps the content classes free of parsing.
"""

import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from app.catalogue.expressions import (
    All,
    AnswerTest,
    AnyOf,
    ConditionRefused,
    FactTest,
    Not,
    ScoreTest,
    parse_condition,
)

T = TypeVar("T")
_CONDITION_CLASSES = frozenset({All, AnyOf, Not, FactTest, AnswerTest, ScoreTest})


class ContentRefused(ValueError):
    """The content does not have the shape it needs; ``problems`` are sentences for its editor."""

    def __init__(self, *problems: str) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


def read_content(kind: type[T], raw: object, where: str) -> T:
    """Return ``raw`` as an instance of a dataclass; raises ContentRefused.

    Fields without a default are required. Lists become tuples; a field typed as a condition is
    parsed with the condition language.
    """
    if not isinstance(raw, Mapping):
        raise ContentRefused(f"{where} should be a mapping of fields.")
    _refuse_foreign_keys(kind, raw, where)
    hints = get_type_hints(kind)
    values = {key: _read(hints[key], value, f"{where}.{key}") for key, value in raw.items()}
    return kind(**values)


def _refuse_foreign_keys(kind: type[Any], raw: Mapping[Any, object], where: str) -> None:
    known = fields(kind)
    unknown = sorted(set(map(str, raw)) - {field.name for field in known})
    if unknown:
        raise ContentRefused(f"{where} has no field called {', '.join(unknown)}.")
    missing = [
        field.name
        for field in known
        if field.name not in raw and field.default is MISSING and field.default_factory is MISSING
    ]
    if missing:
        raise ContentRefused(f"{where} needs the field {', '.join(missing)}.")


def _read(hint: Any, raw: object, where: str) -> Any:
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return _read_union(get_args(hint), raw, where)
    if origin is Literal:
        return _read_literal(get_args(hint), raw, where)
    if origin is tuple:
        return _read_tuple(get_args(hint), raw, where)
    if origin is not None and issubclass(origin, Mapping):
        return _read_mapping(get_args(hint)[1], raw, where)
    if is_dataclass(hint) and isinstance(hint, type):
        return read_content(hint, raw, where)
    return _read_plain(hint, raw, where)


def _read_union(options: tuple[Any, ...], raw: object, where: str) -> Any:
    if raw is None and type(None) in options:
        return None
    real = [option for option in options if option is not type(None)]
    if set(real) >= _CONDITION_CLASSES:
        try:
            return parse_condition(raw)
        except ConditionRefused as refusal:
            raise ContentRefused(f"{where}: {refusal}") from None
    if len(real) != 1:
        raise ContentRefused(f"{where} cannot be read.")
    return _read(real[0], raw, where)


def _read_literal(options: tuple[Any, ...], raw: object, where: str) -> object:
    if not any(type(raw) is type(option) and raw == option for option in options):
        raise ContentRefused(f"{where} is '{raw}', and may be {', '.join(map(str, options))}.")
    return raw


def _read_tuple(items: tuple[Any, ...], raw: object, where: str) -> tuple[Any, ...]:
    if not isinstance(raw, list | tuple):
        raise ContentRefused(f"{where} should be a list.")
    if items[-1] is Ellipsis:
        return tuple(_read(items[0], value, f"{where}[{i}]") for i, value in enumerate(raw))
    if len(raw) != len(items):
        raise ContentRefused(f"{where} should have {len(items)} entries.")
    return tuple(
        _read(item, value, f"{where}[{i}]")
        for i, (item, value) in enumerate(zip(items, raw, strict=True))
    )


def _read_mapping(item: Any, raw: object, where: str) -> dict[str, Any]:
    if not isinstance(raw, Mapping):
        raise ContentRefused(f"{where} should be a mapping.")
    if not all(isinstance(key, str) for key in raw):
        raise ContentRefused(f"{where} needs text as keys (in YAML, numbers and yes need quotes).")
    return {key: _read(item, value, f"{where}.{key}") for key, value in raw.items()}


def _read_plain(kind: Any, raw: object, where: str) -> object:
    if kind is date:
        return _read_date(raw, where)
    if type(raw) is not kind:
        words = {str: "text", int: "a whole number", bool: "true or false"}
        raise ContentRefused(f"{where} should be {words.get(kind, str(kind))}.")
    return raw


def _read_date(raw: object, where: str) -> date:
    try:
        return date.fromisoformat(raw if isinstance(raw, str) else "")
    except ValueError:
        raise ContentRefused(f"{where} should be a date such as 2026-11-21.") from None
