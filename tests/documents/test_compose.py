"""A draft becomes a tagged PDF that shows every value, fetches nothing, and never varies."""

import os
import socket
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from app.documents.blocks import (
    Bullets,
    CodeImage,
    Facts,
    HashFact,
    Heading,
    Notice,
    Paragraph,
    Table,
)
from app.documents.compose import render
from app.documents.container import claims_conformance, detach_files, open_pdf
from app.documents.errors import BadBlock, DocumentTooLarge, MissingGlyph
from app.documents.pdf_text import read_tagged_text
from tests.documents.drafts import make_attachment, make_draft, make_signature

HOSTILE = (
    '<img src="http://127.0.0.1:{port}/img.png">',
    "<script>fetch('http://127.0.0.1:{port}/js')</script>",
    '<link rel="attachment" href="file:///etc/passwd">',
    "<style>@import url(http://127.0.0.1:{port}/css);</style>",
    "@import url(http://127.0.0.1:{port}/css)",
    "{{{{7*7}}}} {{% raw %}} ${{7*7}} #{{7*7}}",
    '<svg><foreignObject><iframe src="file:///etc/passwd"/></foreignObject></svg>',
    '"><base href="http://127.0.0.1:{port}/">',
    "</td></tr></table><h1>Signed</h1>",
    "\\input{{/etc/passwd}} <!--#exec cmd='id'-->",
)


def texts(data: bytes) -> list[str]:
    return [element.text for element in read_tagged_text(open_pdf(data)).elements]


class TestRender:
    def test_every_value_of_a_whole_consent_is_read_back(self, rendered):
        assert rendered.pages >= 3
        assert rendered.read_back.exact > 100
        assert rendered.read_back.alone == 0

    def test_the_file_says_that_it_is_pdf_a_3a_and_pdf_ua_1(self, rendered):
        assert claims_conformance(rendered.data)

    def test_the_same_draft_gives_the_same_bytes_in_another_process(self, tmp_path):
        program = (
            "import hashlib; from tests.documents.drafts import *; "
            "from app.documents.compose import render; "
            "print(render(make_draft(make_signature(), attachments=(make_attachment(),))).sha256)"
        )
        environment = {**os.environ, "PYTHONHASHSEED": "7"}
        other = subprocess.run(
            [sys.executable, "-c", program], stdout=subprocess.PIPE, check=True, env=environment
        )

        here = render(make_draft(make_signature(), attachments=(make_attachment(),)))

        assert other.stdout.decode().strip() == here.sha256

    def test_an_attached_file_is_carried_bit_for_bit_and_named_on_paper(self):
        attached = make_attachment(bytes(range(256)))

        done = render(make_draft(attachments=(attached,)))

        assert [file.data for file in detach_files(done.data)] == [attached.data]
        assert any("evidence.json: What is known at sealing" in text for text in texts(done.data))

    def test_letter_paper_has_the_size_of_letter(self):
        done = render(make_draft(page="Letter"))

        assert b"/MediaBox [0 0 612 792]" in done.data or _first_box(done.data) == (612, 792)


def _first_box(data: bytes) -> tuple[int, int]:
    shown = subprocess.run(
        ["pdfinfo", "-"], input=data, capture_output=True, check=True
    ).stdout.decode()
    size = next(line for line in shown.splitlines() if line.startswith("Page size"))
    words = size.split()
    return round(float(words[2])), round(float(words[4]))


class TestNumbers:
    def test_sections_and_clauses_are_numbered_in_order(self):
        done = render(
            make_draft(
                Heading(2, "First"),
                Paragraph("One", numbered=True),
                Paragraph("Two", numbered=True),
                Heading(3, "Inner"),
                Paragraph("Three", numbered=True),
                Heading(2, "Second"),
                Paragraph("Four", numbered=True),
            )
        )

        shown = texts(done.data)[-7:]

        assert shown == [
            "1 First", "1.1 One", "1.2 Two", "1.3 Inner", "1.3.1 Three", "2 Second", "2.1 Four",
        ]  # fmt: skip

    @pytest.mark.parametrize("levels", [(3,), (2, 4), (2, 3, 2, 4)])
    def test_a_skipped_level_is_refused(self, levels):
        with pytest.raises(BadBlock, match="skips a level"):
            render(make_draft(*(Heading(level, "x") for level in levels)))


