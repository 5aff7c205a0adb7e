"""A small phone on a bad day: cut off, turned and loaded again; and one without a finger on it."""

import logging
import re
import socket
import threading
from collections.abc import Iterator
from typing import Any, cast
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Error, Page, expect
from sqlalchemy import text
from werkzeug.serving import make_server

from app.auth.cookies import SIGN_COOKIE
from app.consent.ways.services.open_link import renew_session
from tests.factories.consent import MadeConsent, make_asked_consent, make_read_consent
from tests.factories.plans import BORN, make_discussed_plan
from tests.journeys.test_holds import put_cookie
from tests.journeys.test_signing import code_of, draw
from tests.journeys.test_staff_day import Visitor
from tests.support.signer import state_of
from tests.support.whole_answers import whole_answers

UPRIGHT, ON_ITS_SIDE = {"width": 390, "height": 844}, {"width": 844, "height": 390}
MOST_TABS = 400
ONCE = text(
    "SELECT (SELECT count(*) FROM signature WHERE consent_id = :c),"
    " (SELECT count(*) FROM document WHERE subject_id = :c),"
    " (SELECT count(*) FROM audit_event WHERE subject_id = :c AND action = 'consent:form:sign')"
)
FOCUSED = """() => {
  const at = document.activeElement;
  const group = at.type === "radio" ? [...document.getElementsByName(at.name)] : [at];
  return {tag: at.tagName, type: at.type ?? "", name: at.name ?? "", text: at.innerText ?? "",
          isSet: group.some((one) => one.checked), values: group.map((one) => one.value ?? ""),
          value: at.value ?? "", isShown: at.matches(":focus-visible")};
}"""


@pytest.fixture
def context_options() -> dict[str, Any]:
    """A small phone held upright."""
    return {"viewport": UPRIGHT, "has_touch": True, "reduced_motion": "reduce"}


class Wire:
    """The way to the server, which can be cut after a request has arrived and been done."""

    def __init__(self, app: Flask) -> None:
        self._answer = whole_answers(app)
        self.cut_at, self.posts = "", 0

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> list[bytes]:
        """Answer, or do what was asked and let nobody hear of it."""
        is_cut = environ["REQUEST_METHOD"] == "POST" and environ["PATH_INFO"] == self.cut_at
        body = cast(list[bytes], self._answer(environ, (lambda *_: print) if is_cut else start))
        if is_cut:
            self.posts, self.cut_at = self.posts + 1, ""
            environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
            raise ConnectionResetError
        return body


@pytest.fixture
def wire(app: Flask) -> Wire:
    return Wire(app)


@pytest.fixture
def address(app: Flask, wire: Wire) -> Iterator[str]:
    """The application behind a wire that can be cut."""
    server = make_server("127.0.0.1", 0, wire, threaded=True)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def ready(app: Flask) -> tuple[MadeConsent, str]:
    """A patient on the page with the signature: the consent, and the session's cookie."""
    with app.app_context():
        asked = make_read_consent(make_discussed_plan())
        with asked.made.clinic.scope() as scope:
            return asked, renew_session(scope, asked.id)


@pytest.fixture
def fresh(app: Flask) -> MadeConsent:
    with app.app_context():
        return make_asked_consent(make_discussed_plan())


