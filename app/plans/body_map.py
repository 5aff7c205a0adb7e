"""The drawings on which areas are found and spots to leave out are marked."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from app.catalogue.reading import read_content


@dataclass(frozen=True)
class Region:
    """A part of a drawing that belongs to an area: one SVG path in the view's coordinates."""

    area: str
    path: str


@dataclass(frozen=True)
class View:
    """One drawing, ``width`` by ``height`` units: its outline and the areas on it."""

    id: str
    title: str
    width: int
    height: int
    outline: tuple[str, ...]
    regions: tuple[Region, ...]


@dataclass(frozen=True)
class BodyMap:
    """All drawings."""

    views: tuple[View, ...]


def _shipped() -> Mapping[str, View]:
    text = Path(__file__).with_name("body-map.yaml").read_text(encoding="utf-8")
    return {one.id: one for one in read_content(BodyMap, yaml.safe_load(text), "body map").views}


VIEWS = _shipped()


def areas_on(view: str) -> frozenset[str]:
    """Return the areas that a drawing shows; KeyError for an unknown one."""
    return frozenset(region.area for region in VIEWS[view].regions)
