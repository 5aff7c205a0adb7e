"""Identifiers and secrets.

An id is a UUIDv7: it sorts by time and is never a secret. A secret is 256 random bits; the database
keeps only its SHA-256, so that a stolen dump opens nothing.
"""

import hashlib
import secrets
import uuid
from datetime import UTC, datetime

import uuid_utils


def new_id() -> uuid.UUID:
    """Return a fresh UUIDv7."""
    return uuid.UUID(bytes=uuid_utils.uuid7().bytes)


def made_at(one: uuid.UUID) -> datetime:
    """Return the instant that a UUIDv7 carries, to the millisecond."""
    return datetime.fromtimestamp(int.from_bytes(one.bytes[:6], "big") / 1000, UTC)


def new_secret() -> str:
    """Return 256 bits from the system's generator, as URL-safe text of 43 characters."""
    return secrets.token_urlsafe(32)


def new_code(digits: int) -> str:
    """Return a decimal code with leading zeros, each code equally likely."""
    return f"{secrets.randbelow(10**digits):0{digits}d}"


def hash_secret(secret: str) -> bytes:
    """Return what is stored in place of a secret: its SHA-256, 32 bytes.

    A plain hash is enough because the secret has 256 bits of entropy; passwords and short codes
    go through argon2 instead.
    """
    return hashlib.sha256(secret.encode()).digest()
