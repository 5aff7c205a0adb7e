"""The read-back notices a wrong, missing, extra or swapped value, and names only its slot."""

import pytest

from app.documents import read_back
from app.documents.blocks import Facts, Paragraph, Table
from app.documents.compose import page_to_pdf, render
from app.documents.container import open_pdf
from app.documents.draft import DocumentDraft
from app.documents.errors import ReadBackFailed
from app.documents.layout import Layout, Page
from app.documents.wording import wording_for
from tests.documents.drafts import make_draft


def lay_out(draft: DocumentDraft) -> Page:
    return Layout(wording_for("en")).lay_out(draft)


def compare(shown: DocumentDraft, wanted: DocumentDraft) -> read_back.ReadBack:
    """Compare the PDF of one draft with the values of another."""
    return read_back.compare(
        open_pdf(render(shown).data),
        lay_out(wanted),
        lambda part: page_to_pdf(wanted, part, wording_for("en"), alone=True),
    )


def test_the_same_values_pass():
    draft = make_draft(Facts((("Dose", "1.5 mm"),)))

    assert compare(draft, draft).exact == len(lay_out(draft).lines)


@pytest.mark.parametrize("wrong", ["1.6 mm", "15 mm", "1.5 mm.", "1.5  m m", "not 1.5 mm"])
def test_a_wrong_value_fails_and_only_the_slot_is_named(wrong):
    shown = make_draft(Facts((("Dose", wrong),)))
    wanted = make_draft(Facts((("Dose", "1.5 mm"),)))

    with pytest.raises(ReadBackFailed) as caught:
        compare(shown, wanted)

    assert caught.value.slot == "block 1 (Facts), row 1 value"
    assert "1.5" not in str(caught.value)


def test_a_missing_value_fails():
    with pytest.raises(ReadBackFailed):
        compare(make_draft(Paragraph("one")), make_draft(Paragraph("one"), Paragraph("two")))


def test_an_extra_value_fails():
    with pytest.raises(ReadBackFailed, match="the end of the document"):
        compare(make_draft(Paragraph("one"), Paragraph("two")), make_draft(Paragraph("one")))


def test_swapped_values_fail():
    with pytest.raises(ReadBackFailed):
        compare(
            make_draft(Facts((("a", "yes"), ("b", "no")))),
            make_draft(Facts((("a", "no"), ("b", "yes")))),
        )


def test_another_order_of_the_same_letters_fails():
    with pytest.raises(ReadBackFailed):
        compare(make_draft(Paragraph("no mites")), make_draft(Paragraph("no times")))


def test_a_word_broken_by_a_line_end_is_not_two_words():
    long = "needle " * 30

    with pytest.raises(ReadBackFailed):
        compare(make_draft(Paragraph(long)), make_draft(Paragraph(long.replace(" ", "", 1))))


def test_a_value_from_right_to_left_with_another_letter_fails():
    with pytest.raises(ReadBackFailed, match=r"block 1 \(Paragraph\)"):
        compare(make_draft(Paragraph("محمد")), make_draft(Paragraph("محمدة")))


def test_a_cell_of_another_row_does_not_pass_for_a_repeated_header():
    rows = tuple((f"{i}", "x") for i in range(60))
    shown = make_draft(Table("t", ("H", "I"), rows))
    wanted = make_draft(Table("t", ("H", "J"), rows))

    with pytest.raises(ReadBackFailed):
        compare(shown, wanted)
