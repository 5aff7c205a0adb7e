"""A patient's record is put right: by one person at a time, and what was signed stays as it was."""

import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.jobs.worker import work
from app.kit.clock import now
from app.messaging.services import queue_message
from app.patients.queries import get_patient
from app.patients.reading import contact
from app.tenants.models import Role
from tests.factories.consent import make_active_consent
from tests.factories.plans import make_discussed_plan, make_patient
from tests.factories.tenants import MadeClinic, add_staff, make_clinic
from tests.support.api import Api
from tests.support.pages import Desk


@pytest.fixture
def clinic(context: Flask) -> MadeClinic:
    return make_clinic()


@pytest.fixture
def api(context: Flask, clinic: MadeClinic) -> Api:
    return Api(context, clinic, clinic.owner)


@pytest.fixture
def patient_id(clinic: MadeClinic) -> uuid.UUID:
    return make_patient(clinic, name="Aoife Nguyễn")[0]


def change(
    api: Api, path: str, body: Any, *, version: int = 1, expect: int = 200, method: str = "post"
) -> Any:
    """Send a change with the version that was read."""
    headers = {
        "X-CSRF-Token": api.csrf,
        "Idempotency-Key": uuid.uuid4().hex,
        "If-Match": f'"{version}"',
    }
    answer = api.client.open(api.url(path), method=method, json=body, headers=headers)
    assert answer.status_code == expect, answer.text
    return answer.get_json()


def record(clinic: MadeClinic, **changed: Any) -> dict[str, Any]:
    return {
        "name": "Aoife Nguyễn",
        "date_of_birth": "1990-05-17",
        "location_id": str(clinic.location_id),
        "language": "en",
        **changed,
    }


def found(api: Api, wanted: str) -> list[str]:
    return [
        one["name"] for one in api.post("/patients/search", {"q": wanted}, expect=200)["patients"]
    ]


