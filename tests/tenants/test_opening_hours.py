"""Opening hours as plain data: kept in order, or refused with a reason, whatever was sent."""

import pytest

from app.tenants.opening_hours import HoursRefused, read_hours


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
