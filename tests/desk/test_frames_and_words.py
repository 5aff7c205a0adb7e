"""What staff see around the work: frames of errors, headings of settings, known words."""

import uuid
from datetime import date

import pytest
from flask import Flask, g

from app.tenants.models import Role
from app.tenants.services.manage_qualification import NewQualification, add_qualification
from tests.factories.tenants import MadeClinic, add_staff, make_clinic
from tests.support.pages import Desk, words

PATIENTS_FOOT = "Call your clinic on the number that you know"


@pytest.fixture
def clinic(context: Flask) -> MadeClinic:
    return make_clinic()


@pytest.fixture
def desk(context: Flask, clinic: MadeClinic) -> Desk:
    return Desk(context, clinic, clinic.owner)


def test_an_error_keeps_the_frame_of_the_staff(
    context: Flask, clinic: MadeClinic, desk: Desk
) -> None:
    frontdesk = Desk(context, clinic, add_staff(clinic, Role.FRONT_DESK, "Ana Roe"))
    location = f"/settings/locations/{clinic.location_id}"
    pages = [
        desk.answer(f"/patients/{uuid.uuid4()}", 404),
        frontdesk.answer("/settings/clinic", 403),
        desk.send(f"{location}/reopen", 412, version="9"),
        desk.send(f"/visits/{uuid.uuid4()}/state", 422, to="nowhere"),
    ]

    for page in pages:
        told = words(page)
        assert "Tern & Thistle" in told
        assert "Sign out" in told
        assert "Patients" in told
        assert PATIENTS_FOOT not in told
    assert "Ana Roe" in words(pages[1])
    # Here requests share a context, which a server gives to each of them anew.
    for name in list(g):
        g.pop(name)
    nowhere = words(desk.answer("/nowhere", 404))
    assert PATIENTS_FOOT not in nowhere
    assert "Ask one of the owners of your clinic." in nowhere
    assert PATIENTS_FOOT in words(context.test_client().get("/nowhere"))


def test_the_settings_stand_under_four_headings(
    context: Flask, clinic: MadeClinic, desk: Desk
) -> None:
    headings = ("The clinic and its locations", "People", "Treatments", "Money")
    page = desk.answer("/settings").text

    assert [page.count(f"<h3>{one}</h3>") for one in headings] == [1, 1, 1, 1]
    assert page.count('<nav class="stack" aria-labelledby="set">') == 1
    auditor = Desk(context, clinic, add_staff(clinic, Role.AUDITOR))
    assert "<h3>Money</h3>" not in auditor.answer("/settings").text


def test_words_that_rules_know_are_offered_and_others_are_named(
    desk: Desk, clinic: MadeClinic
) -> None:
    nurse = add_staff(clinic, Role.PRACTITIONER)
    asked = desk.answer(f"/settings/staff/{nurse.id}/qualifications/new").text
    assert '<option value="physiotherapist">' in asked
    assert '<option value="dental practice">' in desk.answer("/settings/locations/new").text

    for kind in ("Nurse prescriber", "Needle artist"):
        with clinic.scope() as scope:
            add_qualification(
                scope,
                staff_id=nurse.id,
                wanted=NewQualification(kind, "NMC", kind, False, date(2099, 1, 1), ()),
            )
    told = desk.read(f"/settings/staff/{nurse.id}")
    assert "No rule knows “Needle artist”." in told
    assert "No rule knows “Nurse prescriber”." not in told
    assert "No rule knows" not in desk.read(f"/settings/locations/{clinic.location_id}")


def test_a_colour_stands_beside_its_code(desk: Desk) -> None:
    page = desk.answer("/settings/clinic").text

    assert 'fill="#1f5f5b"' in page
    assert "style=" not in page