class TestEditing:
    def test_a_new_name_is_found_by_both_and_the_old_one_is_kept(
        self, api: Api, clinic: MadeClinic, patient_id: uuid.UUID
    ) -> None:
        edited = record(clinic, name="Aoife Byrne", language="ga", interpreter="sign")

        answer = change(api, f"/patients/{patient_id}", edited, method="put")

        assert (answer["name"], answer["version"]) == ("Aoife Byrne", 2)
        assert found(api, "byrne") == found(api, "nguyen") == ["Aoife Byrne"]
        assert [one["name"] for one in api.get("/patients")["patients"]] == ["Aoife Byrne"]

    def test_a_former_name_cannot_be_read_in_the_table(
        self, api: Api, clinic: MadeClinic, patient_id: uuid.UUID
    ) -> None:
        change(api, f"/patients/{patient_id}", record(clinic, name="Aoife Byrne"), method="put")
        with clinic.scope() as scope:
            asked = text("SELECT name_cipher FROM patient_former_name WHERE tenant_id = :t")
            stored = scope.session.scalars(asked, {"t": clinic.tenant_id}).all()

        assert len(stored) == 1
        assert "Nguyễn".encode() not in stored[0]

    def test_what_was_signed_keeps_the_name_it_was_signed_under(self, context: Flask) -> None:
        made = make_discussed_plan()
        make_active_consent(made)
        api = Api(context, made.clinic, made.clinic.owner)
        before = sealed_hashes(made.clinic)
        version = api.get(f"/patients/{made.patient_id}")["version"]

        renamed = record(made.clinic, name="Somebody Else Now")
        change(api, f"/patients/{made.patient_id}", renamed, version=version, method="put")

        assert len(before) >= 2
        assert sealed_hashes(made.clinic) == before

    def test_two_who_edit_at_once_do_not_overwrite_each_other(
        self, api: Api, clinic: MadeClinic, patient_id: uuid.UUID
    ) -> None:
        path = f"/patients/{patient_id}"
        change(api, path, record(clinic, name="First"), method="put")
        change(api, path, record(clinic, name="Second"), method="put", expect=412)

        assert api.get(path)["name"] == "First"

    def test_the_age_check_says_by_which_document_by_whom_and_when(
        self, context: Flask, api: Api, clinic: MadeClinic, patient_id: uuid.UUID
    ) -> None:
        path = f"/patients/{patient_id}"
        assert api.get(path)["age_evidence_kind"] is None
        desk = add_staff(clinic, Role.FRONT_DESK, name="Ngozi Eze")

        change(Api(context, clinic, desk), f"{path}/age-evidence", {"kind": "passport"})
        change(api, f"{path}/age-evidence", {"kind": "a friend's word"}, version=2, expect=422)

        read = api.get(path)
        assert (read["age_evidence_kind"], read["age_checked_by"]) == ("passport", str(desk.id))
        assert abs(datetime.fromisoformat(read["age_checked_at"]) - now()) < timedelta(minutes=1)
        page = Desk(context, clinic, clinic.owner).read(path)
        assert "Passport, checked by Ngozi Eze, " in page

    def test_a_changed_birth_date_asks_for_a_new_age_check_and_is_found(
        self, api: Api, clinic: MadeClinic, patient_id: uuid.UUID
    ) -> None:
        change(api, f"/patients/{patient_id}/age-evidence", {"kind": "passport"})
        edited = record(clinic, date_of_birth="1991-05-17")

        answer = change(api, f"/patients/{patient_id}", edited, version=2, method="put")

        assert answer["age_evidence_kind"] is None
        assert found(api, "17.5.1991") == ["Aoife Nguyễn"]
        assert found(api, "17.5.1990") == []

    def test_the_front_desk_cannot_replace_a_note_that_it_cannot_read(
        self, context: Flask, clinic: MadeClinic, patient_id: uuid.UUID
    ) -> None:
        desk = Api(context, clinic, add_staff(clinic, Role.FRONT_DESK))
        path = f"/patients/{patient_id}"

        change(desk, path, record(clinic, health_note=""), method="put", expect=403)
        change(desk, path, record(clinic), method="put")

    def test_case_20_a_name_that_looks_like_another_is_stored_with_a_warning(
        self, api: Api, clinic: MadeClinic
    ) -> None:
        answer = api.post("/patients", record(clinic, name="Dr Аnna"))

        assert answer["name"] == "Dr Аnna"
        assert "CYRILLIC CAPITAL LETTER A" in answer["warning"]

    @pytest.mark.parametrize(
        "changed",
        [{"version": 9}, {"merged_into": None}, {"deceased_on": "2020-01-01"}, {"language": "e\n"}],
        ids=str,
    )
    def test_case_05_what_has_its_own_command_is_refused_here(
        self, api: Api, clinic: MadeClinic, patient_id: uuid.UUID, changed: dict[str, Any]
    ) -> None:
        edited = record(clinic, **changed)
        answer = change(api, f"/patients/{patient_id}", edited, method="put", expect=422)

        assert set(changed) <= set(answer["fields"])


def sealed_hashes(clinic: MadeClinic) -> set[bytes]:
    """Return the hash of every sealed document of a clinic."""
    with clinic.scope() as scope:
        asked = text("SELECT sha256 FROM document WHERE tenant_id = :t")
        return set(scope.session.scalars(asked, {"t": clinic.tenant_id}))


