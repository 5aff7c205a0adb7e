"""Contrast as WCAG counts it, and the nearest shade that can be read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.colours import ENOUGH, colour_problem, contrast, nearest_readable, parse_colour


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#ffffff", 21.0), ("#ffffff", "#ffffff", 1.0), ("#767676", "#ffffff", 4.54)],
)
def test_known_ratios(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == pytest.approx(ratio, abs=0.01)


@pytest.mark.parametrize(
    ("typed", "colour"),
    [
        ("#1F5F5B", "#1f5f5b"),
        ("abc", "#aabbcc"),
        (" 1f5f5b ", "#1f5f5b"),
        ("red", None),
        ("#12", None),
    ],
)
def test_what_is_typed_becomes_six_digits_or_nothing(typed: str, colour: str | None) -> None:
    assert parse_colour(typed) == colour


def test_a_colour_that_can_be_read_has_no_problem() -> None:
    assert colour_problem("#1f5f5b") is None


def test_a_pale_colour_is_told_with_its_ratio_and_a_shade_that_can_be_read() -> None:
    problem = colour_problem("#7fd1c7")

    assert problem is not None
    assert problem.better is not None
    assert "has a contrast of 1.7 to 1 and needs at least 4.5" in problem.text
    assert problem.better in problem.text
    assert contrast(problem.better, "#ffffff") >= ENOUGH


def test_a_word_is_no_colour_and_nothing_is_proposed() -> None:
    problem = colour_problem("javascript:alert(1)")

    assert problem is not None
    assert problem.better is None


@given(st.integers(0, 0xFFFFFF), st.sampled_from(["#ffffff", "#1d2126"]))
def test_every_colour_has_a_shade_that_can_be_read_and_a_readable_one_stays(
    number: int, against: str
) -> None:
    colour = f"#{number:06x}"

    shade = nearest_readable(colour, against=against)

    assert contrast(shade, against) >= ENOUGH
    assert contrast(colour, against) < ENOUGH or shade == colour
