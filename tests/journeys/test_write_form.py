"""An owner writes a small form from nothing and takes it to the end, in a real browser."""

from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Page

from app.catalogue.services import approve_shipped_catalogue
from app.consent.forms import queries as form_queries
from app.consent.forms.models import FormState
from app.consent.purposes import Purpose
from tests.factories.tenants import PASSWORD, MadeClinic, make_clinic

SHOTS = Path("test-output/forms")
TEXTS = {
    "photos_what": "We take photos of the skin that is treated.",
    "photos_who": "{clinic_name} takes and keeps them.",
    "photos_purpose": "They show what has changed.",
    "photos_until": "You agree until you take it back.",
    "photos_back": "Call {clinic_contact} at any time.",
    "photos_free": "You can have your treatment without photos.",
}


@pytest.fixture(params=[360, 1280])
def context_options(request: pytest.FixtureRequest) -> dict[str, Any]:
    """A phone and a desk's screen."""
    size = {"width": request.param, "height": 900}
    return {"viewport": size, "reduced_motion": "reduce"}


@pytest.fixture
def clinic(app: Flask) -> MadeClinic:
    with app.app_context():
        made = make_clinic()
        with made.scope() as scope:
            approve_shipped_catalogue(scope)
    return made


def look(page: Page, name: str) -> None:
    """Take a picture, and find nothing that shuts somebody out or runs out of the page."""
    page.wait_for_selector("html[data-ready]")
    SHOTS.mkdir(parents=True, exist_ok=True)
    width = page.viewport_size["width"]
    page.screenshot(path=SHOTS / f"{name}-{width}.png", full_page=True)
    found = Axe().run(page, options={"preload": False}).response["violations"]
    assert [one["id"] for one in found] == [], name
    assert page.evaluate("document.documentElement.scrollWidth") <= width, name


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).first.click()
    page.wait_for_load_state()


def add_clause(page: Page, section: str, kind: str, fields: dict[str, str]) -> None:
    """Add a clause to a section by its heading, and come back to the draft."""
    page.get_by_role("link", name=f"Add a clause to {section}", exact=True).click()
    page.locator(f'input[name="kind"][value="{kind}"]').check()
    press(page, "Go on")
    for label, value in fields.items():
        page.get_by_label(label).first.fill(value)
    press(page, "Add it")


def test_a_small_form_is_written_from_nothing_and_published(
    page: Page, address: str, app: Flask, clinic: MadeClinic
) -> None:
    page.goto(f"{address}/sign-in")
    page.get_by_label("Email address").fill(clinic.owner.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_selector("html[data-ready]")
    page.goto(f"{address}/clinics/{clinic.tenant_id}/settings/forms")
    page.get_by_role("link", name="Write a form from nothing").click()
    page.get_by_label("Photos for the record").check()
    press(page, "Begin the draft")
    assert page.get_by_text("Enter a title.").first.is_visible()
    assert page.get_by_label("Photos for the record").is_checked()
    look(page, "1-new")
    page.get_by_label("Title").fill("Photos at our clinic")
    press(page, "Begin the draft")
    look(page, "2-empty")

    picker = page.get_by_label("Which section?")
    wanted = picker.locator("option").evaluate_all("all => all.map(one => [one.value, one.text])")
    titles = dict(wanted)
    for one in titles:
        page.get_by_label("Which section?").select_option(one)
        if one == "own":
            page.get_by_label("Heading").fill("Where we keep them")
        press(page, "Add the section")
    titles["own"] = "Where we keep them"
    for section, text in TEXTS.items():
        add_clause(page, titles[section], "paragraph", {"Text": text})
    add_clause(page, "Where we keep them", "list", {"Points, one": "Encrypted\nIn this country"})
    signing = titles["electronic_signing"]
    add_clause(page, signing, "acknowledgement", {"Text": "I agree to sign on a screen."})
    look(page, "3-missing")
    page.get_by_role("link", name=f"Add a clause to {titles['understanding']}").click()
    page.locator('input[name="kind"][value="question"]').check()
    look(page, "4-kinds")
    press(page, "Go on")
    press(page, "Add it")
    assert page.get_by_text("Enter the text.").first.is_visible()
    page.get_by_label("Text").fill("Do you have to agree?")
    page.get_by_label("Answer 1").fill("No")
    page.get_by_label("Answer 2").fill("Yes")
    page.get_by_label("Which answer is right?").fill("1")
    page.get_by_label("Kind explanation").fill("You are free to say no.")
    look(page, "5-question")
    press(page, "Add it")
    add_clause(page, titles["signature"], "signature", {"Text": "I agree to these photos."})

    page.locator("a", has_text="Rename or remove: Where we keep them").click()
    page.get_by_label("Heading").fill("Where they lie")
    look(page, "6-section")
    press(page, "Save the heading")
    page.locator("button", has_text="Section up: Where they lie").click()
    page.wait_for_load_state()
    page.locator("a", has_text="Rename or remove: Where they lie").click()
    press(page, "Remove the section")
    assert page.get_by_text("1 clause would go with this section").first.is_visible()
    look(page, "7-asked")
    page.get_by_label("The section and its 1 clause").check()
    press(page, "Remove the section")
    assert page.get_by_text("Nothing stands in the way").is_visible()
    look(page, "8-ready")

    page.get_by_role("link", name="Preview as a patient").click()
    assert page.get_by_text("You can have your treatment without photos.").is_visible()
    page.get_by_role("link", name="Back to the form").click()
    for step in (
        "Send to clinical review",
        "Clinical review passed",
        "Legal review passed: approve",
        "Publish",
    ):
        press(page, step)
    look(page, "9-published")
    with app.app_context(), clinic.scope() as scope:
        [made] = form_queries.list_published_forms(
            scope, purpose=Purpose.CLINICAL_PHOTOS, procedure_id=None, add_on_id=None
        )
        assert made.state == FormState.PUBLISHED
