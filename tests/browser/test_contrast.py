"""The colours themselves, in each theme and accent: body text at 7:1, other meaning at 4.5:1."""

from typing import Literal

import pytest
from playwright.sync_api import Page

from tests.browser.site import Site

ACCENTS = ["", "harbour", "heather", "clay", "plum", "slate"]
READ = """(accent) => {
  const root = document.documentElement;
  if (accent) root.dataset.accent = accent; else delete root.dataset.accent;
  const canvas = document.createElement("canvas").getContext("2d");
  const names = ["page", "surface", "text", "muted", "line-strong", "field", "ink",
    "danger", "danger-surface", "good", "good-surface", "wait", "wait-surface",
    "info", "info-surface", "accent", "accent-hover", "on-accent"];
  return Object.fromEntries(names.map((name) => {
    canvas.fillStyle = getComputedStyle(root).getPropertyValue(`--${name}`).trim();
    return [name, canvas.fillStyle];
  }));
}"""
BODY = [
    ("text", "page"),
    ("text", "surface"),
    ("muted", "page"),
    ("muted", "surface"),
    ("accent", "page"),
]
BODY += [("text", f"{tone}-surface") for tone in ("danger", "good", "wait", "info")]
BODY += [
    ("on-accent", "accent"),
    ("on-accent", "accent-hover"),
    ("ink", "field"),
    ("danger", "page"),
]
MEANING = [
    (tone, surface)
    for tone in ("danger", "good", "wait", "info")
    for surface in ("page", f"{tone}-surface")
]
MEANING += [("accent", "surface"), ("line-strong", "page"), ("line-strong", "field")]


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    light, dark = sorted([_luminance(one), _luminance(other)], reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("accent", ACCENTS)
def test_colours_keep_their_contrast(
    page: Page, site: Site, accent: str, scheme: Literal["light", "dark"]
) -> None:
    page.emulate_media(color_scheme=scheme)
    page.goto(site.page("hold"))
    colours = page.evaluate(READ, accent)

    wanted = [(pair, 7.0) for pair in BODY] + [(pair, 4.5) for pair in MEANING]
    weak = {
        pair: round(_contrast(colours[pair[0]], colours[pair[1]]), 2)
        for pair, least in wanted
        if _contrast(colours[pair[0]], colours[pair[1]]) < least
    }
    assert weak == {}
