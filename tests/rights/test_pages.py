"""The page "Rights and data", played as the owner and refused to others."""

import re
import uuid
import zipfile
from datetime import timedelta
from io import BytesIO

import pyotp
import pytest
from flask import Flask

from app.auth.factors import enrol_totp
from app.database import unit_of_work
from app.jobs.worker import work
from app.kit.clock import shifted
from app.messaging.errors import ProcessingRestricted
from app.messaging.queries import list_messages_to_patient
from app.messaging.services import queue_message, read_message
from app.patients.limit_models import LimitKind
from app.patients.limit_queries import find_limit
from app.plans.services.make_plan import make_plan
from app.rights.errors import ExportNotReady
from app.rights.services.export_data import expire_exports, read_export
from app.tenants.models import Role
from tests.factories.plans import make_patient, terms
from tests.factories.tenants import add_staff, make_clinic
from tests.rights.story import Story, make_story
from tests.support.pages import Desk

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture(scope="module")
def story(app: Flask) -> Story:
    with app.app_context():
        return make_story()


@pytest.fixture
def desk(context: Flask, story: Story) -> Desk:
    return Desk(context, story.clinic, story.clinic.owner)


def prove(desk: Desk) -> None:
    """Show a second factor, so that the next acts are allowed."""
    with unit_of_work() as unit:
        code = pyotp.TOTP(SECRET).now()
        enrol_totp(
            unit.session, person_id=desk.api.clinic.owner.person_id, secret=SECRET, code=code
        )
    answer = desk.api.client.post(
        "/api/v1/step-up",
        json={"code": pyotp.TOTP(SECRET).now()},
        headers={"X-CSRF-Token": desk.api.csrf},
    )
    desk.api.csrf = answer.get_json()["csrf_token"]


def run_jobs(app: Flask) -> None:
    work(app, app.config["SETTINGS"].worker_url, until_empty=True)


def test_the_front_desk_has_no_page_of_rights(context: Flask, story: Story) -> None:
    front = add_staff(story.clinic, Role.FRONT_DESK)

    Desk(context, story.clinic, front).read(f"/patients/{story.made.patient_id}/rights", 403)


def test_nothing_is_written_down_before_it_is_known_who_asks(desk: Desk, story: Story) -> None:
    answer = desk.send(
        f"/patients/{story.made.patient_id}/rights/requests",
        422,
        kind="erasure",
        channel="phone",
        identified_by="not_yet",
    )

    assert "First make sure" in answer.text


def test_a_restriction_stops_messages_plans_and_sales_and_is_shown(
    context: Flask, desk: Desk, story: Story
) -> None:
    patient_id, _ = make_patient(story.clinic, name="Restricted Person")
    desk.send(
        f"/patients/{patient_id}/rights/limits",
        limit="restriction:accuracy_contested",
    )

    assert "kept and not used" in desk.read(f"/patients/{patient_id}")
    with pytest.raises(ProcessingRestricted), story.clinic.scope() as scope:
        queue_message(
            scope,
            to="a@b.example",
            channel="email",
            template="pay_link",
            values={"clinic": "x"},
            patient_id=patient_id,
        )
    with pytest.raises(ProcessingRestricted), story.clinic.scope(story.made.practitioner) as scope:
        make_plan(
            scope,
            patient_id=patient_id,
            location_id=story.clinic.location_id,
            terms=terms(story.made.device_id, story.made.practitioner.id),
        )


def test_what_the_law_needs_is_sent_all_the_same(context: Flask, story: Story) -> None:
    patient_id, email = make_patient(story.clinic, name="Restricted Too")
    with story.clinic.scope() as scope:
        from_law = {"name": "x", "clinic": "x", "decisions": "-"}
        queue_message(
            scope,
            to=email,
            channel="email",
            template="rights_answer",
            values=from_law,
            patient_id=patient_id,
        )


def test_a_correction_stands_beside_the_treatment_and_the_original_stays(
    desk: Desk, story: Story
) -> None:
    text = f"It was 0.7 mm {uuid.uuid4().hex}"
    desk.send(
        f"/patients/{story.made.patient_id}/rights/addenda",
        about=f"treatment:{story.treatment_id}",
        text=text,
        agreed="no",
    )

    page = desk.read(f"/treatments/{story.treatment_id}")
    assert text in page
    assert "The clinic sees it differently" in page
    assert f"Note {story.markers[0]}" in page


def test_a_correction_of_somebody_elses_treatment_is_no_choice(desk: Desk, story: Story) -> None:
    patient_id, _ = make_patient(story.clinic)

    desk.send(
        f"/patients/{patient_id}/rights/addenda",
        422,
        about=f"treatment:{story.treatment_id}",
        text="x",
        agreed="yes",
    )


