"""What changed between two wordings, clause by clause and word by word."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from app.consent.forms.content import FormBlock, FormContent, FormSection

_PIECES = re.compile(r"\s+|[^\s]+")
Mark = Literal["same", "added", "removed"]


@dataclass(frozen=True)
class Piece:
    """A run of words, and what became of it."""

    mark: Mark
    text: str


@dataclass(frozen=True)
class ClauseDiff:
    """A clause that is new, gone or changed; ``pieces`` are its words in their order.

    The title of the form and those of its sections are told like clauses, of the kind ``title``.
    """

    clause: str
    section: str
    kind: str
    change: Literal["added", "removed", "changed", "moved"]
    pieces: tuple[Piece, ...]


def diff_forms(old: FormContent, new: FormContent) -> tuple[ClauseDiff, ...]:
    """Return what differs, in the order of the new wording, then what is gone."""
    return tuple(_diff(old, new))


def _diff(old: FormContent, new: FormContent) -> Iterator[ClauseDiff]:
    yield from _titles(old, new)
    before, after = _placed(old), _placed(new)
    for clause, (section, block) in after.items():
        if clause not in before:
            added = (Piece("added", _words(block)),)
            yield ClauseDiff(clause, section.title, block.kind, "added", added)
            continue
        was_in, was = before[clause]
        if _words(was) != _words(block):
            pieces = _pieces(_words(was), _words(block))
            yield ClauseDiff(clause, section.title, block.kind, "changed", pieces)
        elif was_in.id != section.id:
            same = (Piece("same", _words(block)),)
            yield ClauseDiff(clause, section.title, block.kind, "moved", same)
    for clause, (section, block) in before.items():
        if clause not in after:
            gone = (Piece("removed", _words(block)),)
            yield ClauseDiff(clause, section.title, block.kind, "removed", gone)


def _titles(old: FormContent, new: FormContent) -> Iterator[ClauseDiff]:
    """Yield the titles that read otherwise; those of new and gone sections are told by clauses."""
    named = [("title", old.title, new.title)]
    before = {part.id: part.title for part in old.sections}
    named += [(part.id, before.get(part.id, part.title), part.title) for part in new.sections]
    for name, was, title in named:
        if was != title:
            yield ClauseDiff(name, title, "title", "changed", _pieces(was, title))


def _placed(form: FormContent) -> dict[str, tuple[FormSection, FormBlock]]:
    return {block.id: (part, block) for part in form.sections for block in part.blocks}


def _words(block: FormBlock) -> str:
    """Return all that a clause says, one point a line; also what is not words but decides."""
    lines = [block.title, block.text, *(f"• {item}" for item in block.items)]
    if block.risks:
        lines.append(f"Risks: {', '.join(block.risks)}")
    lines += [f"○ {one.text}{' (right)' if one.correct else ''}" for one in block.options]
    lines.append(block.explanation)
    if block.when is not None:
        lines.append(f"Shown when: {block.when!r}")
    if block.needs:
        lines.append(f"Left out without: {', '.join(block.needs)}")
    for label, value in (("Filled with", block.fill), ("Group", block.group)):
        lines.append(f"{label}: {value}" if value else "")
    lines.append("This is the choice to do nothing." if block.do_nothing else "")
    return "\n".join(line for line in lines if line)


def _pieces(old: str, new: str) -> tuple[Piece, ...]:
    before, after = _PIECES.findall(old), _PIECES.findall(new)
    found: list[Piece] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            found.append(Piece("same", "".join(before[i1:i2])))
            continue
        if i2 > i1:
            found.append(Piece("removed", "".join(before[i1:i2])))
        if j2 > j1:
            found.append(Piece("added", "".join(after[j1:j2])))
    return tuple(found)
