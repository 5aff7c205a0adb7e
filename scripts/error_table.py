"""Prints the table of every error code for docs/api.md, made from the error classes themselves.

``--check`` prints the codes that the page lacks or that no class has any more, and ends with 1 if
there are any.
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
sys.path.insert(0, str(ROOT))

from app import errors as families  # noqa: E402 - the path above must be set first
from app.error_handlers import CONSTRAINTS  # noqa: E402 - the same
from app.errors import AppError, Conflict  # noqa: E402 - the same

# A family's own code is used where a room has nothing more exact to say.
GENERAL = families.__name__


def load_rooms() -> None:
    """Import every module of the product, so that each error class is known."""
    package = importlib.import_module("app")
    for module in pkgutil.walk_packages(package.__path__, "app."):
        if not module.name.rpartition(".")[2].startswith("__"):
            importlib.import_module(module.name)


def error_classes(parent: type[AppError] = AppError) -> Iterator[type[AppError]]:
    """Yield the root and every class below it, each once."""
    found = dict.fromkeys([parent])
    waiting = [parent]
    while waiting:
        for child in waiting.pop().__subclasses__():
            if child.__module__.startswith("app.") and child not in found:
                found[child] = None
                waiting.append(child)
    yield from found


def rows() -> list[tuple[int, str, str]]:
    """Return status, code and meaning of every code, sorted; constraints that speak included."""
    found: dict[tuple[int, str], str] = {}
    for one in error_classes():
        key = (int(one.status), one.code)
        # A class that only passes its family's code on has nothing to add to the family's line.
        if key not in found or one.__module__ == GENERAL:
            found[key] = meaning_of(one)
    for code, message in CONSTRAINTS.values():
        found.setdefault((int(Conflict.status), code), message)
    return sorted((status, code, text) for (status, code), text in found.items())


def meaning_of(one: type[AppError]) -> str:
    """Return the first sentence of a class's docstring on one line."""
    text = " ".join((one.__doc__ or one.title).split("\n\n")[0].split())
    return text.replace("``", "`")


def table() -> str:
    """Return the table as Markdown."""
    lines = ["| status | code | meaning |", "|---|---|---|"]
    lines += [f"| {status} | `{code}` | {text} |" for status, code, text in rows()]
    return "\n".join(lines)


def main() -> int:
    """Print the table, or what is wrong with the page."""
    load_rooms()
    if "--check" not in sys.argv[1:]:
        print(table())
        return 0
    listed = set(LISTED.findall(PAGE.read_text(encoding="utf-8")))
    known = {code for _, code, _ in rows()}
    for code in sorted(known - listed):
        print(f"docs/api.md does not list `{code}`")
    for code in sorted(listed - known):
        print(f"docs/api.md lists `{code}`, which no error has")
    return 1 if known != listed else 0


if __name__ == "__main__":
    sys.exit(main())
