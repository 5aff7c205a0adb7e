"""The one place that knows what time it is, so that tests and the demo can set it.

Every instant in Needlepoint is an aware UTC datetime. Rules about days (age, expiry, deferrals)
ask for the day in a location's zone through :func:`today_in`.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

_shift: ContextVar[timedelta | None] = ContextVar("needlepoint_clock_shift", default=None)
_fixed: ContextVar[datetime | None] = ContextVar("needlepoint_clock_fixed", default=None)


def now() -> datetime:
    """Return the current instant as an aware UTC datetime."""
    fixed = _fixed.get()
    if fixed is not None:
        return fixed
    shift = _shift.get()
    real = datetime.now(UTC)
    return real if shift is None else real + shift


def today_in(zone: str) -> date:
    """Return today's date as people at a location in this IANA zone would say it."""
    return day_in(now(), zone)


def day_in(at: datetime, zone: str) -> date:
    """Return the calendar day of an instant in an IANA zone."""
    return at.astimezone(ZoneInfo(zone)).date()


@contextmanager
def frozen(at: datetime) -> Iterator[None]:
    """Stop the clock at an aware instant for the length of the block."""
    if at.tzinfo is None:
        raise ValueError("the clock takes aware instants only")
    token = _fixed.set(at.astimezone(UTC))
    try:
        yield
    finally:
        _fixed.reset(token)


@contextmanager
def shifted(by: timedelta) -> Iterator[None]:
    """Let the clock run on, moved by a constant amount, for the length of the block."""
    token = _shift.set(by)
    try:
        yield
    finally:
        _shift.reset(token)


def earliest_today(zones: Iterable[str]) -> date:
    """Return the day it is where it is earliest: what has ended by then has ended everywhere."""
    return min((today_in(zone) for zone in zones), default=today_in("UTC"))
