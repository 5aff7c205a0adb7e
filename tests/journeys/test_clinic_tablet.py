"""The clinic's tablet and a code on the screen, played in a real browser."""

import time
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Page

from app.auth.guards import DESK_COOKIE
from app.auth.shared_desk import enrol_device
from app.config import Settings
from tests.factories.consent import MadeConsent, make_asked_consent
from tests.factories.plans import BORN, make_discussed_plan
from tests.factories.tenants import PASSWORD
from tests.journeys.test_signing import answer_everything, draw
from tests.support.api import Api

SHOTS = Path("test-output/ways")
# What a person needs beside the machine: to answer and to look for the button. Whoever reads every
# word needs the time of reading on top, at the speed of a careful or of an average reader.
SECONDS_A_QUESTION, SECONDS_A_PAGE = 4, 5
CAREFUL, AVERAGE = 180, 238


@pytest.fixture
def context_options() -> dict[str, Any]:
    """A tablet held upright."""
    return {"viewport": {"width": 820, "height": 1180}, "has_touch": True}


@pytest.fixture
def asked(app: Flask, settings: Settings) -> MadeConsent:
    with app.app_context():
        return make_asked_consent(make_discussed_plan())


def look(page: Page, name: str) -> None:
    """Take a picture, and find nothing that shuts somebody out."""
    page.wait_for_selector("html[data-ready]")
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png", full_page=True)
    found = Axe().run(page, options={"preload": False}).response["violations"]
    assert [one["id"] for one in found] == [], name


def enrol(page: Page, app: Flask, asked: MadeConsent, address: str) -> None:
    """Make the browser one of the clinic's shared devices."""
    with app.app_context(), asked.made.clinic.scope() as scope:
        _, token = enrol_device(scope, name="Front desk, Harbour")
    page.context.add_cookies(
        [{"name": DESK_COOKIE, "value": token, "url": "https://127.0.0.1", "httpOnly": True}]
    )


