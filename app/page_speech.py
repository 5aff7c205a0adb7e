"""Gives every template our words in the language that is spoken, and every page its direction."""

from collections.abc import Callable

from flask import Flask, request
from jinja2.nodes import EvalContext
from jinja2.utils import pass_eval_context
from markupsafe import Markup, escape

from app.kit.speech import (
    ENGLISH,
    LANGUAGES,
    direction,
    isolated,
    nearest_language,
    say,
    say_many,
    speak,
    spoken,
    translations,
)

OWN_NAMES = {"en": "English", "de": "Deutsch", "ar": "العربية"}


def register(app: Flask) -> None:
    """Install the words, and read every translation so that a broken one stops the start."""
    for language in LANGUAGES:
        if language != ENGLISH:
            translations(language)
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    vars(app.jinja_env)["newstyle_gettext"] = True  # Set by the extension, unknown to its types.
    app.jinja_env.globals.update(_=_gettext, gettext=_gettext, ngettext=_ngettext)
    app.jinja_env.filters["bdi"] = isolated_in_page
    app.context_processor(_language_values)
    app.before_request(_begin_in_english)
    app.teardown_request(_end_in_english)


def speak_as_visitor() -> None:
    """Speak the language that a browser asks for; of whoever opens a link nothing else is known."""
    wished = request.args.get("lang") or request.accept_languages.best_match(LANGUAGES)
    speak(nearest_language(wished or ENGLISH))


def isolated_in_page(value: object) -> Markup:
    """Return a name, a code or a number as an island that keeps its own order of reading."""
    return Markup("<bdi>{}</bdi>").format(escape(value))


def _language_values() -> dict[str, object]:
    return {"lang": spoken(), "dir": direction(spoken())}


def _begin_in_english() -> None:
    speak(ENGLISH)


def _end_in_english(_error: BaseException | None) -> None:
    speak(ENGLISH)


@pass_eval_context
def _gettext(context: EvalContext, text: str, /, **values: object) -> str:
    return _marked(context, lambda told: say(text, **told), values)


@pass_eval_context
def _ngettext(context: EvalContext, one: str, many: str, number: int, /, **values: object) -> str:
    values.pop("num", None)
    return _marked(context, lambda told: say_many(one, many, number, **told), values)


def _marked(context: EvalContext, told: Callable[..., str], values: dict[str, object]) -> str:
    """Escape the values alone: the words are ours, and some hold marks of their own."""
    if not context.autoescape:
        return told(values)
    escaped = {
        name: _Written(escape(isolated(value))) if type(value) is str else value
        for name, value in values.items()
    }
    return Markup(told(escaped))  # noqa: S704  # Our own words, with escaped values.


class _Written:
    """A value that is isolated and escaped already, so that it may stand in an attribute too."""

    def __init__(self, text: Markup) -> None:
        self._text = text

    def __str__(self) -> str:
        return self._text
