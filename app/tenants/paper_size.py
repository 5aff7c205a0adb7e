"""On which paper people print at a location: Letter where their country uses it, else A4.

The size is fixed in what is sealed there, so that a location that moves later changes no document.
"""

from typing import Literal, TypeAlias

from app.tenants.models import Location

PaperSize: TypeAlias = Literal["A4", "Letter"]
# Unicode CLDR, supplemental data, paperSize "US-Letter"; every other country prints on A4.
LETTER_COUNTRIES = frozenset(
    {"BZ", "CA", "CL", "CO", "CR", "GT", "MX", "NI", "PA", "PH", "PR", "SV", "US", "VE"}
)


def paper_size(location: Location) -> PaperSize:
    """Return the paper of a location's country, which begins its jurisdiction: US for US-TX."""
    country = location.jurisdiction.split("-")[0].upper()
    return "Letter" if country in LETTER_COUNTRIES else "A4"
