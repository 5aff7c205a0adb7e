"""Names of people, as the world has them.

A name is stored in NFC exactly as typed. Characters that cannot be part of a name and that are used
to deceive readers (controls, direction overrides, invisible characters, noncharacters) are refused
with a sentence that says which one.
"""

import unicodedata

LONGEST_NAME = 200
_INVISIBLE = {0x200B, 0x2060, 0xFEFF, 0x00AD, 0x180E, 0x034F, 0x115F, 0x1160, 0x3164, 0xFFA0}
_DIRECTION = {*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C}
_MOST_MARKS_IN_A_ROW = 4


class BadName(ValueError):
    """The text cannot be a name; ``reason`` is one sentence for the person who typed it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def clean_name(text: str, *, longest: int = LONGEST_NAME) -> str:
    """Return a name in NFC with its outer blanks removed; raises BadName.

    Apostrophes, hyphens, single letters, mononyms, "Null", any script and 4-byte characters pass.
    """
    name = unicodedata.normalize("NFC", text).strip()
    if not name:
        raise BadName("Enter a name.")
    if len(name) > longest:
        raise BadName(f"The name is longer than {longest} characters.")
    for character in name:
        refuse_character(character)
    _refuse_mark_pile(name)
    return name


def refuse_character(character: str) -> None:
    """Raise BadName when a character cannot be part of any person's text."""
    code = ord(character)
    label = f"U+{code:04X} {unicodedata.name(character, 'without a name')}"
    if code in _DIRECTION:
        raise BadName(f"The character {label} changes the reading direction and is not allowed.")
    if code in _INVISIBLE:
        raise BadName(f"The character {label} is invisible and is not allowed.")
    if unicodedata.category(character) in {"Cc", "Cs", "Cn", "Co", "Zl", "Zp"}:
        raise BadName(f"The character {label} is not a letter and is not allowed.")


def _refuse_mark_pile(name: str) -> None:
    run = 0
    for character in name:
        run = run + 1 if unicodedata.combining(character) else 0
        if run > _MOST_MARKS_IN_A_ROW:
            raise BadName("There are too many accents on one letter.")
