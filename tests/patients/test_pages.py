"""Finding, adding and opening patients on pages."""

import re

import pytest
from flask import Flask
from sqlalchemy import text
from werkzeug.test import TestResponse

from app.database import db
from app.tenants.models import Role
from tests.factories.plans import make_discussed_plan, make_patient, make_visit
from tests.factories.tenants import add_staff, make_clinic
from tests.support.pages import Desk, words
from tests.support.query_recorder import recorded

PATIENT = {"born_day": "14", "born_month": "3", "born_year": "1991", "language": "en"}


@pytest.fixture
def desk(context: Flask) -> Desk:
    clinic = make_clinic()
    return Desk(context, clinic, clinic.owner)


def find(desk: Desk, wanted: str) -> TestResponse:
    """Search as a browser without scripts does; return the page that it ends on."""
    place = desk.send("/patients/search", q=wanted).headers["Location"]
    assert wanted not in place
    return desk.answer(place.removeprefix(desk.base))


def found_in(answer: TestResponse) -> str:
    """Return the sealed search that a page's links carry."""
    match = re.search(r'\?(found=[^"&]+)"', answer.text)
    assert match is not None
    return match.group(1)


def test_an_empty_list_teaches_and_a_vain_search_offers_to_add(desk: Desk) -> None:
    assert "No patients yet" in desk.read("/patients")
    vain = find(desk, "Siobhán")
    assert "Add “Siobhán” as a new patient" in words(vain)
    assert 'value="Siobhán"' in desk.answer(f"/patients/new?{found_in(vain)}").text


def test_a_patient_is_added_and_found_by_name_and_whole_email(desk: Desk) -> None:
    desk.send(
        "/patients/new",
        **PATIENT,
        name="Siobhán O'Connor-Nguyễn",
        email="Siobhan@Patients.example",
        location_id=str(desk.api.clinic.location_id),
    )

    for wanted in ("siobhán o'c", "nguyen siob", "siobhan@patients.example", "14/3/1991"):
        assert "Siobhán O'Connor-Nguyễn" in words(find(desk, wanted))


@pytest.mark.parametrize(
    ("day", "month", "told"),
    [
        ("31", "2", "There is no day 31 in February 1991."),
        ("32", "1", "Enter the date of birth, for example 27 3 1988."),
        ("1", "", "Enter the date of birth, for example 27 3 1988."),
    ],
)
def test_a_day_that_does_not_exist_is_said_to_be_one(
    desk: Desk, day: str, month: str, told: str
) -> None:
    answer = desk.send(
        "/patients/new",
        expect=422,
        **{**PATIENT, "born_day": day, "born_month": month},
        name="Aoife Nguyen",
        location_id=str(desk.api.clinic.location_id),
    )

    assert told in words(answer)


def test_namesakes_are_told_apart_by_their_dates_of_birth_and_nobody_elses_is_shown(
    desk: Desk,
) -> None:
    for name, born in (("Ana Silva", 3), ("ANA SÎLVA", 4), ("Ana Silvana", 5)):
        parts = {
            **PATIENT,
            "born_month": str(born),
            "location_id": str(desk.api.clinic.location_id),
        }
        desk.send("/patients/new", **parts, name=name)

    for page in (desk.read("/patients"), words(find(desk, "ana sil"))):
        assert "Ana Silva born 14 March 1991" in page
        assert "ANA SÎLVA born 14 April 1991" in page
        assert "14 May" not in page


def test_while_one_types_the_list_alone_is_sent(desk: Desk) -> None:
    make_patient(desk.api.clinic, name="Siobhán")

    answer = desk.send("/patients/search", expect=200, q="siob", live="yes")

    assert "Siobhán" in words(answer)
    assert "<html" not in answer.text
    assert f'data-address="{desk.base}/patients?found=' in answer.text


