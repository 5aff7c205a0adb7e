"""The record of acts and the reports of who looked, as owner, auditor and reader see them."""

import csv
import io
import uuid
from datetime import timedelta

import pytest
from flask import Flask

from app import audit
from app.audit.rounds import run_round
from app.database import db
from app.kit import clock
from app.tenants.models import Role
from tests.factories.plans import MadePlan, make_discussed_plan
from tests.factories.tenants import add_staff
from tests.support.api import Api
from tests.support.pages import Desk
from tests.support.query_recorder import recorded


@pytest.fixture
def made(context: Flask) -> MadePlan:
    return make_discussed_plan()


@pytest.fixture
def owner(context: Flask, made: MadePlan) -> Desk:
    return Desk(context, made.clinic, made.clinic.owner)


@pytest.fixture
def lead(context: Flask, made: MadePlan) -> Desk:
    """A clinician who has nothing to do with the patient."""
    return Desk(context, made.clinic, add_staff(made.clinic, Role.MEDICAL_LEAD, "=Ines Böhm"))


class TestRecordOfActs:
    def test_acts_stand_there_in_plain_words_the_newest_first(
        self, owner: Desk, made: MadePlan
    ) -> None:
        owner.read(f"/patients/{made.patient_id}")
        page = owner.read("/audit")

        assert (
            "Morven Achterberg opened a patient's file with contact details: Aoife Nguyễn" in page
        )
        assert "Tadhg Ó Dálaigh made a plan" in page or "made a plan" in page
        assert page.index("opened a patient's file") < page.index("added a patient")

    def test_it_is_narrowed_by_person_kind_patient_and_day(
        self, owner: Desk, lead: Desk, made: MadePlan
    ) -> None:
        lead.read(f"/patients/{made.patient_id}")
        lead_id = made.clinic.staff["medical_lead"].id

        page = owner.read(f"/audit?person={lead_id}&kind=looks")
        assert "=Ines Böhm opened a patient's file" in page
        assert "Morven Achterberg added" not in page
        assert "Nothing was found" in owner.read(f"/audit?person={lead_id}&kind=billing")
        assert "Only what concerns Aoife Nguyễn" in owner.read(f"/audit?patient={made.patient_id}")
        assert "Nothing was found" in owner.read("/audit?until=2020-01-01")
        today = f"{clock.today_in('Europe/London')}"
        assert "=Ines Böhm" in owner.read(f"/audit?since={today}&until={today}&kind=looks")
        assert "enter a day, for example" in owner.read("/audit?since=yesterday")

    def test_pages_follow_each_other_without_a_gap(self, owner: Desk, made: MadePlan) -> None:
        wanted = [uuid.uuid4() for _ in range(130)]
        with made.clinic.scope() as scope:
            for subject in wanted:
                audit.record(scope, "tenants:lot:add", subject_id=subject)
        api, seen, before = owner.api, [], ""
        while True:
            page = api.get(f"/audit/events?kind=staff&before={before}")
            seen += [one["subject_id"] for one in page["events"]]
            before = page["next"]
            if not before:
                break

        assert len(seen) == len(set(seen))
        assert {str(one) for one in wanted} <= set(seen)
        assert "Older acts" in owner.answer("/audit?kind=staff").text

    def test_a_broken_place_is_refused(self, owner: Desk) -> None:
        owner.api.get("/audit/events?before=nonsense", expect=422)
        owner.read("/audit?before=nonsense", expect=422)

    def test_only_owner_and_auditor_read_it(
        self, context: Flask, lead: Desk, made: MadePlan
    ) -> None:
        auditor = Desk(context, made.clinic, add_staff(made.clinic, Role.AUDITOR, "Ola Audit"))
        assert "added a patient: Aoife Nguyễn" in auditor.read("/audit")
        for path in ("/audit", "/audit/chain", f"/patients/{made.patient_id}/looks"):
            lead.read(path, expect=403)
            auditor.read(path)

    def test_statements_stay_constant_however_long_the_list_is(
        self, owner: Desk, made: MadePlan
    ) -> None:
        def many() -> int:
            with recorded(db.engine) as sent:
                owner.read("/audit")
                owner.read(f"/patients/{made.patient_id}/looks")
            return len(sent)

        owner.read("/audit")
        before = many()
        with made.clinic.scope() as scope:
            for _ in range(40):
                audit.record(scope, "chart:plan:read", patient_id=made.patient_id)

        assert many() == before

    def test_the_chain_says_where_it_stands(
        self, context: Flask, owner: Desk, made: MadePlan
    ) -> None:
        assert "Not sealed yet" in owner.read("/audit/chain")

        run_round([made.clinic.tenant_id])

        page = owner.read("/audit/chain")
        assert "Sealed up to" in page
        assert "Anchored" in page
        assert "Not time-stamped" in page
        state = owner.api.get("/audit/chain")
        assert state["sealed_seq"] == state["anchored_seq"] > 5
        assert state["stamp"] == "not_stamped"


