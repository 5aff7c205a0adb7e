"""What a patient is shown: ordered sections of finished blocks, ready for a page or for paper.

The text is complete here; pages and PDFs only lay it out. Its canonical JSON and hash say exactly
what was read and signed.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from app.catalogue.reading import ContentRefused, read_content
from app.catalogue.shipped import canonical_json, sha256_of
from app.consent.forms.content import BlockKind


@dataclass(frozen=True)
class ShownOption:
    """One answer to a question that checks understanding."""

    id: str
    text: str


@dataclass(frozen=True)
class ShownBlock:
    """One finished clause.

    Used by kind: paragraph text · list title, text, items · facts title, rows, row_ids (what they
    tell) · risk title, text, likelihood, group · benefit and alternative title, text · aftercare
    title, text, items (to do),
    avoid (to leave) · question text, options, correct, explanation · acknowledgement and signature
    text. ``clause`` is the stable id; what the catalogue fills in adds its id after a full stop.
    """

    kind: BlockKind
    clause: str
    title: str = ""
    text: str = ""
    items: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()
    rows: tuple[tuple[str, str], ...] = ()
    row_ids: tuple[str, ...] = ()
    group: str = ""
    likelihood: str = ""
    options: tuple[ShownOption, ...] = ()
    correct: str = ""
    explanation: str = ""


@dataclass(frozen=True)
class ShownSection:
    """One step of reading."""

    id: str
    title: str
    blocks: tuple[ShownBlock, ...]


@dataclass(frozen=True)
class AssembledForm:
    """A form filled for one patient and one plan."""

    form_id: str
    form_version: str
    locale: str
    catalogue_version: str
    title: str
    sections: tuple[ShownSection, ...]

    def as_dict(self) -> dict[str, object]:
        """Return JSON-ready values; empty fields of blocks are left out."""
        plain = asdict(self)
        for section in plain["sections"]:
            section["blocks"] = [
                {name: value for name, value in block.items() if value not in ("", ())}
                for block in section["blocks"]
            ]
        return plain

    @property
    def canonical_json(self) -> str:
        """The one text of this content: sorted keys, no blanks, UTF-8."""
        return canonical_json(self.as_dict())

    @property
    def shown_sha256(self) -> bytes:
        """The SHA-256 of the canonical JSON."""
        return sha256_of(self.canonical_json)

    @property
    def acknowledgements(self) -> tuple[str, ...]:
        """The clause ids that must be ticked before signing."""
        return self._clauses_of("acknowledgement")

    @property
    def teach_back(self) -> tuple[str, ...]:
        """The clause ids of the questions that check understanding."""
        return self._clauses_of("question")

    def _clauses_of(self, kind: str) -> tuple[str, ...]:
        blocks = (block for section in self.sections for block in section.blocks)
        return tuple(block.clause for block in blocks if block.kind == kind)


def shown_from_json(text: str) -> AssembledForm:
    """Return the form that was stored as canonical JSON; raises ContentRefused."""
    raw = json.loads(text)
    if not isinstance(raw, Mapping):
        raise ContentRefused("An assembled form is a mapping.")
    return read_content(AssembledForm, raw, "shown")
