"""One word for one thing: where a clinic treats is a location (docs/glossary.md)."""

import ast
import re
from collections.abc import Iterator

from tests.support.source_tree import ROOT

# The word in other senses: somewhere in a file, a store, a sentence, or on a body.
OTHER_SENSES = (
    "in place",
    "took place",
    "take place",
    "takes place",
    "in another place",
    "wrong place",
    "place where files are kept",
    "no place where",
    "place to sign",
    "take the place",
    "place on the body",
    "which place this depth",
    "only place of something",
    "in their place",
    "in its place",
    "took its place",
)
PLACE = re.compile(r"(?<![\w.\"'/-])places?(?![\w\"'=-])", re.IGNORECASE)
NOT_READ = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<[^>]+>", re.DOTALL)
LABELS = re.compile(r'(?:aria-label|title|alt|placeholder)="([^"{]+)"')
SPOKEN = re.compile(r"\"([^\"]*)\"")


def read_in_templates() -> Iterator[tuple[str, str]]:
    """Yield each template with its words, also its labels and what it hands to a macro."""
    for path in sorted((ROOT / "templates").rglob("*.*")):
        if path.suffix in {".html", ".txt"}:
            source = re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.DOTALL)
            yield path.name, NOT_READ.sub(" ", source)
            yield from ((path.name, one) for one in LABELS.findall(source))
            for call in re.findall(r"\{\{.*?\}\}|\{%.*?%\}", source, flags=re.DOTALL):
                yield from ((path.name, one) for one in SPOKEN.findall(call) if " " in one)


def read_in_code() -> Iterator[tuple[str, str]]:
    """Yield the sentences in the code of the product, without docstrings and statements."""
    for path in sorted((ROOT / "app").rglob("*.py")):
        tree = ast.parse(path.read_text())
        told = {id(one.value) for one in ast.walk(tree) if isinstance(one, ast.Expr)}
        for one in ast.walk(tree):
            is_text = isinstance(one, ast.Constant) and isinstance(one.value, str)
            if is_text and id(one) not in told and " " in one.value:
                yield path.name, one.value


def test_where_a_clinic_treats_is_called_a_location() -> None:
    found = []
    for name, text in [*read_in_templates(), *read_in_code()]:
        plain = " ".join(re.sub(r"%\(\w+\)s", "", text).split())
        for sense in OTHER_SENSES:
            plain = re.sub(sense, "", plain, flags=re.IGNORECASE)
        if PLACE.search(plain) and "SELECT " not in plain:
            found.append((name, plain[:200]))

    assert found == []
