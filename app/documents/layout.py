"""From blocks to lines: numbers the clauses and remembers where each text has to be printed.

The template prints every :class:`Line` exactly once and in this order, which is what lets the
read-back compare the finished PDF with the draft value by value.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

from app.documents.blocks import (
    Block,
    Bullets,
    CodeImage,
    Facts,
    HashFact,
    Heading,
    Notice,
    Paragraph,
    SignatureBlock,
    Table,
)
from app.documents.code_image import CodePath, code_path
from app.documents.draft import DocumentDraft, check_text
from app.documents.ink import Ink, svg_path
from app.documents.wording import Wording, moment_in_words

_ISOLATED = re.compile("[\u2066-\u2068][^\u2069]*\u2069")
_WHITE_RUN = re.compile(r"[ \t\r\f\v\u00a0]+")


@dataclass(frozen=True, slots=True)
class Line:
    """One text in one element. ``slot`` says where it stands; ``number`` is printed before it."""

    slot: str
    text: str
    number: str = ""

    @property
    def printed(self) -> str:
        return f"{self.number} {self.text}" if self.number else self.text

    @property
    def is_rtl(self) -> bool:
        """Whether the first letter with a direction reads from right to left."""
        return self._first_direction in {"R", "AL"}

    @property
    def is_ltr(self) -> bool:
        """Whether it reads from left to right: by its first letter, or by numbers without any.

        A telephone number is several numbers; in a line from the right they would change places.
        """
        return self._first_direction == "L" or (not self._first_direction and self._has_numbers)

    @property
    def _has_numbers(self) -> bool:
        return any(letter.isdigit() for letter in _ISOLATED.sub("", self.text))

    @property
    def _first_direction(self) -> str:
        # What stands in isolation, such as a name in a sentence, does not turn the sentence.
        own = _ISOLATED.sub("", self.text)
        found = (unicodedata.bidirectional(letter) for letter in own)
        return next((one for one in found if one in {"L", "R", "AL"}), "")


@dataclass(frozen=True, slots=True)
class DrawnInk:
    """A drawn signature for the template; ``title`` is for those who cannot see it."""

    ink: Ink
    path: str
    title: str


@dataclass(frozen=True, slots=True)
class Node:
    """What the template draws: a kind, its lines, and for some kinds rows or a picture."""

    kind: str
    lines: tuple[Line, ...] = ()
    rows: tuple[tuple[Line, ...], ...] = ()
    level: int = 0
    widths: tuple[int, ...] = ()
    drawn: DrawnInk | None = None
    code: CodePath | None = None
    code_title: str = ""

    @property
    def header(self) -> tuple[Line, ...]:
        """The header row of a table, which is drawn again on each page that the table reaches."""
        return (
            tuple(line for line in self.lines[1:] if line.printed) if self.kind == "table" else ()
        )


@dataclass(slots=True)
class Page:
    """The whole document: its nodes, every line in reading order, and which lines are whose.

    ``owners[i]`` is the position of the node that prints ``lines[i]``.
    """

    nodes: list[Node] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    owners: list[int] = field(default_factory=list)

    def add(self, node: Node) -> None:
        """Append a node, which owns every line registered since the node before it."""
        self.owners += [len(self.nodes)] * (len(self.lines) - len(self.owners))
        self.nodes.append(node)

    def part(self, position: int) -> "Page":
        """Return a page that holds one node alone."""
        lines = [
            line for line, owner in zip(self.lines, self.owners, strict=True) if owner == position
        ]
        return Page(nodes=[self.nodes[position]], lines=lines, owners=[0] * len(lines))


class Layout:
    """Walks the blocks once; the state is the numbering and the running total of characters."""

    def __init__(self, words: Wording) -> None:
        self.words = words
        self.page = Page()
        self._counters = [0, 0, 0, 0]
        self._depth = -1
        self._total = 0
        self._place = ""

    def lay_out(self, draft: DocumentDraft) -> Page:
        """Return the page of a checked draft; raises DocumentTooLarge and BadBlock."""
        self._place = "title"
        self._add_masthead(draft)
        for position, block in enumerate(draft.blocks, start=1):
            self._place = f"block {position} ({type(block).__name__})"
            self._draw(block)
        return self.page

    def _draw(self, block: Block) -> None:
        match block:
            case Heading():
                self._heading(block)
            case Paragraph():
                self._paragraph(block)
            case Bullets():
                self._bullets(block)
            case Facts():
                self._facts(block)
            case Table():
                self._table(block)
            case Notice():
                self._notice(block)
            case HashFact():
                self._hash(block)
            case SignatureBlock():
                self._signature(block)
            case CodeImage():
                self._code(block)

    def line(self, slot: str, text: str, number: str = "") -> Line:
        """Register a text: NFC, blanks as one blank, and its place in the reading order."""
        clean = unicodedata.normalize("NFC", text).replace("\r\n", "\n")
        clean = "\n".join(_WHITE_RUN.sub(" ", part).strip() for part in clean.split("\n"))
        self._total = check_text(clean, self._total)
        line = Line(
            slot=f"{self._place}, {slot}" if slot else self._place, text=clean, number=number
        )
        if line.printed.strip():
            self.page.lines.append(line)
        return line

    def _add_masthead(self, draft: DocumentDraft) -> None:
        lines = (
            self.line("author", draft.author),
            self.line("", draft.title),
            self.line("reference", f"{self.words.reference} {draft.reference}"),
        )
        self.page.add(Node("masthead", lines=lines))
        self._place = "summary"
        if draft.summary:
            self.page.add(Node("summary", rows=self._fact_rows(draft.summary)))

    def _fact_rows(self, rows: Iterable[tuple[str, str]]) -> tuple[tuple[Line, ...], ...]:
        return tuple(
            (self.line(f"row {row} label", label), self.line(f"row {row} value", value))
            for row, (label, value) in enumerate(rows, start=1)
        )

    def _heading(self, block: Heading) -> None:
        self._depth = block.level - 2
        lines = (self.line("", block.text, self._next_number(self._depth)),)
        self.page.add(Node("heading", lines=lines, level=block.level))

    def _paragraph(self, block: Paragraph) -> None:
        number = self._next_number(self._depth + 1) if block.numbered else ""
        kind = "clause" if block.numbered else "paragraph"
        self.page.add(Node(kind, lines=(self.line("", block.text, number),)))

    def _next_number(self, depth: int) -> str:
        """Return the next number at a depth, such as 2.3 for depth 1, and restart those below."""
        self._counters[depth] += 1
        self._counters[depth + 1 :] = [0] * (len(self._counters) - depth - 1)
        return ".".join(str(part) for part in self._counters[: depth + 1])

    def _bullets(self, block: Bullets) -> None:
        items = (self.line(f"item {i}", item) for i, item in enumerate(block.items, start=1))
        self.page.add(Node("bullets", lines=tuple(items)))

    def _facts(self, block: Facts) -> None:
        self.page.add(Node("facts", rows=self._fact_rows(block.rows)))

    def _table(self, block: Table) -> None:
        caption = self.line("caption", block.caption)
        header = tuple(self.line(f"header {i}", cell) for i, cell in enumerate(block.header, 1))
        rows = tuple(
            tuple(self.line(f"row {y} column {x}", cell) for x, cell in enumerate(row, start=1))
            for y, row in enumerate(block.rows, start=1)
        )
        widths = block.widths or (1,) * len(header)
        shares = tuple(100 * width // sum(widths) for width in widths)
        self.page.add(Node("table", lines=(caption, *header), rows=rows, widths=shares))

    def _notice(self, block: Notice) -> None:
        lines = (self.line("title", block.title), self.line("text", block.text))
        self.page.add(Node("notice", lines=lines))

    def _hash(self, block: HashFact) -> None:
        lines = (self.line("label", block.label), self.line("digits", block.groups))
        self.page.add(Node("hash", lines=lines))

    def _signature(self, block: SignatureBlock) -> None:
        words = self.words
        caption = self.line("label", block.label)
        signed = self.line("signature label", words.signature)
        typed = self.line("typed name", block.typed_name) if block.typed_name else Line("", "")
        drawn = None
        if block.ink is not None:
            title = f"{words.drawn_by} {block.name}"
            drawn = DrawnInk(ink=block.ink, path=svg_path(block.ink), title=title)
        facts = (
            (words.name, block.name),
            (words.meaning, block.meaning),
            (words.signed_at, moment_in_words(block.at_utc, block.zone, words.language)),
            (words.method, block.method),
        )
        rows = self._fact_rows(facts)
        lines = (caption, signed, typed)
        self.page.add(Node("signature", lines=lines, rows=rows, drawn=drawn))

    def _code(self, block: CodeImage) -> None:
        node = Node(
            "code",
            lines=(self.line("text", block.text),),
            code=code_path(block.data),
            code_title=block.title,
        )
        self.page.add(node)
