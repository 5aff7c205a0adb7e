"""Denials are written after the answer, tell nobody anything, and the third one raises an alarm."""

import json
import statistics
import time
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import Engine, select, text
from werkzeug.test import TestResponse

from app.audit.models import AuditEvent
from app.config import Settings
from app.jobs.worker import work
from app.kit import clock
from app.messaging.models import Message
from app.tenants.models import Role
from tests.factories.plans import MadePlan, make_discussed_plan
from tests.factories.tenants import MadeClinic, add_staff, make_clinic
from tests.support.api import Api
from tests.tenants.test_reach import another_location


@pytest.fixture
def target(context: Flask) -> MadePlan:
    """A clinic with a patient: what somebody else's staff may try to reach."""
    return make_discussed_plan()


@pytest.fixture
def clinic(context: Flask) -> MadeClinic:
    return make_clinic(name="Juniper Quay")


@pytest.fixture
def prober(context: Flask, clinic: MadeClinic) -> Api:
    return Api(context, clinic, add_staff(clinic, Role.FRONT_DESK))


@pytest.fixture
def run_jobs(context: Flask, settings: Settings) -> Callable[[], None]:
    return lambda: work(context, settings.worker_url, until_empty=True)


def events(clinic: MadeClinic, action: str) -> list[AuditEvent]:
    with clinic.scope() as scope:
        asked = select(AuditEvent).where(AuditEvent.action == action).order_by(AuditEvent.id)
        return list(scope.session.scalars(asked))


def alerts(clinic: MadeClinic) -> list[Message]:
    with clinic.scope() as scope:
        asked = select(Message).where(Message.template == "crossing_alert")
        return list(scope.session.scalars(asked))


def try_foreign_clinic(prober: Api, target: MadePlan, times: int) -> list[TestResponse]:
    path = f"/api/v1/clinics/{target.clinic.tenant_id}/patients/{target.patient_id}"
    return [prober.client.get(path) for _ in range(times)]


def plain(answer: TestResponse) -> str:
    return json.dumps({**answer.get_json(), "request_id": ""}, sort_keys=True)


