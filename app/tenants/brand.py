"""A clinic's colour and logo as pages use them: a style sheet of its own, for light and for dark.

Nothing is inline, so the strictest content policy holds: the colour travels as a style sheet whose
address names the version of the settings, so that it may be kept for ever.
"""

import uuid
from typing import Protocol

from app.kit.colours import DARK_PAGE, WHITE, darker, nearest_readable
from app.tenants.models import Location

DEFAULT_COLOUR = "#1f5f5b"
DARK_TEXT = "#0d1114"
FEWEST_DIGITS = 6


class Branded(Protocol):
    """A clinic, or whatever else bears its name, colour and logo."""

    @property
    def tenant_id(self) -> uuid.UUID: ...
    @property
    def legal_name(self) -> str: ...
    @property
    def address(self) -> str: ...
    @property
    def brand_colour(self) -> str: ...
    @property
    def logo_id(self) -> uuid.UUID | None: ...
    @property
    def settings_id(self) -> uuid.UUID: ...


def clinic_frame(clinic: Branded, location: Location | None = None) -> dict[str, str | None]:
    """Return the clinic's head and foot, as the layouts show them; a location adds its own.

    Whom to call is only a number that can be dialled, since the page makes a link of it.
    """
    own = clinic.brand_colour != DEFAULT_COLOUR
    phone = location.emergency_contact if location else ""
    return {
        "name": clinic.legal_name,
        "address": f"{location.name}, {location.address}" if location else clinic.address,
        "phone": phone if sum(one.isdigit() for one in phone) >= FEWEST_DIGITS else None,
        "accent": None,
        "logo_url": logo_url(clinic.tenant_id, clinic.logo_id),
        "brand_url": f"/brand/{clinic.tenant_id}/{clinic.settings_id}.css" if own else None,
    }


def logo_url(clinic_id: uuid.UUID, logo_id: uuid.UUID | None) -> str | None:
    """Return the address of a logo, or None where there is none."""
    return f"/brand/{clinic_id}/{logo_id}.png" if logo_id else None


def style_of(colour: str, *, within: str = ":root") -> str:
    """Return a style sheet that gives "#rrggbb" to everything within a selector."""
    lighter = nearest_readable(colour, against=DARK_PAGE)
    stronger = nearest_readable(lighter, against=DARK_PAGE, enough=7.0)
    light = f"--accent: {colour}; --accent-hover: {darker(colour)}; --on-accent: {WHITE};"
    dark = f"--accent: {lighter}; --accent-hover: {stronger}; --on-accent: {DARK_TEXT};"
    return (
        f"{within} {{ {light} }}\n"
        f"@media (prefers-color-scheme: dark) {{ {within} {{ {dark} }} }}\n"
        f"@media print {{ {within} {{ --accent: #000; }} }}\n"
    )
