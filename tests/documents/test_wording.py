"""Moments are written so that nobody has to guess the zone or the day."""

from datetime import UTC, datetime

import pytest

from app.documents.wording import moment_in_words


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("Europe/London", "Wednesday 1 July 2026, 00:30:00 Europe/London time "
                          "(Tuesday 30 June 2026, 23:30:00 UTC)"),
        ("UTC", "Tuesday 30 June 2026, 23:30:00 UTC"),
        ("America/Denver", "Tuesday 30 June 2026, 17:30:00 America/Denver time (23:30:00 UTC)"),
    ],
)  # fmt: skip
def test_a_moment_names_day_zone_and_utc(zone, words):
    assert moment_in_words(datetime(2026, 6, 30, 23, 30, tzinfo=UTC), zone) == words
