"""Is this person on the books already? Asked before a record is made, answered by a person.

Two records are alike when they were born on one day under similar names, or share a whole phone
number or email address. Families share those, so this only ever asks.
"""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher

from app.database import TenantScope
from app.kit.folding import name_words
from app.patients import queries
from app.patients.queries import PatientLine
from app.patients.search import birth_token

SIMILAR = 0.8
SHORTEST_SHARED_WORD = 2
MOST_SHOWN = 10


@dataclass(frozen=True)
class Likeness:
    """A patient who may be the same person; ``why`` is "birth_and_name", "phone" or "email"."""

    line: PatientLine
    why: tuple[str, ...]


def find_alike(
    scope: TenantScope,
    *,
    name: str,
    born: date,
    contact_tokens: Collection[str],
    besides: Collection[uuid.UUID] = (),
) -> list[Likeness]:
    """Return who may be the same person, the likeliest first; four statements at most."""
    reasons = _reasons_by_root(scope, name, born, contact_tokens, besides)
    told = {one: tuple(sorted(why)) for one, why in reasons.items() if why}
    alike = [Likeness(line, told[line.id]) for line in queries.list_lines(scope, list(told))]
    return sorted(alike, key=lambda one: -len(one.why))[:MOST_SHOWN]


def exists_alike_elsewhere(
    scope: TenantScope, *, name: str, born: date, contact_tokens: Collection[str]
) -> bool:
    """Return whether somebody alike is on the books where whoever acts may not look.

    The answer is for those who may look everywhere, and must never reach whoever acts.
    """
    if scope.session.places is None:
        return False
    reasons = _reasons_by_root(scope, name, born, contact_tokens, (), everywhere=True)
    alike = {one for one, why in reasons.items() if why}
    return bool(alike - set(queries.map_roots(scope, alike)))


def _reasons_by_root(
    scope: TenantScope,
    name: str,
    born: date,
    contact_tokens: Collection[str],
    besides: Collection[uuid.UUID],
    *,
    everywhere: bool = False,
) -> dict[uuid.UUID, set[str]]:
    birth = birth_token(scope, born)
    holders = queries.list_holders(scope, [birth, *contact_tokens], everywhere=everywhere)
    of_that_day = [one for one, held in holders.items() if birth in held]
    words = queries.map_name_words(scope, of_that_day, everywhere=everywhere)
    roots = queries.map_roots(scope, holders, everywhere=everywhere)
    reasons: dict[uuid.UUID, set[str]] = {}
    for record, held in holders.items():
        if roots[record] not in besides:
            similar = words_are_similar(name_words(name), words.get(record, set()))
            reasons.setdefault(roots[record], set()).update(_reasons(held, birth, similar))
    return reasons


def words_are_similar(one: Collection[str], other: Collection[str]) -> bool:
    """Return whether two sets of a name's words share one, or are spelled nearly alike."""
    if any(len(word) >= SHORTEST_SHARED_WORD for word in set(one) & set(other)):
        return True
    first, second = " ".join(sorted(one)), " ".join(sorted(other))
    return bool(first) and SequenceMatcher(None, first, second).ratio() >= SIMILAR


def _reasons(held: Collection[str], birth: str, similar: bool) -> set[str]:
    kinds = {"e": "email", "p": "phone"}
    why = {kinds[token[0]] for token in held if token[0] in kinds}
    return why | ({"birth_and_name"} if birth in held and similar else set())