class TestContacts:
    def test_a_number_is_read_as_the_location_dials_it(self, context: Flask) -> None:
        berlin = make_clinic(zone="Europe/Berlin", currency="EUR", jurisdiction="DE", market="EU")
        api = Api(context, berlin, berlin.owner)
        patient_id, _ = make_patient(berlin)

        change(
            api,
            f"/patients/{patient_id}/contacts",
            {"kind": "phone", "value": "030 / 123 456"},
            expect=201,
        )

        added = api.get(f"/patients/{patient_id}/contacts")["contacts"][-1]
        assert (added["value"], added["typed"]) == ("+4930123456", "030 / 123 456")
        assert found(api, "3456") == ["Aoife Nguyễn"]

    def test_messages_go_where_the_patient_prefers(
        self, api: Api, clinic: MadeClinic, patient_id: uuid.UUID
    ) -> None:
        path = f"/patients/{patient_id}/contacts"
        change(api, path, {"kind": "email", "value": "New@Home.example"}, expect=201)
        listed = {one["value"]: one for one in api.get(path)["contacts"]}
        new = listed["new@home.example"]

        change(api, f"{path}/{new['id']}/prefer", {}, version=2)
        change(api, f"{path}/{new['id']}/verify", {}, version=3)

        with clinic.scope() as scope:
            patient = get_patient(scope, patient_id)
            assert contact(scope, patient, "email") == "new@home.example"
        after = {one["value"]: one for one in api.get(path)["contacts"]}
        assert [one["is_preferred"] for one in after.values() if one["kind"] == "email"] == [
            True,
            False,
        ]
        assert after["new@home.example"]["verified_at"]

    def test_what_is_removed_is_gone_and_found_no_more(
        self, api: Api, clinic: MadeClinic, patient_id: uuid.UUID
    ) -> None:
        path = f"/patients/{patient_id}/contacts"
        phone = next(one for one in api.get(path)["contacts"] if one["kind"] == "phone")

        change(api, f"{path}/{phone['id']}/remove", {})

        assert found(api, "0123") == []
        assert [one["kind"] for one in api.get(path)["contacts"]] == ["email"]

    @pytest.mark.parametrize(
        "body",
        [
            {"kind": "phone", "value": "call me"},
            {"kind": "phone", "value": "1"},
            {"kind": "fax", "value": "0131 496 0000"},
            {"kind": "email", "value": "nobody"},
            {"kind": "phone", "value": "+44 7700 900123"},
        ],
        ids=str,
    )
    def test_what_is_no_contact_or_entered_already_is_refused(
        self, api: Api, patient_id: uuid.UUID, body: dict[str, str]
    ) -> None:
        change(api, f"/patients/{patient_id}/contacts", body, expect=422)

    def test_another_patients_contact_is_not_theirs(
        self, api: Api, clinic: MadeClinic, patient_id: uuid.UUID
    ) -> None:
        other, _ = make_patient(clinic)
        theirs = api.get(f"/patients/{other}/contacts")["contacts"][0]["id"]

        change(api, f"/patients/{patient_id}/contacts/{theirs}/remove", {}, expect=404)

    def test_billing_sees_no_contacts(
        self, context: Flask, clinic: MadeClinic, patient_id: uuid.UUID
    ) -> None:
        billing = Api(context, clinic, add_staff(clinic, Role.BILLING))

        billing.get(f"/patients/{patient_id}/contacts", expect=403)


class TestDeath:
    def test_nothing_new_is_asked_of_somebody_who_has_died(self, context: Flask) -> None:
        made = make_discussed_plan()
        api = Api(context, made.clinic, made.clinic.owner)
        change(api, f"/patients/{made.patient_id}/death", {"deceased_on": "2026-03-01"})

        answer = api.post(f"/plans/{made.plan_id}/consents", {}, expect=409)

        assert answer["code"] == "patient_deceased"

    def test_messages_that_wait_are_stopped(
        self, api: Api, context: Flask, clinic: MadeClinic, patient_id: uuid.UUID
    ) -> None:
        with clinic.scope() as scope:
            message = queue_message(
                scope,
                to="aoife@patients.example",
                channel="email",
                template="sign_code",
                values={"code": "12345678", "clinic": "Tern & Thistle"},
                patient_id=patient_id,
            )
        change(api, f"/patients/{patient_id}/death", {"deceased_on": "2026-03-01"})

        work(context, context.config["SETTINGS"].worker_url, until_empty=True)

        with clinic.scope() as scope:
            asked = text("SELECT state, sent_at FROM message WHERE tenant_id = :t AND id = :m")
            row = scope.session.execute(asked, {"t": clinic.tenant_id, "m": message.id}).one()
            assert tuple(row) == ("failed", None)

    def test_a_mistake_can_be_taken_back(self, api: Api, patient_id: uuid.UUID) -> None:
        path = f"/patients/{patient_id}/death"
        change(api, path, {"deceased_on": "2026-03-01"})

        assert change(api, path, {"deceased_on": None}, version=2)["deceased_on"] is None

    @pytest.mark.parametrize("day", ["2990-01-01", "1990-05-16"])
    def test_a_day_that_cannot_be_is_refused(
        self, api: Api, patient_id: uuid.UUID, day: str
    ) -> None:
        change(api, f"/patients/{patient_id}/death", {"deceased_on": day}, expect=422)
