"""Ink is what a hand draws; everything else is refused before it is drawn."""

import math

import pytest

from app.documents.compose import render
from app.documents.errors import InkRefused, InkTooLarge
from app.documents.ink import Ink, read_ink, svg_path
from tests.documents.drafts import make_draft, make_ink, make_signature


def raw(**changes: object) -> dict[str, object]:
    strokes = [[[10, 10, 0], [150, 60, 40], [160, 20, 80]], [[5, 5, 200]]]
    return {"width": 300, "height": 120, "strokes": strokes, **changes}


def test_ink_that_a_hand_drew_is_read():
    ink = read_ink(raw())

    assert ink.strokes[0][1] == (150.0, 60.0, 40)


def test_ink_is_drawn_as_one_path_with_a_dot_for_a_single_point():
    path = svg_path(read_ink(raw()))

    assert path.count("M") == 2
    assert path.endswith("M5.0 5.0L5.1 5.0")


@pytest.mark.parametrize(
    "changes",
    [
        {"strokes": []},
        {"strokes": [[]]},
        {"strokes": [[[1, 1, 0], [1, 1, 1]]]},
        {"strokes": "x"},
        {"strokes": [["a"]]},
        {"strokes": [[[1, 2]]]},
        {"strokes": [[[math.nan, 1, 0], [200, 1, 1]]]},
        {"strokes": [[[math.inf, 1, 0], [200, 1, 1]]]},
        {"strokes": [[[-1, 1, 0], [200, 1, 1]]]},
        {"strokes": [[[1, 1, 0], [301, 1, 1]]]},
        {"strokes": [[[1, 1, 9], [200, 1, 1]]]},
        {"strokes": [[[1, 1, 0], [200, 1, 10**12]]]},
        {"strokes": [[[True, 1, 0], [200, 1, 1]]]},
        {"strokes": [[["1", 1, 0], [200, 1, 1]]]},
        {"width": 0},
        {"width": 10**9},
        {"height": None},
    ],
)
def test_ink_that_cannot_be_is_refused(changes):
    with pytest.raises(InkRefused):
        read_ink(raw(**changes))


@pytest.mark.parametrize(
    "strokes", [[[[1, 1, 0]] * 6_001], [[[1, 1, 0]]] * 201, [[[1, 1, 0]] * 100] * 61]
)
def test_more_ink_than_a_hand_draws_is_too_large(strokes):
    with pytest.raises(InkTooLarge):
        read_ink(raw(strokes=strokes))


def test_a_draft_with_absurd_ink_is_refused_before_rendering():
    ink = Ink(width=100, height=100, strokes=(((0.0, 0.0, 0),) * 6_001,))

    with pytest.raises(InkTooLarge):
        render(make_draft(make_signature(ink=ink)))


def test_a_signature_is_either_drawn_or_typed():
    with pytest.raises(ValueError, match="either typed or drawn"):
        make_signature(typed_name="A", ink=make_ink())
