"""Tables as text: what is written is safe in a spreadsheet, and reads back as it was."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.csv_text import UnreadableTable, plain_cell, read_table, safe_cell, write_rows

CELL = st.text(alphabet=st.characters(exclude_categories=("Cs",), exclude_characters="\x00"))


def read(data: bytes) -> list[tuple[str, ...]]:
    return list(read_table(data, most_rows=10, most_columns=5).rows)


@pytest.mark.parametrize(
    "cell",
    ['=HYPERLINK("http://x","y")', "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", " =1"],
)
def test_case_35_no_cell_is_a_formula(cell: str) -> None:
    assert safe_cell(cell).startswith("'")


def test_case_35_phone_numbers_keep_working() -> None:
    assert safe_cell("+447700900123") == "+447700900123"
    assert safe_cell("+44=1+1") == "'+44=1+1"


@given(CELL)
def test_what_is_made_safe_reads_back_as_it_was(cell: str) -> None:
    assert plain_cell(safe_cell(cell)) == cell


@given(st.lists(st.lists(CELL, min_size=2, max_size=2), min_size=1, max_size=5))
def test_what_is_written_is_rfc_4180(rows: list[list[str]]) -> None:
    text = write_rows(rows)

    assert text.endswith("\r\n")
    found = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert [[plain_cell(cell) for cell in row] for row in found] == rows


@pytest.mark.parametrize(
    ("codec", "told"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8"),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
        ("utf-16-be", "UTF-16"),
        ("cp1252", "Windows-1252"),
    ],
)
def test_each_usual_encoding_is_read_and_named(codec: str, told: str) -> None:
    table = read_table(
        "Name,Born\nZoë Çelik,1990-05-17\n".encode(codec), most_rows=9, most_columns=9
    )

    assert (table.encoding, table.rows) == (told, (("Zoë Çelik", "1990-05-17"),))


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_each_usual_delimiter_is_found(delimiter: str) -> None:
    text = f'Name{delimiter}Born\n"Nguyễn{delimiter} Aoife"{delimiter}1990\n'

    assert read(text.encode()) == [(f"Nguyễn{delimiter} Aoife", "1990")]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"Name,Born\n",
        b'Name,Born\n"open,1990\n',
        b"PK\x03\x04\x14\x00\x06\x00\x08",
        bytes(range(256)) * 4,
        b"a,b\n" + b"1,2\n" * 11,
        b"a,b\n1,2,3,4,5,6\n",
        b"\xff\xfea",
    ],
    ids=["empty", "headings", "quote", "xlsx", "bytes", "rows", "columns", "half"],
)
def test_what_is_no_table_is_refused_in_one_sentence(data: bytes) -> None:
    with pytest.raises(UnreadableTable) as caught:
        read(data)

    assert caught.value.reason.endswith(".")
