"""Programs of a clinic try answers on a plan: the whole outcome comes back and nothing is kept."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.database.install import DatabaseUrls
from app.kit.clock import today_in
from app.tenants.models import Role
from tests.factories.plans import MadePlan, make_discussed_plan
from tests.factories.tenants import add_staff, make_clinic
from tests.support.api import Api
from tests.support.engines import superuser_engine

KEPT = text("""
SELECT (SELECT count(*) FROM consent WHERE tenant_id = :t),
  (SELECT count(*) FROM consent_answers WHERE tenant_id = :t),
  (SELECT count(*) FROM hold WHERE tenant_id = :t),
  (SELECT count(*) FROM message WHERE tenant_id = :t)
""")
TOLD = text("SELECT details FROM audit_event WHERE tenant_id = :t AND action = :a")


@pytest.fixture
def made(context: Flask) -> MadePlan:
    return make_discussed_plan()


@pytest.fixture
def api(app: Flask, made: MadePlan) -> Api:
    return Api(app, made.clinic, made.practitioner)


def clear_answers(api: Api, made: MadePlan) -> dict[str, object]:
    """Return an answer to every question of the patient in which nothing is wrong."""
    asked = api.get(f"/plans/{made.plan_id}/screening")["questions"]
    return {
        one["id"]: one["choices"][0]["id"] if one["choices"] else "no"
        for one in asked
        if one["asked_of"] == "patient" and one["follows"] is None
    }


def screen(api: Api, made: MadePlan, answers: dict[str, object], **more: object) -> dict:
    body = {"answers": answers, **more}
    return api.post(f"/plans/{made.plan_id}/screening", body, expect=200)


def test_clear_answers_may_sign(api: Api, made: MadePlan) -> None:
    found = screen(api, made, clear_answers(api, made))

    assert (found["action"], found["may_sign"], found["missing"]) == ("clear", True, [])
    assert found["fired"] == []


def test_a_rule_that_fires_says_why_to_both(api: Api, made: MadePlan) -> None:
    found = screen(api, made, {**clear_answers(api, made), "pregnancy": "yes"})

    fired = found["fired"][0]
    assert found["may_sign"] is False
    assert fired["question_id"] == "pregnancy"
    assert fired["clinician"]
    assert fired["patient"]
    assert fired["source"]


def test_a_wait_names_the_first_day_and_is_over_on_it(api: Api, made: MadePlan) -> None:
    today = today_in("Europe/London")
    answers = {**clear_answers(api, made), "filler_recent": today.isoformat()}
    first = screen(api, made, answers)
    earliest = date.fromisoformat(first["earliest_date"])

    before = screen(api, made, answers, visit_on=(earliest - timedelta(days=1)).isoformat())
    after = screen(api, made, answers, visit_on=earliest.isoformat())

    assert first["action"] == before["action"] == "defer"
    assert after["action"] != "defer"


def test_what_raises_a_risk_is_told_with_its_reason(api: Api, made: MadePlan) -> None:
    found = screen(api, made, {**clear_answers(api, made), "otc_bleed": "yes"})

    assert found["personal_risks"]
    assert all(one["title"] and one["because"] for one in found["personal_risks"])


def test_what_is_not_answered_is_listed_and_does_not_sign(api: Api, made: MadePlan) -> None:
    found = screen(api, made, {})

    assert "pregnancy" in found["missing"]
    assert found["may_sign"] is False


def test_what_is_impossible_names_its_question(api: Api, made: MadePlan) -> None:
    tomorrow = (today_in("Europe/London") + timedelta(days=1)).isoformat()
    wrong: dict[str, object] = {"filler_recent": tomorrow, "no_such_question": "yes"}
    path = f"/plans/{made.plan_id}/screening"

    refused = api.post(path, {"answers": wrong}, expect=422)

    named = {one["code"]: one["questions"] for one in refused["problems"]}
    assert named["date_in_future"] == ["filler_recent"]
    assert named["unknown_question"] == ["no_such_question"]
    assert tomorrow not in str(refused)
    api.post(path, {"answers": {}, "visit_on": "2001-01-01"}, expect=422)


def test_nothing_is_kept_but_that_somebody_tried(
    api: Api, made: MadePlan, admin_url: str, urls: DatabaseUrls
) -> None:
    screen(api, made, {**clear_answers(api, made), "pregnancy": "yes"})

    engine: Engine = superuser_engine(admin_url, urls.app)
    with engine.connect() as connection:
        tenant = {"t": made.clinic.tenant_id}
        assert connection.execute(KEPT, tenant).one() == (0, 0, 0, 0)
        told = connection.scalars(TOLD, {**tenant, "a": "consent:screening:try"}).all()
    assert len(told) == 1
    assert "pregnan" not in told[0]


def test_only_clinicians_of_the_clinic_try_answers(app: Flask, made: MadePlan) -> None:
    desk = add_staff(made.clinic, Role.FRONT_DESK)
    elsewhere = make_clinic()
    path = f"/plans/{made.plan_id}/screening"

    Api(app, made.clinic, desk).post(path, {"answers": {}}, expect=403)
    Api(app, elsewhere, elsewhere.owner).post(path, {"answers": {}}, expect=404)
