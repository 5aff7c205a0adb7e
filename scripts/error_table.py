"""Prints the table of every error code, made from the error classes themselves.

``--check`` prints which codes docs/api.md lacks or lists in vain, and ends with 1 if there are any;
``--write`` puts the table into that page.
"""

import importlib
import pkgutil
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "api.md"
LISTED = re.compile(r"^\| \d{3} \| `([a-z_]+)` \|", re.MULTILINE)
TABLE = re.compile(r"^\| status \| code \|.*?(?=^\s*$|\Z)", re.MULTILINE | re.DOTALL)
sys.path.insert(0, str(ROOT))

from app import errors as families  # noqa: E402 - the path above must be set first
from app.error_handlers import CONSTRAINTS  # noqa: E402 - the same
from app.errors import AppError, Conflict  # noqa: E402 - the same


def load_rooms() -> None:
    """Import every module of the product, so that each error class is known."""
    package = importlib.import_module("app")
    for module in pkgutil.walk_packages(package.__path__, "app."):
        if not module.name.rpartition(".")[2].startswith("__"):
            importlib.import_module(module.name)


def error_classes() -> Iterator[type[AppError]]:
    """Yield the root and every class of the product below it, each once."""
    found: dict[type[AppError], None] = {}
    waiting: list[type[AppError]] = [AppError]
    while waiting:
        one = waiting.pop()
        if one not in found and one.__module__.startswith("app."):
            found[one] = None
            waiting += one.__subclasses__()
    yield from found


def rows() -> list[tuple[int, str, str]]:
    """Return status, code and meaning of every code, sorted; constraints that speak included."""
    found: dict[tuple[int, str], str] = {}
    for one in error_classes():
        key = (int(one.status), one.code)
        # A class that passes its family's code on adds nothing to the family's own meaning.
        if key not in found or one.__module__ == families.__name__:
            found[key] = meaning_of(one)
    for code, message in CONSTRAINTS.values():
        found.setdefault((int(Conflict.status), code), message)
    return sorted((status, code, text) for (status, code), text in found.items())


def meaning_of(one: type[AppError]) -> str:
    """Return the first paragraph of a class's docstring on one line."""
    text = " ".join((one.__doc__ or one.title).split("\n\n")[0].split())
    return text.replace("``", "`").replace('extra["fields"]', "`fields`")


def table() -> str:
    """Return the table as Markdown."""
    lines = ["| status | code | meaning |", "|---|---|---|"]
    lines += [f"| {status} | `{code}` | {text} |" for status, code, text in rows()]
    return "\n".join(lines) + "\n"


def check() -> int:
    """Print what is wrong with the page and return the exit code."""
    listed = set(LISTED.findall(PAGE.read_text(encoding="utf-8")))
    known = {code for _, code, _ in rows()}
    for code in sorted(known - listed):
        print(f"docs/api.md does not list `{code}`")
    for code in sorted(listed - known):
        print(f"docs/api.md lists `{code}`, which no error has")
    return int(known != listed)


def main() -> int:
    """Print the table, check the page or write it."""
    load_rooms()
    if "--check" in sys.argv[1:]:
        return check()
    if "--write" not in sys.argv[1:]:
        print(table(), end="")
        return 0
    made = table()
    PAGE.write_text(TABLE.sub(lambda _: made, PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
