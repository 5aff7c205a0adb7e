"""Lists to choose from: the catalogue's things, the clinic's places, time zones and currencies."""

from collections.abc import Iterable
from datetime import date

from app.catalogue.content import Catalogue
from app.catalogue.errors import CatalogueNotApproved
from app.catalogue.queries import content_of, get_catalogue_in_force
from app.catalogue.shipped import shipped_catalogue
from app.database import TenantScope
from app.forms import Form, to_choose
from app.kit.clock import today_in
from app.tenants.queries import list_locations, list_locations_in_reach

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


def catalogue_for(scope: TenantScope) -> Catalogue:
    """Return the clinic's catalogue in force; before one is approved, the one that is shipped."""
    try:
        return content_of(get_catalogue_in_force(scope))
    except CatalogueNotApproved:
        return shipped_catalogue()[1]


def options(pairs: Iterable[tuple[object, str]]) -> list[dict[str, str]]:
    """Return (value, label) pairs as a list's options."""
    return [{"value": str(value), "label": label} for value, label in pairs]


def location_options(scope: TenantScope) -> list[dict[str, str]]:
    """Return the clinic's locations as options; where there are several, none is chosen yet."""
    known = options((one.id, one.name) for one in list_locations_in_reach(scope))
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


def earliest_today(scope: TenantScope) -> date:
    """Return the day it is where it is earliest: what has ended by then has ended everywhere."""
    return min((today_in(one.zone) for one in list_locations(scope)), default=today_in("UTC"))
