"""Changing the address of an account: proved by the new one, stopped by the old one."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import Engine, select, text
from werkzeug.test import TestResponse

from app.audit.models import AuditEvent
from app.auth.addresses import change_due_addresses
from app.auth.jobs import sweep
from app.database import db
from app.kit import clock
from tests.conftest import somebody
from tests.factories.tenants import PASSWORD, MadeClinic, make_clinic, unique_email
from tests.support.api import Api
from tests.support.letters import letters_to, link_in
from tests.support.query_recorder import recorded
from tests.support.step_up import proven


@pytest.fixture
def clinic(context: Flask) -> MadeClinic:
    return make_clinic()


@pytest.fixture
def api(context: Flask, clinic: MadeClinic) -> Api:
    return Api(context, clinic, clinic.owner)


def ask(api: Api, email: str, password: str = PASSWORD) -> TestResponse:
    """Ask for another address."""
    body, headers = {"email": email, "password": password}, {"X-CSRF-Token": api.csrf}
    return api.client.post("/api/v1/me/email", json=body, headers=headers)


def follow(app: Flask, letter: str) -> TestResponse:
    """Press the button behind the link of a letter, in a browser that nobody is signed in with."""
    path, token = link_in(letter)
    assert somebody(app).get(path).status_code == 200
    return somebody(app).post(path, data={"token": token})


def come_due() -> None:
    with clock.shifted(timedelta(days=3, seconds=1)):
        change_due_addresses()


def signs_in(app: Flask, email: str) -> bool:
    body = {"email": email, "password": PASSWORD}
    return somebody(app).post("/api/v1/sign-in", json=body).status_code == 200


def changes(clinic: MadeClinic) -> str:
    """Return what the clinic's trail says of changes of its owner's account."""
    with clinic.scope() as scope:
        statement = select(AuditEvent.details).where(
            AuditEvent.tenant_id == scope.tenant_id, AuditEvent.action == "auth:account:change"
        )
        return "".join(scope.session.scalars(statement))


def test_the_new_address_holds_three_days_after_it_was_proved(
    context: Flask, clinic: MadeClinic, api: Api
) -> None:
    old, new = clinic.owner.email, unique_email("moved")
    assert ask(api, f" {new.title()} ").status_code == 202
    proof, warning = letters_to(context, new)[-1], letters_to(context, old)[-1]
    assert new in warning
    assert "/stop-email-change#" in warning

    assert follow(context, proof).status_code == 200
    assert follow(context, proof).status_code == 410
    change_due_addresses()
    assert (signs_in(context, old), signs_in(context, new)) == (True, False)
    assert api.client.get("/api/v1/me").get_json()["email_change"]["due_at"] is not None
    assert new in api.client.get("/account").text
    come_due()

    assert (signs_in(context, old), signs_in(context, new)) == (False, True)
    assert api.client.get("/api/v1/me").status_code == 401
    assert "no longer has this email address" in letters_to(context, old)[-1]
    assert "from now on" in letters_to(context, new)[-1]
    assert follow(context, warning).status_code == 410
    clinic.owner.email = new
    (line,) = Api(context, clinic, clinic.owner).get("/staff")
    assert line["email"] == new
    for what in ("email_change_asked", "email_change_proved", "email_changed"):
        assert what in changes(clinic)


def test_the_old_address_stops_it_and_everybody_is_signed_out(
    context: Flask, clinic: MadeClinic, api: Api
) -> None:
    new = unique_email("thief")
    ask(api, new)
    first = letters_to(context, clinic.owner.email)[-1]
    # Asking again must not take the first letter its power.
    ask(api, new)
    follow(context, letters_to(context, new)[-1])

    assert follow(context, first).status_code == 200

    come_due()
    assert (signs_in(context, clinic.owner.email), signs_in(context, new)) == (True, False)
    assert api.client.get("/api/v1/me").status_code == 401
    letters_to(context, clinic.owner.email)
    assert "email_change_stopped" in changes(clinic)


def test_a_password_reset_stops_it_too_and_so_does_the_person(
    context: Flask, clinic: MadeClinic, api: Api
) -> None:
    new = unique_email("thief")
    ask(api, new)
    follow(context, letters_to(context, new)[-1])
    headers = {"X-CSRF-Token": api.csrf}
    assert api.client.delete("/api/v1/me/email", headers=headers).status_code == 204
    assert api.client.delete("/api/v1/me/email", headers=headers).status_code == 204
    ask(api, new)
    follow(context, letters_to(context, new)[-1])

    somebody(context).post("/forgot-password", data={"email": clinic.owner.email})
    reset = next(one for one in letters_to(context, clinic.owner.email) if "/reset-pass" in one)
    body = {"token": link_in(reset)[1], "new": PASSWORD + " again"}
    assert somebody(context).post("/api/v1/reset-password", json=body).status_code == 204

    come_due()
    assert not signs_in(context, new)


def test_the_link_ends_and_proves_no_other_address(context: Flask, api: Api) -> None:
    first, second = unique_email("first"), unique_email("second")
    ask(api, first)
    early = letters_to(context, first)[-1]
    ask(api, second)

    assert follow(context, early).status_code == 410
    late = letters_to(context, second)[-1]
    with clock.shifted(timedelta(hours=48, seconds=1)):
        assert follow(context, late).status_code == 410


def test_case_19_asking_for_a_known_address_tells_the_asker_nothing(
    context: Flask, api: Api
) -> None:
    other = make_clinic(name="Juniper Quay")

    def steps(email: str) -> tuple[int, bytes, list[str]]:
        with recorded(db.engine) as sent:
            answer = ask(api, email)
        return answer.status_code, answer.data, list(sent)

    assert steps(unique_email("owner")) == steps(other.owner.email)

    told = letters_to(context, other.owner.email)[-1]
    assert "There is an account with this address already" in told
    assert "#" not in told
    come_due()
    assert signs_in(context, other.owner.email)


def test_an_address_that_got_an_account_meanwhile_stays_its_own(
    context: Flask, clinic: MadeClinic, api: Api, superuser: Engine
) -> None:
    new, other = unique_email("taken"), make_clinic(name="Juniper Quay")
    ask(api, new)
    follow(context, letters_to(context, new)[-1])
    with superuser.begin() as connection:
        values = {"email": new, "id": other.owner.person_id}
        connection.execute(text("UPDATE control.person SET email = :email WHERE id = :id"), values)

    come_due()

    assert signs_in(context, clinic.owner.email)
    assert "stays as it is" in letters_to(context, clinic.owner.email)[-1]


def test_it_asks_for_a_fresh_second_factor_or_for_the_password(api: Api) -> None:
    assert ask(api, unique_email(), "not the right words").status_code == 401
    proven(api)
    assert ask(api, unique_email(), "").status_code == 202
    with clock.shifted(timedelta(minutes=6)):
        assert ask(api, unique_email()).get_json()["code"] == "step_up_required"
        assert api.client.get("/account/email").location.startswith("/step-up")


def test_the_page_says_what_is_wrong(api: Api) -> None:
    def send(**form: str) -> TestResponse:
        return api.client.post("/account/email", data={"csrf_token": api.csrf, **form})

    same = send(email=api.clinic.owner.email, password=PASSWORD)
    wrong = send(email=unique_email(), password="not the right words")

    assert "That is your address already." in same.text
    assert 'href="#password"' in wrong.text
    assert send(email=unique_email(), password=PASSWORD).location == "/account?said=email"


def test_what_is_over_is_swept_and_what_is_alive_stays(
    context: Flask, api: Api, superuser: Engine
) -> None:
    values = {"key": f"email-change:{api.who.person_id}%", "id": api.who.person_id}
    ask(api, unique_email())

    def left_after(seconds: int, *changes: str) -> list[int]:
        with superuser.begin() as connection:
            for one in changes:
                connection.execute(text(one), values)
        with clock.shifted(timedelta(seconds=seconds)):
            sweep()
        counts = (
            "SELECT (SELECT count(*) FROM control.attempt WHERE key LIKE :key),"
            " (SELECT count(*) FROM control.letter WHERE detail = CAST(:id AS text)),"
            " (SELECT count(*) FROM control.login_session WHERE person_id = :id)"
        )
        with superuser.connect() as connection:
            return list(connection.execute(text(counts), values).one())

    assert left_after(0) == [1, 2, 1]
    assert left_after(3601) == [0, 2, 1]
    old_letters = (
        "UPDATE control.letter SET created_at = now() - interval '31 days'"
        " WHERE detail = CAST(:id AS text)"
    )
    old_sessions = (
        "UPDATE control.login_session SET ended_at = now() - interval '91 days'"
        " WHERE person_id = :id"
    )
    assert left_after(0, old_letters, old_sessions) == [0, 0, 0]
