"""Names as they are searched and sorted: without case, accents and joiners, cut into words.

What is folded away here is never shown and never stored in place of a name; it only lets a person
at a desk find "Nguyễn" by typing "nguyen", and "Łukasz" by "lukasz".
"""

import unicodedata

from app.kit.names import is_letter_or_digit

# Letters of their own in some alphabet that people without that keyboard type as these.
_PLAIN = str.maketrans(
    {
        "ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i",
        "ħ": "h", "ŧ": "t", "ŋ": "n", "ĸ": "k", "ə": "e",
    }
)  # fmt: skip
_APOSTROPHES = frozenset("'’‘ʼʻ`´′")
_WITHOUT_BLANKS = ("CJK", "HIRAGANA", "KATAKANA")
MOST_WORDS = 24
LONGEST_WORD = 40


def fold(text: str) -> str:
    """Return a text without case, accents, joiners and width variants."""
    plain = unicodedata.normalize("NFKD", text).casefold().translate(_PLAIN)
    plain = unicodedata.normalize("NFKD", plain)
    return "".join(one for one in plain if not _is_silent(one))


def sort_key(name: str) -> str:
    """Return the form of a name by which lists are sorted."""
    return " ".join(_cut(fold(name)))


def words_of(text: str) -> list[str]:
    """Return the words of a text that somebody searches for, folded."""
    return [word[:LONGEST_WORD] for word in _cut(fold(text))][:MOST_WORDS]


def name_words(name: str) -> frozenset[str]:
    """Return every beginning by which a name may be found, folded.

    "O'Connor" is found by "oconnor" and "connor"; a name in ideographs, written without blanks,
    is found from each of its characters on.
    """
    found: dict[str, None] = {}
    apart = "".join(" " if one in _APOSTROPHES else one for one in name)
    for word in (*words_of(name), *words_of(apart)):
        found.setdefault(word)
        if _is_ideographic(word):
            found.update(dict.fromkeys(word[place:] for place in range(1, len(word))))
    return frozenset(list(found)[:MOST_WORDS])


def _cut(folded: str) -> list[str]:
    """Cut at everything that is neither letter nor digit; apostrophes only vanish."""
    kept = "".join(one for one in folded if one not in _APOSTROPHES)
    return "".join(one if _is_part_of_word(one) else " " for one in kept).split()


def _is_part_of_word(one: str) -> bool:
    return is_letter_or_digit(one) or unicodedata.category(one)[0] == "M"


def _is_silent(one: str) -> bool:
    """Return whether a character is an accent or shows nothing by itself."""
    code = ord(one)
    selects = 0xFE00 <= code <= 0xFE0F or 0xE0100 <= code <= 0xE01EF
    return bool(unicodedata.combining(one)) or unicodedata.category(one) == "Cf" or selects


def _is_ideographic(word: str) -> bool:
    return all(
        unicodedata.name(one, "CJK").startswith(("CJK", "HIRAGANA", "KATAKANA")) for one in word
    )
