"""A clinic sells a package and the patient pays the deposit, in a browser, to the receipt."""

import os
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect

from app.billing.local_stripe import subscribe
from app.billing.setup import EXTENSION, build_setup
from app.config import Settings
from app.jobs.worker import work
from app.messaging.models import Message
from app.messaging.services import read_message
from stripesim.server import Sim
from tests.billing.shop import KEY, connect
from tests.factories.billing import make_package, make_selling_clinic
from tests.factories.plans import make_patient
from tests.factories.tenants import PASSWORD, MadeClinic
from tests.support.stripe_contract import judged_sim

SHOTS = os.environ.get("NEEDLEPOINT_SHOTS", "")


@pytest.fixture
def sim(app: Flask, settings: Settings, address: str) -> Iterator[Sim]:
    """The local Stripe, which delivers its webhooks to the application."""
    with judged_sim() as (sim, _):
        pointed = replace(settings, stripe_api_key=KEY, stripe_api_base=sim.url, public_url=address)
        app.extensions[EXTENSION] = build_setup(subscribe(pointed))
        yield sim
        app.extensions.pop(EXTENSION)


@pytest.fixture
def clinic(app: Flask, sim: Sim) -> MadeClinic:
    """A clinic that may take cards, with one package on offer."""
    with app.app_context():
        clinic = make_selling_clinic()
        connect(clinic, sim)
        make_package(clinic)
    return clinic


@pytest.fixture
def run_jobs(app: Flask, settings: Settings) -> Callable[[], None]:
    """Work the queue until it is empty; beside the browser, which has the main thread's loop."""

    def run() -> None:
        thread = threading.Thread(
            target=work, args=(app, settings.worker_url), kwargs={"until_empty": True}
        )
        thread.start()
        thread.join()

    return run


@pytest.fixture
def desk(page: Page, address: str, clinic: MadeClinic) -> Page:
    """The owner, signed in."""
    sign_in(page, address, clinic)
    return page


def sign_in(page: Page, address: str, clinic: MadeClinic) -> None:
    """Sign the owner in."""
    page.goto(f"{address}/sign-in")
    page.fill("#email", clinic.owner.email)
    page.fill("#password", PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/today**")


def keep(page: Page, name: str) -> None:
    """Keep a picture of the page, where somebody asked for pictures."""
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"billing-{name}.png", full_page=True)


def sell(desk: Page, address: str, clinic: MadeClinic, patient_id: object) -> str:
    """Sell the package on offer to a patient; return the sale's address."""
    desk.goto(f"{address}/clinics/{clinic.tenant_id}/patients/{patient_id}/purchases/new")
    desk.get_by_label(re.compile("Face, three treatments")).check()
    keep(desk, "sell")
    desk.click("button:has-text('Sell this package')")
    expect(desk.get_by_role("heading", level=1)).to_have_text("Face, three treatments")
    return desk.url.split("?")[0]


def test_the_patient_pays_on_the_clinics_device_and_gets_a_receipt(
    app: Flask,
    sim: Sim,
    desk: Page,
    address: str,
    clinic: MadeClinic,
    run_jobs: Callable[[], None],
) -> None:
    with app.app_context():
        patient_id, _ = make_patient(clinic)
    sale = sell(desk, address, clinic, patient_id)
    keep(desk, "purchase-unpaid")
    desk.click("button:has-text('Pay on this device')")
    expect(desk.get_by_role("heading", level=1)).to_contain_text("£50.00 GBP")
    keep(desk, "pay-deposit")

    desk.click("button:has-text('Pay £50.00 GBP deposit')")
    expect(desk.locator("body")).to_contain_text("imulated")
    keep(desk, "hosted-page")
    desk.click("button[value=decline]")
    desk.click("button[value=pay]")

    expect(desk.get_by_role("heading", level=1)).to_contain_text("has arrived")
    keep(desk, "paid")
    assert sim.wait_idle()
    run_jobs()
    desk.reload()
    with desk.expect_download() as download:
        desk.click("text=Download receipt 1")
    assert download.value.path().read_bytes().startswith(b"%PDF")
    keep(desk, "paid-receipt")
    # Handing the device over has signed the member of staff out of it.
    desk.goto(sale)
    expect(desk.get_by_role("heading", level=1)).to_contain_text("Sign in")
    sign_in(desk, address, clinic)
    desk.goto(sale)
    expect(desk.locator("body")).to_contain_text("Receipt 1")
    expect(desk.locator("body")).not_to_contain_text("is not paid")
    keep(desk, "purchase-paid")
    desk.goto(f"{address}/clinics/{clinic.tenant_id}/ledger")
    desk.click("button:has-text('Compare with Stripe now')")
    expect(desk.locator("body")).to_contain_text("The ledger agrees with Stripe")
    keep(desk, "ledger")


