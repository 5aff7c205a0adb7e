"""Passkeys in a real browser with a virtual authenticator, and what an attacker would send."""

import json
import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, Route
from sqlalchemy import Engine, text
from werkzeug.serving import make_server

from app import close_app, create_app
from app.auth.passkey_routes import ASKING_COOKIE
from app.config import Settings
from tests.browser.conftest import running_browser
from tests.conftest import somebody
from tests.factories.tenants import PASSWORD, MadeClinic, make_clinic
from tests.support.letters import letters_to

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@dataclass
class House:
    """The application on a name that browsers bind passkeys to."""

    app: Flask
    url: str


@pytest.fixture(scope="module")
def house(settings: Settings) -> Iterator[House]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, Flask("not yet"), threaded=True)
    url = f"http://localhost:{server.server_port}"
    app = create_app(replace(settings, public_url=url))
    server.app = app
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield House(app, url)
    server.shutdown()
    server.server_close()
    close_app(app)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_browser() as found:
        yield found


@pytest.fixture
def clinic(house: House) -> MadeClinic:
    with house.app.app_context():
        return make_clinic()


@dataclass
class Person:
    """Somebody at a browser whose device has a screen lock."""

    page: Page
    context: BrowserContext
    url: str
    cdp: Any
    device: str

    def set_verified(self, yes: bool) -> None:
        """Say whether the device makes sure of its owner."""
        self.cdp.send(
            "WebAuthn.setUserVerified", {"authenticatorId": self.device, "isUserVerified": yes}
        )

    def credentials(self) -> list[dict[str, Any]]:
        """Return what the device holds."""
        found = self.cdp.send("WebAuthn.getCredentials", {"authenticatorId": self.device})
        return list(found["credentials"])

    def sign_in(self, email: str) -> None:
        """Sign in with the password, in the way of every day."""
        self.page.goto(f"{self.url}/sign-in")
        self.page.fill("#email", email)
        self.page.fill("#password", PASSWORD)
        self.page.get_by_role("button", name="Sign in", exact=True).click()
        self.page.wait_for_url(lambda url: "/sign-in" not in url)

    def forget_session(self) -> None:
        """Leave the browser without its cookies, as the next day finds it."""
        self.context.clear_cookies()


@pytest.fixture
def person(browser: Browser, house: House) -> Iterator[Person]:
    context = browser.new_context(
        locale="en-GB", reduced_motion="reduce", viewport={"width": 320, "height": 640}
    )
    context.set_default_timeout(120_000)
    page = context.new_page()
    cdp = context.new_cdp_session(page)
    cdp.send("WebAuthn.enable")
    made = cdp.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    yield Person(page, context, house.url, cdp, made["authenticatorId"])
    context.close()


def add_passkey(person: Person, name: str = "My phone", *, password: bool = True) -> None:
    """Add a passkey through the page."""
    person.page.goto(f"{person.url}/account/passkeys/new")
    person.page.fill("#name", name)
    if password:
        person.page.fill("#password", PASSWORD)
    person.page.get_by_role("button", name="Add the passkey").click()


def findings(page: Page) -> list[str]:
    """Return what axe finds on a page, by rule."""
    results = Axe().run(page, options={"preload": False})
    return [str(rule["id"]) for rule in results.response["violations"]]


def step_up_was(superuser: Engine, clinic: MadeClinic, when: str) -> None:
    """Move the owner's last step-up."""
    with superuser.begin() as connection:
        connection.execute(
            text(f"UPDATE control.login_session SET stepped_up_at = {when} WHERE person_id = :id"),
            {"id": clinic.owner.person_id},
        )


class TestInTheBrowser:
    def test_a_passkey_is_added_signs_in_steps_up_and_is_removed(
        self, person: Person, house: House, clinic: MadeClinic
    ) -> None:
        page = person.page
        person.sign_in(clinic.owner.email)
        add_passkey(person)
        page.get_by_role("heading", name="Your recovery codes").wait_for()
        assert page.locator("[data-codes] li").count() == 10
        assert findings(page) == []
        page.get_by_role("link", name="I have kept them").click()
        page.get_by_text("10 of 10 are left").wait_for()
        assert page.get_by_text("My phone").is_visible()
        assert findings(page) == []

        person.forget_session()
        page.goto(f"{person.url}/sign-in")
        assert findings(page) == []
        page.get_by_role("button", name="Sign in with a passkey").click()
        page.wait_for_url(f"**/clinics/{clinic.tenant_id}/today")

        # After the password alone only the second factor is accepted.
        person.forget_session()
        person.sign_in(clinic.owner.email)
        assert "/step-up" in page.url
        page.goto(f"{person.url}/clinics/{clinic.tenant_id}/today")
        assert "/step-up" in page.url
        assert findings(page) == []
        page.get_by_role("button", name="Use a passkey").click()
        page.wait_for_url(f"**/clinics/{clinic.tenant_id}/today")

        page.goto(f"{person.url}/account")
        page.get_by_role("button", name="Remove the passkey My phone").click()
        page.get_by_text("The passkey is removed.").wait_for()
        with house.app.app_context():
            told = " ".join(letters_to(house.app, clinic.owner.email))
        assert "A passkey was added" in told
        assert "A passkey was removed" in told

    def test_several_passkeys_have_names_and_the_second_needs_a_fresh_factor(
        self, person: Person, clinic: MadeClinic, superuser: Engine
    ) -> None:
        person.sign_in(clinic.owner.email)
        add_passkey(person, "Laptop")
        person.page.get_by_role("heading", name="Your recovery codes").wait_for()
        # Another device, as far as the account can tell.
        person.cdp.send("WebAuthn.clearCredentials", {"authenticatorId": person.device})
        step_up_was(superuser, clinic, "now() - interval '5 minutes 1 second'")
        add_passkey(person, "Phone", password=False)
        person.page.wait_for_url("**/step-up?next=*")
        assert person.credentials() == []

        step_up_was(superuser, clinic, "now() - interval '4 minutes 50 seconds'")
        add_passkey(person, "Phone", password=False)

        person.page.wait_for_url("**/account?said=passkey")
        for name in ("Laptop", "Phone"):
            assert person.page.get_by_text(name, exact=True).is_visible()

    def test_a_device_that_does_not_check_its_owner_is_refused(
        self, person: Person, clinic: MadeClinic
    ) -> None:
        person.sign_in(clinic.owner.email)
        person.set_verified(False)

        add_passkey(person)

        person.page.get_by_text("Nothing was added").wait_for()
        assert person.credentials() == []

    def test_a_wrong_password_adds_nothing(self, person: Person, clinic: MadeClinic) -> None:
        person.sign_in(clinic.owner.email)
        person.page.goto(f"{person.url}/account/passkeys/new")
        person.page.fill("#name", "Theirs")
        person.page.fill("#password", "not the right words")
        person.page.get_by_role("button", name="Add the passkey").click()

        person.page.get_by_text("Check your password").wait_for()
        assert person.credentials() == []


