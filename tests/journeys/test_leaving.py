"""An owner takes everything along, leaves, and thinks better of it: in a browser, by hand."""

import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import pyotp
from flask import Flask
from playwright.sync_api import Page

from app.auth.factors import enrol_totp
from app.database import unit_of_work
from app.jobs.worker import work
from tests.factories.tenants import PASSWORD, MadeClinic
from tests.journeys.test_staff_day import Visitor
from tests.leaving.story import tell_story

Result = TypeVar("Result")
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def test_an_owner_exports_leaves_and_stays_after_all(
    app: Flask, page: Page, address: str, tmp_path: Path
) -> None:
    clinic = beside(app, lambda: tell_story().clinic)
    with app.app_context():
        visitor = owner_of(clinic, page, address)
        visitor.clinic = f"/clinics/{clinic.tenant_id}"
        visitor.go("/settings")
        visitor.follow("Export and leaving")
        visitor.reads("No export yet")

        visitor.follow("Make an export")
        visitor.press("Make the export")
        visitor.reads("% done")
        beside(app, lambda: work(app, app.config["SETTINGS"].worker_url, until_empty=True))
        visitor.follow("Look again")
        visitor.reads("Ready")
        with page.expect_download() as caught:
            page.get_by_role("link", name="Download").click()
        caught.value.save_as(tmp_path / "all.zip")
        with zipfile.ZipFile(tmp_path / "all.zip") as archive:
            assert archive.testzip() is None

        visitor.follow("Leave with the clinic")
        visitor.fill(name="Another clinic")
        visitor.press("Leave and delete in thirty days")
        visitor.reads("Type the name exactly as it stands above.")
        visitor.fill(name="Tern & Thistle")
        visitor.press("Leave and delete in thirty days")
        visitor.reads("The clinic is about to be deleted")
        visitor.follow("Call it off")
        visitor.press("Call it off")
        visitor.reads("Everybody can work again.")


def beside(app: Flask, act: Callable[[], Result]) -> Result:
    """Do something in a thread of its own: the browser keeps this one's loop busy."""

    def entered() -> Result:
        with app.app_context():
            return act()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(entered).result()


def owner_of(clinic: MadeClinic, page: Page, address: str) -> Visitor:
    """Sign the owner in with a second factor, at the door."""
    with unit_of_work() as unit:
        code = pyotp.TOTP(SECRET).now()
        enrol_totp(unit.session, person_id=clinic.owner.person_id, secret=SECRET, code=code)
    visitor = Visitor(page, address)
    visitor.go("~/sign-in")
    visitor.fill(email=clinic.owner.email, password=PASSWORD)
    with page.expect_navigation():
        page.get_by_role("button", name="Sign in", exact=True).click()
    visitor.fill(code=pyotp.TOTP(SECRET).now())
    visitor.press("Confirm")
    return visitor
