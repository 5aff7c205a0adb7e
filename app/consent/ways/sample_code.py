"""The code that a patient reads in the sample file, and whether the place asks for it.

The code is the consent's own and is worked out anew each time, so that nothing is stored and the
file may be opened again. It keeps nobody out: it shows that the file could be read.
"""

from app.consent.models import Consent
from app.consent.ways.short_code import ALPHABET
from app.database import TenantScope
from app.policies.queries import get_policy
from app.tenants.queries import get_location
from app.vault import blind_index

LETTERS = 6


def wants_sample(scope: TenantScope, consent: Consent) -> bool:
    """Return whether the place asks for it now, and it has not been shown for this form yet."""
    if consent.electronic_demonstrated_at is not None:
        return False
    return bool(
        get_policy(scope, get_location(scope, consent.location_id), "electronic_demo").value
    )


def sample_code(scope: TenantScope, consent: Consent) -> str:
    """Return the code that stands in the file."""
    found = blind_index(scope, "consent.sample_code", str(consent.id))
    return "".join(ALPHABET[one % len(ALPHABET)] for one in found[:LETTERS])


def is_code(scope: TenantScope, consent: Consent, typed: str) -> bool:
    """Return whether a typed code is the one in the file; case and blanks do not matter."""
    plain = "".join(one for one in typed.upper() if one.isalnum())
    return plain == sample_code(scope, consent)
