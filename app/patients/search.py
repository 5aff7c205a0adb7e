"""By what a patient is found: tokens on one side, what somebody typed on the other.

Tokens are compared with ``=`` and ``^@`` only. Both are leakproof, so that their index serves under
row-level security; LIKE, trigrams and text search would read every row of a clinic.

n: a word of the name or of a former one · b: birth date · e: email · p: whole phone number in E.164
· 4: 5: 6: its last digits. All but the words are keyed digests. What begins with @ and a
location is for people who are limited to it: n: as above, s: the name as lists are sorted by it.
"""

import re
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from app.database import TenantScope
from app.kit.folding import name_words, words_of
from app.patients.models import ContactKind
from app.vault import blind_index

TAILS = (4, 5, 6)
LONGEST_SEARCH = 200
MOST_PARTS = 6
# A day as people write it: 27.3.1988, 27/03/1988, 27 3 1988 or 1988-03-27.
DAY = re.compile(
    r"(?<!\d)(?:(\d{4})[-./ ](\d{1,2})[-./ ](\d{1,2})"
    r"|(\d{1,2})[-./ ](\d{1,2})[-./ ](\d{4}))(?!\d)"
)
EMAIL = re.compile(r"\S+@\S*")
NUMBER = re.compile(r"\+?\d[\d ()./-]*\d")
FEWEST_DIGITS = TAILS[0]


@dataclass(frozen=True)
class Either:
    """One part of a search: any of these whole tokens, or of these beginnings of tokens."""

    whole: tuple[str, ...] = ()
    begins: tuple[str, ...] = ()

    @property
    def sharpness(self) -> tuple[bool, int]:
        """Sort by how few rows the part can be expected to leave; the greatest is sharpest."""
        return not self.begins, max((len(one) for one in self.begins), default=0)


def tokens_of_name(name: str) -> set[str]:
    """Return the tokens by which a name is found."""
    return {f"n:{word}" for word in name_words(name)}


def placed(place: uuid.UUID, token: str) -> str:
    """Return a token of one location."""
    return f"@{place.hex}:{token}"


def in_list(place: uuid.UUID, sort_name: str) -> str:
    """Return the token by which a person stands in the list of a location."""
    return placed(place, f"s:{sort_name}")


def birth_token(scope: TenantScope, born: date) -> str:
    """Return the token of a date of birth."""
    return _keyed(scope, "b", born.isoformat())


def tokens_of_contact(scope: TenantScope, kind: str, value: str) -> set[str]:
    """Return the tokens of a contact in its normal form: an address, or a number in E.164."""
    if kind == ContactKind.EMAIL:
        return {whole_token(scope, kind, value)}
    digits = value.removeprefix("+")
    tails = {_keyed(scope, str(n), digits[-n:]) for n in TAILS if len(digits) >= n}
    return {whole_token(scope, kind, value), *tails}


def whole_token(scope: TenantScope, kind: str, value: str) -> str:
    """Return the one token of a contact that no other contact has."""
    return _keyed(scope, "e" if kind == ContactKind.EMAIL else "p", value)


def parts_of_search(scope: TenantScope, text: str) -> list[Either]:
    """Return what a patient must have, all of it, to fit what was typed; the sharpest first.

    Empty when nothing was typed that could be searched for.
    """
    rest, parts = text[:LONGEST_SEARCH], []
    for pattern, read in ((EMAIL, _email), (DAY, _day), (NUMBER, _number)):
        for found in pattern.finditer(rest):
            part = read(scope, found)
            if part is not None:
                parts.append(part)
                rest = rest.replace(found.group(0), " ", 1)
    parts += [Either(begins=(f"n:{word}",)) for word in words_of(rest)]
    return sorted(parts, key=lambda one: one.sharpness, reverse=True)[:MOST_PARTS]


def _email(scope: TenantScope, found: re.Match[str]) -> Either:
    return Either(whole=(whole_token(scope, ContactKind.EMAIL, found.group(0).lower()),))


def _day(scope: TenantScope, found: re.Match[str]) -> Either | None:
    days = tuple(birth_token(scope, day) for day in sorted(set(_readings(found))))
    return Either(whole=days) if days else None


def _readings(found: re.Match[str]) -> Iterator[date]:
    """Yield the days that a text can mean: the day before the month, or after it."""
    year, month, day, one, other, year_last = found.groups()
    tries: Iterable[tuple[str, str, str]] = (
        [(year, month, day)] if year else [(year_last, other, one), (year_last, one, other)]
    )
    for parts in tries:
        try:
            yield date(*map(int, parts))
        except ValueError:
            continue


def _number(scope: TenantScope, found: re.Match[str]) -> Either | None:
    """Read digits as the end of a phone number, or as the beginning of a word of a name."""
    typed = found.group(0)
    digits = "".join(one for one in typed if one.isdecimal())
    if len(digits) < FEWEST_DIGITS or not digits.isascii():
        return None
    longest = max(n for n in TAILS if n <= len(digits))
    whole = [_keyed(scope, str(longest), digits[-longest:])]
    if typed.startswith("+"):
        whole = [whole_token(scope, ContactKind.PHONE, f"+{digits}")]
    return Either(whole=tuple(whole), begins=(f"n:{digits}",))


def _keyed(scope: TenantScope, kind: str, value: str) -> str:
    return f"{kind}:{blind_index(scope, f'patient_token.{kind}', value).hex()}"
