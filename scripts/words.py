"""Keeps the translators' files in step with our words: finds every text, adds it, drops the unused.

``python scripts/words.py`` writes app/translations/<language>/LC_MESSAGES/messages.po; a new text
stands there empty until somebody translates it, and the program does not start before. ``--check``
writes nothing and tells what is missing, unused or filled with other values.
"""

import io
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[1]
TRANSLATIONS = ROOT / "app" / "translations"
KEYWORDS = {"say": None, "mark": None, "say_many": (1, 2), "_": None, "gettext": None}
_VALUE = re.compile(r"%\((\w+)\)s")
# Lines that differ with every run, or that nobody filled in.
_HEADER = re.compile(
    rb'^"(Project-Id|Report-Msgid|POT-Creation|PO-Revision|Last-Trans|Language-Team|Generated).*\n',
    re.MULTILINE,
)
Text = str | tuple[str, str]


def texts_in_code() -> dict[Text, list[str]]:
    """Return every text of ours with the files that hold it."""
    found: dict[Text, list[str]] = {}
    for path in _sources():
        kind = "python" if path.suffix == ".py" else "jinja2.ext:babel_extract"
        options = {} if kind == "python" else {"trimmed": "true", "silent": "false"}
        words = {**KEYWORDS, "ngettext": (1, 2)}
        for _line, text, _notes, _context in extract_from_file(kind, path, words, options=options):
            one = _as_text(text)
            places = found.setdefault(one, [])
            name = path.relative_to(ROOT).as_posix()
            if name not in places:
                places.append(name)
    return found


def languages() -> list[str]:
    """Return the languages that translators work on."""
    return sorted(path.name for path in TRANSLATIONS.iterdir() if path.is_dir())


def read_words(language: str) -> Catalog:
    """Return a translator's file."""
    return read_po(io.BytesIO(_path(language).read_bytes()), locale=language)


def problems() -> list[str]:
    """Return what is missing, unused, untranslated or filled with other values."""
    wanted = texts_in_code()
    return [one for language in languages() for one in _problems_of(language, wanted)]


def update() -> None:
    """Write every translator's file anew, with the texts of today."""
    wanted = texts_in_code()
    for language in languages():
        old, fresh = read_words(language), _empty(language)
        for text, places in sorted(wanted.items(), key=lambda one: (one[1][0], str(one[0]))):
            known = old.get(_key(text))
            fresh.add(text, known.string if known else "", [(name, 0) for name in places])
        target = io.BytesIO()
        write_po(target, fresh, width=100, no_location=False, omit_header=False)
        _path(language).write_bytes(_HEADER.sub(b"", target.getvalue()))


def _problems_of(language: str, wanted: dict[Text, list[str]]) -> Iterator[str]:
    there = {_as_text(message.id): message for message in read_words(language) if message.id}
    for text in sorted(set(wanted) - set(there), key=str):
        yield f"{language}: missing: {text!r} ({wanted[text][0]})"
    for text in sorted(set(there) - set(wanted), key=str):
        yield f"{language}: not used any more: {text!r}"
    for text in sorted(set(there) & set(wanted), key=str):
        forms = _forms(there[text].string)
        if not all(forms):
            yield f"{language}: not translated: {text!r}"
            continue
        values = set(_VALUE.findall(text if isinstance(text, str) else text[1]))
        if any(set(_VALUE.findall(form)) - values for form in forms):
            yield f"{language}: other values than in English: {text!r}"
        if isinstance(text, str) and set(_VALUE.findall(forms[0])) != values:
            yield f"{language}: a value is lost: {text!r}"


def _sources() -> list[Path]:
    pages = (ROOT / "templates").rglob("*")
    shown = [path for path in pages if path.suffix in {".html", ".txt"}]
    return [*sorted((ROOT / "app").rglob("*.py")), *sorted(shown)]


def _as_text(given: str | Sequence[str]) -> Text:
    return given if isinstance(given, str) else (given[0], given[1])


def _forms(told: str | Sequence[str | None] | None) -> tuple[str, ...]:
    several = (told,) if isinstance(told, str) or told is None else told
    return tuple(form or "" for form in several)


def _key(text: Text) -> str:
    return text if isinstance(text, str) else text[0]


def _path(language: str) -> Path:
    return TRANSLATIONS / language / "LC_MESSAGES" / "messages.po"


def _empty(language: str) -> Catalog:
    catalog = Catalog(locale=language, project="Needlepoint", header_comment="", fuzzy=False)
    catalog.header_comment = f"# What patients read, in {language}. Kept by scripts/words.py."
    return catalog


if __name__ == "__main__":
    if "--check" in sys.argv:
        told = problems()
        print("\n".join(told) or "Every text is translated.")
        sys.exit(bool(told))
    update()
