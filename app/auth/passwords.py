"""Passwords: argon2id, long passphrases welcome, easy ones refused whatever they are made of.

There are no rules about digits or capitals. What counts is how soon somebody would try it: the
30,000 commonest passwords and what people make of them, and whatever is known about the person.
"""

import re
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import current_app
from zxcvbn import zxcvbn

from app.errors import Invalid

SHORTEST, LONGEST = 12, 256
# Tries that somebody with lists of passwords, names and words needs, as a power of ten.
ENOUGH_GUESSES = 9.0
# The estimate looks at the beginning only: what is longer is no easier for it.
LOOKED_AT = 72
HOUSE_WORDS = ("needlepoint", "microneedling", "needling", "clinic")
SHORTEST_WORD, MOST_WORDS = 3, 40
EXTENSION = "needlepoint_hashing"


class Hashing:
    """The argon2id of an installation, at what OWASP asks for unless it is told otherwise."""

    def __init__(self, *, time_cost: int = 2, memory_kib: int = 19 * 1024) -> None:
        self.hasher = PasswordHasher(time_cost, memory_kib, parallelism=1)
        # Checked when no account is found, so that an unknown address costs the same time as a
        # known one.
        self.decoy = self.hasher.hash("a password that nobody has")


def _hashing() -> Hashing:
    found: Hashing = current_app.extensions[EXTENSION]
    return found


class WeakPassword(Invalid):
    """The password is too short, too long or among the first that somebody would try."""

    code = "weak_password"


def hash_password(password: str, *, about: tuple[str, ...] = ()) -> str:
    """Return the argon2id hash of a new password; raises WeakPassword.

    ``about`` holds what others know of the person: address, name, clinic.
    """
    plain = unicodedata.normalize("NFC", password)
    if not SHORTEST <= len(plain) <= LONGEST:
        raise WeakPassword(f"Use {SHORTEST} to {LONGEST} characters for a password.")
    known = known_words(about)
    if _is_easy(plain, known):
        raise WeakPassword("This password is too easy to guess. Try three or four random words.")
    if _is_about(plain, known):
        raise WeakPassword("This is made of your name, address or clinic. Try other words.")
    return _hashing().hasher.hash(_bytes(plain))


def _bytes(text: str) -> bytes:
    # A lone surrogate can be sent in JSON and has no UTF-8 of its own.
    return text.encode("utf-8", "surrogatepass")


def known_words(about: tuple[str, ...]) -> list[str]:
    """Return the words that somebody who knows the person would try first."""
    found = {one for text in about for one in re.findall(r"[^\W\d_]+", text.casefold())}
    found.update(text.casefold() for text in about if text)
    long_enough = sorted(one for one in found if len(one) >= SHORTEST_WORD)
    return [*long_enough[:MOST_WORDS], *HOUSE_WORDS]


def _is_easy(password: str, known: list[str]) -> bool:
    estimate = zxcvbn(password[:LOOKED_AT], user_inputs=known, max_length=LOOKED_AT)
    return float(estimate["guesses_log10"]) < ENOUGH_GUESSES


def _is_about(password: str, known: list[str]) -> bool:
    """Return whether little is left once the person's own words, digits and signs are gone."""
    left = password.casefold()
    for word in sorted(known, key=len, reverse=True):
        left = left.replace(word, " ")
    letters = "".join(one for one in left if one.isalpha())
    return len(letters) < SHORTEST // 3 and any(word in password.casefold() for word in known)


def verify_password(stored: str | None, password: str) -> bool:
    """Return whether the password is right; takes as long when there is no stored hash."""
    try:
        plain = unicodedata.normalize("NFC", password)
        hashing = _hashing()
        hashing.hasher.verify(stored or hashing.decoy, _bytes(plain[: LONGEST + 1]))
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def hash_code(code: str) -> str:
    """Return the argon2id hash of a short code, which a plain hash would not protect."""
    return _hashing().hasher.hash(code)


def verify_code(stored: str | None, code: str) -> bool:
    """Return whether a short code is right."""
    return verify_password(stored, code)
