"""The simulator's clock: real time plus an offset, so that a test can let a day pass at once."""

import time
from collections.abc import Callable
from datetime import UTC, datetime


class Clock:
    """Virtual time in seconds since 1970; ``advance`` moves it and it keeps running."""

    def __init__(self, offset: float = 0.0, real: Callable[[], float] = time.time) -> None:
        """Start ``offset`` seconds away from the real time."""
        self.offset = offset
        self._real = real

    def precise(self) -> float:
        """Return the virtual time with fractions of a second, for scheduling."""
        return self._real() + self.offset

    def now(self) -> int:
        """Return the virtual time in whole seconds, as Stripe's objects carry it."""
        return int(self.precise())

    def advance(self, seconds: float) -> None:
        """Move the virtual time by this many seconds, forwards or back."""
        self.offset += seconds


def iso_instant(at: int) -> str:
    """Write an instant the way the v2 API does: RFC 3339 in UTC with milliseconds."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
