"""Lists to choose from: the clinic's places, time zones and currencies."""

from collections.abc import Iterable

from app.database import TenantScope
from app.forms import Form, to_choose
from app.tenants.queries import list_open_locations

DEEPEST_UM = 8000
# The zones of the places whose law the catalogue knows; each is an IANA name.
ZONES = (
    "Europe/London",
    "Europe/Dublin",
    "Europe/Berlin",
    "Europe/Vienna",
    "Europe/Paris",
    "Europe/Brussels",
    "Europe/Copenhagen",
    "America/New_York",
    "America/Detroit",
    "America/Chicago",
    "America/Denver",
    "America/Phoenix",
    "America/Los_Angeles",
    "America/Anchorage",
    "Pacific/Honolulu",
    "Asia/Tokyo",
)


def options(pairs: Iterable[tuple[object, str]]) -> list[dict[str, str]]:
    """Return (value, label) pairs as a list's options."""
    return [{"value": str(value), "label": label} for value, label in pairs]


def location_options(scope: TenantScope) -> list[dict[str, str]]:
    """Return the open locations as options; where there are several, none is chosen yet."""
    known = options((one.id, one.name) for one in list_open_locations(scope))
    return to_choose(known, "Choose a location")


def zone_options() -> list[dict[str, str]]:
    """Return the time zones by the name of their city."""
    return options((zone, zone.rpartition("/")[2].replace("_", " ")) for zone in ZONES)


def deepest_um(form: Form, name: str) -> int:
    """Return a greatest depth in micrometres, above 0 and up to 8 mm."""
    depth = form.depth_um(name, "Enter millimetres with at most three decimals, like 1.5.")
    if not 0 < depth <= DEEPEST_UM:
        form.fail(name, "The depth lies above 0 and up to 8 mm.")
    return depth
