"""Before a person is added twice, somebody is asked; and only about people of their own clinic."""

from typing import Any

import pytest
from flask import Flask

from tests.factories.plans import make_patient
from tests.factories.tenants import MadeClinic, make_clinic
from tests.support.api import Api
from tests.support.pages import Desk, words


@pytest.fixture
def clinic(context: Flask) -> MadeClinic:
    return make_clinic()


@pytest.fixture
def api(context: Flask, clinic: MadeClinic) -> Api:
    return Api(context, clinic, clinic.owner)


def twin(clinic: MadeClinic, **changed: Any) -> dict[str, Any]:
    return {
        "name": "Aoife Nguyen",
        "date_of_birth": "1990-05-17",
        "location_id": str(clinic.location_id),
        **changed,
    }


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({}, ["birth_and_name"]),
        ({"name": "Nguyễn, Aoife"}, ["birth_and_name"]),
        ({"name": "Aoif Nguyn"}, ["birth_and_name"]),
        ({"name": "Zed Quill", "date_of_birth": "1970-01-01", "phone": "07700900123"}, ["phone"]),
        ({"phone": "+447700900123"}, ["birth_and_name", "phone"]),
    ],
    ids=str,
)
def test_somebody_alike_is_asked_about_first(
    api: Api, clinic: MadeClinic, changed: dict[str, Any], why: list[str]
) -> None:
    known, _ = make_patient(clinic, name="Aoife Nguyễn")

    answer = api.post("/patients", twin(clinic, **changed), expect=409)

    assert answer["code"] == "possible_duplicate"
    assert answer["patients"] == [{"id": str(known), "name": "Aoife Nguyễn", "why": why}]
    assert len(api.get("/patients")["patients"]) == 1


@pytest.mark.parametrize(
    "changed",
    [{"name": "Zed Quill"}, {"date_of_birth": "1990-05-18"}, {"email": "other@home.example"}],
    ids=str,
)
def test_somebody_else_is_added_without_a_question(
    api: Api, clinic: MadeClinic, changed: dict[str, Any]
) -> None:
    make_patient(clinic, name="Siobhán Grünwald")

    api.post("/patients", twin(clinic, **changed))


def test_after_a_look_the_patient_is_added_all_the_same(api: Api, clinic: MadeClinic) -> None:
    known, email = make_patient(clinic, name="Aoife Nguyễn")
    looked = twin(clinic, looked_at=[str(known)])

    api.post("/patients", looked)

    # Whoever is alike and was not shown yet is asked about, so that a second twin is noticed.
    answer = api.post("/patients", {**looked, "email": email}, expect=409)
    assert len(answer["patients"]) == 2


def test_case_11_another_clinics_patient_raises_no_question(
    api: Api, context: Flask, clinic: MadeClinic
) -> None:
    other = make_clinic(name="Juniper Quay")
    _, email = make_patient(other, name="Aoife Nguyễn")

    api.post("/patients", twin(clinic, email=email, phone="+44 7700 900123"))


def test_the_page_asks_and_goes_on(context: Flask, clinic: MadeClinic) -> None:
    make_patient(clinic, name="Aoife Nguyễn")
    desk = Desk(context, clinic, clinic.owner)
    form = {
        **{"name": "Aoife Nguyen", "born_day": "17", "born_month": "5", "born_year": "1990"},
        **{"language": "en", "interpreter": "none", "location_id": str(clinic.location_id)},
    }

    asked = desk.send("/patients/new", expect=409, **form)
    shown = asked.text.split('name="looked_at" value="')[1].split('"')[0]

    assert "Is it one of these?" in words(asked)
    assert "born on the same day, with a similar name" in words(asked)
    assert 'value="Aoife Nguyen"' in asked.text
    desk.send("/patients/new", **form, looked_at=shown)
