"""Names as the world has them: taken as typed, refused only for what deceives, and said why."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.folding import fold, name_words, sort_key
from app.kit.lookalikes import lookalike_warning
from app.kit.names import BadName, clean_name

REAL = [
    *(
        "O",
        "Null",
        "Admin",
        "X Æ A-12",
        "D’Arcy-O'Neil",
        "Nguyễn Thị Ánh",
        "李小龍",
        "مريم",
        "יוסף",
    ),
    *("𠮷野 家", "Ǧ", "Þórunn", "Søren", "Çağrı İpek", "Ольга", "Ελένη", "김민수", "ทองสุข", "བརྒྱུད"),
    *("María-José", "M’Baye", "Ng", "van 't Hoff", "Ríos Jr.", "1 Test", "葛\U000e0100城"),
]


@pytest.mark.parametrize("name", REAL)
def test_case_20_real_names_are_kept_as_they_are(name: str) -> None:
    assert clean_name(name) == unicodedata.normalize("NFC", name)
    assert name_words(name)


def test_case_20_twins_in_two_forms_are_stored_as_one() -> None:
    assert clean_name("Ame\u0301lie") == clean_name("Am\u00e9lie") == "Am\u00e9lie"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Dr\u202eA", "U+202E RIGHT-TO-LEFT OVERRIDE changes the reading direction"),
        ("Dr\u2067A", "U+2067 RIGHT-TO-LEFT ISOLATE changes the reading direction"),
        ("A\u200eB", "U+200E LEFT-TO-RIGHT MARK changes the reading direction"),
        ("A\u200bB", "U+200B ZERO WIDTH SPACE is invisible"),
        ("A\ufeffB", "U+FEFF ZERO WIDTH NO-BREAK SPACE is invisible"),
        ("A\u00adB", "U+00AD SOFT HYPHEN is invisible"),
        ("A\u2063B", "U+2063 INVISIBLE SEPARATOR is invisible"),
        ("A\U000e0041", "U+E0041 TAG LATIN CAPITAL LETTER A is invisible"),
        ("A\u3164B", "U+3164 HANGUL FILLER is invisible"),
        ("A\ufe0f", "U+FE0F VARIATION SELECTOR-16 is invisible"),
        ("A\0B", "U+0000 without a name is not a letter"),
        ("A\x7fB", "U+007F"),
        ("A\u2028B", "U+2028 LINE SEPARATOR is not a letter"),
        ("A\ud800", "U+D800"),
        ("\ufdd0", "U+FDD0"),
        ("A\U0010ffff", "U+10FFFF"),
        ("A\U0002fffe", "U+2FFFE"),
        ("A\ue000", "U+E000"),
        ("A\ufffdB", "U+FFFD REPLACEMENT CHARACTER stands for a letter that was lost"),
        ("a" + "\u0300" * 9, "U+0300 COMBINING GRAVE ACCENT"),
        ("a" + "\u20dd" * 9, "U+20DD COMBINING ENCLOSING CIRCLE"),
    ],
)
def test_case_20_what_deceives_is_refused_and_named(name: str, told: str) -> None:
    with pytest.raises(BadName) as refused:
        clean_name(name)

    assert told in refused.value.reason


@pytest.mark.parametrize("name", ["", "   ", "-", "…", "'", "x" * 201, "x" * 10_000, "\u0301"])
def test_case_20_what_is_no_name_at_all_is_refused(name: str) -> None:
    with pytest.raises(BadName):
        clean_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "علی\u200cرضا",  # Persian: two parts of one name that must not join (RFC 5892, A.1).
        "محمّد\u200cرضا",  # The same behind a vowel sign.
        "ක්\u200dෂ",  # Sinhala: a joiner after a virama (RFC 5892, A.2).
        "क्\u200dष",
        "ക്\u200cഷ",
    ],
)
def test_joiners_pass_where_a_script_needs_them(name: str) -> None:
    assert clean_name(name) == unicodedata.normalize("NFC", name)


@pytest.mark.parametrize(
    "name", ["A\u200cB", "A\u200dB", "\u200cعلی", "علی\u200c", "علی\u200c رضا"]
)
def test_joiners_that_would_not_be_seen_are_refused(name: str) -> None:
    with pytest.raises(BadName, match="invisible there"):
        clean_name(name)


def test_a_kanji_younger_than_this_python_is_taken() -> None:
    assert clean_name("\U000323af") == "\U000323af"


def tried(text: str) -> tuple[str | None, str]:
    """Return a text as a name, or why it is none."""
    try:
        return clean_name(text), ""
    except BadName as refused:
        return None, refused.reason


@given(st.text(max_size=300))
def test_any_text_is_a_name_or_refused_with_a_sentence(text: str) -> None:
    name, reason = tried(text)

    assert name is not None or reason.endswith(".")
    if name is not None:
        assert tried(name) == (name, "")
        assert name_words(name)
        assert name.encode().decode() == name


@given(st.text(max_size=60))
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("name", "key", "found_by"),
    [
        ("Siobhán O'Connor-Nguyễn", "siobhan oconnor nguyen", {"oconnor", "connor", "nguyen"}),
        ("Łukasz Sørensen", "lukasz sorensen", {"lukasz", "sorensen"}),
        ("IŞIK İpek ışık", "isik ipek isik", {"isik", "ipek"}),
        ("Straße", "strasse", {"strasse"}),
        ("李小龍", "李小龍", {"李小龍", "小龍", "龍"}),
        ("علی\u200cرضا", "علیرضا", {"علیرضا"}),
        ("ＡＢＣ ab", "abc ab", {"abc", "ab"}),
    ],
)
def test_names_are_folded_for_sorting_and_search(name: str, key: str, found_by: set[str]) -> None:
    assert sort_key(name) == key
    assert found_by <= name_words(name)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Dr Аnna", "“А” is U+0410 CYRILLIC CAPITAL LETTER A and looks like the Latin “A”"),
        ("Sеan", "U+0435 CYRILLIC SMALL LETTER IE"),
        ("Αlexis", "U+0391 GREEK CAPITAL LETTER ALPHA"),
        ("Dr Аса", "One word is written in Cyrillic letters that all look like Latin ones"),
    ],
)
def test_case_20_a_name_that_looks_like_another_is_pointed_out(name: str, told: str) -> None:
    warning = lookalike_warning(clean_name(name))

    assert warning is not None
    assert told in warning


@pytest.mark.parametrize("name", [*REAL, "李 Anna", "山田 タロウ", "Иван Petrov", "Anna Ωμέγα"])
def test_case_20_honest_names_stay_quiet(name: str) -> None:
    assert lookalike_warning(name) is None
