"""What stands on the clinic's pages while a patient's link is locked, for every eye and screen."""

from flask import Flask
from playwright.sync_api import Page

from app.consent.ways.services.lock_link import lock_link
from tests.factories.consent import make_asked_consent
from tests.factories.plans import make_discussed_plan
from tests.factories.tenants import PASSWORD
from tests.journeys.test_staff_day import Visitor


def test_the_desk_finds_a_locked_link_and_sends_a_new_one(
    app: Flask, page: Page, address: str
) -> None:
    with app.app_context():
        asked = make_asked_consent(make_discussed_plan())
        with asked.made.clinic.scope() as scope:
            lock_link(scope, asked.read(scope))
    desk = Visitor(page, address)
    desk.go("~/sign-in")
    desk.fill(email=asked.made.clinic.owner.email, password=PASSWORD)
    desk.press("Sign in", exact=True)
    desk.reads("Locked after five wrong tries")
    desk.follow("Send a new link")
    desk.reads("The link is locked.")

    desk.press("Send a new link")

    assert "locked" not in page.inner_text("main")
