"""The catalogue in other languages: every text that a patient can meet, told by id.

The texts lie in ``data/locale/<language>`` and are part of the version that a clinic approves, so
that its hash covers them. A language is whole or refused: a text in English inside a document of
another language would be read by nobody.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

from app.catalogue.aftercare import Advice, Aftercare, AftercarePhase, AreaAftercare, RedFlag
from app.catalogue.content import Catalogue
from app.catalogue.errors import LanguageMissing
from app.catalogue.rules import Question
from app.kit.speech import LanguageUnknown, language_of

# kind of thing → its id → field → text
Texts: TypeAlias = Mapping[str, Mapping[str, Mapping[str, str]]]
Key: TypeAlias = tuple[str, str, str]
Tell: TypeAlias = Callable[[str, str, str, str], str]

_PLAIN: Mapping[str, tuple[str, ...]] = {
    "procedures": ("title", "patient"),
    "add_ons": ("title",),
    "indications": ("title", "honest"),
    "areas": ("title",),
    "never_treat": ("title",),
    "intimate_areas": ("title",),
    "risks": ("title", "text", "lasts", "likelihood_note"),
    "sections": ("title",),
    "contradictions": ("text",),
    "rules": ("patient",),
}


def told_in(catalogue: Catalogue, tag: str) -> Catalogue:
    """Return the same catalogue with its patients' texts in the language of a tag.

    Raises LanguageMissing or LanguageUnknown.
    """
    language = language_of(tag)
    if language == catalogue.locale:
        return catalogue
    if language not in catalogue.retold:
        if language not in catalogue.locales:
            raise LanguageMissing(
                f"The catalogue that this plan was made with has no texts in '{language}'. Approve"
                " one that has them, and make a new version of the plan."
            )
        catalogue.retold[language] = _overlaid(catalogue, language)
    return catalogue.retold[language]


def has_language(catalogue: Catalogue, tag: str) -> bool:
    """Return whether everything that a patient reads can be told in the language of a tag."""
    try:
        language = language_of(tag)
    except LanguageUnknown:
        return False
    return language == catalogue.locale or language in catalogue.locales


def patients_texts(catalogue: Catalogue) -> dict[Key, str]:
    """Return every text that a patient can meet, by kind, id and field."""
    found: dict[Key, str] = {}

    def note(kind: str, name: str, field: str, text: str) -> str:
        found[kind, name, field] = text
        return text

    _retold(catalogue, note)
    return found


def overlay_problems(catalogue: Catalogue) -> Iterator[str]:
    """Yield what is missing from the catalogue's languages, empty in them, or of no use."""
    wanted = set(patients_texts(catalogue))
    for language, texts in sorted(catalogue.locales.items()):
        there = {
            (kind, name, field): text
            for kind, things in texts.items()
            for name, fields in things.items()
            for field, text in fields.items()
        }
        for key in sorted(wanted - set(there)):
            yield f"'{'.'.join(key)}' has no text in '{language}'."
        for key in sorted(set(there) - wanted):
            yield f"'{'.'.join(key)}' is told in '{language}', and the catalogue has no such text."
        for key in sorted(key for key, text in there.items() if not text.strip()):
            yield f"'{'.'.join(key)}' is empty in '{language}'."


def _overlaid(catalogue: Catalogue, language: str) -> Catalogue:
    texts = catalogue.locales[language]
    told = _retold(catalogue, lambda kind, name, field, _text: texts[kind][name][field])
    return replace(told, locale=language, locales={})


def _retold(catalogue: Catalogue, tell: Tell) -> Catalogue:
    """Return the catalogue with every patient's text as ``tell`` says it."""
    plain: dict[str, Any] = {
        kind: tuple(_retell(one, kind, one.id, fields, tell) for one in getattr(catalogue, kind))
        for kind, fields in _PLAIN.items()
    }
    questions = tuple(_question(one, tell) for one in catalogue.questions)
    return replace(
        catalogue, **plain, questions=questions, aftercare=_aftercare(catalogue.aftercare, tell)
    )


def _retell(item: Any, kind: str, name: str, fields: tuple[str, ...], tell: Tell) -> Any:
    changes: dict[str, Any] = {
        field: tell(kind, name, field, getattr(item, field))
        for field in fields
        if getattr(item, field)
    }
    return replace(item, **changes)


def _question(question: Question, tell: Tell) -> Question:
    """Retell what patients are asked; the practitioner's own questions stay as they are."""
    if question.asked_of != "patient":
        return question
    told: Question = _retell(question, "questions", question.id, ("text", "why", "hint"), tell)
    labels = {
        value: tell("questions", question.id, f"label_{value}", word)
        for value, word in question.labels.items()
    }
    choices = tuple(
        replace(one, text=tell("questions", question.id, f"choice_{one.id}", one.text))
        for one in question.choices
    )
    return replace(told, labels=labels, choices=choices)


def _aftercare(content: Aftercare, tell: Tell) -> Aftercare:
    return replace(
        content,
        phases=tuple(_phase(one, tell) for one in content.phases),
        by_area=tuple(_extra(one, tell) for one in content.by_area),
        rf_extra=_advice(content.rf_extra, tell),
        red_flags=tuple(_flag(one, tell) for one in content.red_flags),
    )


def _phase(phase: AftercarePhase, tell: Tell) -> AftercarePhase:
    told: AftercarePhase = _retell(phase, "aftercare", phase.id, ("title",), tell)
    return replace(told, do=_advice(phase.do, tell), dont=_advice(phase.dont, tell))


def _extra(extra: AreaAftercare, tell: Tell) -> AreaAftercare:
    told: AreaAftercare = _retell(extra, "aftercare", extra.group, ("title",), tell)
    return replace(told, items=_advice(extra.items, tell))


def _flag(flag: RedFlag, tell: Tell) -> RedFlag:
    told: RedFlag = _retell(flag, "aftercare", flag.id, ("title",), tell)
    return replace(told, signs=_advice(flag.signs, tell))


def _advice(advice: tuple[Advice, ...], tell: Tell) -> tuple[Advice, ...]:
    return tuple(_retell(one, "advice", one.id, ("text",), tell) for one in advice)