class TestCase1:
    def test_case_01_the_third_crossing_is_told_to_the_owner(
        self,
        prober: Api,
        clinic: MadeClinic,
        target: MadePlan,
        run_jobs: Callable[[], None],
    ) -> None:
        try_foreign_clinic(prober, target, 2)
        run_jobs()
        assert alerts(clinic) == []

        try_foreign_clinic(prober, target, 1)
        run_jobs()

        [told] = alerts(clinic)
        assert told.subject == "Somebody at Juniper Quay asked for what is not theirs"
        assert len(events(clinic, "auth:crossing:alert")) == 1

        try_foreign_clinic(prober, target, 4)
        run_jobs()
        assert len(alerts(clinic)) == 1

    def test_case_01_every_denial_is_in_the_record_of_ones_own_clinic(
        self, prober: Api, clinic: MadeClinic, target: MadePlan
    ) -> None:
        try_foreign_clinic(prober, target, 2)

        denied = events(clinic, "auth:clinic:deny")
        assert [one.actor_id for one in denied] == [clinic.staff["front_desk"].id] * 2
        assert {one.subject_id for one in denied} == {target.clinic.tenant_id}
        assert events(target.clinic, "auth:clinic:deny") == []

    def test_case_01_foreign_ids_in_ones_own_clinic_count_as_well(
        self,
        prober: Api,
        clinic: MadeClinic,
        target: MadePlan,
        run_jobs: Callable[[], None],
    ) -> None:
        prober.get(f"/patients/{target.patient_id}", expect=404)
        prober.get(f"/plans/{target.plan_id}", expect=404)
        run_jobs()
        assert alerts(clinic) == []

        prober.get(f"/patients/{uuid.uuid4()}", expect=404)
        run_jobs()

        assert len(alerts(clinic)) == 1
        denied = events(clinic, "auth:thing:deny")
        assert [one.subject_id for one in denied][:2] == [target.patient_id, target.plan_id]
        assert json.loads(denied[0].details) == {"place": "patients.get"}

    def test_case_01_one_dead_bookmark_is_no_alarm(
        self, prober: Api, clinic: MadeClinic, run_jobs: Callable[[], None]
    ) -> None:
        dead = uuid.uuid4()
        for _ in range(5):
            prober.get(f"/patients/{dead}", expect=404)
        run_jobs()

        assert alerts(clinic) == []
        assert len(events(clinic, "auth:thing:deny")) == 5

    def test_case_01_denials_far_apart_are_no_alarm(
        self, prober: Api, clinic: MadeClinic, target: MadePlan, run_jobs: Callable[[], None]
    ) -> None:
        try_foreign_clinic(prober, target, 2)
        later = clock.now() + timedelta(minutes=11)
        with clock.frozen(later):
            try_foreign_clinic(prober, target, 1)
        run_jobs()

        assert alerts(clinic) == []

    def test_case_01_a_foreign_thing_and_none_look_the_same(
        self, prober: Api, target: MadePlan
    ) -> None:
        [foreign] = try_foreign_clinic(prober, target, 1)
        missing = prober.client.get(f"/api/v1/clinics/{uuid.uuid4()}/patients/{target.patient_id}")
        assert plain(foreign) == plain(missing)
        names = {"X-Request-Id"}
        assert {k: v for k, v in foreign.headers if k not in names} == {
            k: v for k, v in missing.headers if k not in names
        }

    def test_case_01_a_foreign_thing_and_none_take_the_same_time(
        self, prober: Api, target: MadePlan
    ) -> None:
        def seconds(clinic_id: uuid.UUID) -> float:
            begin = time.perf_counter()
            prober.client.get(f"/api/v1/clinics/{clinic_id}/patients/{target.patient_id}")
            return time.perf_counter() - begin

        foreign, missing = [], []
        for _ in range(15):
            foreign.append(seconds(target.clinic.tenant_id))
            missing.append(seconds(uuid.uuid4()))

        ratio = statistics.median(foreign) / statistics.median(missing)
        assert 0.5 < ratio < 2

    def test_case_01_a_flood_of_denials_does_not_fill_the_record(
        self, prober: Api, clinic: MadeClinic, target: MadePlan
    ) -> None:
        try_foreign_clinic(prober, target, 60)

        assert len(events(clinic, "auth:clinic:deny")) == 50

    def test_case_01_nothing_is_written_in_the_clinic_that_was_asked_for(
        self, prober: Api, target: MadePlan, superuser: Engine
    ) -> None:
        def many() -> int:
            with superuser.connect() as connection:
                asked = text("SELECT count(*) FROM audit_event WHERE tenant_id = :t")
                return int(connection.scalar(asked, {"t": target.clinic.tenant_id}) or 0)

        before = many()
        try_foreign_clinic(prober, target, 3)

        assert many() == before


def test_a_refused_act_is_recorded_with_its_code(prober: Api, clinic: MadeClinic) -> None:
    prober.post("/locations", {}, expect=403)

    [denied] = events(clinic, "auth:permission:deny")
    assert json.loads(denied.details) == {"needs": "clinic:manage"}


def test_what_is_not_there_yet_is_no_denial(context: Flask, target: MadePlan) -> None:
    owner = Api(context, target.clinic, target.clinic.owner)
    owner.post("/forms")
    made = owner.post(f"/plans/{target.plan_id}/consents")
    answer = owner.get(f"/consents/{made['id']}/document", expect=404)

    assert answer["code"] == "not_there_yet"
    assert events(target.clinic, "auth:thing:deny") == []


def test_case_02_a_chart_out_of_ones_reach_is_not_found_and_raises_the_alarm(
    context: Flask, target: MadePlan, run_jobs: Callable[[], None]
) -> None:
    clinic = target.clinic
    elsewhere = another_location(clinic)
    limited = add_staff(clinic, Role.PRACTITIONER, "Lim Ited", at=(elsewhere,))
    api = Api(context, clinic, limited)

    answer = api.get(f"/patients/{target.patient_id}", expect=404)
    missing = api.get(f"/patients/{uuid.uuid4()}", expect=404)

    assert {**answer, "request_id": ""} == {**missing, "request_id": ""}
    assert [(one.actor_id, one.subject_id) for one in events(clinic, "auth:thing:deny")][:1] == [
        (limited.id, target.patient_id)
    ]
    api.get(f"/plans/{target.plan_id}", expect=404)
    run_jobs()
    assert len(alerts(clinic)) == 1
