"""A signature drawn by hand, kept as vectors with time rather than as a picture.

The limits hold before anything is rendered: a hand draws a few strokes, a program draws millions.
"""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.documents.errors import InkRefused, InkTooLarge
from app.kit.speech import say

MOST_STROKES = 200
MOST_POINTS = 6_000
LARGEST_SIDE = 4_000
LONGEST_MS = 10 * 60 * 1000
# A dot or a twitch is not a signature: the pen must travel at least this share of the width.
SHORTEST_TRAVEL = 0.05

Point = tuple[float, float, int]


@dataclass(frozen=True, slots=True)
class Ink:
    """Strokes on a canvas of ``width`` × ``height`` units; a point is (x, y, milliseconds)."""

    width: float
    height: float
    strokes: tuple[tuple[Point, ...], ...]


def read_ink(raw: Mapping[str, object]) -> Ink:
    """Return the checked ink of ``{"width", "height", "strokes": [[[x, y, ms], …], …]}``.

    :raise InkTooLarge: more strokes or points than a hand draws
    :raise InkRefused: wrong shape, outside the canvas, time running backwards, or hardly any ink
    """
    strokes = raw.get("strokes")
    if not isinstance(strokes, Sequence) or isinstance(strokes, str | bytes):
        raise InkRefused(say("The drawn signature has no strokes."))
    _refuse_too_many(strokes)
    ink = Ink(
        width=_number(raw.get("width")),
        height=_number(raw.get("height")),
        strokes=tuple(tuple(_point(point) for point in stroke) for stroke in strokes),
    )
    return check_ink(ink)


def check_ink(ink: Ink) -> Ink:
    """Return the same ink once it is within the limits; raises as :func:`read_ink`."""
    _refuse_too_many(ink.strokes)
    if not (0 < ink.width <= LARGEST_SIDE and 0 < ink.height <= LARGEST_SIDE):
        raise InkRefused(say("The drawn signature has no usable canvas."))
    points = [point for stroke in ink.strokes for point in stroke]
    if not all(_is_on_canvas(point, ink) for point in points):
        raise InkRefused(say("The drawn signature leaves its canvas."))
    times = [point[2] for point in points]
    if times != sorted(times) or (times and not 0 <= times[0] <= times[-1] <= LONGEST_MS):
        raise InkRefused(say("The drawn signature has times that cannot be."))
    if _travel(ink) < SHORTEST_TRAVEL * ink.width:
        raise InkRefused(say("The drawn signature is empty. Please draw it again."))
    return ink


def _refuse_too_many(strokes: Sequence[object]) -> None:
    if len(strokes) > MOST_STROKES:
        raise InkTooLarge(say("The drawn signature has too many strokes. Please draw it again."))
    points = 0
    for stroke in strokes:
        if not isinstance(stroke, Sequence) or isinstance(stroke, str | bytes):
            raise InkRefused(say("A stroke of the drawn signature is not a list of points."))
        points += len(stroke)
    if points > MOST_POINTS:
        raise InkTooLarge(say("The drawn signature has too many points. Please draw it again."))


def _point(raw: object) -> Point:
    if not isinstance(raw, Sequence) or isinstance(raw, str | bytes) or len(raw) != 3:
        raise InkRefused(say("A point of the drawn signature is not (x, y, milliseconds)."))
    return _number(raw[0]), _number(raw[1]), int(_number(raw[2]))


def _number(raw: object) -> float:
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not math.isfinite(raw):
        raise InkRefused(say("The drawn signature holds something that is not a number."))
    return float(raw)


def _is_on_canvas(point: Point, ink: Ink) -> bool:
    return (
        math.isfinite(point[0])
        and math.isfinite(point[1])
        and 0 <= point[0] <= ink.width
        and 0 <= point[1] <= ink.height
    )


def _travel(ink: Ink) -> float:
    return sum(
        math.dist(before[:2], after[:2])
        for stroke in ink.strokes
        for before, after in itertools.pairwise(stroke)
    )


def svg_path(ink: Ink) -> str:
    """Return the strokes as the data of one SVG path, smoothed through the midpoints."""
    return "".join(_stroke_path(stroke) for stroke in ink.strokes if stroke)


def _stroke_path(stroke: tuple[Point, ...]) -> str:
    first = stroke[0]
    parts = [f"M{first[0]:.1f} {first[1]:.1f}"]
    for before, after in itertools.pairwise(stroke):
        middle = ((before[0] + after[0]) / 2, (before[1] + after[1]) / 2)
        parts.append(f"Q{before[0]:.1f} {before[1]:.1f} {middle[0]:.1f} {middle[1]:.1f}")
    last = stroke[-1]
    # A dot on an i is a stroke of one point; a hair's breadth makes the round cap visible.
    parts.append(f"L{last[0] + (0.1 if len(stroke) == 1 else 0):.1f} {last[1]:.1f}")
    return "".join(parts)
