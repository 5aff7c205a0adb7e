"""Finds English that patients would meet in a page or a paper of another language."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from jinja2 import Environment, nodes

from tests.support.source_tree import ROOT

TEMPLATES = ROOT / "templates"
_SPOKEN = frozenset({"_", "gettext", "ngettext", "say", "say_many", "mark"})
_TAG = re.compile(r"<(style|script)\b.*?</\1>|<!--.*?-->|<[^>]*>", re.DOTALL)
# What names a style, and not a text: the class of a page.
_BLOCK_OF_CLASS = re.compile(r"{% block body_class %}.*?{% endblock %}")
_READ_ATTRIBUTE = re.compile(
    r"\b(?:alt|title|placeholder|aria-label|data-text-[\w-]+|data-busy-text)=\"([^\"]*)\""
)
_ENTITY = re.compile(r"&\w+;")
_WORD = re.compile(r"[A-Za-z][a-z]{2,}")
# Names stay as they are: the product's, a provider's, a format's.
_NAMES = frozenset({"Needlepoint", "Stripe", "PDF", "ZIP", "SHA"})
_SENTENCE = re.compile(r"[A-Z][a-z]+(?: |$)|[a-z]+ [a-z]+")
_TOLD = re.compile(r"[A-Za-z]{2,}[,.:;]? [a-zA-Z]|^[A-Z][a-z]+$")
# For colleagues elsewhere and for the clinic's own people, who are addressed in English.
_NOT_FOR_PATIENTS = frozenset({"review", "desk", "audit", "account", "tenants"})
# What no German text holds.
_ENGLISH_WORDS = frozenset(
    {"and", "are", "been", "from", "has", "have", "is", "of", "or", "that", "the", "this", "to"}
    | {"were", "what", "when", "where", "which", "who", "why", "with", "you", "your"}
)
_LATIN_WORD = re.compile(r"(?<![A-Za-z0-9_-])[A-Za-z][a-z]{2,}(?![A-Za-z0-9_-])")
_NO_WORDS = re.compile(r"https?://\S+|\S+@\S+|\{\w+\}")


def patients_templates() -> list[Path]:
    """Return every page that a patient opens, with all that it includes, and their messages."""
    found: dict[Path, None] = {}
    for path in sorted(TEMPLATES.rglob("*.html")):
        is_theirs = path.relative_to(TEMPLATES).parts[0] not in _NOT_FOR_PATIENTS
        if is_theirs and 'extends "layout/patient.html"' in path.read_text():
            _follow(path, found)
    for name in ("rights/cover.html", "audit/letter.html", "error.html"):
        _follow(TEMPLATES / name, found)
    return list(found)


def _follow(path: Path, found: dict[Path, None]) -> None:
    if path in found or path.name == "staff.html":
        return
    found[path] = None
    for name in re.findall(r'{%-? *(?:extends|include|from|import) +"([^"]+)"', path.read_text()):
        _follow(TEMPLATES / name, found)


def english_in_template(source: str) -> list[str]:
    """Return what a template says in English alone, or hands to a macro without translating it."""
    plain = _BLOCK_OF_CLASS.sub("", source)
    tree = Environment(extensions=["jinja2.ext.i18n"], autoescape=True).parse(plain)
    return [one for one in (*_written(tree), *_handed_over(tree)) if one]


def _written(tree: nodes.Template) -> Iterator[str]:
    source = "".join(
        one.data if isinstance(one, nodes.TemplateData) else "\0" for one in _flat(tree)
    )
    labels = " ".join(_READ_ATTRIBUTE.findall(source))
    for part in re.split(r"[\0\n]", _TAG.sub("\n", source) + "\n" + labels):
        if '="' not in part and set(_WORD.findall(_ENTITY.sub("", part))) - _NAMES:
            yield part.strip()


def _flat(tree: nodes.Template) -> Iterator[nodes.Node]:
    for output in tree.find_all(nodes.Output):
        yield from output.nodes


def _handed_over(tree: nodes.Node, spoken: bool = False) -> Iterator[str]:
    for child in tree.iter_child_nodes():
        is_spoken = spoken or (
            isinstance(child, nodes.Call)
            and isinstance(child.node, nodes.Name)
            and child.node.name in _SPOKEN
        )
        if isinstance(child, nodes.Const) and not is_spoken and _is_sentence(child.value):
            yield str(child.value)
        yield from _handed_over(child, is_spoken)


def _is_sentence(value: object) -> bool:
    if not isinstance(value, str) or value in _NAMES or '="' in value:
        return False
    return bool(_SENTENCE.match(value))


def english_in_code(source: str) -> list[str]:
    """Return the sentences of a module that are neither translated, documentation nor an error."""
    return list(_said(ast.parse(source)))


def _said(tree: ast.AST) -> Iterator[str]:
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.Raise | ast.Import | ast.ImportFrom):
            continue
        if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
            continue
        if isinstance(child, ast.Call) and _name_of(child.func) in _SPOKEN:
            continue
        if isinstance(child, ast.arguments | ast.Subscript):
            continue  # Types, and keys of what is looked up.
        if isinstance(child, ast.Constant) and _is_told(child.value):
            yield child.value
        yield from _said(child)


def _name_of(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


def _is_told(value: object) -> bool:
    return isinstance(value, str) and '="' not in value and bool(_TOLD.search(value))


def english_in_arabic(text: str, known: str) -> list[str]:
    """Return the Latin words of an Arabic text that are in none of the values that were typed in.

    ``known`` holds those values: names, addresses, and whatever else nobody translates. Codes in
    capitals, hashes, addresses and what a script fills in later are no words.
    """
    words = _LATIN_WORD.findall(_NO_WORDS.sub(" ", text))
    return [one for one in words if one not in known and not set(one) <= set("abcdef")]


def english_in_german(text: str, known: str) -> list[str]:
    """Return the words of a German text that only English has, outside of what was typed in."""
    for value in sorted(known.split("\n"), key=len, reverse=True):
        text = text.replace(value, " ") if value.strip() else text
    return [one for one in re.findall(r"[A-Za-z]+", text) if one.lower() in _ENGLISH_WORDS]