def test_the_patient_opens_the_link_on_a_phone_and_leaves_before_paying(
    app: Flask, sim: Sim, desk: Page, context: BrowserContext, address: str, clinic: MadeClinic
) -> None:
    with app.app_context():
        patient_id, _ = make_patient(clinic)
    sell(desk, address, clinic, patient_id)
    desk.click("button:has-text('Send the payment link')")
    expect(desk.get_by_role("status")).to_contain_text("on its way")
    phone = context.browser.new_page(viewport={"width": 390, "height": 844})

    phone.goto(newest_link(app, clinic))
    phone.click("button:has-text('Show my payment')")
    expect(phone.get_by_role("heading", level=1)).to_contain_text("Pay your deposit")
    assert "#" not in phone.url
    keep(phone, "phone-deposit")
    phone.click("button:has-text('Pay £50.00 GBP deposit')")
    phone.click("button[value=decline]")
    phone.click("button[value=leave]")
    expect(phone.get_by_role("heading", level=1)).to_contain_text("Pay your deposit")
    phone.goto(f"{address}/pay/done")

    expect(phone.get_by_role("heading", level=1)).to_have_text("Nothing has been paid yet")
    expect(phone.locator("body")).to_contain_text("The bank said no")
    keep(phone, "phone-not-paid")
    phone.close()


def test_while_stripe_is_silent_nobody_is_told_that_nothing_was_paid(
    app: Flask, sim: Sim, desk: Page, address: str, clinic: MadeClinic
) -> None:
    with app.app_context():
        patient_id, _ = make_patient(clinic)
    sell(desk, address, clinic, patient_id)
    sim.deliver(drop=True)
    desk.click("button:has-text('Pay on this device')")
    desk.click("button:has-text('Pay £50.00 GBP deposit')")
    sim.fault("503_before", method="GET", path="/v1/*", times=2)

    desk.click("button[value=pay]")

    expect(desk.get_by_role("heading", level=1)).to_have_text("Your payment is being checked")
    expect(desk.locator("body")).to_contain_text("Please do not pay again")
    keep(desk, "checking")
    expect(desk.get_by_role("heading", level=1)).to_contain_text("has arrived", timeout=120_000)


def test_a_page_that_did_not_open_can_be_opened_again(
    app: Flask, sim: Sim, desk: Page, address: str, clinic: MadeClinic
) -> None:
    with app.app_context():
        patient_id, _ = make_patient(clinic)
    sell(desk, address, clinic, patient_id)
    sim.fault("drop_after", method="POST", path="/v1/checkout/sessions", times=9)
    desk.click("button:has-text('Pay on this device')")

    desk.click("button:has-text('Pay £50.00 GBP deposit')")

    expect(desk.get_by_role("heading", level=1)).to_have_text("The payment page did not open")
    keep(desk, "not-opened")
    sim.clear_faults()
    desk.click("text=Try again")
    desk.click("button:has-text('Pay £50.00 GBP deposit')")
    desk.click("button[value=pay]")
    expect(desk.get_by_role("heading", level=1)).to_contain_text("has arrived")


def test_an_owner_adds_packages_and_sees_what_is_wrong_with_one(
    sim: Sim, desk: Page, address: str, clinic: MadeClinic
) -> None:
    desk.goto(f"{address}/clinics/{clinic.tenant_id}/packages/new")
    desk.fill("#name", "Neck, six treatments")
    desk.fill("#code", "NECK-6")
    desk.select_option("#procedure_id", "mechanical_microneedling")
    desk.fill("#sessions", "6")
    desk.fill("#price", "499.90")
    desk.get_by_label("A fixed amount").check()
    desk.fill("#deposit_value", "600")
    desk.fill("#terms", "You get it back if you cancel 48 hours before.")
    desk.click("button:has-text('Add the package')")
    expect(desk.get_by_role("alert")).to_contain_text("more than the price")
    keep(desk, "new-package-wrong")

    desk.fill("#deposit_value", "50")
    desk.click("button:has-text('Add the package')")

    expect(desk.locator("body")).to_contain_text("Neck, six treatments")
    expect(desk.locator("body")).to_contain_text("£499.90 GBP")
    keep(desk, "packages")
    desk.goto(f"{address}/clinics/{clinic.tenant_id}/settings/payments")
    expect(desk.locator("body")).to_contain_text("Cards are accepted")
    keep(desk, "account")


def newest_link(app: Flask, clinic: MadeClinic) -> str:
    """Return the link in the newest message that was sent to a patient."""
    with app.app_context(), clinic.scope() as scope:
        newest = max(
            scope.session.query(Message).where(Message.template == "pay_link"),
            key=lambda message: message.created_at,
        )
        found = re.search(r"http://\S+", read_message(scope, newest).body)
    assert found is not None
    return found[0]
