"""Moving the clock on to a noon, since whoever asks at night waits for the end of quiet hours."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from app.kit.clock import now


def until_noon_after(least: timedelta, zone: str = "Europe/London") -> timedelta:
    """Return how far it is to the first noon of a place that is at least so far away."""
    due = now().astimezone(ZoneInfo(zone)) + least
    noon = due.replace(hour=12, minute=0, second=0)
    return (noon if noon >= due else noon + timedelta(days=1)) - now()
