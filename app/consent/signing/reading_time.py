"""How long each part of the form was on the screen, as the browser counted it.

A help for whoever confirms the consent, and never a gate: people read at different speeds, and a
browser can be told to count anything. The time from the first showing to "I have read this" is the
server's own.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from app.consent.forms.shown import AssembledForm
from app.consent.models import Consent
from app.consent.screening.fields import Fields

PREFIX = "seconds_"
LONGEST = 24 * 60 * 60
# Nobody takes in a whole form within this time; whoever confirms it should ask again.
TOO_SHORT = 60


@dataclass(frozen=True)
class ReadingTime:
    """``total`` seconds by the server's clock; ``parts`` maps section titles to seconds counted."""

    total: int
    parts: tuple[tuple[str, int], ...]

    @property
    def is_short(self) -> bool:
        """Whether it was read so quickly that the practitioner should talk it over again."""
        return self.total < TOO_SHORT


def seconds_read(typed: Fields) -> Mapping[str, int]:
    """Return the seconds of each section that a page has sent so far."""
    found: dict[str, int] = {}
    for name, value in typed.items():
        if name.startswith(PREFIX) and isinstance(value, str) and value.isascii():
            found[name.removeprefix(PREFIX)] = (
                min(int(value[:6]), LONGEST) if value.isdigit() else 0
            )
    return found


def reading_time(consent: Consent, shown: AssembledForm, typed: Fields) -> ReadingTime | None:
    """Return how long this form was read, or None before it was."""
    if consent.read_at is None or consent.read_shown_at is None:
        return None
    counted = seconds_read(typed)
    parts = tuple((one.title, counted[one.id]) for one in shown.sections if one.id in counted)
    return ReadingTime(int((consent.read_at - consent.read_shown_at).total_seconds()), parts)
