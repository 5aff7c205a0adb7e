"""The strict reader refuses every wrong shape with the path to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import pytest

from app.catalogue.expressions import Condition
from app.catalogue.reading import ContentRefused, read_content


@dataclass(frozen=True)
class Sample:
    """A class with each kind of field that content has."""

    on: date | None = None
    when: Condition | None = None
    shares: Mapping[str, int] = field(default_factory=dict)
    either: int | str | None = None
    pair: tuple[str, int] | None = None


def test_right_shapes_are_read():
    read = read_content(
        Sample,
        {
            "on": "2026-11-21",
            "when": {"fact": "age", "below": 18},
            "shares": {"a": 1},
            "pair": ["b", 2],
        },
        "sample",
    )

    assert read.on == date(2026, 11, 21)
    assert read.shares == {"a": 1}
    assert read.pair == ("b", 2)


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        ("text", "sample should be a mapping of fields"),
        ({"on": "21.11.2026"}, "sample.on should be a date such as"),
        ({"on": 20261121}, "sample.on should be a date such as"),
        ({"when": {"fact": "luck", "is": 1}}, "sample.when: There is no fact called 'luck'"),
        ({"shares": ["a"]}, "sample.shares should be a mapping"),
        ({"shares": {1: 1}}, "sample.shares needs text as keys"),
        ({"shares": {"a": "b"}}, "sample.shares.a should be a whole number"),
        ({"either": 3}, "sample.either cannot be read"),
        ({"pair": ["b", 2, 3]}, "sample.pair should have 2 entries"),
        ({"pair": "b2"}, "sample.pair should be a list"),
    ],
)
def test_a_wrong_shape_is_refused_with_its_path(raw, sentence):
    with pytest.raises(ContentRefused, match=sentence):
        read_content(Sample, raw, "sample")
