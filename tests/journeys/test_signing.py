"""A patient signs in a browser on a small phone, and the practitioner confirms it."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page

from app.config import Settings
from tests.factories.consent import MadeConsent, make_asked_consent
from tests.factories.plans import BORN, make_discussed_plan, make_visit
from tests.support.signer import Signer, state_of

SHOTS = Path("test-output/signing")
Look = Callable[[str], None]


@pytest.fixture
def context_options() -> dict[str, Any]:
    """A small phone held upright."""
    return {"viewport": {"width": 390, "height": 844}, "has_touch": True}


@pytest.fixture
def asked(app: Flask, settings: Settings) -> MadeConsent:
    with app.app_context():
        made = make_discussed_plan()
        make_visit(made)
        return make_asked_consent(made)


@pytest.fixture
def look(page: Page) -> Look:
    """Look at a page as a person does: a picture, and nothing that shuts somebody out."""

    def take(name: str) -> None:
        page.wait_for_selector("html[data-ready]")
        SHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SHOTS / f"{name}.png", full_page=True)
        found = Axe().run(page, options={"preload": False}).response["violations"]
        assert [one["id"] for one in found] == [], name

    return take


def code_of(app: Flask, asked: MadeConsent) -> str:
    with app.app_context():
        return Signer(app, asked).code_from_message()


def identify(page: Page, app: Flask, asked: MadeConsent) -> None:
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_label("Code", exact=True).fill(code_of(app, asked))
    page.get_by_label("Day").fill(str(BORN.day))
    page.get_by_label("Month").fill(str(BORN.month))
    page.get_by_label("Year").fill(str(BORN.year))
    page.get_by_role("button", name="Continue").click()


def answer_everything(page: Page) -> None:
    """Say No to everything, and the first thing where No is not offered."""
    page.evaluate(
        """() => {
            const names = new Set([...document.querySelectorAll('input[type=radio]')]
                .filter((radio) => !radio.closest('.question__more'))
                .map((radio) => radio.name));
            for (const name of names) {
                const no = document.querySelector(`input[name="${name}"][value="no"]`);
                const first = document.querySelector(`input[name="${name}"]`);
                (no ?? first).click();
            }
        }"""
    )


def draw(page: Page) -> None:
    page.locator("canvas").scroll_into_view_if_needed()
    box = page.locator("canvas").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 30, box["y"] + 90)
    page.mouse.down()
    for step in range(1, 40):
        page.mouse.move(box["x"] + 30 + step * 7, box["y"] + 90 + (25 if step % 4 < 2 else -25))
    page.mouse.up()


def test_a_patient_signs_by_link_with_a_drawn_signature(
    page: Page, address: str, app: Flask, asked: MadeConsent, look: Look
) -> None:
    page.goto(f"{address}/sign#{asked.token}")
    look("1-link")
    page.get_by_role("button", name="Open my consent form").click()
    page.wait_for_url("**/sign/identity")
    assert asked.token not in page.url
    look("2-identity")
    page.get_by_role("button", name="Send me a code").click()
    look("3-code")
    page.get_by_label("Code", exact=True).fill(code_of(app, asked))
    page.get_by_label("Day").fill(str(BORN.day))
    page.get_by_label("Month").fill(str(BORN.month))
    page.get_by_label("Year").fill(str(BORN.year))
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/sign/electronic")
    look("4-electronic")
    page.get_by_text("On this screen").click()
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/sign/questions")
    answer_everything(page)
    page.wait_for_selector('[data-autosave-status][data-state="saved"]')
    look("5-questions")
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/sign/read")
    look("6-read")
    page.get_by_role("button", name="I have read this").click()
    page.wait_for_url("**/sign/understood")
    for text in ("My skin may get better", "I wait until my next visit", "I can stop at any time"):
        page.get_by_label(text).check()
    page.get_by_role("button", name="Check my answers").click()
    page.wait_for_selector("text=Let us explain that again")
    look("7-understood")
    page.get_by_role("button", name="Continue to signing").click()
    page.wait_for_url("**/sign/signature")
    for box in page.locator('input[name="acknowledged"]').all():
        box.check()
    page.get_by_label("Your full name").fill("Aoife Nguyễn")
    draw(page)
    look("8-signature")
    page.get_by_role("button", name="Sign my consent").click()
    page.wait_for_url("**/sign/receipt", timeout=120_000)
    look("9-receipt")
    assert re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", page.inner_text(".code-big"))
    with page.expect_download() as download:
        page.get_by_role("link", name="Open my signed document").click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF")
    with app.app_context(), asked.made.clinic.scope() as scope:
        assert state_of(scope, asked) == "signed"


def test_a_patient_signs_without_a_script_by_the_short_code(
    browser: Browser, address: str, app: Flask, asked: MadeConsent
) -> None:
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto(f"{address}/sign")
    page.get_by_label("Short code").fill(asked.short_code.lower())
    page.get_by_role("button", name="Open with this code").click()
    identify(page, app, asked)
    page.get_by_text("On this screen").click()
    page.get_by_role("button", name="Continue").click()
    # Follow-ups are hidden by the stylesheet, so that the page has to be whole before it is read.
    page.wait_for_url("**/sign/questions", wait_until="load")
    for box in page.locator("input[type=radio][value=no]:visible").all():
        box.check()
    for name in ("bdd_hours", "bdd_distress", "bdd_hope"):
        page.locator(f'input[name="{name}"]').first.check()
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="I have read this").click()
    for text in ("My skin may get better", "I call the clinic", "I can stop at any time"):
        page.get_by_label(text).check()
    page.get_by_role("button", name="Check my answers").click()
    page.get_by_role("button", name="Continue to signing").click()
    page.wait_for_url("**/sign/signature", wait_until="load")
    for box in page.locator('input[name="acknowledged"]').all():
        box.check()
    page.get_by_label("Your full name").fill("Aoife Nguyễn")
    page.get_by_role("button", name="Sign my consent").click()
    page.wait_for_url("**/sign/receipt", timeout=120_000)
    assert "Your consent is signed" in page.inner_text("h1")
    context.close()


def test_a_held_answer_stops_kindly(
    page: Page, address: str, app: Flask, asked: MadeConsent, look: Look
) -> None:
    page.goto(f"{address}/sign#{asked.token}")
    page.get_by_role("button", name="Open my consent form").click()
    identify(page, app, asked)
    page.get_by_text("On this screen").click()
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/sign/questions")
    answer_everything(page)
    page.locator('input[name="pregnancy"][value="yes"]').check()
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/sign/hold")
    look("hold")


def test_a_dead_link_leads_to_the_neutral_page(page: Page, address: str, look: Look) -> None:
    page.goto(f"{address}/sign#{'x' * 43}")
    page.get_by_role("button", name="Open my consent form").click()
    page.wait_for_url("**/sign/neutral")
    look("neutral")