def open_consent(page: Page, asked: MadeConsent, address: str) -> str:
    """Sign a member of staff in and open the consent; return its address."""
    page.goto(f"{address}/sign-in")
    page.get_by_label("Email address").fill(asked.made.practitioner.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_selector("html[data-ready]")
    own = f"{address}/clinics/{asked.made.clinic.tenant_id}/consents/{asked.id}"
    page.goto(own)
    return own


def birth(page: Page) -> None:
    page.get_by_label("Day").fill(str(BORN.day))
    page.get_by_label("Month").fill(str(BORN.month))
    page.get_by_label("Year").fill(str(BORN.year))


def hand_over(page: Page) -> None:
    page.get_by_role("button", name="I have seen their ID: hand over").click()
    page.wait_for_url("**/sign/identity")


def words_on(page: Page) -> int:
    return len(page.inner_text("main").split())


def test_case_17_a_tablet_in_the_clinic_leaves_nothing_for_the_next_person(
    page: Page, address: str, app: Flask, asked: MadeConsent
) -> None:
    enrol(page, app, asked, address)
    own = open_consent(page, asked, address)
    look(page, "1-ways")
    words, steps, began = 0, 1, time.monotonic()
    hand_over(page)
    look(page, "2-identity")
    # Neither Back nor the address leads the patient to what the staff saw.
    page.go_back()
    page.wait_for_load_state()
    assert "Consent of" not in page.inner_text("body")
    page.goto(own)
    assert page.url == f"{address}/shared-desk"
    page.goto(f"{address}/sign/identity")
    words += words_on(page)
    birth(page)
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/sign/electronic")
    words, steps = words + words_on(page), steps + 1
    page.get_by_text("On this screen").click()
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/sign/questions")
    questions, steps = page.locator("fieldset.question:visible").count(), steps + 1
    answer_everything(page)
    page.wait_for_selector('[data-autosave-status][data-state="saved"]')
    look(page, "3-questions")
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/sign/read")
    words, steps = words + words_on(page), steps + 1
    page.get_by_role("button", name="I have read this").click()
    page.wait_for_url("**/sign/understood")
    words, steps = words + words_on(page), steps + 1
    for text in ("My skin may get better", "I call the clinic", "I can stop at any time"):
        page.get_by_label(text).check()
    page.get_by_role("button", name="Check my answers").click()
    page.get_by_role("button", name="Continue to signing").click()
    page.wait_for_url("**/sign/signature")
    words, steps = words + words_on(page), steps + 1
    for box in page.locator('input[name="acknowledged"]').all():
        box.check()
    page.get_by_label("Your full name").fill("Aoife Nguyễn")
    draw(page)
    page.get_by_role("button", name="Sign my consent").click()
    page.wait_for_url("**/sign/receipt", timeout=120_000)
    machine = time.monotonic() - began
    look(page, "4-receipt")
    acting = (machine + questions * SECONDS_A_QUESTION + steps * SECONDS_A_PAGE) / 60
    told = (
        f"a new patient on the tablet: {steps} pages, {questions} questions, {acting:.1f} minutes"
        f" of answering and signing; {words} words beside the questions: {words / CAREFUL:.1f}"
        f" minutes for who reads every word carefully, {words / AVERAGE:.1f} at an average speed\n"
    )
    (SHOTS / "minutes.txt").write_text(told)
    assert acting <= 8, told

    page.get_by_role("button", name="I am done, clear the screen").click()
    page.wait_for_url("**/shared-desk")
    look(page, "5-lock")
    for _ in range(8):
        page.go_back()
        page.wait_for_load_state()
        body = page.inner_text("body")
        for word in ("Aoife", "pregnan", "isotretinoin", "Your consent is signed"):
            assert word not in body, page.url
    for path in ("receipt", "questions", "read", "document", "signature"):
        answer = page.goto(f"{address}/sign/{path}")
        assert answer is not None
        assert answer.status == 410, path
    assert [one["name"] for one in page.context.cookies() if "sign" in one["name"]] == []
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_a_form_that_nobody_touches_covers_itself_and_loses_nothing(
    page: Page, address: str, app: Flask, asked: MadeConsent
) -> None:
    open_consent(page, asked, address)
    hand_over(page)
    birth(page)
    page.get_by_role("button", name="Continue").click()
    page.get_by_text("On this screen").click()
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/sign/questions")
    page.clock.install()
    page.reload()
    page.wait_for_selector("html[data-ready]")
    page.locator('input[name="pregnancy"][value="no"]').check()
    page.clock.run_for(6_000)
    page.wait_for_selector('[data-autosave-status][data-state="saved"]')

    page.clock.run_for(181_000)
    asking = page.get_by_role("dialog")
    assert asking.is_visible()
    look(page, "6-still-there")
    page.get_by_role("button", name="I am still here").click()
    assert asking.is_hidden()
    page.clock.run_for(178_000)
    assert asking.is_hidden()
    page.clock.run_for(34_000)
    page.wait_for_url("**/sign/covered")
    look(page, "7-covered")
    assert "Aoife" not in page.content()
    page.go_back()
    page.wait_for_load_state()
    assert "pregnan" not in page.inner_text("body").lower()

    page.goto(f"{address}/sign/covered")
    birth(page)
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url("**/sign/questions")
    assert page.locator('input[name="pregnancy"][value="no"]').is_checked()


def test_without_a_network_the_page_hides_all_the_same(
    page: Page, address: str, asked: MadeConsent
) -> None:
    open_consent(page, asked, address)
    hand_over(page)
    birth(page)
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/sign/electronic")
    page.clock.install()
    page.reload()
    page.wait_for_selector("html[data-ready]")
    page.context.set_offline(True)

    page.clock.run_for(215_000)
    assert page.get_by_text("This form is covered.").is_visible()
    assert page.get_by_role("heading", name="Signing on a screen").is_hidden()
    page.context.set_offline(False)
    page.clock.run_for(4_000)
    page.wait_for_url("**/sign/covered")


def test_the_desk_sees_a_scanned_code_come_to_life(
    page: Page, address: str, app: Flask, asked: MadeConsent
) -> None:
    open_consent(page, asked, address)
    page.get_by_role("button", name="Show the code").click()
    page.wait_for_selector("svg.code-image")
    look(page, "8-code")
    assert page.get_by_text("The patient has not opened the consent form yet.").is_visible()
    with app.app_context():
        client = app.test_client()
        answer = client.post("/api/v1/sign/exchange", json={"token": asked.token})
        assert answer.status_code == 200

    page.wait_for_selector("text=They are being asked who they are", timeout=120_000)
    assert page.locator("svg.code-image").is_visible()


def test_what_the_desk_takes_back_goes_blank_in_whoevers_hands_it_is(
    page: Page, address: str, app: Flask, asked: MadeConsent
) -> None:
    open_consent(page, asked, address)
    hand_over(page)
    birth(page)
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/sign/electronic")
    page.clock.install()
    page.reload()
    page.wait_for_selector("html[data-ready]")
    with app.app_context():
        desk = Api(app, asked.made.clinic, asked.made.clinic.owner)
        desk.post(f"/consents/{asked.id}/take-back", expect=200)

    page.clock.run_for(19_000)
    page.mouse.move(200, 300)
    page.clock.run_for(3_000)

    page.wait_for_url("**/sign/blank")
    look(page, "9-taken-back")
    page.go_back()
    page.wait_for_load_state()
    assert "Signing on a screen" not in page.inner_text("body")