def test_a_sealed_search_opens_for_the_one_who_searched_only(desk: Desk, context: Flask) -> None:
    make_patient(desk.api.clinic, name="Siobhán")
    make_patient(desk.api.clinic, name="Tadhg")
    place = desk.send("/patients/search", q="siob").headers["Location"].removeprefix(desk.base)
    colleague = Desk(context, desk.api.clinic, add_staff(desk.api.clinic, Role.MANAGER))

    assert "Tadhg" not in desk.read(place)
    assert "Tadhg" in colleague.read(place)
    assert "Tadhg" in desk.read("/patients?found=bm90IHNlYWxlZA==")


def test_what_was_typed_stays_when_something_is_wrong(desk: Desk) -> None:
    form = PATIENT | {"name": "Null", "phone": "call me", "born_month": "13"}

    answer = desk.send(
        "/patients/new", expect=422, **form, location_id=str(desk.api.clinic.location_id)
    )

    assert "Enter the date of birth, for example 27 3 1988." in words(answer)
    assert 'value="Null"' in answer.text
    assert 'value="13"' in answer.text
    assert "No patients yet" in desk.read("/patients")


def test_what_the_service_refuses_stands_beside_its_field(desk: Desk) -> None:
    form = PATIENT | {"name": "Null", "phone": "call me"}

    answer = desk.send(
        "/patients/new", expect=422, **form, location_id=str(desk.api.clinic.location_id)
    )

    assert "Check the phone number." in words(answer)
    assert "begin with + and the country's code" in words(answer)
    assert 'href="#phone"' in answer.text


def test_another_clinics_location_is_no_choice(desk: Desk) -> None:
    other = make_clinic(name="Juniper Quay")

    answer = desk.send(
        "/patients/new", expect=422, **PATIENT, name="Null", location_id=str(other.location_id)
    )

    assert "Choose the location." in words(answer)


def test_a_long_list_is_read_page_by_page(desk: Desk) -> None:
    for number in range(51):
        make_patient(desk.api.clinic, name=f"Patient {number:02}")

    first = desk.answer("/patients").text
    following = first.split("/patients?after=")[1].split('"')[0]
    second = desk.read(f"/patients?after={following}")

    assert "Patient 49" in first
    assert "Patient 50" not in first
    assert "Patient 50" in second


def test_contact_details_are_for_those_who_look_after_patients(context: Flask) -> None:
    made = make_discussed_plan()
    page = f"/patients/{made.patient_id}"
    clinic = made.clinic
    front = Desk(context, clinic, add_staff(clinic, Role.FRONT_DESK)).read(page)
    billing = Desk(context, clinic, add_staff(clinic, Role.BILLING)).read(page)
    practitioner = Desk(context, clinic, made.practitioner).read(page)

    assert made.patient_email in front
    assert "Sits up slowly." not in front
    assert made.patient_email not in billing
    assert "Cheeks" not in billing
    assert "Sits up slowly." in practitioner


def test_that_somebody_looked_is_recorded(context: Flask) -> None:
    made = make_discussed_plan()
    desk = Desk(context, made.clinic, made.practitioner)

    desk.read(f"/patients/{made.patient_id}")

    with made.clinic.scope() as scope:
        found = scope.session.execute(
            text(
                "SELECT actor_id FROM audit_event WHERE tenant_id = :t AND subject_id = :p"
                " AND action = 'patients:patient:read'"
            ),
            {"t": made.clinic.tenant_id, "p": made.patient_id},
        ).scalars()
        assert list(found) == [made.practitioner.id]


def test_the_first_lines_say_why_we_may_not_treat(context: Flask) -> None:
    made = make_discussed_plan()
    page = Desk(context, made.clinic, made.practitioner).read(f"/patients/{made.patient_id}")

    assert "Not yet. No consent has been asked for yet." in page
    assert page.index("Not yet.") < page.index("Plans")


def test_more_plans_and_visits_ask_no_more_questions(context: Flask) -> None:
    made = make_discussed_plan()
    desk = Desk(context, made.clinic, made.practitioner)
    page = f"/patients/{made.patient_id}"
    make_visit(made)
    desk.read(page)  # The first page of a process fetches keys.
    with recorded(db.engine) as few:
        desk.read(page)
    for _ in range(3):
        make_visit(made)
    with recorded(db.engine) as many:
        desk.read(page)

    assert len(many) == len(few)
