"""Which language a text speaks, and our own words in it.

English stands in the code. What translators wrote lies in ``app/translations`` and is read once.
The language is set in one place for each kind of text: by the form for a consent's pages and
papers, by the patient's own language for messages. Everything else is English.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from markupsafe import Markup

ENGLISH = "en"
LANGUAGES = (ENGLISH, "de", "ar")
FROM_THE_RIGHT = frozenset({"ar"})
FOLDER = Path(__file__).parents[1] / "translations"
# What stands in a sentence of another direction keeps its own order between these two.
_OPEN, _CLOSE = "\u2068", "\u2069"

_language: ContextVar[str] = ContextVar("language", default=ENGLISH)
_is_whole: ContextVar[bool] = ContextVar("is_whole", default=False)


class LanguageUnknown(ValueError):
    """Nobody has translated our own words into this language."""


class WordsMissing(LookupError):
    """A text has no translation where none may be left in English, such as inside a document."""


def language_of(tag: str) -> str:
    """Return the language of a BCP 47 tag, "de" for "de-AT"; raises LanguageUnknown."""
    first = tag.split("-")[0].lower()
    if first not in LANGUAGES:
        raise LanguageUnknown(tag)
    return first


def nearest_language(tag: str) -> str:
    """Return the language of a tag, or English where we do not speak it."""
    first = tag.split("-")[0].lower()
    return first if first in LANGUAGES else ENGLISH


def spoken() -> str:
    """Return the language that is spoken now."""
    return _language.get()


def direction(language: str) -> str:
    """Return "rtl" or "ltr", as HTML wants it."""
    return "rtl" if language in FROM_THE_RIGHT else "ltr"


def speak(tag: str) -> None:
    """Speak a language from here on; the edge goes back to English. Raises LanguageUnknown."""
    _language.set(language_of(tag))


@contextmanager
def speaking(tag: str, *, whole: bool = False) -> Iterator[None]:
    """Speak a language within; ``whole`` raises WordsMissing instead of falling back to English.

    Raises LanguageUnknown.
    """
    language = _language.set(language_of(tag))
    strictness = _is_whole.set(whole)
    try:
        yield
    finally:
        _language.reset(language)
        _is_whole.reset(strictness)


def mark(text: str) -> str:
    """Return the text as it is; the extractor finds it, and :func:`say` translates it later."""
    return text


def say(text: str, /, **values: object) -> str:
    """Return a text in the language spoken, with values in place of %(name)s."""
    return _filled(_told(text), values)


def translated(text: str) -> str:
    """Return a text in the language spoken as it stands, where it is known, without any values."""
    return _told(text)


def say_many(one: str, many: str, number: int, /, **values: object) -> str:
    """Return the form of a text that fits a number, which is also the value %(num)s."""
    language = spoken()
    told = many if number != 1 else one
    if language != ENGLISH:
        told = translations(language).ungettext(one, many, number)
    return _filled(told, {"num": number, **values})


def isolated(value: object) -> object:
    """Return a value so that names, codes and numbers keep their order in a line from the right."""
    if not isinstance(value, str) or spoken() not in FROM_THE_RIGHT:
        return value
    if "://" in value:  # A mark beside a link would become a part of it.
        return value
    if not any(letter.isascii() and letter.isalnum() for letter in value):
        return value
    if isinstance(value, Markup):
        return Markup("<bdi>{}</bdi>").format(value)  # The value was escaped before.
    return f"{_OPEN}{value}{_CLOSE}"


@cache
def translations(language: str) -> Translations:
    """Return what translators wrote; raises WordsMissing for a text that was left empty."""
    path = FOLDER / language / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        catalog = read_po(file, locale=language, abort_invalid=True)
    for message in catalog:
        texts = message.string if isinstance(message.string, tuple | list) else (message.string,)
        if message.id and (message.fuzzy or not all(texts)):
            raise WordsMissing(f"{language}: {message.id}")
    compiled = io.BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return Translations(compiled)


def _told(text: str) -> str:
    language = spoken()
    if language == ENGLISH or not text:
        return text
    told = translations(language).ugettext(text)
    if told == text and _is_whole.get() and not _is_known(language, text):
        raise WordsMissing(f"{language}: {text}")
    return told


def _is_known(language: str, text: str) -> bool:
    return text in translations(language)._catalog


def _filled(told: str, values: dict[str, object]) -> str:
    return told % {name: isolated(value) for name, value in values.items()}
