"""A document opens for its patient alone: by the link, and by the date of birth."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.auth.secrets import issue_secret, revoke_secrets
from app.care.services.give_aftercare import give_before
from app.kit.clock import shifted
from app.messaging.models import Message
from app.messaging.queries import list_messages_to_patient
from app.messaging.services import read_message
from tests.factories.care import ReadyVisit, make_bare_visit

RIGHT = {"birth_day": "17", "birth_month": "5", "birth_year": "1990"}
WRONG = {"birth_day": "18", "birth_month": "5", "birth_year": "1990"}
BASE = "https://localhost"


class Sent:
    """A sheet that was sent, with the token of its link."""

    def __init__(self, visit: ReadyVisit) -> None:
        self.visit = visit
        with visit.made.clinic.scope(visit.made.practitioner) as scope:
            self.document_id = give_before(scope, visit_id=visit.visit_id).document_id
        with visit.made.clinic.scope() as scope:
            (message,) = list_messages_to_patient(scope, visit.made.patient_id)
            body = read_message(scope, message).body
        found = re.search(r"/document#(\S+)", body)
        assert found is not None
        self.token = found[1]


@pytest.fixture(scope="module")
def sent(app: Flask) -> Sent:
    with app.app_context():
        return Sent(make_bare_visit())


@pytest.fixture
def fresh(context: Flask) -> Sent:
    return Sent(make_bare_visit())


def open_link(client: FlaskClient, token: str) -> int:
    answer = client.post("/document/open", json={"token": token}, base_url=BASE)
    return answer.status_code


def identify(client: FlaskClient, typed: dict[str, str]) -> tuple[int, str]:
    page = client.get("/document/identity", base_url=BASE)
    token = re.search(r'name="csrf_token" value="(\w+)"', page.text)
    assert token is not None, page.text
    form = {**typed, "csrf_token": token[1]}
    answer = client.post("/document/identity", data=form, base_url=BASE)
    return answer.status_code, answer.text


def test_link_then_date_of_birth_then_the_very_file(client: FlaskClient, sent: Sent) -> None:
    assert open_link(client, sent.token) == 200
    assert identify(client, RIGHT)[0] == 303

    page = client.get("/document/read", base_url=BASE)
    assert "Looking after your skin" in page.text
    file = client.get("/document/file", base_url=BASE)
    assert file.data.startswith(b"%PDF")
    assert file.headers["Content-Type"] == "application/pdf"
    assert file.headers["Cache-Control"] == "no-store"


def test_case_13_the_page_behind_the_link_spends_nothing(client: FlaskClient, sent: Sent) -> None:
    for _ in range(3):
        assert client.get("/document").status_code == 200

    assert open_link(client, sent.token) == 200


def test_case_15_before_the_date_of_birth_nothing_is_shown(client: FlaskClient, sent: Sent) -> None:
    open_link(client, sent.token)

    page = client.get("/document/identity", base_url=BASE)
    assert "skin" not in page.text
    assert "Aoife" not in page.text
    for path in ("/document/read", "/document/file"):
        assert client.get(path, base_url=BASE).status_code == 410


def test_the_cookie_is_not_the_link_and_changes_with_the_proof(
    client: FlaskClient, sent: Sent
) -> None:
    open_link(client, sent.token)
    first = client.get_cookie("__Host-document", domain="localhost")
    identify(client, RIGHT)
    second = client.get_cookie("__Host-document", domain="localhost")

    assert first is not None
    assert second is not None
    assert len({sent.token, first.value, second.value}) == 3
    assert first.secure
    assert first.http_only


def test_a_wrong_date_is_asked_again(client: FlaskClient, sent: Sent) -> None:
    open_link(client, sent.token)

    status, page = identify(client, WRONG)

    assert status == 422
    assert "not the date of birth" in page
    assert identify(client, RIGHT)[0] == 303


def test_case_15_after_five_wrong_dates_also_the_right_one_waits(
    client: FlaskClient, fresh: Sent
) -> None:
    open_link(client, fresh.token)
    for _ in range(5):
        assert identify(client, WRONG)[0] == 422

    client.get("/document/identity", base_url=BASE)
    status, page = identify(client, RIGHT)
    assert status == 429
    assert "wait 15 minutes" in page
    with fresh.visit.made.clinic.scope() as scope:
        told = select(Message).where(
            Message.tenant_id == scope.tenant_id, Message.template == "link_locked"
        )
        assert len(scope.session.scalars(told).all()) == 1


@pytest.mark.parametrize("token", ["", "made-up", None, 7, ["x"]])
def test_a_link_that_is_none_leads_to_the_neutral_page(client: FlaskClient, token: object) -> None:
    answer = client.post("/document/open", json={"token": token}, base_url=BASE)

    assert answer.status_code == 410
    assert "closed" in answer.text


def test_case_12_an_expired_link_does_not_open(client: FlaskClient, sent: Sent) -> None:
    with shifted(timedelta(days=61)):
        assert open_link(client, sent.token) == 410


def test_case_12_a_revoked_link_opens_nothing_again(client: FlaskClient, fresh: Sent) -> None:
    open_link(client, fresh.token)
    with fresh.visit.made.clinic.scope() as scope:
        revoke_secrets(scope, "document_link", subject_id=fresh.document_id)

    assert open_link(client, fresh.token) == 410


def test_the_shown_document_ends_when_it_is_closed(client: FlaskClient, sent: Sent) -> None:
    open_link(client, sent.token)
    identify(client, RIGHT)
    page = client.get("/document/read", base_url=BASE)
    token = re.search(r'name="csrf_token" value="(\w+)"', page.text)
    assert token is not None
    client.post("/document/close", data={"csrf_token": token[1]}, base_url=BASE)

    assert client.get("/document/file", base_url=BASE).status_code == 410


def test_another_kind_of_secret_opens_no_document(
    client: FlaskClient, sent: Sent, context: Flask
) -> None:
    with sent.visit.made.clinic.scope() as scope:
        other = issue_secret(
            scope, "sign_link", subject_id=sent.document_id, lasts=timedelta(hours=1)
        )

    assert open_link(client, other) == 410


def test_another_site_cannot_open_a_document_in_somebodys_browser(
    client: FlaskClient, sent: Sent
) -> None:
    answer = client.post(
        "/document/open",
        json={"token": sent.token},
        base_url=BASE,
        headers={"Sec-Fetch-Site": "cross-site"},
    )

    assert answer.status_code == 403


def test_what_a_link_has_opened_is_no_link_itself(client: FlaskClient, fresh: Sent) -> None:
    open_link(client, fresh.token)
    cookie = client.get_cookie("__Host-document", domain="localhost")
    assert cookie is not None

    assert open_link(client, cookie.value) == 410
