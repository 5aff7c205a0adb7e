"""A hold is decided in a browser, and the patient's page goes on by itself."""

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page

from app.auth.cookies import SIGN_COOKIE
from app.auth.guards import STAFF_COOKIE
from tests.factories.consent import make_asked_consent
from tests.factories.holds import REASON, open_hold_of
from tests.factories.plans import make_discussed_plan
from tests.journeys.test_staff_day import Visitor
from tests.support.api import Api
from tests.support.signer import Signer

AREAS = {"face_cheeks": 1000, "face_forehead": 500}


# Before the browser, whose event loop would hold the thread that sealing needs.
@pytest.fixture(autouse=True)
def signer(app: Flask) -> Signer:
    """A patient whose answer opened a hold."""
    with app.app_context():
        signer = Signer(app, make_asked_consent(make_discussed_plan(areas=AREAS)))
        signer.reach_questions()
        assert signer.answer(hsv_history_area="yes", koebner="yes") == "/sign/hold"
    return signer


def put_cookie(context: BrowserContext, address: str, name: str, value: str) -> None:
    # The browser takes a cookie with this prefix for https alone, and 127.0.0.1 is trusted.
    context.add_cookies(
        [{"name": name, "value": value, "url": address.replace("http:", "https:"), "secure": True}]
    )


def test_a_hold_is_decided_and_the_waiting_page_goes_on(
    app: Flask, signer: Signer, page: Page, context: BrowserContext, address: str
) -> None:
    held = signer.asked
    with app.app_context():
        api = Api(app, held.made.clinic, held.made.practitioner)
        hold = open_hold_of(held)
    staff, patient = (
        api.client.get_cookie(STAFF_COOKIE),
        signer.client.get_cookie(SIGN_COOKIE),
    )
    assert staff is not None
    assert patient is not None
    put_cookie(context, address, STAFF_COOKIE, staff.value)
    put_cookie(context, address, SIGN_COOKIE, patient.value)
    waiting = context.new_page()
    waiting.goto(f"{address}/sign/hold")
    Visitor(waiting, address).look()

    desk = Visitor(page, address)
    desk.clinic = f"/clinics/{held.made.clinic.tenant_id}"
    desk.go("/holds")
    desk.look()
    desk.follow("Read and decide")
    desk.fill(kind="safe", reason=REASON, depth_face_cheeks="0.75", prophylaxis="yes")
    desk.press("Decide", exact=True)

    desk.reads("Your decision was recorded")
    assert page.url.endswith(f"/holds/{hold.id}?said=decided")
    waiting.bring_to_front()
    waiting.wait_for_url("**/sign/read", timeout=120_000)
