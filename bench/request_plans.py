"""What PostgreSQL does for one request: its statements are noted, then explained one by one."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, event

from app.database import TenantScope

Sent = tuple[str, Any]
# The longest page of any list; no request has a reason to sort or to scan more.
PAGE = 200
# The same words are not sent more often than this in one request: what asks once for each row is
# found by the long lists that the clinic of many years has.
MOST_TIMES = 15
# Nobody reads on one page, or wants in one answer, as much as this: such a list needs pages.
MOST_SHOWN = 500
# A list may look at some rows beside those that it shows: names, places, what is missing.
MOST_READ, READ_PER_ROW = 600, 12
SCANS = frozenset({"Seq Scan", "Index Scan", "Index Only Scan", "Bitmap Heap Scan"})
SELECTS = re.compile(r"\s*(SELECT|\(SELECT|WITH)\b", re.IGNORECASE)
DOOR = re.compile(r"\bdoor\.")
SIZES = """
SELECT c.relname, greatest(c.reltuples, 0) FROM pg_class c
WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
"""


@dataclass(frozen=True)
class Read:
    """What one request cost: its statements, rows read, the largest sort, and what was wrong."""

    statements: int
    rows: int
    returned: int
    sorted: int
    buffers: int
    wrong: tuple[str, ...]
    # Whole statements beside their plans, for whoever mends what is wrong.
    told: tuple[str, ...]


def statements_of(engine: Engine, ask: Callable[[], object]) -> list[Sent]:
    """Return the statements that a request sends to a clinic's tables."""
    sent: list[Sent] = []

    def note(_c: object, _cursor: object, statement: str, values: Any, *_rest: object) -> None:
        sent.append((statement, values))

    event.listen(engine, "before_cursor_execute", note)
    try:
        ask()
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return sent


def sizes_of_tables(scope: TenantScope) -> dict[str, float]:
    """Return how many rows each table has, as the planner knows it."""
    rows = scope.session.connection().exec_driver_sql(SIZES)
    return {row[0]: row[1] for row in rows}


def explain(scope: TenantScope, sent: list[Sent], sizes: dict[str, float]) -> Read:
    """Run each SELECT again under the walls with EXPLAIN, and judge its plan."""
    connection = scope.session.connection()
    rows = returned = largest = buffers = 0
    wrong: list[str] = []
    told: list[str] = []
    for statement, values in sent:
        if not SELECTS.match(statement) or DOOR.search(statement):
            continue
        asked = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}"
        plan = connection.exec_driver_sql(asked, values).scalar_one()
        top = (json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]
        nodes = list(nodes_of(top))
        read = int(sum(rows_read(node) for node in nodes))
        given = int(top["Actual Rows"])
        rows, returned = rows + read, returned + given
        largest = max([largest, *(int(rows_sorted(node)) for node in nodes)])
        buffers += top["Shared Hit Blocks"] + top["Shared Read Blocks"]
        before = len(wrong)
        wrong += [
            f"{one}: {' '.join(statement.split())[:140]}" for one in breaches(nodes, sizes, given)
        ]
        if read > MOST_READ + READ_PER_ROW * given:
            table = max(nodes, key=rows_read).get("Relation Name")
            wrong.append(f"{read} rows read ({table}) for {given}: {_short(statement)}")
        if wrong[before:]:
            told.append("\n".join((*wrong[before:], statement, repr(values), *drawn(top))))
    for statement, times in Counter(statement for statement, _ in sent).items():
        if times > MOST_TIMES:
            wrong.append(f"asked {times} times: {_short(statement)}")
    return Read(len(sent), rows, returned, largest, buffers, tuple(wrong), tuple(told))


def drawn(node: dict[str, Any], depth: int = 0) -> Iterator[str]:
    """Yield a plan as lines: what a node does, by which index, and how many rows it saw."""
    what = " ".join(
        str(node[one])
        for one in ("Node Type", "Relation Name", "Index Name", "Index Cond", "Filter")
        if one in node
    )
    saw = f"{node['Actual Rows']:.0f} x {node['Actual Loops']}"
    yield f"{'  ' * depth}{what} ({saw}, removed {node.get('Rows Removed by Filter', 0):.0f})"
    for child in node.get("Plans", ()):
        yield from drawn(child, depth + 1)


def _short(statement: str) -> str:
    return " ".join(statement.split("FROM", 1)[-1].split())[:160]


def nodes_of(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a plan's nodes from the top."""
    yield node
    for child in node.get("Plans", ()):
        yield from nodes_of(child)


def rows_read(node: dict[str, Any]) -> float:
    """Return how many rows a scan looked at, also those that it threw away."""
    if node["Node Type"] not in SCANS:
        return 0
    seen = ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck")
    return float(sum(node.get(one, 0) for one in seen) * node.get("Actual Loops", 1))


def rows_sorted(node: dict[str, Any]) -> float:
    """Return how many rows came into a sort."""
    if node["Node Type"] not in {"Sort", "Incremental Sort"}:
        return 0
    return float(node["Plans"][0]["Actual Rows"] * node["Plans"][0]["Actual Loops"])


def breaches(nodes: list[dict[str, Any]], sizes: dict[str, float], given: int) -> Iterator[str]:
    """Yield each scan of a whole large table, each list without pages, and each sort of more rows
    than a page holds or the statement returns: what is all shown has to be in some order."""
    if given > MOST_SHOWN:
        yield f"{given} rows on one page"
    for node in nodes:
        table = node.get("Relation Name", "")
        if node["Node Type"] == "Seq Scan" and sizes.get(table, 0) > PAGE and node["Actual Loops"]:
            yield f"sequential scan of {table}"
        if rows_sorted(node) > max(PAGE, given):
            yield f"sort of {rows_sorted(node):.0f} rows"
