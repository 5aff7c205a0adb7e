"""Stripe's bracketed form bodies and query strings as nested values.

``a[b][0][c]=1`` becomes ``{"a": {"b": [{"c": "1"}]}}``. The nesting is bounded, as Stripe's is, so
that a hostile body cannot build a deep tree.
"""

import re
from typing import Any

from stripesim.failures import invalid

MAX_DEPTH = 8
_PART = re.compile(r"\[([^\[\]]*)\]")


def decode_pairs(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """Return the nested form of decoded ``key=value`` pairs; raise a 400 for a broken key."""
    tree: dict[str, Any] = {}
    for name, value in pairs:
        _place(tree, _path_of(name), value)
    return {key: _as_lists(value) for key, value in tree.items()}


def _path_of(name: str) -> list[str]:
    head, _, _ = name.partition("[")
    rest = name[len(head) :]
    parts = _PART.findall(rest)
    if not head or "".join(f"[{part}]" for part in parts) != rest or len(parts) > MAX_DEPTH:
        raise invalid(f"Invalid parameter name: {name}", code="parameter_invalid", param=name)
    return [head, *parts]


def _place(tree: dict[str, Any], path: list[str], value: str) -> None:
    node = tree
    for index, part in enumerate(path[:-1]):
        step = part if part else str(len(node))
        node = node.setdefault(step, {})
        if not isinstance(node, dict):
            raise invalid("Invalid hash", param=path[0] if index == 0 else "".join(path[:2]))
    last = path[-1] if path[-1] else str(len(node))
    node[last] = value


def _as_lists(value: Any) -> Any:
    """Turn a mapping whose keys are 0, 1, 2 … into a list, all the way down."""
    if not isinstance(value, dict):
        return value
    if value and all(key.isdigit() for key in value):
        return [_as_lists(value[key]) for key in sorted(value, key=int)]
    return {key: _as_lists(item) for key, item in value.items()}
