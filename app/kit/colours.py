"""Contrast of colours as WCAG 2.2 counts it, and the nearest shade that can be read.

A brand's colour carries white text on buttons and stands as a link on white, so one ratio decides
both: 4.5 to 1 (success criterion 1.4.3). For dark pages a lighter shade of it is made.
"""

import colorsys
import re
from dataclasses import dataclass

ENOUGH = 4.5
WHITE = "#ffffff"
DARK_PAGE = "#1d2126"
_HEX = re.compile(r"#?([0-9a-fA-F]{6}|[0-9a-fA-F]{3})")


@dataclass(frozen=True)
class ColourProblem:
    """Why a colour cannot carry text, and a shade that can (or None where it is no colour)."""

    text: str
    better: str | None


def parse_colour(text: str) -> str | None:
    """Return a colour as "#rrggbb" in lower case, or None where the text is none."""
    found = _HEX.fullmatch(text.strip())
    if found is None:
        return None
    digits = found[1].lower()
    return "#" + (digits if len(digits) == 6 else "".join(2 * one for one in digits))


def luminance(colour: str) -> float:
    """Return the relative luminance of "#rrggbb", 0 for black and 1 for white."""
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, from 1 to 21."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def colour_problem(text: str) -> ColourProblem | None:
    """Return what is wrong with a brand's colour, or None where it can be read."""
    colour = parse_colour(text)
    if colour is None:
        return ColourProblem("Write the colour as six digits, for example #1f5f5b.", None)
    ratio = contrast(colour, WHITE)
    if ratio >= ENOUGH:
        return None
    better = nearest_readable(colour, against=WHITE)
    # Rounded down: 4.49 must not read as 4.5.
    shown = int(ratio * 10) / 10
    return ColourProblem(
        f"White text on {colour} has a contrast of {shown} to 1 and needs at least {ENOUGH}. The"
        f" nearest shade that can be read is {better}.",
        better,
    )


def nearest_readable(colour: str, *, against: str, enough: float = ENOUGH) -> str:
    """Return the shade of a colour nearest to it that can be read against another colour.

    Hue and saturation stay; only the lightness moves, away from what it stands against.
    """
    if contrast(colour, against) >= enough:
        return colour
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    hue, lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
    end = 0.0 if luminance(against) > 0.18 else 1.0
    for step in range(1, 1001):
        moved = lightness + (end - lightness) * step / 1000
        shade = _as_hex(colorsys.hls_to_rgb(hue, moved, saturation))
        if contrast(shade, against) >= enough:
            return shade
    return "#000000" if end == 0.0 else WHITE


def darker(colour: str, by: float = 0.78) -> str:
    """Return a darker shade, for what is pointed at."""
    return _as_hex(tuple(int(colour[i : i + 2], 16) / 255 * by for i in (1, 3, 5)))


def _as_hex(parts: tuple[float, ...]) -> str:
    return "#" + "".join(f"{round(255 * one):02x}" for one in parts)
