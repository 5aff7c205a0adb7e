"""Prints the number of a letter that no font of the paper has, so that nobody is stopped by it.

People type faces into a question, and copied text holds characters that cannot be seen or that turn
the reading direction round. Refused when somebody signs, such a letter would hold up a patient who
can change nothing about it any more. So the paper shows its number, and the record keeps the text.
"""

import unicodedata
from dataclasses import fields, is_dataclass, replace
from itertools import groupby
from typing import Any

import structlog

from app.documents.draft import LONGEST_TEXT, DocumentDraft
from app.documents.fonts import missing_letters

log = structlog.get_logger(__name__)
# Of a row of such letters so many are told one by one.
_TOLD = 3
# The layout makes a blank or a new line of these.
_BLANKS = frozenset("\t\r\n\f\v\u00a0")


def with_stand_ins(draft: DocumentDraft) -> DocumentDraft:
    """Return a draft of which every letter can be printed; most drafts come back as they are."""
    texts = (unicodedata.normalize("NFC", text) for text in _texts_of(draft))
    missing = frozenset(missing_letters(texts, draft.language)) - _BLANKS
    if not missing:
        return draft
    log.warning("documents.stand_ins", letters=len(missing))
    printed: DocumentDraft = _replaced(draft, missing)
    return printed


def printable(text: str, missing: frozenset[str]) -> str:
    """Return a text with "[U+1F600]" in the place of each letter of ``missing``."""
    told = "".join(
        _numbers(tuple(run)) if is_missing else "".join(run)
        for is_missing, run in groupby(text, missing.__contains__)
    )
    if len(told) <= LONGEST_TEXT:
        return told
    return "".join("?" if letter in missing else letter for letter in text)


def _numbers(run: tuple[str, ...]) -> str:
    told = " ".join(f"U+{ord(letter):04X}" for letter in run[:_TOLD])
    rest = len(run) - _TOLD
    return f"[{told} +{rest}]" if rest > 0 else f"[{told}]"


def _texts_of(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, tuple):
        return [text for one in value for text in _texts_of(one)]
    if is_dataclass(value):
        return [text for one in fields(value) for text in _texts_of(getattr(value, one.name))]
    return []


def _replaced(value: Any, missing: frozenset[str]) -> Any:
    """Return the same structure with other texts; bytes, numbers and moments stay."""
    if isinstance(value, str):
        text = unicodedata.normalize("NFC", value)
        return value if missing.isdisjoint(text) else printable(text, missing)
    if isinstance(value, tuple):
        return type(value)(_replaced(one, missing) for one in value)
    if is_dataclass(value) and not isinstance(value, type):
        old = {one.name: getattr(value, one.name) for one in fields(value)}
        new = {name: _replaced(one, missing) for name, one in old.items()}
        return replace(value, **new) if any(new[name] is not old[name] for name in old) else value
    return value
