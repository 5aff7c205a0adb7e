"""Tables as text: read what spreadsheets write, and write what spreadsheets cannot run.

Writing follows RFC 4180. A cell that a spreadsheet would take for a formula gets an apostrophe in
front, which reading takes off again; a phone number such as +441314960000 stays as it is.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\x00", "＝", "＋", "－", "＠")
PHONE = re.compile(r"\+[0-9]{4,15}")
DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "upright lines"}
SAMPLE_ROWS = 20
# Without it, spreadsheets take UTF-8 for something else.
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class UnreadableTable(ValueError):
    """The bytes are no table of text; ``reason`` is one sentence for the person who sent them."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class TextTable:
    """A table that was read: how its bytes were understood, its headings and its rows."""

    encoding: str
    delimiter: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def write_rows(rows: Iterable[Sequence[str]]) -> str:
    """Return rows as RFC 4180 text, every cell safe to open in a spreadsheet."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for row in rows:
        writer.writerow([safe_cell(cell) for cell in row])
    return out.getvalue()


def csv_file_of(rows: Iterable[Sequence[str]]) -> bytes:
    """Return rows as a file that spreadsheets open as UTF-8."""
    return BYTE_ORDER_MARK + write_rows(rows).encode()


def safe_cell(text: str) -> str:
    """Return a cell that no spreadsheet runs."""
    if PHONE.fullmatch(text):
        return text
    # An apostrophe of the text's own before such a sign is doubled, so that reading gives it back.
    plain = text.lstrip("' ")
    return f"'{text}" if plain.startswith(FORMULA_STARTS) else text


def plain_cell(text: str) -> str:
    """Return what ``safe_cell`` was given."""
    inner = text[1:]
    return inner if text[:1] == "'" and safe_cell(inner) == text else text


def read_table(data: bytes, *, most_rows: int, most_columns: int) -> TextTable:
    """Return the table in a file; raises UnreadableTable.

    Blank lines are left out. A row keeps the number of cells that it has.
    """
    encoding, text = _decoded(data)
    delimiter = _delimiter_of(text)
    try:
        found = [
            tuple(plain_cell(cell.strip()) for cell in row)
            for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        ]
    except csv.Error as bad:
        raise UnreadableTable(
            "A quotation mark is opened and not closed, or stands in the wrong place."
        ) from bad
    rows = [row for row in found if any(row)]
    if len(rows) < 2:
        raise UnreadableTable("The file needs a first row with headings and at least one more.")
    if len(rows) - 1 > most_rows:
        raise UnreadableTable(f"The file has more than {most_rows:,} rows. Split it.")
    if max(map(len, rows)) > most_columns:
        raise UnreadableTable(f"The file has more than {most_columns} columns.")
    return TextTable(encoding, delimiter, rows[0], tuple(rows[1:]))


def _decoded(data: bytes) -> tuple[str, str]:
    """Return (encoding, text); a byte order mark decides, then what fits."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "UTF-16", _decode(data, "utf-16")
    if data.startswith(BYTE_ORDER_MARK):
        return "UTF-8", _decode(data, "utf-8-sig")
    zeros = data[:400].count(b"\x00")
    if zeros:
        if zeros * 3 < len(data[:400]):
            raise UnreadableTable("This is not a file of text. Save the list as CSV first.")
        even = data[:400:2].count(b"\x00") > zeros // 2
        return "UTF-16", _decode(data, "utf-16-be" if even else "utf-16-le")
    try:
        return "UTF-8", data.decode("utf-8")
    except UnicodeDecodeError:
        return "Windows-1252", _decode(data, "cp1252")


def _decode(data: bytes, codec: str) -> str:
    try:
        text = data.decode(codec)
    except UnicodeDecodeError as bad:
        raise UnreadableTable("This is not a file of text. Save the list as CSV first.") from bad
    if "\x00" in text:
        raise UnreadableTable("This is not a file of text. Save the list as CSV first.")
    return text


def _delimiter_of(text: str) -> str:
    """Return the sign that gives most rows the same number of cells, more than one."""
    lines = io.StringIO(text, newline="")
    sample = "".join(line for line, _ in zip(lines, range(SAMPLE_ROWS), strict=False))

    def fit(delimiter: str) -> tuple[int, int]:
        widths = [
            len(row) for row in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
        ]
        first = widths[0] if widths else 0
        return (sum(width == first for width in widths) if first > 1 else 0, first)

    return max(DELIMITERS, key=fit)
