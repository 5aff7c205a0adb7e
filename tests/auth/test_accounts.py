"""A person's own account: password changed or forgotten, address proved, sign-ins ended."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from app.auth.guards import STAFF_COOKIE
from app.auth.visitors import DEVICE_COOKIE
from app.database import db
from app.kit import clock
from tests.conftest import somebody
from tests.factories.tenants import PASSWORD, MadeClinic, make_clinic, unique_email
from tests.support.api import Api
from tests.support.letters import letters_to, link_in
from tests.support.query_recorder import recorded

NEW = "another set of quiet words"


@pytest.fixture
def clinic(context: Flask) -> MadeClinic:
    return make_clinic()


@pytest.fixture
def api(context: Flask, clinic: MadeClinic) -> Api:
    return Api(context, clinic, clinic.owner)


def send(api: Api, method: str, path: str, body: object = None, expect: int = 200) -> dict:
    """Send an unsafe request outside any clinic."""
    answer = api.client.open(
        f"/api/v1{path}", method=method, json=body, headers={"X-CSRF-Token": api.csrf}
    )
    assert answer.status_code == expect, answer.text
    return answer.get_json(silent=True) or {}


def signs_in(client: FlaskClient, email: str, password: str) -> int:
    """Return the status of signing in with a password."""
    body = {"email": email, "password": password}
    return client.post("/api/v1/sign-in", json=body).status_code


def cookie_of(api: Api) -> str:
    found = api.client.get_cookie(STAFF_COOKIE)
    return found.value if found else ""


class TestChangingThePassword:
    def test_every_other_sign_in_ends_and_this_one_gets_a_new_id(
        self, context: Flask, clinic: MadeClinic, api: Api
    ) -> None:
        other, old_cookie = Api(context, clinic, clinic.owner), cookie_of(api)

        done = send(api, "PUT", "/me/password", {"old": PASSWORD, "new": NEW})

        assert cookie_of(api) != old_cookie
        assert done["csrf_token"] != api.csrf
        api.get("")
        other.get("", expect=401)
        api.client.set_cookie(STAFF_COOKIE, old_cookie, secure=True)
        api.get("", expect=401)
        assert signs_in(somebody(context), clinic.owner.email, PASSWORD) == 401
        assert signs_in(somebody(context), clinic.owner.email, NEW) == 200

    def test_the_old_password_is_asked_and_tries_are_counted(self, api: Api) -> None:
        body = {"old": "not the right words", "new": NEW}
        for _ in range(5):
            send(api, "PUT", "/me/password", body, expect=401)

        send(api, "PUT", "/me/password", {"old": PASSWORD, "new": NEW}, expect=429)

    def test_another_sign_in_brings_no_new_tries(
        self, context: Flask, clinic: MadeClinic, api: Api
    ) -> None:
        other, body = Api(context, clinic, clinic.owner), {"old": "not the right words", "new": NEW}
        for one in (api, other):
            one.client.delete_cookie(DEVICE_COOKIE)
        for _ in range(5):
            send(api, "PUT", "/me/password", body, expect=401)

        send(other, "PUT", "/me/password", {"old": PASSWORD, "new": NEW}, expect=429)

    def test_a_new_password_made_of_what_everybody_knows_is_refused(self, api: Api) -> None:
        for new in ("Tern and Thistle 1", "morven-achterberg", "short", api.clinic.owner.email):
            body = {"old": PASSWORD, "new": new}
            assert send(api, "PUT", "/me/password", body, expect=422)["code"] == "weak_password"
        api.get("")

    def test_the_person_is_told_by_email(self, context: Flask, api: Api) -> None:
        send(api, "PUT", "/me/password", {"old": PASSWORD, "new": NEW})

        (letter,) = letters_to(context, api.clinic.owner.email)
        assert "Your password was changed" in letter
        assert NEW not in letter

    def test_the_page_says_what_is_wrong_and_changes_nothing(
        self, context: Flask, api: Api
    ) -> None:
        form = {"old": PASSWORD, "new": "short", "csrf_token": api.csrf}
        answer = api.client.post("/account/password", data=form)

        assert answer.status_code == 422
        assert 'href="#new"' in answer.text
        assert signs_in(somebody(context), api.clinic.owner.email, PASSWORD) == 200


class TestForgottenPassword:
    def ask(self, app: Flask, email: str) -> int:
        answer = somebody(app).post("/api/v1/forgot-password", json={"email": email})
        return answer.status_code

    def reset(self, app: Flask, token: str, new: str = NEW) -> int:
        body = {"token": token, "new": new}
        return somebody(app).post("/api/v1/reset-password", json=body).status_code

    def test_a_link_sets_a_password_once_and_ends_every_sign_in(
        self, context: Flask, api: Api
    ) -> None:
        email = api.clinic.owner.email
        assert self.ask(context, email) == 202
        path, token = link_in(letters_to(context, email)[-1])
        assert path == "/reset-password"

        assert self.reset(context, token, "short") == 422
        assert self.reset(context, token) == 204
        assert self.reset(context, token, PASSWORD) == 410

        api.get("", expect=401)
        assert signs_in(somebody(context), email, NEW) == 200
        assert "A new password was set" in letters_to(context, email)[-1]

    def test_a_link_ends_after_half_an_hour(self, context: Flask, clinic: MadeClinic) -> None:
        self.ask(context, clinic.owner.email)
        _, token = link_in(letters_to(context, clinic.owner.email)[-1])

        with clock.shifted(timedelta(minutes=30, seconds=1)):
            assert self.reset(context, token) == 410
        with clock.shifted(timedelta(minutes=29, seconds=30)):
            assert self.reset(context, token) == 204

    def test_a_newer_link_ends_the_older_one(self, context: Flask, clinic: MadeClinic) -> None:
        email = clinic.owner.email
        self.ask(context, email)
        _, older = link_in(letters_to(context, email)[-1])
        self.ask(context, email)
        _, newer = link_in(letters_to(context, email)[-1])

        assert older != newer
        assert self.reset(context, older) == 410
        assert self.reset(context, newer) == 204

    def test_opening_the_page_uses_nothing_up(self, context: Flask, clinic: MadeClinic) -> None:
        self.ask(context, clinic.owner.email)
        _, token = link_in(letters_to(context, clinic.owner.email)[-1])
        for method in ("get", "head"):
            assert getattr(somebody(context), method)("/reset-password").status_code == 200

        form = {"token": token, "new": NEW}
        answer = somebody(context).post("/reset-password", data=form)

        assert answer.status_code == 303
        assert answer.location == "/sign-in?said=reset"

    def test_case_19_known_and_unknown_addresses_take_the_same_steps(
        self, context: Flask, clinic: MadeClinic
    ) -> None:
        def asked(email: str) -> tuple[str, list[str]]:
            client = somebody(context)
            with recorded(db.engine) as sent:
                answer = client.post("/forgot-password", data={"email": email})
            assert answer.status_code == 200
            return answer.text, list(sent)

        known = asked(clinic.owner.email)
        nobody = unique_email("nobody")
        unknown = asked(nobody)

        assert known == unknown
        assert letters_to(context, nobody) == []
        assert len(letters_to(context, clinic.owner.email)) == 1

    def test_letters_to_one_address_are_counted(self, context: Flask, clinic: MadeClinic) -> None:
        answers = [self.ask(context, clinic.owner.email) for _ in range(6)]

        assert answers == [202] * 5 + [429]

    def test_case_14_the_secret_is_stored_nowhere(
        self, context: Flask, clinic: MadeClinic, superuser: Engine
    ) -> None:
        self.ask(context, clinic.owner.email)
        _, token = link_in(letters_to(context, clinic.owner.email)[-1])

        with superuser.connect() as connection:
            for table in ("letter", "account_link"):
                rows = connection.execute(text(f"SELECT x\\:\\:text FROM control.{table} x")).all()
                assert rows
                assert token not in str(rows)
                assert clinic.owner.email not in str(rows)


class TestOwnSessions:
    BROWSER = "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"

    def test_each_is_listed_with_its_browser_and_half_an_address(
        self, context: Flask, clinic: MadeClinic, api: Api
    ) -> None:
        client = context.test_client()
        client.environ_base["REMOTE_ADDR"] = "203.0.113.77"
        client.post(
            "/api/v1/sign-in",
            json={"email": clinic.owner.email, "password": PASSWORD},
            headers={"User-Agent": self.BROWSER},
        )

        mine = client.get("/api/v1/me/sessions").get_json()

        assert len(mine) == 2
        (current,) = [one for one in mine if one["is_current"]]
        assert current["device"] == "Firefox on Windows"
        assert current["near"] == "203.0.113.x"
        page = client.get("/account")
        assert "Firefox on Windows" in page.text
        assert "203.0.113.77" not in page.text

    def test_one_or_all_others_end_at_once(self, context: Flask, clinic: MadeClinic) -> None:
        first, second, third = (Api(context, clinic, clinic.owner) for _ in range(3))
        found = send(second, "GET", "/me/sessions")
        (current,) = [one["id"] for one in found if one["is_current"]]

        send(first, "DELETE", f"/me/sessions/{current}", expect=204)
        second.get("", expect=401)
        send(first, "DELETE", f"/me/sessions/{current}", expect=404)

        send(first, "DELETE", "/me/sessions", expect=204)
        third.get("", expect=401)
        first.get("")

    def test_nobody_ends_the_sign_in_of_somebody_else(self, context: Flask, api: Api) -> None:
        other = make_clinic()
        stranger = Api(context, other, other.owner)
        (mine,) = send(api, "GET", "/me/sessions")

        send(stranger, "DELETE", f"/me/sessions/{mine['id']}", expect=404)

        api.get("")

    @pytest.mark.parametrize(("seconds", "expect"), [(1799, 200), (1801, 401)])
    def test_idle_time_ends_at_its_boundary(self, api: Api, seconds: int, expect: int) -> None:
        with clock.shifted(timedelta(seconds=seconds)):
            api.get("", expect=expect)

    @pytest.mark.parametrize(("seconds", "expect"), [(43_198, 200), (43_201, 401)])
    def test_the_absolute_time_ends_at_its_boundary(
        self, api: Api, seconds: int, expect: int
    ) -> None:
        for earlier in range(1500, 43_000, 1500):
            with clock.shifted(timedelta(seconds=earlier)):
                api.get("")
        with clock.shifted(timedelta(seconds=seconds)):
            api.get("", expect=expect)