class TestAnAttacker:
    @pytest.fixture
    def sent(
        self, person: Person, clinic: MadeClinic
    ) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """The body of a passkey's sign-in that worked, and the cookies of its browser."""
        person.sign_in(clinic.owner.email)
        add_passkey(person)
        person.page.get_by_role("heading", name="Your recovery codes").wait_for()
        person.forget_session()
        person.page.goto(f"{person.url}/sign-in")
        with person.page.expect_request("**/api/v1/passkeys/sign-in") as seen:
            person.page.get_by_role("button", name="Sign in with a passkey").click()
        person.page.wait_for_url(f"**/clinics/{clinic.tenant_id}/today")
        return json.loads(seen.value.post_data or ""), person.context.cookies()

    def send(self, house: House, body: object, asking: str) -> int:
        client = somebody(house.app)
        client.set_cookie(ASKING_COOKIE, asking, domain="localhost", secure=True)
        return client.post("/api/v1/passkeys/sign-in", json=body).status_code

    def test_who_heard_a_sign_in_cannot_send_it_again(
        self, house: House, sent: tuple[dict[str, Any], list[dict[str, Any]]]
    ) -> None:
        body, cookies = sent
        (asking,) = [one["value"] for one in cookies if one["name"] == ASKING_COOKIE]

        assert self.send(house, body, asking) == 401

    def test_a_challenge_serves_only_the_browser_that_asked(
        self, person: Person, house: House, clinic: MadeClinic
    ) -> None:
        person.sign_in(clinic.owner.email)
        add_passkey(person)
        person.page.get_by_role("heading", name="Your recovery codes").wait_for()
        person.forget_session()
        stolen: list[str] = []

        def steal(route: Route) -> None:
            stolen.append(route.request.post_data or "")
            route.abort()

        person.page.route("**/api/v1/passkeys/sign-in", steal)
        person.page.goto(f"{person.url}/sign-in")
        person.page.get_by_role("button", name="Sign in with a passkey").click()
        person.page.get_by_text("no passkey was used").wait_for()
        (asking,) = [
            one["value"] for one in person.context.cookies() if one["name"] == ASKING_COOKIE
        ]

        assert self.send(house, json.loads(stolen[0]), "another browser") == 401
        # The true browser's own answer is still good, once.
        assert self.send(house, json.loads(stolen[0]), asking) == 200
        assert self.send(house, json.loads(stolen[0]), asking) == 401

    def test_a_counter_that_went_back_tells_of_a_copied_key(
        self, person: Person, clinic: MadeClinic, superuser: Engine, sent: object
    ) -> None:
        with superuser.begin() as connection:
            connection.execute(
                text("UPDATE control.passkey SET sign_count = 1000 WHERE person_id = :id"),
                {"id": clinic.owner.person_id},
            )
        person.forget_session()
        person.page.goto(f"{person.url}/sign-in")
        person.page.get_by_role("button", name="Sign in with a passkey").click()

        person.page.get_by_text("That passkey did not work").wait_for()

    @pytest.mark.parametrize(
        "credential",
        [
            {},
            {"response": None},
            {"response": {"clientDataJSON": "!"}},
            {"response": {"clientDataJSON": "eyJjaGFsbGVuZ2UiOjF9"}},
            {"rawId": 7, "response": {"clientDataJSON": "eyJjaGFsbGVuZ2UiOiJhYWFhIn0"}},
            {"id": "\ufdd0", "response": {"clientDataJSON": ["a"]}},
        ],
    )
    def test_nonsense_is_refused_like_everything_else(
        self, house: House, credential: dict[str, Any]
    ) -> None:
        assert self.send(house, {"credential": credential}, "x" * 43) == 401

    def test_half_a_character_is_no_text(self, house: House) -> None:
        assert self.send(house, {"credential": {"id": "\ud800"}}, "x" * 43) == 422
