"""Names that are hard to draw and to read back, each sealed in papers of every language."""

import pypdfium2
import pytest

from app.documents.blocks import Facts, Heading, Paragraph, Table
from app.documents.compose import render
from app.documents.layout import Line
from app.documents.read_back import holds_letters
from app.documents.seal import seal_pdf
from app.documents.verify import verify_file
from tests.documents.drafts import make_draft, make_signature

NAMES = {
    "alef with hamza and damma": "أُسامة الأُستاذ",
    "every vowel sign": "مُحَمَّدٌ بْنُ عَبْدِ اللّٰه",
    "lam and alef in all forms": "لا لأ لإ لآ سلام الآلاء ملأى",
    "the name of God as one picture": "عبد ﷲ",
    "Persian": "پژمان گیتی‌پور",
    "Urdu": "ٹیپو ڈار، ہُما ےکتا ۓ",
    "Kurdish": "ڕۆژان ڵاوە",
    "Hebrew with points": "שָׁלוֹם בֶּן־דָּוִד",
    "Hindi conjuncts": "क्षत्रिय ज्ञानेश्वर श्रीकृष्ण",
    "Bengali": "শ্রী রবীন্দ্র",
    "Tamil": "க்ஷேத்ரா ஸ்ரீ",
    "Thai": "น้ำผึ้ง กิ่งเพชร",
    "kanji beyond two bytes": "𠮷野 𩸽",
    "Vietnamese": "Nguyễn Thị Ngọc Ưỡn",
    "marks in a heap": "Z̃o\u0308e\u0301 Ș̂",
    "German": "Groß GROẞ Weiß-Süß",
    "Turkish": "Işıl İğdır",
    "two directions": "Dr أُسامة Weiß (شركة 24)",
}


@pytest.mark.parametrize("language", ["en", "ar", "de"])
@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_a_hard_name_is_read_back_from_a_paper(name: str, language: str) -> None:
    blocks = (Heading(2, name), Paragraph(f"{name}, 1985"), Facts(((name, name),)))
    done = render(make_draft(*blocks, language=language, summary=(("Who", name),)))

    assert done.read_back.exact + done.read_back.alone > 5


@pytest.mark.parametrize("language", ["en", "ar"])
def test_all_hard_names_are_sealed_in_one_paper(language, sealer, client, trust) -> None:
    rows = tuple(NAMES.items())
    table = Table("Names", ("What", "Name"), rows, (1, 1))
    signed = (make_signature(name=one, ink=None, typed_name=one) for one in NAMES.values())
    done = render(make_draft(table, *signed, language=language))

    sealed = seal_pdf(done.data, sealer, client)

    report = verify_file(sealed.data, trust)
    assert report.holds, report


@pytest.mark.parametrize(
    ("drawn", "value"),
    [
        ("דוד", "דָּוִד"),
        ("น้ำผึง", "น้ำผึ้ง"),
        ("هللا دبع", "عبد ﷲ"),
        ("ةماسأ", "أُسامة"),
    ],
)
def test_a_vowel_sign_may_be_one_picture_with_its_letter(drawn: str, value: str) -> None:
    assert holds_letters(drawn, value)


@pytest.mark.parametrize(
    ("drawn", "value"),
    [
        ("דו", "דָּוִד"),
        ("דָּוִד", "דוד"),
        ("ةماسا", "أُسامة"),
        ("ةماس", "أُسامة"),
        ("Nguyen", "Nguyễn"),
        ("Müller", "Muller"),
        ("กิงเพช", "กิ่งเพชร"),
    ],
)
def test_no_letter_may_be_missing_changed_or_added(drawn: str, value: str) -> None:
    assert not holds_letters(drawn, value)


def left_of(data: bytes, text: str) -> float:
    with pypdfium2.PdfDocument(data) as pdf:
        page = pdf[0].get_textpage()
        index, _ = page.search(text).get_next()
        return page.get_charbox(index)[0]


def test_a_telephone_number_keeps_its_order_on_a_paper_from_the_right() -> None:
    rows = (("هاتف", "0131 496 7788"),)
    done = render(make_draft(Facts(rows), language="ar", summary=()))

    assert left_of(done.data, "0131") < left_of(done.data, "7788")


def test_words_in_the_papers_own_script_still_decide_its_direction() -> None:
    assert Line("", "0131 496 7788").is_ltr
    assert Line("", "12.03.2026").is_ltr
    assert not Line("", "24 ساعة").is_ltr
    assert not Line("", "____ . ____").is_ltr
    assert not Line("", "\u2068Dr Weiß\u2069").is_ltr
