"""People who are limited to a location find whom they may see, and learn of nobody else."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from app.jobs.worker import work
from app.messaging.models import Message
from app.messaging.services import read_message
from app.patients.queries import search_patients
from app.patients.services.add_patient import NewPatient, add_patient
from app.tenants.models import Role
from tests.factories.tenants import MadeClinic, add_staff, make_clinic
from tests.support.api import Api
from tests.support.pages import Desk
from tests.tenants.test_reach import another_location

BORN = date(1988, 3, 27)


@pytest.fixture
def clinic(context: Flask) -> MadeClinic:
    return make_clinic()


def test_a_search_looks_past_all_who_are_elsewhere(clinic: MadeClinic) -> None:
    far = another_location(clinic)
    with clinic.scope() as scope:
        for number in range(6):
            add_patient(scope, NewPatient(f"Ann Away{number}", BORN, far), is_new=True)
        add_patient(scope, NewPatient("Ann Zed", BORN, clinic.location_id), is_new=True)

    with clinic.scope() as scope:
        scope.session.places = frozenset({clinic.location_id})
        for wanted in ("ann", "27.3.1988", "ann z"):
            found = search_patients(scope, wanted, most=1)
            assert [one.name for one in found] == ["Ann Zed"], wanted


def test_case_02_a_twin_elsewhere_is_told_to_the_owner_and_not_to_the_limited(
    context: Flask, clinic: MadeClinic
) -> None:
    with clinic.scope() as scope:
        there = NewPatient(
            "Siobhán Grünwald", BORN, another_location(clinic), phone="+447700900123"
        )
        add_patient(scope, there)
    desk = Api(context, clinic, add_staff(clinic, Role.FRONT_DESK, at=(clinic.location_id,)))
    body = {"date_of_birth": BORN.isoformat(), "location_id": str(clinic.location_id)}

    alike = desk.post("/patients", {**body, "name": "Siobhan Grunwald"})
    same_phone = desk.post("/patients", {**body, "name": "Zed Quill", "phone": "+447700900123"})
    desk.post("/patients", {**body, "name": "Nobody Alike"})

    # The answers differ in nothing but the person, so that nobody learns of a chart elsewhere.
    assert set(alike) == set(same_phone)
    work(context, context.config["SETTINGS"].worker_url, until_empty=True)
    with clinic.scope() as scope:
        told = scope.session.scalars(select(Message).where(Message.template == "twin_elsewhere"))
        links = " ".join(read_message(scope, one).body for one in told)
    assert f"/patients/{alike['id']}/merge" in links
    assert f"/patients/{same_phone['id']}/merge" in links
    assert links.count("/merge") == 2
    page = Desk(context, clinic, clinic.owner).read(f"/patients/{alike['id']}/merge")
    assert "Siobhán Grünwald" in page
