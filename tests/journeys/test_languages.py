"""The whole way to a signature in German and in Arabic, on a small phone."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Page

from tests.consent.test_languages import ask_in
from tests.factories.plans import BORN
from tests.journeys.test_signing import answer_everything, code_of, draw

SHOTS = Path("test-output/languages")
Look = Callable[[str], None]
BORN_PARTS = {"day": BORN.day, "month": BORN.month, "year": BORN.year}


@pytest.fixture
def context_options() -> dict[str, Any]:
    """A small phone held upright."""
    return {"viewport": {"width": 360, "height": 740}, "has_touch": True}


@pytest.fixture
def look(page: Page) -> Look:
    """Look at a page: a picture, nothing that shuts somebody out, nothing wider than the phone."""

    def take(name: str) -> None:
        page.wait_for_selector("html[data-ready]")
        SHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SHOTS / f"{name}.png", full_page=True)
        found = Axe().run(page, options={"preload": False}).response["violations"]
        assert [one["id"] for one in found] == [], name
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, name

    return take


@pytest.mark.parametrize("language", ["de", "ar"])
def test_a_patient_signs_in_their_own_language(
    page: Page, address: str, app: Flask, look: Look, language: str
) -> None:
    with app.app_context():
        asked = ask_in(language)

    def go_on(to: str) -> None:
        page.locator("main button.button:not([type=button]):visible").first.click()
        page.wait_for_url(f"**/sign/{to}", timeout=120_000)
        assert page.get_attribute("html", "lang") == language

    page.goto(f"{address}/sign?lang={language}#{asked.token}")
    look(f"{language}-1-link")
    page.locator("[data-link-open]").click()
    page.wait_for_url("**/sign/identity")
    look(f"{language}-2-identity")
    page.locator("main form button").first.click()
    page.wait_for_selector("#code")
    page.fill("#code", code_of(app, asked))
    for part, number in BORN_PARTS.items():
        page.fill(f'[name="birth_{part}"]', str(number))
    look(f"{language}-3-code")
    go_on("electronic")
    page.check('[name="way"][value="screen"]')
    look(f"{language}-4-electronic")
    go_on("questions")
    answer_everything(page)
    page.wait_for_selector('[data-autosave-status][data-state="saved"]')
    look(f"{language}-5-questions")
    go_on("read")
    look(f"{language}-6-read")
    go_on("understood")
    for question in page.locator("fieldset.question").all():
        question.locator("input").first.check()
    page.locator("main button.button:visible").first.click()
    page.wait_for_selector(".notice")
    look(f"{language}-7-understood")
    go_on("signature")
    for box in page.locator('input[name="acknowledged"]').all():
        box.check()
    page.fill("#full_name", "Aoife Nguyễn" if language == "de" else "مريم الحسن")
    draw(page)
    look(f"{language}-8-signature")
    page.locator('button[aria-describedby="statement"]').click()
    page.wait_for_url("**/sign/receipt", timeout=120_000)
    look(f"{language}-9-receipt")
