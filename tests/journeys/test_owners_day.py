"""An owner sets the clinic, its places and people, brings patients in, and answers one of them."""

import io
import uuid
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask
from PIL import Image
from playwright.sync_api import Page, expect

from app.jobs.worker import work
from app.kit.clock import today_in
from app.policies.queries import get_policy
from app.tenants.models import Role
from app.tenants.place_queries import get_settings, list_evidence
from app.tenants.queries import (
    get_location,
    list_locations,
    list_qualifications_with_scopes,
)
from tests.factories.tenants import MadeClinic, Staff, add_staff, make_clinic
from tests.journeys.test_leaving import beside, owner_of
from tests.journeys.test_staff_day import Visitor

SHOTS = Path("test-output/clinic")
PATIENTS = """Name;Geburtsdatum;E-Mail;Telefon
Żaneta Wójcik;27.03.1988;zaneta@patients.example;0131 496 0201
;01.01.1990;nobody@patients.example;
Tomás Ó Briain;31.02.1990;;
"""


@pytest.fixture
def clinic(app: Flask) -> MadeClinic:
    with app.app_context():
        return make_clinic()


@pytest.fixture
def nurse(app: Flask, clinic: MadeClinic) -> Staff:
    with app.app_context():
        return add_staff(clinic, Role.PRACTITIONER, name="Nurse Tadhg Ó Dálaigh")


@pytest.fixture
def run_jobs(app: Flask) -> Callable[[], None]:
    """Work the queue until it is empty, beside the browser."""
    url = app.config["SETTINGS"].worker_url

    def run() -> None:
        for _ in range(2):  # A worker that is to stop does not wait for jobs that wait for others.
            work(app, url, until_empty=True)

    return lambda: beside(app, run)


def logo() -> dict[str, object]:
    written = io.BytesIO()
    Image.new("RGB", (300, 100), "#7a2b56").save(written, "PNG")
    return {"name": "logo.png", "mimeType": "image/png", "buffer": written.getvalue()}


def press(visitor: Visitor, name: str) -> None:
    """Press a button, and look no further than the journey needs."""
    with visitor.page.expect_navigation():
        visitor.page.get_by_role("button", name=name).first.click()


def shoot(page: Page, name: str) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png", full_page=True)


def set_brand(visitor: Visitor) -> None:
    """Try a colour that is too pale, look at a better one, and save it with a logo."""
    visitor.go("/settings")
    visitor.page.get_by_role("link", name="The clinic", exact=True).click()
    visitor.fill(brand_colour="#ffe08a", quiet_from="21:00", quiet_until="8:00")
    visitor.page.locator('[name="logo"]').set_input_files(logo())
    press(visitor, "Save the settings")
    visitor.reads("White text on #ffe08a has a contrast of")
    visitor.reads("Choose the logo once more.")
    visitor.fill(brand_colour="#7a2b56")
    visitor.page.locator('[name="logo"]').set_input_files(logo())
    visitor.press("Show me first")
    visitor.reads("Nothing is saved yet.")
    press(visitor, "Save the settings")
    visitor.reads("#7a2b56, with a logo")
    image = visitor.page.locator(".shell__who .masthead__logo").bounding_box()
    assert image is not None
    assert round(image["width"] / image["height"], 1) == 3.0
    shoot(visitor.page, "1-brand")


def add_place(visitor: Visitor) -> None:
    """Add a location in another country, then its hours."""
    visitor.go("/settings/locations/new")
    visitor.fill(
        name="Alter Markt",
        address="Am Markt 1, Köln",
        jurisdiction="Germany",
        zone="Berlin",
        premises_kind="medical practice",
        emergency_contact="0221 12 34",
    )
    press(visitor, "Add the location")
    visitor.reads("Choose its currency.")
    visitor.fill(currency="EUR")
    press(visitor, "Add the location")
    visitor.reads("Its opening hours are next.")
    visitor.fill(open_mon="9-12:30, 13:30-18", open_sun="closed")
    press(visitor, "Save the location")
    visitor.reads("The location was changed.")
    shoot(visitor.page, "2-location")


def set_policy(visitor: Visitor, clinic: MadeClinic) -> None:
    """Set an age of the clinic's own from a day to come."""
    visitor.go(f"/settings/locations/{clinic.location_id}/policies/min_age")
    visitor.day("from", 1, 1, 2090)
    visitor.fill(value="21", reason="We treat grown-ups.")
    press(visitor, "Record the decision")
    visitor.reads("This source gave the value before yours.")
    visitor.fill(basis="clinic", source="")
    press(visitor, "Record the decision")
    visitor.reads("1 January 2090")
    shoot(visitor.page, "3-policy")


