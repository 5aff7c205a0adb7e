"""Is the second person somebody else? Two accounts of one human are not two people.

Nobody can prove that from data alone. What can be seen is refused: the same account, the same
registration under whatever name of its body, the same name with a title, in another order or in
letters that look alike, the same mailbox. What nobody can see, the clinic answers for.
"""

import re
import uuid
from dataclasses import dataclass

from app.database import TenantScope
from app.kit.folding import sort_key
from app.kit.lookalikes import as_it_looks
from app.tenants.models import StaffMember
from app.tenants.queries import get_staff, list_qualifications

_LETTERS = re.compile(r"[^0-9a-z]")
_TITLES = frozenset(
    {"dr", "prof", "professor", "mr", "mrs", "ms", "miss", "mx", "sir", "dame"}
    | {"nurse", "sister", "rn", "md", "phd"}
)
# A number this long is hardly given to two people by two bodies.
_TELLING = 5


@dataclass(frozen=True)
class Traces:
    """What a person can be told apart by.

    ``name`` holds the words of it, folded and without titles; ``registrations`` are folded
    "body number" texts, and numbers alone where they are long.
    """

    name: frozenset[str]
    emails: frozenset[str]
    registrations: frozenset[str]
    person_id: uuid.UUID | None = None


def traces_of_staff(scope: TenantScope, staff_id: uuid.UUID) -> Traces:
    """Return the traces of a member of staff, with every registration they ever entered."""
    member: StaffMember = get_staff(scope, staff_id)
    held = list_qualifications(scope, staff_id)
    numbers = (registration_keys(one.body, one.registration_number) for one in held)
    return Traces(
        _words_of(member.name),
        frozenset({mailbox(member.email)}),
        frozenset().union(*numbers),
        member.person_id,
    )


def traces_of_outsider(name: str, email: str, body: str, number: str) -> Traces:
    """Return the traces of somebody from outside, as they stated them."""
    return Traces(_words_of(name), frozenset({mailbox(email)}), registration_keys(body, number))


def registration_keys(body: str, number: str) -> frozenset[str]:
    """Return a registration as it can be compared: "NMC 00-A 12" and "nmc 00a12" are one."""
    alone = _LETTERS.sub("", number.casefold())
    is_telling = len(alone) >= _TELLING and any(one.isdigit() for one in alone)
    full = _LETTERS.sub("", f"{body} {number}".casefold())
    return frozenset({full, f"number {alone}"} if is_telling else {full})


def mailbox(email: str) -> str:
    """Return an address without what only sorts mail: "ann+work@clinic" reaches "ann@clinic"."""
    local, _, domain = email.casefold().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def _words_of(name: str) -> frozenset[str]:
    words = frozenset(sort_key(as_it_looks(name)).split())
    return words - _TITLES or words


def _same_name(first: frozenset[str], second: frozenset[str]) -> bool:
    """Whether one name has the other's words and perhaps more, or the same letters throughout."""
    fewer, more = sorted((first, second), key=len)
    has_all = fewer <= more and (len(fewer) > 1 or fewer == more)
    return has_all or sorted("".join(first)) == sorted("".join(second))


def same_person(first: Traces, second: Traces) -> str:
    """Return what shows that both are one human, in words, or ""."""
    if first.person_id is not None and first.person_id == second.person_id:
        return "You decided this yourself. Somebody else has to agree."
    if first.registrations & second.registrations:
        return "This registration is that of the person who decided. Somebody else has to agree."
    if first.emails & second.emails:
        return "This address is that of the person who decided. Somebody else has to agree."
    if _same_name(first.name, second.name):
        return "This name is that of the person who decided. Somebody else has to agree."
    return ""