def test_cut_off_turned_and_loaded_again_it_is_signed_once(
    ready: tuple[MadeConsent, str],
    page: Page,
    context: BrowserContext,
    address: str,
    app: Flask,
    wire: Wire,
) -> None:
    asked, cookie = ready
    put_cookie(context, address, SIGN_COOKIE, cookie)
    page.goto(f"{address}/sign/signature")
    page.wait_for_selector("html[data-ready]")
    for box in page.locator('input[name="acknowledged"]').all():
        box.check()
    page.get_by_label("Your full name").fill("Aoife Nguyễn")
    draw(page)
    page.wait_for_selector('[data-autosave-status][data-state="saved"]')
    drawn = page.locator('input[name="ink"]').input_value()

    # The network goes, and the phone is turned: nothing is sent, nothing is lost, and it says so.
    context.set_offline(True)
    page.set_viewport_size(ON_ITS_SIDE)
    page.get_by_role("button", name="Sign my consent").click()
    expect(page.get_by_text("Nothing was sent and nothing is lost")).to_be_visible()
    assert page.locator('input[name="ink"]').input_value() == drawn
    page.set_viewport_size(UPRIGHT)

    # It comes back, and the page is loaded anew: everything stands as it was.
    context.set_offline(False)
    page.reload()
    page.wait_for_selector("html[data-ready]")
    assert page.locator('input[name="ink"]').input_value() == drawn
    assert page.get_by_label("Your full name").input_value() == "Aoife Nguyễn"
    assert page.locator('input[name="acknowledged"]:checked').count() == 2

    # The signature arrives, and its answer never does.
    wire.cut_at = "/sign/signature"
    page.get_by_role("button", name="Sign my consent").click()
    page.wait_for_url("chrome-error://**", timeout=120_000)
    assert wire.posts == 1
    with app.app_context(), asked.made.clinic.scope() as scope:
        assert state_of(scope, asked) == "signed"

    # Whatever the patient does then leads to the same receipt.
    page.goto(f"{address}/sign/signature")
    page.wait_for_url("**/sign/receipt")
    code = page.inner_text(".code-big")
    assert re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", code)
    page.reload()
    assert page.inner_text(".code-big") == code
    Visitor(page, address).look()
    with app.app_context(), asked.made.clinic.scope() as scope:
        assert scope.session.execute(ONCE, {"c": asked.id}).one() == (1, 1, 1)


def press_through(page: Page, address: str) -> None:
    """Fill the open page by the keyboard alone and send it."""
    Visitor(page, address).look()
    before = page.url
    page.evaluate("() => document.activeElement.blur()")
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        at = page.evaluate(FOCUSED)
        assert at["isShown"] or at["tag"] == "BODY", f"nobody sees where they are: {at}"
        if at["tag"] == "BUTTON" and at["text"] in BUTTONS:
            with page.expect_navigation():
                page.keyboard.press("Enter")
            if at["text"] == "Open my consent form":
                # Taking the secret out of the address counts as a navigation, too.
                page.wait_for_url("**/sign/identity")
            page.wait_for_selector("html[data-ready]")
            return
        fill(page, at)
    raise AssertionError(f"there is no way on from {before}")


def fill(page: Page, at: dict[str, Any]) -> None:
    """Answer what has the focus, with the keys that a person would use."""
    if at["type"] == "radio" and not at["isSet"]:
        wanted = WANTED.get(at["name"], "no")
        page.keyboard.press("Space")
        for _ in range(at["values"].index(wanted) if wanted in at["values"] else 0):
            page.keyboard.press("ArrowDown")
    elif at["type"] == "radio" and at["name"] == "signature_kind" and at["value"] == "ink":
        page.keyboard.press("ArrowDown")
    elif at["type"] == "checkbox" and not at["isSet"]:
        page.keyboard.press("Space")
    elif at["name"] in TYPED and not at["value"]:
        page.keyboard.type(TYPED[at["name"]])


BUTTONS = {
    "Open my consent form",
    "Send me a code",
    "Continue",
    "I have read this",
    "Check my answers",
    "Continue to signing",
    "Sign my consent",
}
WANTED = {"way": "screen"}
TYPED = {
    "birth_day": str(BORN.day),
    "birth_month": str(BORN.month),
    "birth_year": str(BORN.year),
    "full_name": "Aoife Nguyễn",
}


def test_the_whole_way_is_walked_by_the_keyboard_alone(
    fresh: MadeConsent, page: Page, address: str, app: Flask
) -> None:
    page.goto(f"{address}/sign#{fresh.token}")
    seen = []
    for _ in range(14):
        press_through(page, address)
        seen.append(page.url.rpartition("/")[2])
        if seen[-1] == "receipt":
            break
        if page.locator('input[name="code"]').count():
            TYPED["code"] = code_of(app, fresh)

    assert seen[-1] == "receipt", seen
    with app.app_context(), fresh.made.clinic.scope() as scope:
        assert state_of(scope, fresh) == "signed"


def test_a_wire_that_is_cut_tells_the_browser_nothing(wire: Wire, page: Page, address: str) -> None:
    """The cut itself is real: without it the tests above would prove nothing."""
    wire.cut_at = "/api/v1/sign/exchange"
    page.goto(f"{address}/sign")

    with pytest.raises(Error, match="Failed to fetch"):
        page.evaluate("() => fetch('/api/v1/sign/exchange', {method: 'POST', body: '{}'})")
    assert wire.posts >= 1
