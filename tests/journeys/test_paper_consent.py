"""A form signed on paper, played by the clinic's people in a real browser."""

import io
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from PIL import Image
from playwright.sync_api import Browser, Page

from app.config import Settings
from app.kit.clock import now
from app.tenants.models import Role
from tests.factories.consent import MadeConsent, make_asked_consent
from tests.factories.plans import make_discussed_plan
from tests.factories.tenants import PASSWORD, Staff, add_staff
from tests.journeys.test_signing import answer_everything
from tests.support.signer import state_of

SHOTS = Path("test-output/ways")


@pytest.fixture
def context_options() -> dict[str, Any]:
    """A desk's screen."""
    return {"viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce"}


@pytest.fixture
def asked(app: Flask, settings: Settings) -> MadeConsent:
    with app.app_context():
        return make_asked_consent(make_discussed_plan())


def look(page: Page, name: str) -> None:
    page.wait_for_selector("html[data-ready]")
    SHOTS.mkdir(parents=True, exist_ok=True)
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 900})
        page.screenshot(path=SHOTS / f"{name}-{width}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
    page.set_viewport_size({"width": 1280, "height": 900})
    found = Axe().run(page, options={"preload": False}).response["violations"]
    assert [one["id"] for one in found] == [], name


def signed_in(browser: Browser, address: str, who: Staff) -> Page:
    page = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 900}).new_page()
    page.goto(f"{address}/sign-in")
    page.get_by_label("Email address").fill(who.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_selector("html[data-ready]")
    return page


def photograph() -> dict[str, Any]:
    written = io.BytesIO()
    Image.new("RGB", (900, 1270), "ivory").save(written, "JPEG")
    return {"name": "page.jpg", "mimeType": "image/jpeg", "buffer": written.getvalue()}


def test_a_front_desk_and_a_practitioner_take_a_form_on_paper(
    browser: Browser, address: str, app: Flask, asked: MadeConsent
) -> None:
    clinic, nurse = asked.made.clinic, asked.made.practitioner
    with app.app_context():
        front = add_staff(clinic, Role.FRONT_DESK, name="Ewan Kerr")
    own = f"{address}/clinics/{clinic.tenant_id}/consents/{asked.id}"
    desk = signed_in(browser, address, front)
    desk.goto(own)
    look(desk, "10-ways")
    desk.get_by_role("link", name="Sign on paper").click()
    look(desk, "11-paper-empty")
    desk.get_by_role("button", name="Make the print").click()
    desk.wait_for_selector("text=The print is ready")
    # The print holds what is personal, so that who may read answers opens it.
    assert desk.get_by_role("link", name="Open the file to print").count() == 0
    page = signed_in(browser, address, nurse)
    page.goto(f"{own}/paper")
    link = page.get_by_role("link", name="Open the file to print").get_attribute("href")
    data = page.request.get(f"{address}{link}").body()
    assert data.startswith(b"%PDF")
    (SHOTS / "print.pdf").write_bytes(data)
    desk.locator("#scan").set_input_files([photograph(), photograph()])
    desk.get_by_role("button", name="Add the scan").click()
    desk.wait_for_selector("text=2 pages, added")
    assert desk.get_by_role("button", name="Confirm and seal").count() == 0

    page.goto(f"{own}/paper")
    page.get_by_role("link", name="Enter the answers").click()
    answer_everything(page)
    look(page, "12-paper-answers")
    page.get_by_role("button", name="Save the answers").click()
    page.wait_for_selector("text=The answers were entered")
    there = now().astimezone()
    page.get_by_label("Day").fill(str(there.day))
    page.get_by_label("Month").fill(str(there.month))
    page.get_by_label("Year").fill(str(there.year))
    page.get_by_label("Time in").fill(f"{there:%H:%M}")
    page.get_by_label("Who saw an ID").select_option(label="Ewan Kerr")
    page.get_by_role("button", name="Confirm and seal").click()
    page.wait_for_selector("text=Confirm only with the original in your hands")
    look(page, "13-paper-compare")
    page.get_by_label("Where the original lies").fill("Cabinet 2, folder N")
    page.get_by_label("I have the original in my hands").check()
    page.get_by_role("button", name="Confirm and seal").click()
    page.wait_for_selector("text=The scan is sealed", timeout=120_000)
    page.goto(f"{own}/paper")
    look(page, "14-paper-done")
    assert page.get_by_text("Cabinet 2, folder N").is_visible()
    with app.app_context(), clinic.scope() as scope:
        assert state_of(scope, asked) == "signed"
