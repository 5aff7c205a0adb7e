"""The only things a document can be made of.

Callers pass plain text; nobody passes HTML, CSS or a URL to be fetched. Numbers, scopes, tags and
the splitting of hashes are done here and in the template, once for every document.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from app.documents.ink import Ink

_HEX = re.compile(r"[0-9a-f]{8,256}")


@dataclass(frozen=True, slots=True)
class Heading:
    """A numbered heading below the title; level 2 is a section, 3 and 4 lie inside it."""

    level: Literal[2, 3, 4]
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text; a line break in it is kept. ``numbered`` makes it a clause of its section."""

    text: str
    numbered: bool = False


@dataclass(frozen=True, slots=True)
class Bullets:
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """Labels and their values, one pair a row."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a caption and a header row; the first cell of a row names the row.

    ``widths`` are shares of the line for each column; left out, all columns are equal.
    """

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that must not be overlooked."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class HashFact:
    """A SHA-256 or the like, lower-case hexadecimal; printed in groups that can be compared."""

    label: str
    hex: str

    def __post_init__(self) -> None:
        if not _HEX.fullmatch(self.hex):
            raise ValueError("a hash is 8 to 256 lower-case hexadecimal digits")

    @property
    def groups(self) -> str:
        """The digits in groups of eight."""
        return " ".join(self.hex[i : i + 8] for i in range(0, len(self.hex), 8))


@dataclass(frozen=True, slots=True)
class SignatureBlock:
    """One person's signature: drawn or typed, with the printed name, its meaning and its moment.

    ``at_utc`` is the server's clock; ``zone`` is the IANA zone in which people read it. ``method``
    says in words how it was made ("drawn with a finger on a phone").
    """

    label: str
    name: str
    meaning: str
    at_utc: datetime
    zone: str
    method: str
    typed_name: str | None = None
    ink: Ink | None = None

    def __post_init__(self) -> None:
        if (self.typed_name is None) == (self.ink is None):
            raise ValueError("a signature is either typed or drawn")
        if self.at_utc.tzinfo is None:
            raise ValueError("a signature has an aware moment")


@dataclass(frozen=True, slots=True)
class CodeImage:
    """A QR code with a text beside it that says what it does and does not show.

    ``data`` is what the code holds, ``title`` stands in for the picture when it cannot be seen.
    """

    data: str
    title: str
    text: str


Block = (
    Heading | Paragraph | Bullets | Facts | Table | Notice | HashFact | SignatureBlock | CodeImage
)