class TestWhoLooked:
    def test_the_owner_sees_who_looked_when_and_why(
        self, context: Flask, owner: Desk, lead: Desk, made: MadePlan
    ) -> None:
        practitioner = Desk(context, made.clinic, made.practitioner)
        front = Desk(context, made.clinic, add_staff(made.clinic, Role.FRONT_DESK, "Fen Desk"))
        for who in (practitioner, front, lead):
            who.read(f"/patients/{made.patient_id}")
        practitioner.read(f"/plans/{made.plan_id}")

        looks = owner.api.get(f"/patients/{made.patient_id}/looks")["looks"]

        why = {one["name"]: one["why"] for one in looks}
        assert why["=Ines Böhm"] == "No reason stated"
        assert why[made.practitioner.name] == "Treats the patient"
        assert why["Fen Desk"] == "Appointments, messages or money"
        page = owner.read(f"/patients/{made.patient_id}/looks")
        assert f"{made.practitioner.name} , practitioner" in page
        assert "opened a plan" in page.lower()

    def test_a_reader_who_does_not_treat_may_say_why(
        self, owner: Desk, lead: Desk, made: MadePlan
    ) -> None:
        page = lead.read(f"/patients/{made.patient_id}")
        assert "Why do you look?" in page

        lead.send(f"/patients/{made.patient_id}/looks/reason", reason="covering")

        [look, *_] = [
            one
            for one in owner.api.get(f"/patients/{made.patient_id}/looks")["looks"]
            if one["name"] == "=Ines Böhm"
        ]
        assert look["why"] == "Covering for a colleague"

    def test_a_reason_of_yesterday_is_none_of_today(
        self, owner: Desk, lead: Desk, made: MadePlan
    ) -> None:
        with (
            clock.shifted(timedelta(days=-2)),
            made.clinic.scope(made.clinic.staff["medical_lead"]) as scope,
        ):
            audit.record(scope, "chart:reason:give", patient_id=made.patient_id, reason="covering")
        lead.read(f"/patients/{made.patient_id}")

        looks = owner.api.get(f"/patients/{made.patient_id}/looks")["looks"]
        assert {one["why"] for one in looks if one["name"] == "=Ines Böhm"} == {"No reason stated"}

    def test_a_reason_is_chosen_and_never_typed(self, lead: Desk, made: MadePlan) -> None:
        lead.send(
            f"/patients/{made.patient_id}/looks/reason", expect=422, reason="She takes warfarin"
        )

    def test_whoever_treats_is_not_asked(self, context: Flask, made: MadePlan) -> None:
        practitioner = Desk(context, made.clinic, made.practitioner)

        assert "Why do you look?" not in practitioner.read(f"/patients/{made.patient_id}")

    def test_case_35_the_table_runs_no_formula(
        self, owner: Desk, lead: Desk, made: MadePlan
    ) -> None:
        lead.read(f"/patients/{made.patient_id}")
        answer = owner.answer(f"/patients/{made.patient_id}/looks.csv")

        rows = list(csv.reader(io.StringIO(answer.text.lstrip("\ufeff"))))
        assert rows[0] == ["When (UTC)", "Who", "Role", "Patient", "What", "Why"]
        assert "'=Ines Böhm" in {row[1] for row in rows}
        assert not [cell for row in rows for cell in row if cell.startswith(("=", "@", "+", "-"))]

    def test_the_report_by_member_of_staff_names_the_patients(
        self, owner: Desk, lead: Desk, made: MadePlan
    ) -> None:
        lead.read(f"/patients/{made.patient_id}")
        lead_id = made.clinic.staff["medical_lead"].id

        assert "Aoife Nguyễn" in owner.read(f"/settings/staff/{lead_id}/looks")
        [look] = owner.api.get(f"/staff/{lead_id}/looks")["looks"]
        assert look["patient_id"] == str(made.patient_id)
        assert "Aoife Nguyễn" in owner.answer(f"/settings/staff/{lead_id}/looks.csv").text

    def test_the_letter_tells_the_patient_in_plain_words(
        self, owner: Desk, lead: Desk, made: MadePlan
    ) -> None:
        lead.read(f"/patients/{made.patient_id}")

        letter = owner.read(f"/patients/{made.patient_id}/looks/letter")

        assert "Who looked at your record" in letter
        assert "=Ines Böhm (medical lead): opened your file" in letter
        assert "they did not say. You can ask us" in letter

    def test_every_report_is_itself_a_look(
        self, context: Flask, owner: Desk, made: MadePlan
    ) -> None:
        owner.read(f"/patients/{made.patient_id}/looks/letter")

        looks = owner.api.get(f"/patients/{made.patient_id}/looks")["looks"]
        assert "looked at who saw a chart" in {one["what"] for one in looks}

    def test_the_front_desk_reads_no_report(self, context: Flask, made: MadePlan) -> None:
        front = Api(context, made.clinic, add_staff(made.clinic, Role.FRONT_DESK))
        front.get(f"/patients/{made.patient_id}/looks", expect=403)
