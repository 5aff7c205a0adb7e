"""What every page needs: the clinic's words, money and time formats, and the form token."""

from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Flask, g

from app.kit import in_words


def register(app: Flask) -> None:
    """Install filters and the values that layouts read."""
    app.jinja_env.filters["money"] = in_words.money_in_words
    app.jinja_env.filters["moment"] = moment
    app.jinja_env.filters["mm"] = in_words.millimetres
    app.jinja_env.filters["day_in_words"] = day_in_words
    app.jinja_env.filters["clock_time"] = clock_time
    app.jinja_env.filters["span"] = span
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.context_processor(_layout_values)


def _layout_values() -> dict[str, object]:
    return {
        "csrf_token": g.get("csrf_token", ""),
        "staff": g.get("staff"),
        "on_shared_device": "login" in g and g.login.device_id is not None,
    }


def moment(at: datetime, zone: str) -> str:
    """Return an instant in words and with its zone: "Tuesday 24 November 2026, 14:30,
    Edinburgh"."""
    return in_words.moment_in_words(at, zone)


def day_in_words(at: datetime, zone: str) -> str:
    """Return the day of an instant: "Tuesday 24 November 2026"."""
    return in_words.day_in_words(at.astimezone(ZoneInfo(zone)).date())


def span(seconds: int) -> str:
    """Return a length of time: "1 h 5 min", "6 min 12 s" or "9 s"."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def clock_time(at: datetime, zone: str) -> str:
    """Return the time of day of an instant: "14:05"."""
    return f"{at.astimezone(ZoneInfo(zone)):%H:%M}"
