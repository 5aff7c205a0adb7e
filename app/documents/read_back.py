"""Proof that the finished PDF shows what was to be printed: value by value, none skipped.

Exact after NFC. Where a script is stored in the order in which it is drawn (Arabic, Hebrew,
Devanagari), the value is compared with the same block rendered alone, and its letters with the
value's own letters.
"""

import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pypdf import PdfReader

from app.documents.container import open_pdf
from app.documents.errors import ReadBackFailed
from app.documents.glyph_text import MIRRORED
from app.documents.layout import Line, Page
from app.documents.pdf_text import Element, read_tagged_text

_ISOLATES = dict.fromkeys(range(0x2066, 0x206A))
# Signs at letters from Hebrew to Khmer; those of Latin letters have texts of their own.
_SIGNS = range(0x0590, 0x1800)
# They shape their neighbours and leave no glyph of their own.
_JOINERS = dict.fromkeys((0x200C, 0x200D, 0xFE0E))


@dataclass(frozen=True, slots=True)
class ReadBack:
    """How many values were found exactly, how many by their block alone, on how many pages."""

    pages: int
    exact: int
    alone: int


@dataclass(frozen=True, slots=True)
class _Alignment:
    """For each line the element that should show it, and the lines whose texts differ."""

    elements: tuple[Element, ...]
    differing: tuple[int, ...]


def compare(reader: PdfReader, page: Page, render_alone: Callable[[Page], bytes]) -> ReadBack:
    """Compare every line with the PDF; raises ReadBackFailed with the slot of the first difference.

    ``render_alone`` makes a PDF of a page that holds one node only.
    """
    text = read_tagged_text(reader)
    alignment = _align(page, text.elements)
    for owner in sorted({page.owners[i] for i in alignment.differing}):
        part = page.part(owner)
        reference = _align(part, read_tagged_text(open_pdf(render_alone(part))).elements)
        start = page.owners.index(owner)
        for i in alignment.differing:
            if page.owners[i] == owner:
                _compare_alone(page.lines[i], alignment.elements[i], reference.elements[i - start])
    differing = len(alignment.differing)
    return ReadBack(pages=text.pages, exact=len(page.lines) - differing, alone=differing)


def _compare_alone(line: Line, element: Element, alone: Element) -> None:
    """Accept another order of the same letters, if the value alone is drawn in that order too."""
    same_letters = holds_letters(element.text, line.printed)
    if not same_letters or element.lines != alone.lines:
        raise ReadBackFailed(line.slot)


def _align(page: Page, elements: Sequence[Element]) -> _Alignment:
    found: list[Element] = []
    differing: list[int] = []
    position = 0
    for i, line in enumerate(page.lines):
        position = _skip_repeated_header(page, i, elements, position, found)
        if position >= len(elements):
            raise ReadBackFailed(line.slot)
        element, taken = _take(line, elements, position)
        found.append(element)
        if not _shows(element.lines, line.printed):
            differing.append(i)
        position += taken
    if position != len(elements):
        raise ReadBackFailed("the end of the document")
    return _Alignment(tuple(found), tuple(differing))


def _take(line: Line, elements: Sequence[Element], position: int) -> tuple[Element, int]:
    """Return the element of a line; one that goes on over the page break is put together again."""
    element = elements[position]
    if position + 1 < len(elements) and not _may_be(element, line.printed):
        rest = elements[position + 1]
        joined = Element(element.tag, element.page, (*element.lines, *rest.lines))
        if rest.page == element.page + 1 and _may_be(joined, line.printed):
            return joined, 2
    return element, 1


def _may_be(element: Element, value: str) -> bool:
    """Whether an element is the value, or holds its letters in the order of drawing."""
    return _shows(element.lines, value) or holds_letters(element.text, value)


def _skip_repeated_header(
    page: Page, i: int, elements: Sequence[Element], position: int, found: Sequence[Element]
) -> int:
    """Step over a table's header row where it is drawn again, as it was drawn the first time."""
    header = page.nodes[page.owners[i]].header
    is_inside = i > 0 and page.owners[i - 1] == page.owners[i] and page.lines[i] not in header
    if not (header and is_inside and 0 < position < len(elements)):
        return position
    again = elements[position : position + len(header)]
    turned = elements[position].page > elements[position - 1].page
    begin = page.owners.index(page.owners[i])
    first = [one for k, one in enumerate(found[begin:], begin) if page.lines[k] in header]
    is_drawn_again = [one.lines for one in again] == [one.lines for one in first]
    return position + len(header) if turned and is_drawn_again else position


def _shows(lines: Sequence[str], value: str) -> bool:
    """Whether the drawn lines are the value; a blank may vanish where a line ends, nowhere else."""
    wanted = " ".join(_plain(value).split())
    at = 0
    for drawn in lines:
        part = " ".join(_plain(drawn).split())
        if at and wanted[at : at + 1] == " ":
            at += 1
        if not wanted.startswith(part, at):
            return False
        at += len(part)
    return at == len(wanted)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text.translate(_ISOLATES))


def holds_letters(drawn: str, value: str) -> bool:
    """Whether a drawn text has the letters of a value, each as often, in any order.

    A vowel sign that the font draws as one picture with its letter may have no text of its own
    (Arabic, Hebrew with points, Thai). No other letter may be missing, and none may be added.
    """
    if _letters(drawn) == _letters(value):
        return True
    found, wanted = _whole_letters(drawn), _whole_letters(value)
    return wanted >= found and all(_is_sign(letter) for letter in wanted - found)


def _whole_letters(text: str) -> Counter[str]:
    """Count letters as they are written: an alef with a hamza is another letter than an alef."""
    text = text.translate(MIRRORED).translate(_JOINERS)
    return Counter(unicodedata.normalize("NFKC", "".join(_plain(text).split())))


def _is_sign(letter: str) -> bool:
    return unicodedata.category(letter) == "Mn" and ord(letter) in _SIGNS


def _letters(text: str) -> Counter[str]:
    """Count the letters of a value; a bracket counts as its pair, since it turns with the line."""
    text = text.translate(MIRRORED).translate(_JOINERS)
    return Counter(unicodedata.normalize("NFD", "".join(_plain(text).split())))
