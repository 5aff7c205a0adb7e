"""Tables for spreadsheets: a cell is text there, whatever somebody typed into it.

Spreadsheet programs run a cell that begins with one of a few characters as a formula. Such a cell
gets an apostrophe in front, which the programs show as text; a plain phone number keeps its plus.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence

_RUNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_PHONE = re.compile(r"\+\d[\d ]*")
# Without it, Excel takes UTF-8 for something else.
_BYTE_ORDER_MARK = "\ufeff"


def safe_cell(value: object) -> str:
    """Return a value as text that no spreadsheet program runs."""
    text = "" if value is None else str(value)
    if text.lstrip(" ").startswith(_RUNS) and not _PHONE.fullmatch(text):
        return f"'{text}"
    return text


def csv_text(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a CSV file (RFC 4180) with a header."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([safe_cell(cell) for cell in header])
    writer.writerows([[safe_cell(cell) for cell in row] for row in rows])
    return _BYTE_ORDER_MARK + out.getvalue()
