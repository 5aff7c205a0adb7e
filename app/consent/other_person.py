"""Is the second person somebody else? Two accounts of one human are not two people.

Nobody can prove that from data alone. What can be seen is refused: the same account, the same
registration, the same name however it is typed, the same address. What nobody can see, the clinic
answers for.
"""

import re
import uuid
from dataclasses import dataclass

from app.database import TenantScope
from app.kit.folding import sort_key
from app.tenants.models import StaffMember
from app.tenants.queries import get_staff, list_qualifications

_LETTERS = re.compile(r"[^0-9a-z]")


@dataclass(frozen=True)
class Traces:
    """What a person can be told apart by; ``registrations`` are folded "body number" texts."""

    name: str
    emails: frozenset[str]
    registrations: frozenset[str]
    person_id: uuid.UUID | None = None


def traces_of_staff(scope: TenantScope, staff_id: uuid.UUID) -> Traces:
    """Return the traces of a member of staff, with every registration they ever entered."""
    member: StaffMember = get_staff(scope, staff_id)
    held = list_qualifications(scope, staff_id)
    numbers = (registration_key(one.body, one.registration_number) for one in held)
    return Traces(
        sort_key(member.name),
        frozenset({member.email.casefold()}),
        frozenset(numbers),
        member.person_id,
    )


def traces_of_outsider(name: str, email: str, body: str, number: str) -> Traces:
    """Return the traces of somebody from outside, as they stated them."""
    own = frozenset({registration_key(body, number)})
    return Traces(sort_key(name), frozenset({email.casefold()}), own)


def registration_key(body: str, number: str) -> str:
    """Return a registration as it can be compared: "NMC 00-A 12" and "nmc 00a12" are one."""
    plain = f"{body} {number}".casefold()
    return _LETTERS.sub("", plain)


def same_person(first: Traces, second: Traces) -> str:
    """Return what shows that both are one human, in words, or ""."""
    if first.person_id is not None and first.person_id == second.person_id:
        return "You decided this yourself. Somebody else has to agree."
    if first.registrations & second.registrations:
        return "This registration is that of the person who decided. Somebody else has to agree."
    if first.emails & second.emails:
        return "This address is that of the person who decided. Somebody else has to agree."
    if first.name == second.name:
        return "This name is that of the person who decided. Somebody else has to agree."
    return ""
