"""A treatment from the short questions to the sheet, and what happens when it is refused."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import pytest
from flask import Flask
from playwright.sync_api import Page

from app.care.services.give_aftercare import give_before
from app.messaging.queries import list_messages_to_patient
from app.messaging.services import read_message
from app.tenants.models import Role
from tests.factories.billing import make_purchase
from tests.factories.care import ReadyVisit, make_bare_visit, make_consented_visit
from tests.factories.tenants import PASSWORD, Staff, add_staff
from tests.journeys.test_staff_day import Visitor

Made = TypeVar("Made")
SHOTS = os.environ.get("NEEDLEPOINT_SHOTS", "")


@pytest.fixture
def context_options() -> dict[str, Any]:
    """A tablet in a treatment room."""
    return {"viewport": {"width": 820, "height": 1180}, "reduced_motion": "reduce"}


def made(app: Flask, make: Callable[[], Made]) -> Made:
    """Make something beside the browser: sealing runs a loop of its own, and so does the browser's
    driver in this thread."""

    def run() -> Made:
        with app.app_context():
            return make()

    with ThreadPoolExecutor(1) as beside:
        return beside.submit(run).result()


def shoot(page: Page, name: str) -> None:
    """Keep a picture of the page where somebody asked for pictures."""
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"care-{name}.png"), full_page=True)


def enter(page: Page, address: str, visit: ReadyVisit, who: Staff) -> Visitor:
    """Sign in as somebody of the visit's clinic and open the visit."""
    visitor = Visitor(page, address)
    visitor.go("~/sign-in")
    visitor.fill(email=who.email, password=PASSWORD)
    with page.expect_navigation():
        page.get_by_role("button", name="Sign in", exact=True).click()
    visitor.clinic = f"/clinics/{visit.made.clinic.tenant_id}"
    visitor.go(f"/visits/{visit.visit_id}")
    return visitor


def test_a_practitioner_asks_starts_records_and_corrects(
    page: Page, address: str, app: Flask
) -> None:
    visit = made(app, make_sold_visit)
    visitor = enter(page, address, visit, visit.made.practitioner)
    visitor.reads("No, not yet.")
    visitor.reads("Today's short health questions are not answered yet.")
    assert page.get_by_role("button", name="Start the treatment").count() == 0
    shoot(page, "visit-no")

    visitor.follow("Ask the health questions")
    shoot(page, "questions")
    visitor.fill(nothing_changed="same", alcohol_today="no")
    visitor.press("Save the answers")
    visitor.reads("Yes.")
    visitor.reads("Cheeks to 1 mm, up to and including ")
    shoot(page, "visit-yes")

    visitor.fill(depth_face_cheeks="1.5")
    visitor.press("Check again")
    visitor.reads("Cheeks: agreed to 1 mm and no deeper, not 1.5 mm.")
    shoot(page, "visit-too-deep")
    visitor.fill(depth_face_cheeks="1")
    visitor.press("Check again")
    visitor.press("Start the treatment")
    visitor.reads("Started")
    visitor.reads("session 1 of 3")
    shoot(page, "visit-started")

    visitor.follow("Record what was done")
    shoot(page, "record")
    visitor.press("Save the record")
    visitor.reads("Enter how many passes, 0 to 100.")
    visitor.fill(depth_face_cheeks="1.2", passes_face_cheeks="3", endpoint="Even redness")
    visitor.fill(anaesthetic_name="Lidocaine 4 %")
    visitor.press("Save the record")
    visitor.reads("Cheeks: 1.2 mm, deeper than the 1 mm agreed to.")
    shoot(page, "visit-treated")
    visitor.press("Send the sheet")
    visitor.reads("Given afterwards")

    visitor.follow("Open the record")
    visitor.follow("Correct the record")
    visitor.fill(depth_face_cheeks="1")
    visitor.press("Save the correction")
    visitor.follow("Open the record")
    visitor.reads("What holds now")
    visitor.reads("Earlier record 1")
    shoot(page, "treatment")


def test_a_refused_start_has_a_way_that_nobody_has_to_falsify(
    page: Page, address: str, app: Flask
) -> None:
    visit = made(app, make_bare_visit)
    visitor = enter(page, address, visit, visit.made.practitioner)
    visitor.reads("No consent has been asked for yet.")
    page.get_by_text("Was the patient treated all the same?").click()
    visitor.follow("Record an incident")
    visitor.press("Record the incident")
    visitor.reads("There is a problem")
    shoot(page, "incident-form")
    visitor.fill(happened_time="00:00", reason="Began before the form was there; stopped.")
    visitor.press("Record the incident")
    visitor.reads("was treated without a valid start")
    visitor.reads("Began before the form was there; stopped.")
    shoot(page, "incident")


def test_the_front_desk_reads_the_answer_and_starts_nothing(
    page: Page, address: str, app: Flask
) -> None:
    visit = made(app, make_bare_visit)
    desk = made(app, lambda: add_staff(visit.made.clinic, Role.FRONT_DESK))
    visitor = enter(page, address, visit, desk)

    visitor.reads("No, not yet.")
    assert page.get_by_role("button", name="Start the treatment").count() == 0
    assert page.get_by_role("link", name="Ask them now").count() == 0


def test_a_patient_opens_the_sheet_from_the_message(page: Page, address: str, app: Flask) -> None:
    token = made(app, make_sent_sheet)
    page.set_viewport_size({"width": 390, "height": 844})
    visitor = Visitor(page, address)
    visitor.go(f"~/document#{token}")
    shoot(page, "document-link")
    page.get_by_role("button", name="Open my document").click()
    page.get_by_role("heading", name="First, is it you?").wait_for()
    assert token not in page.url
    visitor.look()
    shoot(page, "document-identity")
    visitor.day("birth", 1, 1, 1990)
    visitor.press("Show my document")
    visitor.reads("This is not the date of birth that the clinic has for you.")
    visitor.day("birth", 17, 5, 1990)
    visitor.press("Show my document")
    visitor.reads("Looking after your skin")
    shoot(page, "document")
    with page.expect_download() as download:
        page.get_by_role("link", name="Keep it on my device").click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF")
    visitor.press("I am done, close this page")
    visitor.reads("This document is closed")


def make_sold_visit() -> ReadyVisit:
    """Make a visit with a consent in force and a package that nobody has paid yet."""
    visit = make_consented_visit()
    make_purchase(visit.made.clinic, patient_id=visit.made.patient_id)
    return visit


def make_sent_sheet() -> str:
    """Send an aftercare sheet; return the token of the link in its message."""
    visit = make_bare_visit()
    with visit.made.clinic.scope(visit.made.practitioner) as scope:
        give_before(scope, visit_id=visit.visit_id)
    with visit.made.clinic.scope() as scope:
        (message,) = list_messages_to_patient(scope, visit.made.patient_id)
        body = read_message(scope, message).body
    return body.partition("/document#")[2].split()[0]
