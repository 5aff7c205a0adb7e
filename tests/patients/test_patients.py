"""Patients: found by whoever may, in their own clinic only, and unreadable in the table itself."""

import uuid
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.database.install import DatabaseUrls
from app.tenants.models import Role
from tests.factories.plans import make_patient
from tests.factories.tenants import MadeClinic, add_staff, make_clinic, unique_email
from tests.support.api import Api
from tests.support.engines import superuser_engine

FOREIGN_ID = "0198f0e2-7c3a-7000-8000-000000000001"


@pytest.fixture
def clinic(context: Flask) -> MadeClinic:
    return make_clinic()


@pytest.fixture
def api(context: Flask, clinic: MadeClinic) -> Api:
    return Api(context, clinic, clinic.owner)


def patient(clinic: MadeClinic, **changed: Any) -> dict[str, Any]:
    return {
        "name": "Aoife Nguyễn",
        "date_of_birth": "1990-05-17",
        "location_id": str(clinic.location_id),
        "email": unique_email("patient"),
        **changed,
    }


def listed(api: Api) -> list[str]:
    return [one["name"] for one in api.get("/patients")["patients"]]


class TestAdding:
    def test_contact_and_health_cannot_be_read_in_the_table(
        self, clinic: MadeClinic, admin_url: str, urls: DatabaseUrls
    ) -> None:
        patient_id, email = make_patient(clinic)
        asked = (
            "patient WHERE id",
            "patient_contact WHERE patient_id",
            "patient_token WHERE patient_id",
        )
        with superuser_engine(admin_url, urls.app).connect() as connection:
            rows = [
                row
                for one in asked
                for row in connection.execute(
                    text(f"SELECT * FROM {one} = :id"), {"id": patient_id}
                )
            ]
        values = [value for row in rows for value in row]
        stored = b" ".join(v if isinstance(v, bytes) else str(v).encode() for v in values)

        assert len(rows) > 8
        assert b"aoife" in stored

        for word in (email, "7700", "Sits up slowly", "1990-05-17"):
            assert word.encode() not in stored

    @pytest.mark.parametrize(
        "name", ["X Æ", "Null", "O", "D’Arcy-O'Neil", "李小龍", "مريم", "Nguyễn", "𐐀𐐁", "1 Test"]
    )
    def test_real_names_are_taken_as_they_are(
        self, api: Api, clinic: MadeClinic, name: str
    ) -> None:
        assert api.post("/patients", patient(clinic, name=name))["name"] == name

    @pytest.mark.parametrize(
        "name",
        [
            "",
            "   ",
            "Dr\u202eA",
            "A\u200bB",
            "A\0B",
            "A\nB",
            "x" * 201,
            "\ufdd0",
            "a" + "\u0301" * 9,
        ],
    )
    def test_what_is_no_name_is_refused_with_a_reason(
        self, api: Api, clinic: MadeClinic, name: str
    ) -> None:
        answer = api.post("/patients", patient(clinic, name=name), expect=422)

        assert "name" in answer["fields"]

    @pytest.mark.parametrize(
        "changed",
        [
            {"id": FOREIGN_ID},
            {"tenant_id": FOREIGN_ID},
            {"version": 1},
            {"created_by": FOREIGN_ID},
            {"email_index": "x"},
            {"date_of_birth": "2990-01-01"},
            {"date_of_birth": "1790-01-01"},
            {"date_of_birth": "17.05.1990"},
            {"location_id": "x"},
            {"email": "nobody"},
            {"phone": "call me"},
            {"name": 5},
            {"name": None},
            {"name": ["x"]},
        ],
        ids=lambda changed: str(changed)[:40],
    )
    def test_what_does_not_belong_there_is_named(
        self, api: Api, clinic: MadeClinic, changed: dict[str, Any]
    ) -> None:
        answer = api.post("/patients", patient(clinic, **changed), expect=422)

        assert set(changed) & set(answer["fields"])

    def test_another_clinics_location_is_unknown(self, api: Api, clinic: MadeClinic) -> None:
        foreign = make_clinic(name="Juniper Quay").location_id

        api.post("/patients", patient(clinic, location_id=str(foreign)), expect=404)

    def test_the_same_address_may_be_a_patient_of_two_clinics(
        self, api: Api, clinic: MadeClinic, context: Flask
    ) -> None:
        other = make_clinic(name="Juniper Quay")
        email = unique_email("patient")
        api.post("/patients", patient(clinic, email=email))

        Api(context, other, other.owner).post("/patients", patient(other, email=email))

    def test_a_role_without_the_permission_is_refused(
        self, clinic: MadeClinic, context: Flask
    ) -> None:
        auditor = Api(context, clinic, add_staff(clinic, Role.AUDITOR))

        auditor.post("/patients", patient(clinic), expect=403)
        auditor.get("/patients", expect=403)


class TestFinding:
    def test_a_list_is_sorted_and_goes_on_where_it_ended(
        self, api: Api, clinic: MadeClinic
    ) -> None:
        for number in range(53):
            make_patient(clinic, name=f"Patient {number:02}")
        first = api.get("/patients")
        second = api.get(f"/patients?after={first['next']}")

        found = [one["name"] for one in first["patients"] + second["patients"]]
        assert found == [f"Patient {number:02}" for number in range(53)]
        assert second["next"] is None

    def test_names_are_sorted_without_regard_to_case_and_accents(
        self, api: Api, clinic: MadeClinic
    ) -> None:
        for name in ("zoë", "Émile", "Zacharias", "Emil", "Łukasz", "Lukas", "Nguyễn", "Null"):
            make_patient(clinic, name=name)

        assert listed(api) == [
            *("Emil", "Émile", "Lukas", "Łukasz", "Nguyễn", "Null", "Zacharias", "zoë"),
        ]

    @pytest.mark.parametrize("after", ["not a cursor", "eyJhIjoxfQ=="])
    def test_a_cursor_that_is_none_is_refused(self, api: Api, after: str) -> None:
        api.get(f"/patients?after={after}", expect=422)

    def test_nobody_comes_after_a_stranger(self, api: Api, clinic: MadeClinic) -> None:
        make_patient(clinic)

        assert api.get(f"/patients?after={FOREIGN_ID}") == {"patients": [], "next": None}

    def test_the_cursor_tells_no_name(self, api: Api, clinic: MadeClinic) -> None:
        for number in range(50):
            make_patient(clinic, name=f"Patient {number:02}")

        assert uuid.UUID(api.get("/patients")["next"])
