"""The mechanical form and the facts of one consent, for tests."""

import json
from dataclasses import replace
from datetime import date

from app.consent.forms.content import FormContent, load_form, shipped_form
from app.consent.forms.values import ConsentFacts
from tests.catalogue.plans import ORDINARY, VISIT


def form() -> FormContent:
    """Return the shipped form for mechanical needling."""
    return shipped_form()[1]


def raw_form() -> dict:
    """Return the same form as data that a test may break."""
    return json.loads(shipped_form()[0])


def changed_form(change) -> FormContent:
    """Return the form after ``change`` was let loose on its data."""
    raw = raw_form()
    change(raw)
    return load_form(raw)


def block_of(raw: dict, clause: str) -> dict:
    """Return one block of the data by its clause id."""
    blocks = (block for section in raw["sections"] for block in section["blocks"])
    return next(block for block in blocks if block["id"] == clause)


def make_facts(**changes) -> ConsentFacts:
    """Return the facts of an ordinary consent, with some changed."""
    facts = ConsentFacts(
        plan=ORDINARY,
        visit_date=VISIT,
        patient_name="Siobhán O'Connor-Nguyễn",
        clinic_name="Tern & Thistle Skin Clinics",
        clinic_contact="0131 496 0101",
        location_name="Edinburgh",
        location_address="1 Example Street, Edinburgh",
        practitioner_name="Nurse Tadhg Ó Dálaigh",
        practitioner_qualification="nurse prescriber",
        practitioner_registration="TEST-NMC-00A0002",
        responsible_name="Dr Morven Achterberg",
        sessions=3,
        interval_days=28,
        price_minor=52650,
        currency="GBP",
        deposit_minor=5000,
        deposit_terms="You get it back if you cancel 48 hours before.",
        what_matters="I want to go without make-up.",
        discussed_on=date(2026, 11, 20),
    )
    return replace(facts, **changes)
