"""Whether a statement that was sent keeps the rules of a distributed server.

Every SELECT, UPDATE and DELETE on a clinic's table names the clinic in its WHERE, every join in its
ON; nothing calls set_config, sets the clinic beyond its transaction, or updates with a volatile
function. This reads SQL as SQLAlchemy and we write it; it is no parser of everything.
"""

import re
from collections.abc import Iterable

WORDS = re.compile(r"\s+")
QUOTED = re.compile(r"'(?:[^']|'')*'")
INNER = re.compile(r"\(([^()]*)\)")
SET_TENANT = re.compile(r"^SET (?!LOCAL )(\w+ )?app\.", re.IGNORECASE)
VOLATILE = re.compile(r"\b(random|gen_random_uuid|uuidv7|clock_timestamp|nextval)\s?\(", re.I)
FROM = re.compile(r"\b(?:FROM|UPDATE|DELETE FROM)\s+(?:ONLY\s+)?(?:public\.)?(\w+)", re.I)
JOINED = re.compile(
    r"\bJOIN\s+(?:public\.)?(\w+)(.*?)(?=\bJOIN\b|\bWHERE\b|\bGROUP\b|\bORDER\b|$)", re.I
)
TENANT = re.compile(r"tenant_id\s*(=|IN\b)", re.I)


def breaches(statement: str, tables: Iterable[str]) -> list[str]:
    """Return what a statement does against the rules; empty when it keeps them."""
    clinical = set(tables)
    plain = WORDS.sub(" ", QUOTED.sub("''", statement)).strip()
    found = []
    if "set_config" in plain:
        found.append("calls set_config")
    if SET_TENANT.search(plain):
        found.append("sets the clinic beyond its transaction")
    if plain.upper().startswith(("UPDATE", "DELETE")) and VOLATILE.search(plain):
        found.append("changes rows with a volatile function")
    for level in _levels(plain):
        found += _level_breaches(level, clinical)
    return found


def _levels(plain: str) -> list[str]:
    """Return the statement and each of its subqueries with what lies deeper taken out."""
    levels: list[str] = []
    while True:
        match = INNER.search(plain)
        if match is None:
            return [*levels, plain]
        inside = match.group(1)
        if re.match(r"\s*SELECT\b", inside, re.I):
            levels.append(inside)
            inside = "subquery"
        # What only groups conditions stays readable, so that its words still count.
        inside = inside if TENANT.search(inside) else re.sub(r"\bFROM\b", "of", inside, flags=re.I)
        plain = f"{plain[: match.start()]}⟨{inside}⟩{plain[match.end() :]}"


def _level_breaches(level: str, clinical: set[str]) -> list[str]:
    if re.match(r"\s*INSERT\b", level, re.I):
        return []
    found = []
    where = re.split(r"\bWHERE\b", level, maxsplit=1, flags=re.I)
    asked = FROM.search(level)
    if asked and asked.group(1) in clinical and (len(where) == 1 or not TENANT.search(where[1])):
        found.append(f"asks {asked.group(1)} without naming the clinic")
    for joined in JOINED.finditer(level):
        if joined.group(1) in clinical and not TENANT.search(joined.group(2)):
            found.append(f"joins {joined.group(1)} without the clinic")
    return found
