"""Letters that look like letters of another script: a warning for staff, never a refusal.

"Dr Аnna" with a Cyrillic А cannot be told from the Latin one by eye, but can be another person on
purpose or by a wrong keyboard. Names that honestly mix scripts (Japanese, "李 Anna") stay quiet.
"""

import unicodedata

from confusable_homoglyphs import categories, confusables

# Scripts whose capitals and small letters can pass for each other's.
_ALIKE = frozenset({"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "GEORGIAN"})


def lookalike_warning(name: str) -> str | None:
    """Return one sentence that says which letter to look at twice, or None."""
    words = [_letters_by_script(word) for word in name.split()]
    for found in words:
        if len(found) > 1:
            return _mixed(found)
    return _foreign_word(words)


def as_it_looks(name: str) -> str:
    """Return a name with each letter that can be taken for a Latin one as that one."""
    return "".join(_twin(one, "LATIN") or one if _is_foreign(one) else one for one in name)


def _is_foreign(letter: str) -> bool:
    return not letter.isascii() and categories.alias(letter) in _ALIKE - {"LATIN"}


def _letters_by_script(word: str) -> dict[str, str]:
    """Return the letters of a word by those scripts that can be taken for each other."""
    found: dict[str, str] = {}
    for letter in word:
        script = categories.alias(letter) if unicodedata.category(letter).startswith("L") else ""
        if script in _ALIKE:
            found[script] = found.get(script, "") + letter
    return found


def _mixed(found: dict[str, str]) -> str:
    """Speak of the letter of the rarer script, one that has a twin where there is one."""
    rare, usual = (
        min(found, key=lambda one: len(found[one])),
        max(found, key=lambda one: len(found[one])),
    )
    letter = next((one for one in found[rare] if _twin(one, usual)), found[rare][0])
    twin = _twin(letter, usual)
    looks = f" and looks like the {usual.title()} “{twin}”" if twin else ""
    both = f"{usual.title()} and {rare.title()}"
    return f"One word mixes {both} letters: “{letter}” is {_called(letter)}{looks}."


def _foreign_word(words: list[dict[str, str]]) -> str | None:
    """Notice a whole word of look-alikes beside words of the script that it looks like."""
    scripts = {script for found in words for script in found}
    for found in words:
        for script, letters in found.items():
            for other in sorted(scripts - {script}):
                # Of the two scripts Latin is the usual one, so the warning speaks of the other.
                if script != "LATIN" and all(_twin(one, other) for one in letters):
                    return (
                        f"One word is written in {script.title()} letters that all look like"
                        f" {other.title()} ones: “{letters[0]}” is {_called(letters[0])}."
                    )
    return None


def _twin(letter: str, script: str) -> str:
    """Return the letter of a script that this one can be taken for, or an empty text."""
    found = confusables.is_confusable(letter, greedy=True) or []
    for one in found:
        for twin in one["homoglyphs"]:
            if len(twin["c"]) == 1 and categories.alias(twin["c"]) == script:
                return str(twin["c"])
    return ""


def _called(letter: str) -> str:
    return f"U+{ord(letter):04X} {unicodedata.name(letter, 'without a name')}"
