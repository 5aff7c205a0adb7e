"""Names of people, as the world has them.

A name is stored in NFC exactly as typed. Characters that cannot be part of a name and that are used
to deceive readers (controls, direction overrides, invisible characters, noncharacters) are refused
with a sentence that says which one. The joiners U+200C and U+200D are letters' servants in Persian
and in Indic scripts, so they pass where RFC 5892 (appendix A.1 and A.2) lets them stand.
"""

import unicodedata
from itertools import pairwise

from app.kit.speech import say

LONGEST_NAME = 200
MOST_MARKS_IN_A_ROW = 4
# Indic and Tibetan letters carry several vowel and stacking signs that sit beside each other.
MOST_SIGNS_IN_A_ROW = 8
ZWNJ, ZWJ, DAMAGED = 0x200C, 0x200D, 0xFFFD
VIRAMA = 9
_INVISIBLE = {0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0}
_DIRECTION = {*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C}
_VARIANT_OF_ANYTHING = {*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)}
_VARIANT_OF_MONGOLIAN = {0x180B, 0x180C, 0x180D, 0x180F}
# Letters of these scripts join each other, so that a non-joiner between two of them can be seen.
_JOINING = ("ARABIC LETTER", "SYRIAC LETTER", "MONGOLIAN LETTER", "NKO LETTER", "MANDAIC LETTER")
_REFUSED = {"Cc", "Cs", "Cn", "Co", "Zl", "Zp"}


class BadName(ValueError):
    """The text cannot be a name; ``reason`` is one sentence for the person who typed it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def clean_name(text: str, *, longest: int = LONGEST_NAME) -> str:
    """Return a name in NFC with its outer blanks removed; raises BadName.

    Apostrophes, hyphens, single letters, mononyms, "Null", any script and 4-byte characters pass.
    """
    # Before anything else, so that a megabyte is not normalised first.
    _refuse_length(text, 4 * longest, longest)
    name = unicodedata.normalize("NFC", text).strip()
    if not name:
        raise BadName(say("Enter a name."))
    _refuse_length(name, longest, longest)
    for place, character in enumerate(name):
        if ord(character) in {ZWNJ, ZWJ}:
            _check_joiner(name, place)
        elif ord(character) in _VARIANT_OF_ANYTHING | _VARIANT_OF_MONGOLIAN:
            _check_variant(name, place)
        else:
            refuse_character(character)
    _refuse_mark_pile(name)
    if not any(is_letter_or_digit(one) for one in name):
        raise BadName(say("Enter a name with at least one letter."))
    return name


def refuse_character(character: str) -> None:
    """Raise BadName when a character cannot be part of any person's text."""
    code = ord(character)
    label = label_of(character)
    if code in _DIRECTION:
        raise BadName(
            say(
                "The character %(label)s changes the reading direction and is not allowed.",
                label=label,
            )
        )
    if code in _INVISIBLE or unicodedata.category(character) == "Cf":
        raise BadName(say("The character %(label)s is invisible and is not allowed.", label=label))
    if code == DAMAGED:
        raise BadName(
            say(
                "The character %(label)s stands for a letter that was lost. Type it again.",
                label=label,
            )
        )
    if unicodedata.category(character) in _REFUSED and not _may_be_a_new_kanji(code):
        raise BadName(
            say("The character %(label)s is not a letter and is not allowed.", label=label)
        )


def label_of(character: str) -> str:
    """Return what a character is called, for people who cannot see it: "U+202E RIGHT-TO-…"."""
    return f"U+{ord(character):04X} {unicodedata.name(character, 'without a name')}"


def is_letter_or_digit(character: str) -> bool:
    """Return whether a character can carry a name by itself."""
    return unicodedata.category(character)[0] in "LN" or _may_be_a_new_kanji(ord(character))


def _may_be_a_new_kanji(code: int) -> bool:
    """Return whether a code lies in the planes that only ever get ideographs.

    Python knows the Unicode of its day; a name may hold a kanji that was encoded since.
    """
    return 0x20000 <= code <= 0x3FFFD and code & 0xFFFF < 0xFFFE


def _refuse_length(text: str, most: int, told: int) -> None:
    if len(text) > most:
        raise BadName(say("The name is longer than %(most)s characters.", most=told))


def _check_joiner(name: str, place: int) -> None:
    """Let a joiner stand after a virama, and a non-joiner between two letters that would join."""
    before = name[place - 1 : place]
    if before and unicodedata.combining(before) == VIRAMA:
        return
    if ord(name[place]) == ZWNJ and _joins(_letter_before(name, place)):
        after = name[place + 1 : place + 2]
        if _joins(after):
            return
    label = label_of(name[place])
    raise BadName(
        say("The character %(label)s is invisible there and is not allowed.", label=label)
    )


def _letter_before(name: str, place: int) -> str:
    """Return the nearest character before a place that is no mark on another one."""
    while place and unicodedata.category(name[place - 1]).startswith("M"):
        place -= 1
    return name[place - 1 : place]


def _joins(character: str) -> bool:
    return bool(character) and unicodedata.name(character, "").startswith(_JOINING)


def _check_variant(name: str, place: int) -> None:
    """Let a variation selector stand after an ideograph or a Mongolian letter: it shapes that."""
    before = unicodedata.name(name[place - 1 : place] or " ", "")
    wanted = "MONGOLIAN" if ord(name[place]) in _VARIANT_OF_MONGOLIAN else "CJK"
    if not before.startswith(wanted):
        raise BadName(
            say(
                "The character %(label)s is invisible and is not allowed.",
                label=label_of(name[place]),
            )
        )


def _refuse_mark_pile(name: str) -> None:
    marks = signs = 0
    for before, character in pairwise(f" {name}"):
        category = unicodedata.category(character)
        is_mark = unicodedata.combining(character) or category == "Me"
        marks = marks + 1 if is_mark else 0
        signs = signs + 1 if category.startswith("M") else 0
        if marks > MOST_MARKS_IN_A_ROW or signs > MOST_SIGNS_IN_A_ROW:
            last = label_of(character if is_mark else before)
            raise BadName(
                say("There are too many accents on one letter; the last is %(last)s.", last=last)
            )
