"""What a caller hands over to be made into a document, and its limits before rendering."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from app.documents.blocks import Block, Heading, SignatureBlock, Table
from app.documents.errors import BadBlock, DocumentTooLarge
from app.documents.ink import check_ink

MOST_BLOCKS = 1_500
MOST_ROWS = 2_000
LONGEST_TEXT = 4_000
MOST_TEXT = 250_000
MOST_ATTACHED_BYTES = 25 * 1024 * 1024

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_LANGUAGE = re.compile(r"[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8})*")
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_SUFFIX_OF = {
    "application/pdf": ".pdf",
    "application/json": ".json",
    "text/plain": ".txt",
    "text/csv": ".csv",
    "image/jpeg": ".jpg",
}


@dataclass(frozen=True, slots=True)
class Attached:
    """A file carried inside the document bit for bit.

    ``relationship`` follows ISO 32000: 'Source' is what the document was made from, 'Data' what it
    shows. The suffix of ``name`` has to fit ``mime``.
    """

    name: str
    mime: Literal["application/pdf", "application/json", "text/plain", "text/csv", "image/jpeg"]
    data: bytes
    relationship: Literal["Source", "Data"]
    description: str


@dataclass(frozen=True, slots=True)
class DocumentDraft:
    """A document before it is rendered; the same draft always becomes the same bytes.

    ``summary`` is the first page's answer to who, what, where, by whom, when and whether it is in
    force. ``mark`` is a word that stands on every page, such as the one that tells a test apart.
    ``logo`` is a flat PNG that we drew ourselves.
    """

    title: str
    language: str
    page: Literal["A4", "Letter"]
    author: str
    created_at: datetime
    reference: str
    summary: tuple[tuple[str, str], ...]
    blocks: tuple[Block, ...]
    attachments: tuple[Attached, ...] = ()
    accent: str = "#1d4f5c"
    mark: str = ""
    logo: bytes | None = None


def check_draft(draft: DocumentDraft) -> None:
    """Refuse a draft that breaks the rules of the paper.

    :raise BadBlock: a wrong language, colour, time or file name, a skipped level, a ragged table
    :raise DocumentTooLarge: more blocks, rows or attached bytes than one document may have
    :raise InkRefused, InkTooLarge: a drawn signature beyond its limits
    """
    _check_frame(draft)
    _check_attachments(draft.attachments)
    _check_levels(draft.blocks)
    for block in draft.blocks:
        if isinstance(block, Table):
            _check_table(block)
        elif isinstance(block, SignatureBlock) and block.ink is not None:
            check_ink(block.ink)
    if len(draft.blocks) > MOST_BLOCKS:
        raise DocumentTooLarge(f"A document has at most {MOST_BLOCKS} blocks.")
    if sum(len(block.rows) for block in draft.blocks if isinstance(block, Table)) > MOST_ROWS:
        raise DocumentTooLarge(f"The tables of a document have at most {MOST_ROWS} rows.")


def check_text(text: str, total: int) -> int:
    """Add one text to the running total of characters; raises DocumentTooLarge."""
    total += len(text)
    if len(text) > LONGEST_TEXT or total > MOST_TEXT:
        raise DocumentTooLarge(
            f"One text has at most {LONGEST_TEXT} characters, a document {MOST_TEXT} together."
        )
    return total


def _check_frame(draft: DocumentDraft) -> None:
    if not _LANGUAGE.fullmatch(draft.language):
        raise BadBlock("A document needs the tag of its language.")
    if not _COLOUR.fullmatch(draft.accent):
        raise BadBlock("The colour of a clinic is written as six hexadecimal digits.")
    if draft.created_at.tzinfo is None:
        raise BadBlock("A document needs an aware moment of creation.")
    if not (draft.title.strip() and draft.author.strip() and draft.reference.strip()):
        raise BadBlock("A document needs a title, an author and a reference.")


def _check_attachments(attachments: tuple[Attached, ...]) -> None:
    names = [attached.name for attached in attachments]
    if len(set(names)) != len(names):
        raise BadBlock("Two attached files have the same name.")
    for attached in attachments:
        fits = attached.name.lower().endswith(_SUFFIX_OF.get(attached.mime, "/"))
        if not _FILE_NAME.fullmatch(attached.name) or not fits:
            raise BadBlock("The name of an attached file does not fit its kind.")
    if sum(len(attached.data) for attached in attachments) > MOST_ATTACHED_BYTES:
        raise DocumentTooLarge("The attached files are too large together.")


def _check_levels(blocks: tuple[Block, ...]) -> None:
    level = 1
    for block in blocks:
        if isinstance(block, Heading):
            if not 2 <= block.level <= min(level + 1, 4):
                raise BadBlock("A heading skips a level.")
            level = block.level


def _check_table(table: Table) -> None:
    columns = len(table.header)
    if columns == 0 or any(len(row) != columns for row in table.rows):
        raise BadBlock("A table has rows of different lengths.")
    if table.widths and (len(table.widths) != columns or min(table.widths) < 1):
        raise BadBlock("A table needs one width for each column.")
