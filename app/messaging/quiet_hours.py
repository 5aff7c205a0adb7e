"""When a message that is not urgent may leave, on the clock of the location that it is about."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo


def leaves_at(at: datetime, *, quiet_from: str, quiet_until: str, zone: str) -> datetime | None:
    """Return the end of the quiet hours that an aware instant lies in; None outside them.

    "21:00" to "08:00" reaches over midnight. An end that the clocks skip is the moment after it.
    """
    local = at.astimezone(ZoneInfo(zone))
    clock, begins, ends = f"{local:%H:%M}", quiet_from, quiet_until
    is_over_midnight = begins > ends
    if is_over_midnight and clock >= begins:
        day = local.date() + timedelta(days=1)
    elif (is_over_midnight and clock < ends) or begins <= clock < ends:
        day = local.date()
    else:
        return None
    end = datetime.combine(day, time.fromisoformat(ends), ZoneInfo(zone))
    first, again = (end.replace(fold=fold).astimezone(at.tzinfo) for fold in (0, 1))
    # In the night in which an hour comes twice, the first one may be past.
    return first if first > at else again
