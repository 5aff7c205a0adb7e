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

_FORMS = Path(__file__).parent / "data" / "forms"
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
    """One version of a form in one language."""

    id: str
    locale: str
    version: str
    change: Literal["minor", "material"]
    title: str
    procedure: str
    sections: tuple[FormSection, ...]

    def blocks(self) -> Iterator[FormBlock]:
        """Yield every block in reading order."""
        for section in self.sections:
            yield from section.blocks


def load_form(raw: Mapping[str, object]) -> FormContent:
    """Return the form that a mapping describes; raises ContentRefused."""
    return read_content(FormContent, raw, "form")


@lru_cache(maxsize=64)
def form_from_json(text: str) -> FormContent:
    """Return the form stored as JSON; raises ContentRefused."""
    raw = json.loads(text)
    if not isinstance(raw, Mapping):
        raise ContentRefused("A form is a mapping.")
    return load_form(raw)


@cache
def shipped_form(key: str = "mechanical", locale: str = "en") -> tuple[str, FormContent]:
    """Return a shipped form as canonical JSON and as values; raises ContentRefused."""
    path = _FORMS / f"{key}.{locale}.yaml"
    if not path.is_file():
        raise ContentRefused(f"No form '{key}' is shipped in '{locale}'.")
    text = canonical_json(yaml.safe_load(path.read_text(encoding="utf-8")))
    return text, form_from_json(text)
