"""The source code as data, for rules that no tool we use can say."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PROGRAMS = ("app", "stripesim", "stampsim", "demo")


@dataclass(frozen=True)
class Source:
    """One Python file. ``path`` is relative to the repository."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """The file's syntax tree."""
        return ast.parse(self.text)

    @property
    def room(self) -> str:
        """The package below the top one, or the file's own name."""
        return self.path.split("/")[1].removesuffix(".py")

    @property
    def is_service(self) -> bool:
        """Whether the file holds a room's use cases."""
        return "/services/" in self.path or self.path.endswith("/services.py")

    @property
    def is_queries(self) -> bool:
        """Whether the file holds a room's questions."""
        return self.path.endswith("queries.py")

    def at(self, node: ast.AST) -> str:
        """Return "path:line" of a node."""
        return f"{self.path}:{getattr(node, 'lineno', 1)}"

    def calls(self, name: str) -> Iterator[ast.Call]:
        """Yield calls of a function or method by its last name."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call) and last_name(node.func) == name:
                yield node

    def functions(self) -> Iterator[ast.FunctionDef]:
        """Yield every function and method."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef):
                yield node


def last_name(node: ast.expr) -> str:
    """Return "c" for ``a.b.c`` and for ``c``."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def sources(*folders: str) -> list[Source]:
    """Return every Python file below some folders of the repository."""
    found = []
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            found.append(Source(str(path.relative_to(ROOT)), path.read_text()))
    return found


def text_of_constant(node: ast.AST | None) -> str:
    """Return the text of a string constant, or an empty text."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return ""
