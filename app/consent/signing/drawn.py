"""Ink as a browser sends it becomes the ink that paper shows.

A browser sends fractions of its pad with time and pressure and many more points than a curve needs.
What was sent is what is kept; for paper it is thinned evenly, and each stroke keeps both its ends.
"""

import json
from collections.abc import Mapping, Sequence

from app.documents.errors import InkRefused, InkTooLarge
from app.documents.ink import MOST_POINTS, Ink, read_ink
from app.kit.speech import say

MOST_SENT_POINTS = 20_000
LONGEST_TEXT = 600_000
_POINT_LENGTHS = (3, 4)


def read_drawn(text: str) -> Ink:
    """Return the ink that a page sent as JSON.

    Raises InkTooLarge before anything is parsed where the text is too long, or InkRefused.
    """
    if len(text) > LONGEST_TEXT:
        raise InkTooLarge(say("The drawn signature is too large. Please draw it again."))
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError) as bad:
        raise InkRefused(
            say("The drawn signature could not be read. Please draw it again.")
        ) from bad
    if not isinstance(raw, Mapping):
        raise InkRefused(say("The drawn signature could not be read. Please draw it again."))
    width, height = _side(raw.get("width")), _side(raw.get("height"))
    strokes = _strokes(raw.get("strokes"))
    keep = _share_kept(sum(len(one) for one in strokes), len(strokes))
    return read_ink(
        {
            "width": width,
            "height": height,
            "strokes": [_on_paper(_thinned(one, keep), width, height) for one in strokes],
        }
    )


def _side(raw: object) -> float:
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not 0 < raw <= 4_000:
        raise InkRefused(say("The drawn signature has no usable canvas."))
    return float(raw)


def _strokes(raw: object) -> list[list[Sequence[float]]]:
    if not isinstance(raw, list) or not all(isinstance(one, list) for one in raw):
        raise InkRefused(say("The drawn signature has no strokes."))
    if sum(len(one) for one in raw) > MOST_SENT_POINTS:
        raise InkTooLarge(say("The drawn signature has too many points. Please draw it again."))
    if not all(_is_point(point) for one in raw for point in one):
        raise InkRefused(say("A point of the drawn signature cannot be read."))
    return raw


def _is_point(raw: object) -> bool:
    return (
        isinstance(raw, list)
        and len(raw) in _POINT_LENGTHS
        and all(isinstance(one, int | float) and not isinstance(one, bool) for one in raw)
        and 0 <= raw[0] <= 1
        and 0 <= raw[1] <= 1
    )


def _share_kept(points: int, strokes: int) -> int:
    """Return n where every n-th point is kept so that the rest fits on paper."""
    room = max(1, MOST_POINTS - 2 * strokes)
    return max(1, -(-points // room))


def _thinned(stroke: list[Sequence[float]], keep: int) -> list[Sequence[float]]:
    if keep == 1 or len(stroke) < 3:
        return stroke
    return [*stroke[:-1:keep], stroke[-1]]


def _on_paper(stroke: list[Sequence[float]], width: float, height: float) -> list[list[float]]:
    return [[point[0] * width, point[1] * height, point[2]] for point in stroke]
