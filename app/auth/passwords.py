"""Passwords: argon2id, long passphrases welcome, the most common ones refused."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.errors import Invalid

SHORTEST, LONGEST = 12, 256
# The commonest choices that are long enough to pass; shorter ones fail on length alone.
COMMON = frozenset(
    {
        "password1234",
        "passwordpassword",
        "123456789012",
        "1234567890123",
        "qwertyuiop12",
        "qwertyuiopas",
        "iloveyou1234",
        "letmeinletmein",
        "administrator",
        "welcome12345",
        "needlepoint1",
        "microneedling",
    }
)
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
# Checked when no account is found, so that an unknown address costs the same time as a known one.
_DECOY = _hasher.hash("a password that nobody has")


class WeakPassword(Invalid):
    """The password is too short, too long or among the first that anybody would try."""

    code = "weak_password"


def hash_password(password: str) -> str:
    """Return the argon2id hash of a new password; raises WeakPassword."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise WeakPassword(f"Use {SHORTEST} to {LONGEST} characters for a password.")
    if password.casefold() in COMMON or len(set(password)) < 4:
        raise WeakPassword("This password is too easy to guess. Try three or four random words.")
    return _hasher.hash(password)


def verify_password(stored: str | None, password: str) -> bool:
    """Return whether the password is right; takes as long when there is no stored hash."""
    try:
        _hasher.verify(stored or _DECOY, password[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def hash_code(code: str) -> str:
    """Return the argon2id hash of a short code, which a plain hash would not protect."""
    return _hasher.hash(code)


def verify_code(stored: str | None, code: str) -> bool:
    """Return whether a short code is right."""
    return verify_password(stored, code)
