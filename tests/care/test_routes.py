"""The care room through the API: who may, what it answers, and once each."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.kit.clock import now
from app.tenants.models import Role
from tests.factories.care import ReadyVisit, make_bare_visit, make_ready_visit
from tests.factories.tenants import PROCEDURE, add_staff
from tests.support.api import Api


@pytest.fixture
def bare(context: Flask) -> ReadyVisit:
    return make_bare_visit()


@pytest.fixture
def ready(context: Flask) -> ReadyVisit:
    return make_ready_visit()


def api_of(context: Flask, visit: ReadyVisit) -> Api:
    return Api(context, visit.made.clinic, visit.made.practitioner)


def start_body(visit: ReadyVisit, **changes: Any) -> dict[str, Any]:
    return {
        "practitioner_id": str(visit.made.practitioner.id),
        "device_id": str(visit.made.device_id),
        "lot": "LOT-1",
        **changes,
    }


RECORD = {
    "device_model": "Test Pen",
    "device_serial": "1",
    "lot": "LOT-1",
    "lot_expires_on": "2099-01-31",
    "areas": [{"area": "face_cheeks", "depth_um": 1000, "passes": 3}],
    "note": {"note": "Well tolerated."},
}


def test_the_story_of_a_treatment(ready: ReadyVisit, context: Flask) -> None:
    api = api_of(context, ready)

    answer = api.get(f"/visits/{ready.visit_id}/may-start")
    assert answer["allowed"] is True
    assert answer["areas"] == {"face_cheeks": 1000}
    started = api.post(f"/visits/{ready.visit_id}/start", start_body(ready))
    assert started["is_paid"] is False
    record = post_record(api, started["id"], 0, 201)
    assert (record["number"], record["flags"]) == (1, [])
    sheet = api.post(f"/visits/{ready.visit_id}/aftercare", {"occasion": "after"})
    assert sheet["message_id"]
    assert api.get(f"/treatments/{started['id']}")["record_number"] == 1


def test_the_same_key_starts_once(ready: ReadyVisit, context: Flask) -> None:
    api, key = api_of(context, ready), uuid.uuid4().hex
    path = f"/visits/{ready.visit_id}/start"

    first = api.post(path, start_body(ready), key=key)
    again = api.post(path, start_body(ready), key=key)

    assert first["id"] == again["id"]


def test_a_refused_start_is_a_problem_with_reasons_and_a_trace(
    bare: ReadyVisit, context: Flask
) -> None:
    problem = api_of(context, bare).post(
        f"/visits/{bare.visit_id}/start", start_body(bare), expect=409
    )

    assert problem["code"] == "start_refused"
    assert [one["code"] for one in problem["reasons"]] == ["no_consent", "health_not_asked"]
    assert problem["incident_route"].endswith("/incidents")
    with bare.made.clinic.scope() as scope:
        actions = scope.session.connection().exec_driver_sql("SELECT action FROM audit_event")
        assert "care:treatment:refuse" in {row[0] for row in actions}


def test_the_questions_and_their_answers(bare: ReadyVisit, context: Flask) -> None:
    api = api_of(context, bare)
    questions = api.get(f"/visits/{bare.visit_id}/acute-questions")
    answers = {one["id"]: "no" for one in questions if one["follows"] is None}
    path = f"/visits/{bare.visit_id}/acute-checks"

    made = api.post(path, {"answers": answers})
    assert made["outcome"] == "clear"
    assert "answers" not in made
    problem = api.post(path, {"answers": {"pregnancy": "no"}}, expect=422)
    assert "hsv_active" in problem["questions"]
    contrary = api.post(path, {"answers": {**answers, "filler_recent": "2999-01-01"}}, expect=422)
    assert contrary["problems"][0]["questions"] == ["filler_recent"]


def test_a_record_names_what_was_read(ready: ReadyVisit, context: Flask) -> None:
    api = api_of(context, ready)
    treatment_id = api.post(f"/visits/{ready.visit_id}/start", start_body(ready))["id"]

    post_record(api, treatment_id, None, 400)
    post_record(api, treatment_id, 0, 201)
    assert post_record(api, treatment_id, 0, 412)["code"] == "stale"


def test_an_incident_through_the_api(bare: ReadyVisit, context: Flask) -> None:
    api = api_of(context, bare)
    body = {
        "patient_id": str(bare.made.patient_id),
        "visit_id": str(bare.visit_id),
        "named_staff_id": str(bare.made.practitioner.id),
        "procedure_id": PROCEDURE,
        "areas": {"face_cheeks": 1000},
        "device_id": str(bare.made.device_id),
        "lot": "LOT-1",
        "reason": "The form was not there yet.",
        "happened_at": (now() - timedelta(minutes=5)).isoformat(),
    }

    made = api.post("/incidents", body)

    assert made["refused_because"] == ["no_consent", "health_not_asked"]
    assert "reason" not in made
    assert api.post(f"/incidents/{made['id']}/aftercare")["occasion"] == "incident"


def test_the_front_desk_may_ask_and_may_not_start(bare: ReadyVisit, context: Flask) -> None:
    desk = Api(context, bare.made.clinic, add_staff(bare.made.clinic, Role.FRONT_DESK))

    assert desk.get(f"/visits/{bare.visit_id}/may-start")["allowed"] is False
    path = f"/visits/{bare.visit_id}"
    assert desk.post(f"{path}/start", start_body(bare), expect=403)["needs"] == "treatment:start"
    desk.post(f"{path}/acute-checks", {"answers": {}}, expect=403)
    desk.post(f"{path}/aftercare", {"occasion": "before"}, expect=403)


def test_another_clinic_finds_nothing(bare: ReadyVisit, context: Flask) -> None:
    other = make_bare_visit()
    api = api_of(context, other)

    api.get(f"/visits/{bare.visit_id}/may-start", expect=404)
    api.post(f"/visits/{bare.visit_id}/start", start_body(other), expect=404)
    api.post(f"/visits/{other.visit_id}/start", start_body(bare), expect=404)


def test_another_clinic_finds_no_treatment_and_no_incident(
    ready: ReadyVisit, context: Flask
) -> None:
    treatment_id = ready.start().treatment.id
    other = make_bare_visit()
    stranger = api_of(context, other)

    post_record(stranger, str(treatment_id), 0, 404)
    paths = [
        f"/treatments/{treatment_id}",
        f"/treatments/{treatment_id}/record",
        f"/visits/{ready.visit_id}",
        f"/visits/{ready.visit_id}/questions",
        f"/visits/{ready.visit_id}/incident",
        f"/incidents/{uuid.uuid4()}",
    ]
    for path in paths:
        page = f"/clinics/{other.made.clinic.tenant_id}{path}"
        assert stranger.client.get(page).status_code == 404, path
    own = api_of(context, ready)
    for path in paths[1:5]:
        page = f"/clinics/{ready.made.clinic.tenant_id}{path}"
        assert own.client.get(page).status_code == 200, path


@pytest.mark.parametrize(
    "change",
    [
        {"areas": {"face_cheeks": -1}},
        {"areas": {"face_cheeks": 1.5}},
        {"areas": []},
        {"started_at": "2020-01-01T00:00:00Z"},
        {"consent_id": str(uuid.uuid4())},
        {"device_id": "pen"},
    ],
)
def test_what_does_not_belong_there_is_sent_back(
    bare: ReadyVisit, context: Flask, change: dict[str, Any]
) -> None:
    body = start_body(bare, **change)

    problem = api_of(context, bare).post(f"/visits/{bare.visit_id}/start", body, expect=422)

    assert set(change) & set(problem["fields"])


def post_record(api: Api, treatment_id: str, read: int | str | None, expect: int) -> Any:
    headers = {"X-CSRF-Token": api.csrf, "Idempotency-Key": uuid.uuid4().hex}
    if read is not None:
        headers["If-Match"] = f'"{read}"'
    url = api.url(f"/treatments/{treatment_id}/records")
    answer = api.client.post(url, json=RECORD, headers=headers)
    assert answer.status_code == expect, answer.text
    return answer.get_json()


@pytest.mark.parametrize("read", [None, "", "-1", "1.0", "²", "9" * 400])
def test_a_version_that_is_no_number_is_asked_for_again(
    bare: ReadyVisit, context: Flask, read: str | None
) -> None:
    treatment_id = str(uuid.uuid4())

    problem = post_record(api_of(context, bare), treatment_id, read, expect=400)

    assert problem["code"] == "version_missing"
