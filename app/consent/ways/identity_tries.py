"""How often somebody may try who they are: at one link, from one address, and at a clinic in all.

A link has five wrong tries. Guessers who hold many links also use up what an address and a clinic
have together; from then on each link is good for its first try only, so that a patient with the
right code gets on while somebody hammers the clinic.
"""

import uuid
from enum import Enum

from app.auth.attempts import clear_attempts, count_attempt, digest, uncount_attempt
from app.database import TenantScope
from app.errors import TooManyTries

AT_ONE_LINK = 5
FROM_ONE_ADDRESS, ADDRESS_SECONDS = 30, 900
AT_ONE_CLINIC, CLINIC_SECONDS = 100, 3600


class Standing(Enum):
    """What the counters say to one try."""

    OPEN = "open"
    LAST = "last"
    LATER = "later"
    SPENT = "spent"


def count_identity_try(
    scope: TenantScope, consent_id: uuid.UUID, address: str, *, seconds: int
) -> Standing:
    """Count one try, committed before anything is compared; ``seconds`` is for the link's own.

    LATER is a try that is not looked at for the sake of others, and does not count at the link.
    """
    session, own = scope.session, tries_of(consent_id)
    try:
        tries = count_attempt(session, own, most=AT_ONE_LINK, seconds=seconds)
    except TooManyTries:
        return Standing.SPENT
    try:
        for key, most, lasts in _shared(scope, address):
            count_attempt(session, key, most=most, seconds=lasts)
    except TooManyTries:
        if tries > 1:
            uncount_attempt(session, own)
            return Standing.LATER
    return Standing.LAST if tries == AT_ONE_LINK else Standing.OPEN


def forget_right_try(scope: TenantScope, consent_id: uuid.UUID, address: str) -> None:
    """Forget the link's tries, and take this one back where it counted with those of others."""
    clear_attempts(scope.session, tries_of(consent_id))
    for key, _, _ in _shared(scope, address):
        uncount_attempt(scope.session, key)


def tries_of(consent_id: uuid.UUID) -> str:
    """Return the key under which the tries at a link are counted."""
    return f"consent.identity:{consent_id}"


def _shared(scope: TenantScope, address: str) -> tuple[tuple[str, int, int], ...]:
    # By its hash: counters outlast a clinic that has left, and nothing may name it then.
    whole = "consent.identity.at:" + digest(str(scope.tenant_id))
    return (
        (f"{whole}:{digest(address)}", FROM_ONE_ADDRESS, ADDRESS_SECONDS),
        (whole, AT_ONE_CLINIC, CLINIC_SECONDS),
    )
