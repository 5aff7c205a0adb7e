"""The text of a tagged PDF, element by element, read from the finished bytes.

Only what the renderer writes is understood: marked content with numbers, hexadecimal strings and
ToUnicode tables. What is not understood reads as U+FFFD, so that a comparison rather fails than
passes.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pypdf import PageObject, PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, StreamObject

_LEAVES = {"/P", "/H1", "/H2", "/H3", "/H4", "/H5", "/H6", "/LBody", "/TD", "/TH", "/Caption"}
_TOKEN = re.compile(
    rb"/MCID (?P<mcid>\d+)>>\s*BDC|(?P<end>\bEMC\b)"
    rb"|/(?P<font>\S+) [\d.]+ Tf|(?P<array>\[[^\]]*\])\s*TJ|(?P<string><[0-9a-f]*>)\s*Tj"
)
_HEX = re.compile(rb"<([0-9a-fA-F]*)>")
_RANGE_BLOCK = re.compile(rb"begin(bfchar|bfrange)(.*?)end\1", re.S)
_MOST_DEPTH = 60

ToUnicode = dict[int, str]


@dataclass(frozen=True, slots=True)
class Element:
    """One paragraph, heading, list item or cell: its page (from 0) and its text line by line."""

    tag: str
    page: int
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        return " ".join(line.strip() for line in self.lines)


@dataclass(frozen=True, slots=True)
class TaggedText:
    pages: int
    elements: tuple[Element, ...]


def read_tagged_text(reader: PdfReader) -> TaggedText:
    """Return every text-bearing element in the order in which a screen reader meets it."""
    marked = [_marked_text(page) for page in reader.pages]
    numbers = {page.indirect_reference.idnum: i for i, page in enumerate(reader.pages)}  # type: ignore[union-attr]  # a page of a file always has one
    root = reader.root_object["/StructTreeRoot"].get_object()
    found: list[tuple[int, str, int, str]] = []
    for leaf, (tag, page, mcid) in _walk(root, numbers):
        found.append((leaf, tag, page, marked[page].get(mcid, "")))
    return TaggedText(pages=len(marked), elements=tuple(_join(found)))


def _join(found: list[tuple[int, str, int, str]]) -> Iterator[Element]:
    """Gather the lines of one element; an element without any visible text is left out."""
    lines: list[str] = []
    for position, (leaf, tag, page, text) in enumerate(found):
        lines.append(text)
        is_last = position + 1 == len(found) or found[position + 1][0] != leaf
        if is_last:
            if any(line.strip() for line in lines):
                yield Element(tag=tag, page=page, lines=tuple(line for line in lines if line))
            lines = []


def _walk(root: Any, pages: dict[int, int]) -> Iterator[tuple[int, tuple[str, int, int]]]:
    """Yield (identity of the leaf, (its tag, page, marked content number)) in structure order."""
    stack: list[tuple[Any, int, str, int, int]] = [(root, 0, "", -1, 0)]
    count = 0
    while stack:
        node, leaf, tag, page, depth = stack.pop()
        node = node.get_object() if hasattr(node, "get_object") else node
        if isinstance(node, int):
            yield leaf, (tag, page, int(node))
            continue
        if depth > _MOST_DEPTH or not isinstance(node, DictionaryObject):
            continue
        count += 1
        kind = str(node.get("/S", ""))
        if "/Pg" in node:
            page = pages.get(node.raw_get("/Pg").idnum, page)
        if kind in _LEAVES:
            leaf, tag = count, kind
        if kind in {"/Lbl", "/Figure"}:
            continue
        kids = node.get("/K", ArrayObject())
        kids = kids if isinstance(kids, ArrayObject) else ArrayObject([kids])
        stack.extend((kid, leaf, tag, page, depth + 1) for kid in reversed(kids))


def _marked_text(page: PageObject) -> dict[int, str]:
    fonts = _fonts(page)
    contents = page.get_contents()
    texts: dict[int, str] = {}
    mcid, font = -1, ToUnicode()
    for token in _TOKEN.finditer(contents.get_data() if contents is not None else b""):
        if token["mcid"]:
            mcid = int(token["mcid"])
        elif token["end"]:
            mcid = -1
        elif token["font"]:
            font = fonts.get(token["font"].decode("latin-1"), {})
        elif mcid >= 0:
            shown = token["array"] or token["string"]
            texts[mcid] = texts.get(mcid, "") + _decode(shown, font)
    return texts


def _decode(shown: bytes, font: ToUnicode) -> str:
    codes = b"".join(_HEX.findall(shown))
    return "".join(font.get(int(codes[i : i + 4], 16), "\ufffd") for i in range(0, len(codes), 4))


def _fonts(page: PageObject) -> dict[str, ToUnicode]:
    resources = page.get("/Resources", DictionaryObject()).get_object()
    fonts = resources.get("/Font", DictionaryObject()).get_object()
    return {str(name)[1:]: _to_unicode(font.get_object()) for name, font in fonts.items()}


def _to_unicode(font: DictionaryObject) -> ToUnicode:
    stream = font.get("/ToUnicode", DictionaryObject()).get_object()
    table = ToUnicode()
    if not isinstance(stream, StreamObject):
        return table
    for kind, body in _RANGE_BLOCK.findall(stream.get_data()):
        numbers = _HEX.findall(body)
        step = 2 if kind == b"bfchar" else 3
        for i in range(0, len(numbers) - step + 1, step):
            _add_range(table, numbers[i : i + step])
    return table


def _add_range(table: ToUnicode, numbers: list[bytes]) -> None:
    first, last = int(numbers[0], 16), int(numbers[-2], 16)
    text = bytes.fromhex(numbers[-1].decode()).decode("utf-16-be", errors="replace")
    if first == last or not text:
        table[first] = text
        return
    for code in range(first, min(last, first + 0xFFFF) + 1):
        table[code] = text[:-1] + chr(ord(text[-1]) + code - first)
