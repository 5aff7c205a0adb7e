"""The words that the paper adds by itself, and moments in words, in the paper's language."""

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from app.kit.in_words import day_in_words
from app.kit.speech import direction, nearest_language, say, speaking


@dataclass(frozen=True, slots=True)
class Wording:
    """Every word on paper that no caller passed. ``direction`` is "ltr" or "rtl"."""

    language: str
    direction: str
    reference: str
    page: str
    of: str
    signature: str
    name: str
    meaning: str
    signed_at: str
    method: str
    drawn_by: str
    files_inside: str
    fingerprint: str


def wording_for(language: str) -> Wording:
    """Return the paper's words for a BCP 47 tag, by its first part; English where we have none."""
    spoken = nearest_language(language)
    with speaking(spoken, whole=True):
        return Wording(
            language=spoken,
            direction=direction(spoken),
            reference=say("Reference"),
            page=say("Page"),
            of=say("of"),
            signature=say("Signature"),
            name=say("Name"),
            meaning=say("What it means"),
            signed_at=say("Signed"),
            method=say("How"),
            drawn_by=say("Signature drawn by hand by"),
            files_inside=say("Files carried inside this document"),
            fingerprint="SHA-256",
        )


def moment_in_words(at: datetime, zone: str, language: str = "en") -> str:
    """Return "Tuesday 24 November 2026, 14:30:05 Europe/London time (14:30:05 UTC)"."""
    with speaking(nearest_language(language), whole=True):
        return _moment(at, zone)


def _moment(at: datetime, zone: str) -> str:
    utc = at.astimezone(UTC)
    if zone == "UTC":
        return f"{day_in_words(utc.date())}{say(', ')}{utc:%H:%M:%S} UTC"
    there = at.astimezone(ZoneInfo(zone))
    other_day = "" if utc.date() == there.date() else f"{day_in_words(utc.date())}{say(', ')}"
    return say(
        "%(day)s, %(clock)s %(zone)s time (%(utc)s)",
        day=day_in_words(there.date()),
        clock=f"{there:%H:%M:%S}",
        zone=zone,
        utc=f"{other_day}{utc:%H:%M:%S} UTC",
    )
