"""When a location is open: spans by weekday, and days that differ, on the location's own clock.

Pure. Stored as {"week": {"mon": [["09:00", "12:30"], …]}, "days": [{"on": "2026-12-24",
"spans": [], "why": "Christmas Eve"}]}. A location without any hours says nothing about them.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MOST_SPANS, MOST_DAYS = 6, 200
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d|24:00")
Span = tuple[str, str]


class HoursRefused(ValueError):
    """The hours cannot be; ``reason`` says which and why, ``field`` where."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field
        self.reason = reason


@dataclass(frozen=True)
class OddDay:
    """A day with hours of its own; no spans means closed."""

    on: date
    spans: tuple[Span, ...]
    why: str


@dataclass(frozen=True)
class OpeningHours:
    """The hours of one location."""

    week: Mapping[str, tuple[Span, ...]]
    days: tuple[OddDay, ...] = ()

    def as_data(self) -> dict[str, Any]:
        """Return the hours as they are stored."""
        return {
            "week": {day: [list(span) for span in spans] for day, spans in self.week.items()},
            "days": [
                {"on": one.on.isoformat(), "spans": [list(s) for s in one.spans], "why": one.why}
                for one in self.days
            ],
        }


def read_hours(raw: Mapping[str, Any]) -> OpeningHours:
    """Return the hours that plain data describe; raises HoursRefused."""
    unknown = set(raw) - {"week", "days"}
    week, days = raw.get("week", {}), raw.get("days", [])
    if unknown or not isinstance(week, Mapping) or not isinstance(days, list):
        raise HoursRefused("opening_hours", "Opening hours are a week and a list of odd days.")
    if set(week) - set(WEEKDAYS):
        raise HoursRefused("opening_hours", "A weekday is mon, tue, wed, thu, fri, sat or sun.")
    if len(days) > MOST_DAYS:
        raise HoursRefused("opening_hours", f"Enter at most {MOST_DAYS} odd days.")
    odd = tuple(sorted((_read_day(one) for one in days), key=lambda one: one.on))
    if len({one.on for one in odd}) != len(odd):
        raise HoursRefused("opening_hours", "A day is entered twice.")
    return OpeningHours({day: _read_spans(day, week[day]) for day in WEEKDAYS if day in week}, odd)


def closed_because(hours: OpeningHours, at: datetime, zone: str) -> str:
    """Return what the hours say when a location is not open at an aware instant, or "".

    The clock on the wall decides, so that a change of the clocks moves nothing. A day that differs
    wins over its weekday, and no hours for any weekday say nothing about one.
    """
    local = at.astimezone(ZoneInfo(zone))
    odd = next((one for one in hours.days if one.on == local.date()), None)
    if odd is None and not any(hours.week.values()):
        return ""
    spans = odd.spans if odd else hours.week.get(WEEKDAYS[local.weekday()], ())
    if any(start <= f"{local:%H:%M}" < end for start, end in spans):
        return ""
    why = f" ({odd.why})" if odd and odd.why else ""
    day = f"{local:%A} {local.day} {local:%B %Y}"
    return f"{in_words(spans)} on {day}{why}" if spans else f"closed on {day}{why}"


def spans_in(text: str, field: str) -> tuple[Span, ...]:
    """Return the spans in "09:00-12:30, 13:30-18:00"; blank or "closed" is a closed day."""
    if text.strip().casefold() == "closed":
        return ()
    parts = [part.strip() for part in re.split(r"[,;]", text) if part.strip()]
    pairs = [re.split(r"\s*[-\u2013\u2014]\s*|\s+to\s+", part) for part in parts]
    return _read_spans(field, [[_padded(one) for one in pair] for pair in pairs])


def in_words(spans: Sequence[Span]) -> str:
    """Return spans for people: "09:00\u201312:30, 13:30\u201318:00"."""
    return ", ".join(f"{start}\u2013{end}" for start, end in spans) or "Closed"


def _padded(clock: str) -> str:
    text = clock.strip().replace(".", ":")
    text = f"{text}:00" if text.isdigit() else text
    return text.zfill(5)


def _read_day(raw: object) -> OddDay:
    given = raw if isinstance(raw, Mapping) else {}
    why = given.get("why", "")
    try:
        on = date.fromisoformat(str(given.get("on", "")))
    except ValueError:
        raise HoursRefused("days", "An odd day needs a date such as 2026-12-24.") from None
    if set(given) - {"on", "spans", "why"} or not isinstance(why, str) or len(why) > 100:
        raise HoursRefused("days", "An odd day has a date, spans, and a reason.")
    return OddDay(on, _read_spans("days", given.get("spans", [])), why)


def _read_spans(field: str, raw: object) -> tuple[Span, ...]:
    if not isinstance(raw, list) or len(raw) > MOST_SPANS:
        raise HoursRefused(field, f"Enter at most {MOST_SPANS} spans for one day.")
    spans = sorted(_read_span(field, one) for one in raw)
    for (_, end), (start, _) in pairwise(spans):
        if start < end:
            raise HoursRefused(field, f"Two spans overlap: one ends at {end}, one begins earlier.")
    return tuple(spans)


def _read_span(field: str, raw: object) -> Span:
    if not isinstance(raw, list | tuple) or len(raw) != 2:
        raise HoursRefused(field, "Enter a span like 09:00-17:30.")
    start, end = raw
    if not all(isinstance(one, str) and _CLOCK.fullmatch(one) for one in (start, end)):
        raise HoursRefused(field, "Enter a span like 09:00-17:30.")
    if start >= end:
        raise HoursRefused(field, f"It cannot end at {end}. Write the afternoon like 17:30.")
    return start, end
