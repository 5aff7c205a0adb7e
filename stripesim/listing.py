"""Cursor paging over one account's objects, newest first, as every v1 list does it."""

import json
import operator
from collections.abc import Callable
from typing import Any

from stripesim.core import Call
from stripesim.failures import Json, invalid

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}


def page_of(
    call: Call, kind: str, *, url: str, where: Callable[[Json], bool] = lambda _: True
) -> Json:
    """Return Stripe's list object for the caller's account, cursor and ``created`` range."""
    limit = call.get("limit", 10)
    if limit > 100:
        raise invalid("This value must be less than or equal to 100.", param="limit")
    after, before = call.get("starting_after"), call.get("ending_before")
    if after and before:
        raise invalid("You may only specify one of starting_after and ending_before.")
    found = _rows(call, kind, after=after, before=before)
    matching = [body for body in found if _in_range(call, body) and where(body)]
    chosen = matching[:limit]
    if before:
        chosen.reverse()
    return {
        "object": "list",
        "data": chosen,
        "has_more": len(matching) > limit,
        "url": url,
    }


def _rows(call: Call, kind: str, *, after: str | None, before: str | None) -> list[Json]:
    """Return the objects beyond the cursor, in the direction in which the page is read."""
    sign, order = (">", "ASC") if before else ("<", "DESC")
    cursor = before or after
    position: int | None = _position(call, cursor, "ending_before" if before else "starting_after")
    rows = call.core.store.rows(
        f"SELECT body FROM objects WHERE account = ? AND object = ?"  # noqa: S608 - two fixed words
        f" AND (? IS NULL OR seq {sign} ?) ORDER BY seq {order}",
        call.account,
        kind,
        position,
        position,
    )
    return [json.loads(row[0]) for row in rows]


def _position(call: Call, cursor: str | None, param: str) -> int | None:
    if cursor is None:
        return None
    rows = call.core.store.rows(
        "SELECT seq FROM objects WHERE id = ? AND account = ?", cursor, call.account
    )
    if not rows:
        raise invalid(f"No such object: '{cursor}'", code="resource_missing", param=param)
    return int(rows[0][0])


def _in_range(call: Call, body: Json) -> bool:
    window = call.get("created", {})
    return all(_COMPARE[name](body["created"], bound) for name, bound in window.items())
