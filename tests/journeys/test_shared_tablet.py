"""A tablet at the desk: the owner shares it, two people switch on it, each under their own name."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pyotp
from playwright.sync_api import Browser, Request
from sqlalchemy import select

from app.audit.models import AuditEvent
from app.auth.models import SharedDevice
from app.kit import clock
from app.tenants.models import Role
from tests.auth import test_passkeys as passkeys
from tests.auth.test_passkeys import House, Person
from tests.factories.tenants import PASSWORD, MadeClinic, Staff, add_staff
from tests.journeys.test_staff_day import Visitor

house, browser, clinic, person = (
    passkeys.house,
    passkeys.browser,
    passkeys.clinic,
    passkeys.person,
)
PIN = "482913"


def test_two_people_switch_on_a_tablet_that_the_owner_shares(
    person: Person, house: House, clinic: MadeClinic, browser: Browser
) -> None:
    with house.app.app_context():
        rhona = add_staff(clinic, Role.PRACTITIONER, name="Rhona Vance")
        ewan = add_staff(clinic, Role.FRONT_DESK, name="Ewan Kerr")
    base = f"/clinics/{clinic.tenant_id}"
    with at_home(browser, house, rhona) as visitor:
        visitor.go("~/account")
        visitor.follow("Set my PIN at")
        set_up_authenticator(visitor)
        visitor.fill(pin=PIN)
        visitor.press("Set my PIN")
    person.sign_in(ewan.email)
    passkeys.add_passkey(person, "The key on my ring")
    person.page.get_by_role("heading", name="Your recovery codes").wait_for()
    # The key stays in the browser's authenticator, as if plugged into the tablet below.
    person.forget_session()

    tablet = Visitor(person.page, house.url)
    person.page.set_viewport_size({"width": 820, "height": 1180})
    person.sign_in(clinic.owner.email)
    tablet.clinic = base
    tablet.go("/settings")
    tablet.follow("Shared devices")
    tablet.fill(name="Front desk, Harbour")
    tablet.press("Share this device")
    # The owner has no second factor yet: after setting one up they are back where they were.
    set_up_authenticator(tablet)
    tablet.reads("Make this device a shared one")
    tablet.fill(name="Front desk, Harbour")
    tablet.press("Share this device")
    tablet.reads("Who works here now?")

    requests = by_pin(tablet, rhona)
    tablet.reads("Rhona Vance")
    add_patient(tablet, "Siobhan of Rhona", 1991)
    tablet.go("/my-pin")
    tablet.reads("Confirm that it is you")
    tablet.go("/today")
    tablet.press("Lock")
    tablet.page.get_by_role("button", name="Use my passkey").click()
    tablet.page.wait_for_url(f"**{base}/today")
    tablet.look()
    tablet.reads("Ewan Kerr")
    add_patient(tablet, "Maeve of Ewan", 1975)

    # One form, and the page that it leads to: two taps beside the PIN itself.
    assert requests == ["POST /shared-desk", f"GET {base}/today"]
    with house.app.app_context():
        assert [one.actor_id for one in additions(clinic)] == [rhona.id, ewan.id]
        with clinic.scope() as scope:
            wanted = select(SharedDevice.id).where(SharedDevice.tenant_id == scope.tenant_id)
            device_id = scope.session.scalars(wanted).one()
        assert all(str(device_id) in one.details for one in additions(clinic))


@contextmanager
def at_home(browser: Browser, house: House, who: Staff) -> Iterator[Visitor]:
    """Somebody at a device of their own, signed in."""
    with browser.new_context(locale="en-GB", reduced_motion="reduce") as context:
        visitor = Visitor(context.new_page(), house.url)
        visitor.go("~/sign-in")
        visitor.fill(email=who.email, password=PASSWORD)
        visitor.press("Sign in", exact=True)
        yield visitor


def set_up_authenticator(visitor: Visitor) -> None:
    """Set an authenticator up where one is asked for, and go on with what it was needed for."""
    visitor.follow("Set up an authenticator app")
    uri = visitor.page.get_by_role("link", name="open it in the app").get_attribute("href")
    visitor.fill(code=pyotp.parse_uri(uri or "").at(clock.now()), password=PASSWORD)
    visitor.press("Turn it on")
    visitor.reads("Your recovery codes")
    visitor.follow("I have kept them")


def by_pin(tablet: Visitor, who: Staff) -> list[str]:
    """Switch by a name and a PIN; return the documents that were asked for on the way."""
    asked: list[str] = []

    def note(request: Request) -> None:
        if request.resource_type == "document":
            asked.append(f"{request.method} {request.url.removeprefix(tablet.address)}")

    tablet.page.get_by_text(who.name).click()
    tablet.page.get_by_label("Your PIN").fill(PIN)
    tablet.page.on("request", note)
    started = time.monotonic()
    tablet.page.get_by_role("button", name="Start").click()
    tablet.page.wait_for_url("**/today")
    tablet.page.wait_for_selector("html[data-ready]")
    assert time.monotonic() - started < 3
    tablet.page.remove_listener("request", note)
    tablet.look()
    return asked


def add_patient(visitor: Visitor, name: str, year: int) -> None:
    """Add a patient."""
    visitor.go("/patients/new")
    visitor.fill(name=name)
    visitor.day("born", 14, 3, year)
    visitor.press("Add the patient")
    visitor.reads(name)


def additions(clinic: MadeClinic) -> list[AuditEvent]:
    """Return the events of patients who were added, the oldest first."""
    with clinic.scope() as scope:
        wanted = select(AuditEvent).where(
            AuditEvent.tenant_id == scope.tenant_id, AuditEvent.action == "patients:patient:add"
        )
        return list(scope.session.scalars(wanted.order_by(AuditEvent.at)).all())