class TestHostileTexts:
    @pytest.fixture
    def canary(self):
        """A listener that counts who knocks."""
        listener = socket.create_server(("127.0.0.1", 0))
        listener.settimeout(0.1)
        knocks: list[object] = []
        stop = threading.Event()

        def listen() -> None:
            while not stop.is_set():
                try:
                    connection, _ = listener.accept()
                except TimeoutError:
                    continue
                knocks.append(connection.recv(100))
                connection.close()

        thread = threading.Thread(target=listen)
        thread.start()
        yield listener.getsockname()[1], knocks
        stop.set()
        thread.join()
        listener.close()

    def test_case_31_hostile_names_are_printed_as_text_and_nothing_is_fetched(self, canary):
        port, knocks = canary
        hostile = tuple(text.format(port=port) for text in HOSTILE)

        done = render(
            make_draft(
                *(Paragraph(text) for text in hostile),
                Bullets(hostile),
                Facts(tuple((text, text) for text in hostile)),
                Table(hostile[0], hostile[:2], (hostile[2:4],)),
                Notice(hostile[0], hostile[1]),
                make_signature(name=hostile[0], typed_name=hostile[1], ink=None),
                CodeImage(hostile[0], hostile[0], hostile[2]),
                title=hostile[0],
                author=hostile[1],
                reference=hostile[3],
                mark=hostile[2],
            )
        )

        assert knocks == []
        shown = texts(done.data)
        assert all(text in shown for text in hostile)
        assert detach_files(done.data) == ()

    @pytest.mark.parametrize("text", ["A \u202e B", "a\x00b", "a\u200bb", "\ud800", "\ufdd0"])
    def test_deceiving_or_impossible_characters_are_refused(self, text):
        with pytest.raises(MissingGlyph):
            render(make_draft(Paragraph(text)))


class TestNamesOfTheWorld:
    @pytest.mark.parametrize(
        "name",
        [
            "Łukasz Żółć", "Ğülşah Öztürk", "Nguyễn Thị Minh", "O’Brien-Ní Mhaoláin", "Ольга Щ",
            "Ἀθηνᾶ", "山田太郎", "김철수", "王小明", "สมชาย ใจดี", "हिन्दी क्षत्रिय", "Null", "X",
        ],
    )  # fmt: skip
    def test_a_name_is_read_back_exactly(self, name):
        done = render(make_draft(make_signature(name=name)))

        assert done.read_back.alone == 0
        assert name in texts(done.data)

    @pytest.mark.parametrize("name", ["محمد بن عبد الله", "משה כהן", "محمد (12)", "علی‌رضا"])
    def test_a_name_written_from_right_to_left_is_compared_with_itself_alone(self, name):
        done = render(make_draft(make_signature(name=name), Facts(((name, name),))))

        assert done.read_back.alone == 3

    def test_brackets_stay_true_beside_a_name_from_right_to_left(self):
        done = render(make_draft(Paragraph("محمد (12)"), Paragraph("Signed (twice)")))

        assert "Signed (twice)" in texts(done.data)

    def test_decomposed_letters_are_printed_composed(self):
        done = render(make_draft(Paragraph("Zoe\u0308")))

        assert "Zoë" in texts(done.data)

    @pytest.mark.parametrize(
        ("letter", "code_point"), [("\U00013000", "U+13000"), ("\ue000", "U+E000")]
    )
    def test_a_letter_without_a_font_refuses_the_document_and_is_named(self, letter, code_point):
        with pytest.raises(MissingGlyph) as caught:
            render(make_draft(Paragraph(f"Secret Patient {letter}")))

        assert caught.value.code_point == code_point
        assert code_point in caught.value.message
        assert "Secret" not in str(caught.value)


class TestLimits:
    def test_one_endless_text_is_refused(self):
        with pytest.raises(DocumentTooLarge):
            render(make_draft(Paragraph("a" * 4_001)))

    def test_many_texts_together_are_refused(self):
        with pytest.raises(DocumentTooLarge):
            render(make_draft(*(Paragraph("a" * 4_000) for _ in range(70))))

    def test_too_many_rows_are_refused(self):
        with pytest.raises(DocumentTooLarge):
            render(make_draft(Table("x", ("a",), (("b",),) * 2_001)))

    def test_a_ragged_table_is_refused(self):
        with pytest.raises(BadBlock, match="different lengths"):
            render(make_draft(Table("x", ("a", "b"), (("c",),))))

    @pytest.mark.parametrize("name", ["../x.pdf", "x.exe", "x", "x.pdf.json\n", ""])
    def test_an_attached_file_has_a_plain_name_of_its_kind(self, name):
        with pytest.raises(BadBlock, match="attached file"):
            render(make_draft(attachments=(replace(make_attachment(), name=name),)))

    @pytest.mark.parametrize("accent", ["red", "#12", "#000000;}", "url(x)"])
    def test_a_colour_cannot_carry_style(self, accent):
        with pytest.raises(BadBlock, match="colour"):
            render(make_draft(accent=accent))


class TestTables:
    def test_a_long_table_repeats_its_header_and_is_read_back_whole(self):
        rows = tuple((f"Row {i}", f"Value {i}", "more words than one line can hold " * 4)
                     for i in range(90))  # fmt: skip

        done = render(make_draft(Table("Long", ("A", "B", "C"), rows)))

        assert done.pages > 3
        assert texts(done.data).count("A") == done.pages

    def test_a_hash_is_split_in_groups_of_eight(self):
        done = render(make_draft(HashFact("SHA-256", "0123456789abcdef" * 4)))

        assert " ".join(["01234567 89abcdef"] * 4) in texts(done.data)

    def test_empty_cells_are_no_reason_to_fail(self):
        render(make_draft(Table("x", ("a", "b"), (("", "y"), ("z", ""))), Facts((("k", ""),))))


def test_qpdf_finds_nothing_to_complain_about(rendered, tmp_path: Path):
    path = tmp_path / "a.pdf"
    path.write_bytes(rendered.data)

    subprocess.run(["qpdf", "--check", path], check=True, capture_output=True)