def qualify(visitor: Visitor, nurse: Staff, ends: date) -> None:
    """Enter a nurse's registration with a picture of it, and find it among what ends soon."""
    visitor.go("/settings/staff")
    visitor.reads("No qualification entered")
    visitor.go(f"/settings/staff/{nurse.id}/qualifications/new")
    visitor.fill(
        kind="nurse",
        body="Nursing and Midwifery Council",
        registration_number="TEST-NMC-00A0002",
        location_id="Harbour",
        max_depth="1,5",
        basis="Registered nurse",
    )
    visitor.day("expires", ends.day, ends.month, ends.year)
    press(visitor, "Add the qualification")
    visitor.reads("Checked by Morven Achterberg")
    visitor.page.get_by_role("link", name="Add a file").click()
    visitor.page.locator('[name="evidence"]').set_input_files(logo())
    press(visitor, "Add the file")
    visitor.reads("Picture as evidence")
    visitor.go("/settings/expiring")
    visitor.reads("Registration with Nursing and Midwifery Council")
    shoot(visitor.page, "4-ends-soon")


def bring_patients(visitor: Visitor, run_jobs: Callable[[], None]) -> uuid.UUID:
    """Bring one of three rows in, and open that patient."""
    visitor.go("/patients/imports")
    file = {"name": "list.csv", "mimeType": "text/csv", "buffer": PATIENTS.encode()}
    visitor.page.locator('[name="file"]').set_input_files(file)
    press(visitor, "Read the file")
    visitor.fill(order="dmy")
    press(visitor, "Try it out")
    visitor.reads("Choose the location.")
    visitor.fill(location_id="Harbour")
    visitor.press("Try it out")
    visitor.reads("0 of 3 rows looked at.")
    run_jobs()
    # The page looks again by itself.
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("1 of 3 rows can be imported")
    visitor.reads("There is no name.")
    visitor.reads("This is not a day in the order that you chose.")
    shoot(visitor.page, "5-import")
    press(visitor, "Import 1 patient")
    run_jobs()
    visitor.page.reload()
    visitor.reads("1 patient was imported")
    visitor.go("/patients")
    visitor.page.get_by_role("link", name="Żaneta Wójcik").click()
    visitor.reads("+441314960201")
    return uuid.UUID(visitor.page.url.rpartition("/")[2])


def answer_rights(visitor: Visitor, run_jobs: Callable[[], None]) -> bytes:
    """Take down what the patient asks, hand a copy over and note it; return the copy."""
    page = visitor.page
    page.get_by_role("link", name="Rights and data").click()
    page.get_by_text("Write down what they ask").click()
    press(visitor, "Write it down")
    visitor.reads("What do they ask for?")
    visitor.fill(kind="access", channel="in_person", identified_by="id_document")
    press(visitor, "Write it down")
    visitor.reads("Answer by")
    press(visitor, "Put a copy together")
    run_jobs()
    page.reload()
    visitor.reads("Ready")
    with page.expect_download() as caught:
        page.get_by_role("link", name="Fetch the file").click()
    press(visitor, "Note as answered")
    visitor.reads("Noted as answered.")
    page.get_by_text("Set a limit").click()
    visitor.fill(limit="Legal hold: a complaint")
    visitor.press("Set the limit")
    visitor.reads("The limit is in force.")
    shoot(page, "6-rights")
    return Path(caught.value.path()).read_bytes()


def test_an_owner_sets_the_clinic_and_answers_a_patient(
    app: Flask,
    page: Page,
    address: str,
    clinic: MadeClinic,
    nurse: Staff,
    run_jobs: Callable[[], None],
) -> None:
    with app.app_context():
        visitor = owner_of(clinic, page, address)
        visitor.clinic = f"/clinics/{clinic.tenant_id}"
        ends = today_in("Europe/London") + timedelta(days=40)

        set_brand(visitor)
        add_place(visitor)
        set_policy(visitor, clinic)
        qualify(visitor, nurse, ends)
        patient_id = bring_patients(visitor, run_jobs)
        copy = answer_rights(visitor, run_jobs)

        with clinic.scope() as scope:
            held = get_settings(scope)
            assert (held.brand_colour, held.quiet_from) == ("#7a2b56", "21:00")
            cologne = next(one for one in list_locations(scope) if one.zone == "Europe/Berlin")
            assert cologne.currency == "EUR"
            assert cologne.opening_hours["week"]["mon"] == [["09:00", "12:30"], ["13:30", "18:00"]]
            harbour = get_location(scope, clinic.location_id)
            assert get_policy(scope, harbour, "min_age").value == 18
            assert get_policy(scope, harbour, "min_age", on=date(2090, 1, 1)).value == 21
            [registered] = list_qualifications_with_scopes(scope, nurse.id)
            assert registered.row.verified_by == clinic.owner.id
            assert registered.parts[0][0].max_depth_um == 1500
            assert len(list_evidence(scope, [registered.row.id])) == 1
        with zipfile.ZipFile(io.BytesIO(copy)) as archive:
            told = b"".join(archive.read(name) for name in archive.namelist()).decode(
                "utf-8", "ignore"
            )
        assert "Żaneta Wójcik" in told
        assert str(patient_id) in told
