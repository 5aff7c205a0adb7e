"""What every page needs: the clinic's words, money and time formats, and the form token."""

from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Flask, g

from app.kit.money import format_money


def register(app: Flask) -> None:
    """Install filters and the values that layouts read."""
    app.jinja_env.filters["money"] = format_money
    app.jinja_env.filters["moment"] = moment
    app.jinja_env.filters["mm"] = millimetres
    app.jinja_env.filters["day_in_words"] = day_in_words
    app.jinja_env.filters["clock_time"] = clock_time
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.context_processor(_layout_values)


def _layout_values() -> dict[str, object]:
    return {
        "csrf_token": g.get("csrf_token", ""),
        "staff": g.get("staff"),
        "on_shared_device": "login" in g and g.login.device_id is not None,
        "lang": "en",
        "dir": "ltr",
    }


def moment(at: datetime, zone: str) -> str:
    """Return an instant in words and with its zone: "Tuesday 24 November 2026, 14:30,
    Edinburgh"."""
    local = at.astimezone(ZoneInfo(zone))
    place = zone.rsplit("/", 1)[-1].replace("_", " ")
    return f"{local:%A} {local.day} {local:%B %Y, %H:%M}, {place} time"


def day_in_words(at: datetime, zone: str) -> str:
    """Return the day of an instant: "Tuesday 24 November 2026"."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{local:%A} {local.day} {local:%B %Y}"


def clock_time(at: datetime, zone: str) -> str:
    """Return the time of day of an instant: "14:05"."""
    return f"{at.astimezone(ZoneInfo(zone)):%H:%M}"


def millimetres(depth_um: int) -> str:
    """Return a depth for people: 1500 → "1.5 mm"."""
    return f"{depth_um / 1000:g} mm"
