"""The words that the paper adds by itself, and moments written in words.

A language is one value of :class:`Wording`; a document in a language without one uses English words
around the clinic's own text.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Wording:
    """Every word on paper that no caller passed, and the names of days and months."""

    reference: str
    page: str
    of: str
    at_a_glance: str
    signature: str
    name: str
    meaning: str
    signed_at: str
    method: str
    drawn_by: str
    files_inside: str
    file: str
    what_it_is: str
    fingerprint: str
    days: tuple[str, ...]
    months: tuple[str, ...]


ENGLISH = Wording(
    reference="Reference",
    page="Page",
    of="of",
    at_a_glance="At a glance",
    signature="Signature",
    name="Name",
    meaning="What it means",
    signed_at="Signed",
    method="How",
    drawn_by="Signature drawn by hand by",
    files_inside="Files carried inside this document",
    file="File",
    what_it_is="What it is",
    fingerprint="SHA-256",
    days=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    months=(
        "January", "February", "March", "April", "May", "June", "July",
        "August", "September", "October", "November", "December",
    ),
)  # fmt: skip

_BY_LANGUAGE = {"en": ENGLISH}


def wording_for(language: str) -> Wording:
    """Return the paper's words for a BCP 47 tag, by its first part."""
    return _BY_LANGUAGE.get(language.split("-")[0].lower(), ENGLISH)


def moment_in_words(at: datetime, zone: str, words: Wording = ENGLISH) -> str:
    """Return "Tuesday 24 November 2026, 14:30:05 Europe/London time (14:30:05 UTC)"."""
    if zone == "UTC":
        return f"{_day(at.astimezone(UTC), words)}, {at.astimezone(UTC):%H:%M:%S} UTC"
    there, utc = at.astimezone(ZoneInfo(zone)), at.astimezone(UTC)
    other_day = "" if utc.date() == there.date() else f"{_day(utc, words)}, "
    clock = f"{other_day}{utc:%H:%M:%S} UTC"
    return f"{_day(there, words)}, {there:%H:%M:%S} {zone} time ({clock})"


def _day(at: datetime, words: Wording) -> str:
    return f"{words.days[at.weekday()]} {at.day} {words.months[at.month - 1]} {at.year}"
