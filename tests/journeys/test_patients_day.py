"""A front desk finds, adds, corrects and merges patients, in a browser with and without scripts."""

import uuid

from flask import Flask
from playwright.sync_api import Page, expect

from app.patients.services.merge_patients import merge_patients
from tests.factories.plans import make_patient
from tests.factories.tenants import PASSWORD, MadeClinic, make_clinic
from tests.journeys.test_staff_day import Visitor


def sign_in(page: Page, address: str, clinic: MadeClinic) -> Visitor:
    """Sign an owner in and go to their clinic."""
    visitor = Visitor(page, address)
    page.goto(f"{address}/sign-in")
    visitor.fill(email=clinic.owner.email, password=PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_selector("html[data-ready]")
    visitor.clinic = f"/clinics/{clinic.tenant_id}"
    return visitor


def test_patients_are_found_as_one_types(app: Flask, page: Page, address: str) -> None:
    with app.app_context():
        clinic = make_clinic()
        for name in ("Siobhán O'Connor-Nguyễn", "Żaneta Wójcik", "مريم الحسن"):
            make_patient(clinic, name=name)
    visitor = sign_in(page, address, clinic)
    visitor.go("/patients")

    page.get_by_role("searchbox").last.press_sequentially("nguy siob", delay=20)
    expect(page.get_by_role("status")).to_contain_text("1 patient found")
    expect(page.get_by_role("row")).to_have_count(2)
    assert "nguy" not in page.url
    assert "found=" in page.url
    visitor.look()

    visitor.follow("Siobhán O'Connor-Nguyễn")
    page.go_back()
    expect(page.get_by_role("row")).to_have_count(2)
    expect(page.get_by_role("searchbox").last).to_have_value("nguy siob")


def test_a_record_is_added_corrected_and_merged(app: Flask, page: Page, address: str) -> None:
    with app.app_context():
        clinic = make_clinic()
        known, _ = make_patient(clinic, name="Aoife Nguyễn")
    visitor = sign_in(page, address, clinic)

    visitor.go("/patients/new")
    visitor.fill(name="Aoife Nguyen", email="aoife@patients.example")
    visitor.day("born", 17, 5, 1990)
    visitor.press("Add the patient")
    visitor.reads("Is it one of these?")
    visitor.press("It is somebody else: add the patient")
    visitor.reads("The patient was added.")

    visitor.follow("Edit the record")
    visitor.fill(
        name="Aoife Byrne", language="العربية (Arabic)", interpreter="Needs an interpreter"
    )
    visitor.press("Save the record")
    visitor.reads("Aoife Nguyen until")
    visitor.reads("Needs an interpreter for")
    visitor.follow("Change contacts")
    visitor.fill(value="07700 900123")
    visitor.press("Add the contact")
    visitor.reads("+447700900123")
    visitor.follow("Back to Aoife Byrne")
    visitor.follow("Change the age check")
    visitor.follow("Back to Aoife Byrne")
    visitor.follow("Note a death")
    visitor.day("died", 1, 3, 2026)
    visitor.press("Note the death")
    visitor.reads("Died on 1 March 2026.")
    visitor.follow("Merge with another record")
    visitor.reads("the same phone number")
    visitor.follow("Aoife Nguyễn")
    visitor.reads("Are these two the same person?")
    with app.app_context(), clinic.scope() as scope:
        merge = merge_patients(scope, kept_id=known, alias_id=id_in(page))
    visitor.go(f"/patients/{known}")
    visitor.reads("Merged records")
    visitor.go(f"/patients/{known}/merges/{merge.id}")
    visitor.reads("These two records are one patient")


def id_in(page: Page) -> uuid.UUID:
    """Return the id of the patient whose page the address names."""
    return uuid.UUID(page.url.split("/patients/")[1].split("/")[0])
