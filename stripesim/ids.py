"""Identifiers that look like Stripe's, so that a mix-up of two kinds is seen at a glance."""

import secrets
import string

_ALPHABET = string.ascii_letters + string.digits

_LENGTHS = {
    "acct_": 16,
    "cs_test_": 58,
    "whsec_": 32,
    "pi_3": 23,
    "ch_3": 23,
    "txn_3": 23,
    "evt_1": 23,
    "pm_1": 23,
    "we_1": 23,
    "price_1": 23,
    "li_1": 23,
    "fee_1": 23,
}


def new_id(prefix: str) -> str:
    """Return a fresh random identifier that starts with ``prefix``."""
    return prefix + random_text(_LENGTHS.get(prefix, 14))


def random_text(length: int) -> str:
    """Return ``length`` random letters and digits."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))
