"""Attempt counters, counted and committed before a secret is looked at."""

from sqlalchemy import text

from app.database import ScopedSession, commit_before_check
from app.errors import TooManyTries
from app.kit.clock import now

COUNT = text("SELECT door.count_attempt(:key, :seconds, :at)")
CLEAR = text("SELECT door.clear_attempts(:key)")


def count_attempt(session: ScopedSession, key: str, *, most: int, seconds: int) -> None:
    """Count one try and commit it; raises TooManyTries when it is one too many.

    ``key`` holds ids or hashes, never an address or a code.
    """
    values = {"key": key, "seconds": seconds, "at": now()}
    count = int(session.execute(COUNT, values).scalar_one())
    commit_before_check(session)
    if count > most:
        minutes = max(1, seconds // 60)
        raise TooManyTries(f"There were too many tries. Please wait {minutes} minutes.")


def clear_attempts(session: ScopedSession, key: str) -> None:
    """Forget the tries after a success."""
    session.execute(CLEAR, {"key": key})
