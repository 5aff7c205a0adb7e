"""The shapes of a form: sections of blocks with stable clause ids, never markup.

A block says what kind of thing it is and which parts of the plan or catalogue fill it. Names in
curly brackets are replaced by values; there is no template language.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal

import yaml

from app.catalogue.expressions import Condition
from app.catalogue.reading import ContentRefused, read_content
from app.catalogue.shipped import canonical_json
from app.consent.purposes import Purpose

_FORMS = Path(__file__).parent / "starter"
BlockKind = Literal[
    "heading",
    "paragraph",
    "list",
    "facts",
    "risk",
    "benefit",
    "alternative",
    "aftercare",
    "question",
    "acknowledgement",
    "signature",
]


@dataclass(frozen=True)
class AnswerOption:
    """One answer to a question that checks understanding."""

    id: str
    text: str
    correct: bool = False


@dataclass(frozen=True)
class FormBlock:
    """One clause. ``when`` tests the plan; ``needs`` names values without which it is left out.

    ``fill`` takes items from the plan or the catalogue, ``risks`` lists risk ids of a risk group.
    """

    id: str
    kind: BlockKind
    title: str = ""
    text: str = ""
    items: tuple[str, ...] = ()
    when: Condition | None = None
    needs: tuple[str, ...] = ()
    fill: Literal["plan", "never_treat", "off_label", "on_label", "emergency_signs"] | None = None
    group: Literal["personal", "serious", "usual"] | None = None
    risks: tuple[str, ...] = ()
    do_nothing: bool = False
    options: tuple[AnswerOption, ...] = ()
    explanation: str = ""


@dataclass(frozen=True)
class FormSection:
    """A part of the form that is read as one step."""

    id: str
    title: str
    blocks: tuple[FormBlock, ...]


@dataclass(frozen=True)
class FormContent:
    """One version of a form in one language.

    A form for treatment names its ``procedure``, one for an add-on its ``add_on``, one for photos
    neither. ``area_groups`` are the parts of the body that it speaks of; none means every one.
    """

    id: str
    locale: str
    version: str
    change: Literal["minor", "material"]
    title: str
    sections: tuple[FormSection, ...]
    purpose: Literal["treatment", "add_on", "clinical_photos", "marketing_photos"] = "treatment"
    procedure: str | None = None
    add_on: str | None = None
    area_groups: tuple[str, ...] = ()

    @property
    def asks_for(self) -> Purpose:
        """What the form asks consent to."""
        return Purpose(self.purpose)

    def blocks(self) -> Iterator[FormBlock]:
        """Yield every block in reading order."""
        for section in self.sections:
            yield from section.blocks


def load_form(raw: Mapping[str, object]) -> FormContent:
    """Return the form that a mapping describes; raises ContentRefused."""
    form = read_content(FormContent, raw, "form")
    if (form.procedure is not None) != (form.purpose == "treatment"):
        raise ContentRefused("A form for treatment names its procedure, and no other form does.")
    if (form.add_on is not None) != (form.purpose == "add_on"):
        raise ContentRefused("A form for an add-on names the add-on, and no other form does.")
    return form


@lru_cache(maxsize=64)
def form_from_json(text: str) -> FormContent:
    """Return the form stored as JSON; raises ContentRefused."""
    raw = json.loads(text)
    if not isinstance(raw, Mapping):
        raise ContentRefused("A form is a mapping.")
    return load_form(raw)


@cache
def shipped_keys() -> tuple[tuple[str, str], ...]:
    """Return (key, locale) of every form that is shipped."""
    parts = (path.name.split(".") for path in sorted(_FORMS.glob("*.*.yaml")))
    return tuple((key, locale) for key, locale, _ in parts)


@cache
def shipped_form(key: str = "mechanical", locale: str = "en") -> tuple[str, FormContent]:
    """Return a shipped form as canonical JSON and as values; raises ContentRefused."""
    if (key, locale) not in shipped_keys():
        raise ContentRefused(f"No form '{key}' is shipped in '{locale}'.")
    path = _FORMS / f"{key}.{locale}.yaml"
    text = canonical_json(yaml.safe_load(path.read_text(encoding="utf-8")))
    return text, form_from_json(text)