def test_lifting_a_limit_asks_for_the_second_factor(
    context: Flask, desk: Desk, story: Story
) -> None:
    patient_id, _ = make_patient(story.clinic)
    desk.send(f"/patients/{patient_id}/rights/limits", limit="legal_hold:claim")
    with story.clinic.scope() as scope:
        hold = find_limit(scope, patient_id, LimitKind.LEGAL_HOLD)
    assert hold is not None

    answer = desk.send(f"/limits/{hold.id}/lift")

    assert "/step-up" in answer.headers["Location"]
    assert "Legal hold: nothing of this patient is erased" in desk.read(f"/patients/{patient_id}")


def test_a_request_for_erasure_is_proposed_then_decided(context: Flask) -> None:
    clinic = make_clinic()
    patient_id, _ = make_patient(clinic, name="Null Nobody")
    desk = Desk(context, clinic, clinic.owner)
    prove(desk)
    answer = desk.send(
        f"/patients/{patient_id}/rights/requests",
        kind="erasure",
        channel="in_person",
        identified_by="id_document",
    )
    path = answer.headers["Location"].removeprefix(desk.base).partition("?")[0]
    page = desk.read(path)
    assert "Nothing has happened yet" in page
    assert "after 35 days at the latest" in page

    desk.send(f"{path}/decide")

    assert "What was decided" in desk.read(path)
    run_jobs(context)
    with clinic.scope() as scope:
        sent = [read_message(scope, one) for one in list_messages_to_patient(scope, patient_id)]
    assert len(sent) == 1


def made_copy(context: Flask, story: Story, desk: Desk) -> str:
    desk.send(f"/patients/{story.made.patient_id}/rights/copies")
    run_jobs(context)
    page = desk.answer(f"/patients/{story.made.patient_id}/rights").text
    found = re.search(r"/data-exports/([0-9a-f-]{36})/send", page)
    assert found is not None
    return found[1]


def test_a_copy_holds_everything_and_opens_for_the_patient_alone(
    context: Flask, desk: Desk, story: Story
) -> None:
    other_id, other_email = make_patient(story.clinic, name="Null Somebodyelse")
    export_id = made_copy(context, story, desk)
    assert "/step-up" in desk.answer(f"/data-exports/{export_id}/file", 303).headers["Location"]
    desk.send(f"/data-exports/{export_id}/send")
    with story.clinic.scope() as scope:
        newest = list_messages_to_patient(scope, story.made.patient_id, most=1)[0]
        link = re.search(r"#(\S+)", read_message(scope, newest).body)
    assert link is not None

    visitor = context.test_client()
    opened = visitor.post("/your-data/open", json={"token": link[1]})
    assert opened.get_json() == {"location": "/your-data/identity"}
    assert visitor.get("/your-data/file").status_code == 410
    csrf = re.search(r'name="csrf_token" value="([^"]+)"', visitor.get("/your-data/identity").text)
    assert csrf is not None
    wrong = {"csrf_token": csrf[1], "birth_day": "1", "birth_month": "5", "birth_year": "1990"}
    assert visitor.post("/your-data/identity", data=wrong).status_code == 422
    visitor.post("/your-data/identity", data=wrong | {"birth_day": "17"})
    file = visitor.get("/your-data/file")

    assert file.status_code == 200
    with zipfile.ZipFile(BytesIO(file.data)) as archive:
        names = archive.namelist()
        data, cover = archive.read("data.json").decode(), archive.read("START-HERE.html").decode()
        assert archive.testzip() is None
    mark = story.markers[0]
    for said in ("Note", "Matters", "Interpreter", "Talked", "Event", "Tablet off", "Wrong"):
        assert f"{said} {mark}" in data, said
    assert mark.title() in cover
    assert sum(name.endswith(".pdf") for name in names) >= 3
    assert link[1] not in data + cover
    # Neither another patient of the clinic nor anything of theirs.
    for word in ("Somebodyelse", str(other_id), other_email):
        assert word not in data + cover


def test_a_copy_is_stored_encrypted_and_gone_when_its_time_is_over(
    context: Flask, desk: Desk, story: Story
) -> None:
    export_id = made_copy(context, story, desk)
    store = context.extensions["needlepoint_store"]
    before = set(store.list_names("exports/"))
    assert all(b"PK\x03\x04" not in store.get(name)[:64] for name in before)

    with shifted(timedelta(days=15)), story.clinic.scope() as scope:
        assert expire_exports(scope) >= 1

    assert set(store.list_names("exports/")) < before
    with pytest.raises(ExportNotReady), story.clinic.scope() as scope:
        read_export(scope, export_id=uuid.UUID(export_id))
