"""Opening hours as plain data: kept in order, or refused with a reason, whatever was sent."""

from datetime import UTC, datetime

import pytest

from app.tenants.opening_hours import HoursRefused, closed_because, read_hours


def test_hours_are_kept_in_their_order() -> None:
    sent = {
        "week": {"tue": [["13:30", "18:00"], ["09:00", "12:30"]]},
        "days": [{"on": "2026-12-31"}, {"on": "2026-12-24", "spans": [], "why": "Christmas Eve"}],
    }

    kept = read_hours(sent).as_data()

    assert kept["week"] == {"tue": [["09:00", "12:30"], ["13:30", "18:00"]]}
    assert [one["on"] for one in kept["days"]] == ["2026-12-24", "2026-12-31"]
    assert read_hours(kept).as_data() == kept


@pytest.mark.parametrize(
    "sent",
    [
        {"week": [1]},
        {"week": {"mon": [[1]]}},
        {"week": {"mon": [[None, [1]]]}},
        {"week": {"mon": {"a": 1}}},
        {"week": {"mon": [["09:00", "12:00"], ["11:00", "13:00"]]}},
        {"week": {"holiday": []}},
        {"days": [[1]]},
        {"days": [{"on": 1}]},
        {"days": [{"on": "2026-12-24", "spans": [[1]]}]},
        {"days": [{"on": "2026-12-24"}, {"on": "2026-12-24"}]},
        {"noon": 1},
    ],
)
def test_what_cannot_be_hours_is_refused(sent: dict[str, object]) -> None:
    with pytest.raises(HoursRefused):
        read_hours(sent)


LONDON = read_hours(
    {
        "week": {
            "mon": [["09:00", "12:30"], ["13:30", "18:00"]],
            "sat": [["22:00", "24:00"]],
            "sun": [["00:30", "02:30"]],
        },
        "days": [
            {"on": "2026-12-28", "spans": [], "why": "Boxing Day, moved"},
            {"on": "2026-12-25", "spans": [["10:00", "11:00"]]},
        ],
    }
)


@pytest.mark.parametrize(
    ("at", "told"),
    [
        ("2026-11-23 09:00", ""),
        ("2026-11-23 12:29", ""),
        ("2026-11-23 12:30", "09:00–12:30, 13:30–18:00 on Monday 23 November 2026"),
        ("2026-11-23 18:00", "09:00–12:30, 13:30–18:00 on Monday 23 November 2026"),
        ("2026-11-24 10:00", "closed on Tuesday 24 November 2026"),
        # The same hour in UTC lies before nine in winter and is nine in summer.
        ("2026-07-06 08:00", ""),
        ("2026-11-23 08:00", "09:00–12:30, 13:30–18:00 on Monday 23 November 2026"),
        ("2026-11-21 23:59", ""),
        # The clocks go back from two to one: half past one comes twice, and both are open.
        ("2026-10-25 00:30", ""),
        ("2026-10-25 01:30", ""),
        ("2026-10-25 02:30", "00:30–02:30 on Sunday 25 October 2026"),
        # The clocks go forward from one to two: the span is an hour shorter.
        ("2026-03-29 00:59", ""),
        ("2026-03-29 01:29", ""),
        ("2026-03-29 01:30", "00:30–02:30 on Sunday 29 March 2026"),
        # A day that differs wins over its weekday, both ways.
        ("2026-12-28 10:00", "closed on Monday 28 December 2026 (Boxing Day, moved)"),
        ("2026-12-25 10:30", ""),
    ],
)
def test_the_clock_on_the_wall_decides_whether_it_is_open(at: str, told: str) -> None:
    instant = datetime.fromisoformat(at).replace(tzinfo=UTC)

    assert closed_because(LONDON, instant, "Europe/London") == told


def test_no_hours_say_nothing_but_a_day_that_differs_does() -> None:
    hours = read_hours({"days": [{"on": "2026-12-24"}]})

    assert closed_because(hours, datetime(2026, 12, 23, 3, tzinfo=UTC), "Europe/London") == ""
    # In Tokyo it is the 24th already.
    at = datetime(2026, 12, 23, 16, tzinfo=UTC)
    assert closed_because(hours, at, "Asia/Tokyo") == "closed on Thursday 24 December 2026"
