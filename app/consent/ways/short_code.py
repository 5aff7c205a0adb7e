"""Codes that a person can read aloud and type: for a link without JavaScript, and for a receipt.

The alphabet has no letters that look or sound like others. A short code has fewer bits than a
link's token, so that what is stored is a keyed hash: a stolen table cannot be searched for it.
"""

import hmac
import secrets

from flask import current_app

ALPHABET = "23456789ABCDEFGHJKMNPQRTUVWXYZ"
_SHORT_GROUPS = (4, 4, 4)
_RECEIPT_GROUPS = (4, 4, 4)


def new_short_code() -> str:
    """Return a fresh code such as "K7PM-4TQX-92ZD": 59 random bits."""
    return _grouped(_SHORT_GROUPS)


def new_receipt_code() -> str:
    """Return a fresh receipt code; it names a signature and opens nothing."""
    return _grouped(_RECEIPT_GROUPS)


def short_code_token(typed: str) -> str:
    """Return what is stored for a typed code; case, blanks and dashes do not matter."""
    plain = "".join(one for one in typed.upper() if one.isalnum())
    key = current_app.config["SECRET_KEY"].encode()
    return hmac.digest(key, b"short code|" + plain.encode(), "sha256").hex()


def _grouped(groups: tuple[int, ...]) -> str:
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(n)) for n in groups)
