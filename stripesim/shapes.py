"""What each endpoint takes, written as small values that both check and convert.

A field is a callable ``(value, path)``; it returns the typed value or raises the 400 that Stripe
gives. A name that a mapping does not list is refused, as Stripe refuses it.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from stripesim.failures import invalid

Field = Callable[[Any, str], Any]

_WHOLE = re.compile(r"-?\d{1,18}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def text(limit: int = 5000) -> Field:
    """Take a string of at most ``limit`` characters; an empty one is refused."""

    def check(value: Any, path: str) -> str:
        if not isinstance(value, str):
            raise invalid(f"Invalid string: {value}", param=path)
        if value == "":
            raise invalid(
                f"You passed an empty string for '{path}'. We assume empty values are an attempt "
                f"to unset a parameter; however '{path}' cannot be unset.",
                code="parameter_invalid_empty",
                param=path,
            )
        if len(value) > limit:
            raise invalid(f"Invalid string: {path} is over {limit} characters", param=path)
        return value

    return check


def whole(least: int | None = None) -> Field:
    """Take an integer, as digits in a form or a number in JSON."""

    def check(value: Any, path: str) -> int:
        if isinstance(value, bool) or not _WHOLE.fullmatch(str(value)):
            raise invalid(f"Invalid integer: {value}", code="parameter_invalid_integer", param=path)
        number = int(value)
        if least is not None and number < least:
            raise invalid(
                f"This value must be greater than or equal to {least}.",
                code="parameter_invalid_integer",
                param=path,
            )
        return number

    return check


def flag(value: Any, path: str) -> bool:
    """Take true or false, as a word in a form or a value in JSON."""
    if value in (True, "true"):
        return True
    if value in (False, "false"):
        return False
    raise invalid(f"Invalid boolean: {value}", param=path)


def one_of(*options: str) -> Field:
    """Take one of a closed list of words."""

    def check(value: Any, path: str) -> str:
        if value not in options:
            raise invalid(f"Invalid {path}: must be one of {', '.join(options)}", param=path)
        return str(value)

    return check


def web_address(value: Any, path: str) -> str:
    """Take an absolute http or https address."""
    parts = urlsplit(value) if isinstance(value, str) else urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise invalid("Not a valid URL", code="url_invalid", param=path)
    return str(value)


def email(value: Any, path: str) -> str:
    """Take an e-mail address."""
    if not isinstance(value, str) or not _EMAIL.fullmatch(value):
        raise invalid(f"Invalid email address: {value}", code="email_invalid", param=path)
    return value


def metadata(value: Any, path: str) -> dict[str, str]:
    """Take up to 50 keys of 40 characters with values of 500, Stripe's limits for metadata."""
    if not isinstance(value, dict) or len(value) > 50:
        raise invalid("Invalid metadata: it takes up to 50 keys", param=path)
    for key, item in value.items():
        if not isinstance(item, str) or len(key) > 40 or len(item) > 500:
            raise invalid(
                "Metadata keys take up to 40 characters and values up to 500.",
                param=f"{path}[{key}]",
            )
    return {key: item for key, item in value.items() if item != ""}


def list_of(field: Field) -> Field:
    """Take a list whose items all fit ``field``."""

    def check(value: Any, path: str) -> list[Any]:
        if not isinstance(value, list):
            raise invalid("Invalid array", param=path)
        return [field(item, f"{path}[{index}]") for index, item in enumerate(value)]

    return check


def mapping(fields: Mapping[str, Field], *, required: tuple[str, ...] = ()) -> Field:
    """Take named fields and no others."""

    def check(value: Any, path: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise invalid("Invalid hash", param=path)
        for name in value:
            if name not in fields:
                raise _unknown(_join(path, name))
        for name in required:
            if name not in value:
                raise invalid(
                    f"Missing required param: {_join(path, name)}.",
                    code="parameter_missing",
                    param=_join(path, name),
                )
        return {name: fields[name](item, _join(path, name)) for name, item in value.items()}

    return check


def _unknown(path: str) -> Exception:
    return invalid(f"Received unknown parameter: {path}", code="parameter_unknown", param=path)


def _join(path: str, name: str) -> str:
    return f"{path}[{name}]" if path else name


EXPAND = list_of(text())

_RANGE = mapping({name: whole() for name in ("gt", "gte", "lt", "lte")})


def created_range(value: Any, path: str) -> dict[str, int]:
    """Take one instant or a range of them; return the bounds by name."""
    if isinstance(value, dict):
        bounds: dict[str, int] = _RANGE(value, path)
        return bounds
    instant = whole()(value, path)
    return {"gte": instant, "lte": instant}


def listing(**filters: Field) -> Field:
    """Return the query of a list endpoint: paging and these filters."""
    return mapping(
        {
            "limit": whole(1),
            "starting_after": text(),
            "ending_before": text(),
            "expand": EXPAND,
            **filters,
        }
    )
