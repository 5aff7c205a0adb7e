"""Every page, light and dark, small and enlarged: axe finds nothing and nothing overflows."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.site import NAMES, Site

PHONE = {"width": 320, "height": 640}
TARGETS = (
    "main button, main summary, main .choice, main select, "
    "main input:not([type=hidden]):not([type=radio])"
)
TOO_SMALL = """selector => [...document.querySelectorAll(selector)]
  .filter((element) => element.checkVisibility())
  .map((element) => [element.textContent.trim() || element.name, element.getBoundingClientRect()])
  .filter(([, box]) => box.height < 44 || box.width < 44)
  .map(([name, box]) => `${name}: ${box.width} x ${box.height}`)"""
OVERFLOW = """() => document.documentElement.scrollWidth - document.documentElement.clientWidth"""


@pytest.fixture
def context_options() -> dict[str, Any]:
    # A colour on its way from one theme to the other is no finding.
    return {"viewport": PHONE, "reduced_motion": "reduce"}


def _open(page: Page, site: Site, name: str) -> None:
    response = page.goto(site.page(name) + ("#token" if name == "link" else ""))
    assert response is not None
    assert response.status == 200
    page.wait_for_selector("html[data-ready]")


def _findings(page: Page, **options: object) -> list[tuple[str, str]]:
    # Its preloading of stylesheets writes inline styles, which our own policy rightly refuses.
    results = Axe().run(page, options={"preload": False, **options})
    return [
        (rule["id"], node["target"])
        for rule in results.response["violations"]
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("name", NAMES)
def test_axe_finds_nothing_in_light_or_dark(page: Page, site: Site, name: str) -> None:
    _open(page, site, name)
    page.evaluate(
        "document.querySelectorAll('details').forEach((details) => { details.open = true; })"
    )

    assert _findings(page) == []
    page.emulate_media(color_scheme="dark")
    assert _findings(page, runOnly=["color-contrast"]) == []


@pytest.mark.parametrize("name", NAMES)
def test_targets_are_44_px_and_nothing_overflows_also_with_text_twice_as_large(
    page: Page, site: Site, name: str
) -> None:
    _open(page, site, name)
    assert page.evaluate(TOO_SMALL, TARGETS) == []
    assert page.evaluate(OVERFLOW) <= 0

    page.evaluate("document.documentElement.style.fontSize = '200%'")
    page.wait_for_timeout(50)
    assert page.evaluate(OVERFLOW) <= 0


def test_staff_pages_are_clean_on_a_wide_screen(page: Page, site: Site) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    _open(page, site, "styleguide")

    assert _findings(page) == []
    assert page.evaluate(OVERFLOW) <= 0


def test_right_to_left_pages_turn_around(page: Page, site: Site) -> None:
    _open(page, site, "read-rtl")
    back = page.get_by_role("link", name="Back").bounding_box()
    progress = page.locator(".progress").bounding_box()

    assert back is not None
    assert progress is not None
    assert back["x"] > progress["x"]


def test_motion_stops_where_it_is_not_wanted(page: Page, site: Site) -> None:
    _open(page, site, "sign")

    moving = page.evaluate(
        """() => [...document.querySelectorAll("*")]
          .map((element) => getComputedStyle(element).transitionProperty)
          .filter((property) => !["none", "all"].includes(property))"""
    )
    assert moving == []
