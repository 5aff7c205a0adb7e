"""Signing in: counted before checked, silent about who exists, one living cookie."""

import threading
from datetime import timedelta

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text
from werkzeug.test import TestResponse

from app.auth.factors import enrol_totp
from app.auth.guards import STAFF_COOKIE
from app.auth.pages import safe_next
from app.auth.passwords import WeakPassword, hash_password
from app.auth.services import normal_email
from app.database import unit_of_work
from app.errors import Invalid
from app.kit import clock
from tests.factories.tenants import PASSWORD, MadeClinic, Staff, make_clinic, unique_email
from tests.support.api import Api

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def clinic(context: Flask) -> MadeClinic:
    return make_clinic()


def sign_in(client: FlaskClient, email: str, password: str = PASSWORD) -> TestResponse:
    return client.post("/api/v1/sign-in", json={"email": email, "password": password})


def enrol(who: Staff) -> None:
    """Give a person the second factor of these tests."""
    with unit_of_work() as work:
        enrol_totp(work.session, person_id=who.person_id, secret=SECRET, code=code_now())


def code_now(steps: int = 0) -> str:
    at = clock.now() + timedelta(seconds=30 * steps)
    return pyotp.TOTP(SECRET).at(at)


def step_up(api: Api, code: str) -> TestResponse:
    return api.client.post(
        "/api/v1/step-up", json={"code": code}, headers={"X-CSRF-Token": api.csrf}
    )


def cookie_of(client: FlaskClient) -> str:
    found = client.get_cookie(STAFF_COOKIE)
    return found.value if found else ""


def racing(app: Flask, number: int, act: object) -> list[int]:
    """Let threads act at once; return the status codes that they got."""
    statuses: list[int] = []
    start = threading.Barrier(number)

    def run() -> None:
        start.wait(10)
        statuses.append(act(app.test_client()).status_code)

    threads = [threading.Thread(target=run) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(statuses)


class TestPasswords:
    def test_the_eleventh_wrong_password_is_not_even_looked_at(self, clinic: MadeClinic) -> None:
        client = self.client
        statuses = [
            sign_in(client, clinic.owner.email, "wrong word").status_code for _ in range(10)
        ]

        assert statuses == [401] * 10
        assert sign_in(client, clinic.owner.email).status_code == 429

    def test_guessers_who_race_are_all_counted(self, app: Flask, clinic: MadeClinic) -> None:
        statuses = racing(app, 14, lambda client: sign_in(client, clinic.owner.email, "wrong word"))

        assert statuses == [401] * 10 + [429] * 4

    def test_a_success_forgets_the_tries(self, clinic: MadeClinic) -> None:
        client = self.client
        for _ in range(2):
            for _ in range(9):
                sign_in(client, clinic.owner.email, "wrong word")
            assert sign_in(client, clinic.owner.email).status_code == 200

    def test_counting_begins_anew_after_the_window(self, clinic: MadeClinic) -> None:
        for _ in range(11):
            sign_in(self.client, clinic.owner.email, "wrong word")

        with clock.shifted(timedelta(seconds=901)):
            assert sign_in(self.client, clinic.owner.email).status_code == 200

    def test_an_unknown_address_gets_the_same_answer(self, clinic: MadeClinic) -> None:
        known = sign_in(self.client, clinic.owner.email, "wrong word")
        unknown = sign_in(self.client, unique_email("nobody"), "wrong word")

        def said(answer: TestResponse) -> dict[str, object]:
            return {**answer.get_json(), "request_id": ""}

        assert known.status_code == unknown.status_code == 401
        assert said(known) == said(unknown)

    def test_an_unknown_address_is_counted_like_a_known_one(self) -> None:
        nobody = unique_email("nobody")
        statuses = [sign_in(self.client, nobody).status_code for _ in range(11)]

        assert statuses == [401] * 10 + [429]

    def test_an_address_is_compared_without_case_and_blanks(self, clinic: MadeClinic) -> None:
        assert sign_in(self.client, f"  {clinic.owner.email.upper()} ").status_code == 200

    @pytest.mark.parametrize(
        "email", ["", "nobody", "@b.example", "a@b", "a b@c.example", "a@b.example\nBcc: x@y.z"]
    )
    def test_what_is_no_address_is_refused(self, email: str) -> None:
        with pytest.raises(Invalid):
            normal_email(email)

    @pytest.mark.parametrize(
        "password", ["short", "aaaaaaaaaaaaaaaa", "Password1234", "x" * 257, "abababababababab"]
    )
    def test_an_easy_password_is_refused(self, password: str) -> None:
        with pytest.raises(WeakPassword):
            hash_password(password)

    def test_a_long_passphrase_is_welcome(self) -> None:
        assert hash_password("völlig richtig, Pferd Batterie " * 8)

    @pytest.fixture(autouse=True)
    def _client(self, context: Flask) -> None:
        self.client = context.test_client()


class TestSecondFactor:
    @pytest.fixture
    def api(self, context: Flask, clinic: MadeClinic) -> Api:
        enrol(clinic.owner)
        return Api(context, clinic, clinic.owner)

    def test_a_right_code_gives_a_new_cookie_and_kills_the_old_one(self, api: Api) -> None:
        old = cookie_of(api.client)

        answer = step_up(api, code_now())

        assert answer.status_code == 200
        assert cookie_of(api.client) != old
        assert answer.get_json()["csrf_token"] != api.csrf
        api.client.set_cookie(STAFF_COOKIE, old, secure=True)
        api.get("", expect=401)

    def test_case_16_a_code_works_once(self, api: Api, context: Flask) -> None:
        code = code_now()
        assert step_up(api, code).status_code == 200
        again = Api(context, api.clinic, api.clinic.owner)

        assert step_up(again, code).status_code == 401

    def test_case_16_of_many_who_send_the_same_code_one_gets_in(
        self, context: Flask, clinic: MadeClinic
    ) -> None:
        enrol(clinic.owner)
        code = code_now()
        apis = [Api(context, clinic, clinic.owner) for _ in range(4)]

        statuses = racing(context, 4, lambda _client: step_up(apis.pop(), code))

        assert statuses == [200, 401, 401, 401]

    def test_an_earlier_code_is_dead_once_a_later_one_was_used(self, api: Api) -> None:
        earlier, later = code_now(), code_now(1)
        api.csrf = step_up(api, later).get_json()["csrf_token"]

        assert step_up(api, earlier).status_code == 401

    def test_case_16_of_six_wrong_codes_at_once_the_sixth_is_refused_unseen(
        self, context: Flask, api: Api
    ) -> None:
        apis = [Api(context, api.clinic, api.clinic.owner) for _ in range(6)]

        statuses = racing(context, 6, lambda _client: step_up(apis.pop(), "000000"))

        assert statuses == [401] * 5 + [429]
        # Though every one of these requests failed, its try was kept.
        assert step_up(api, code_now()).status_code == 429

    def test_a_person_without_a_second_factor_is_told_so(
        self, context: Flask, clinic: MadeClinic
    ) -> None:
        answer = step_up(Api(context, clinic, clinic.owner), "123456")

        assert answer.status_code == 409
        assert answer.get_json()["code"] == "no_second_factor"

    def test_a_second_factor_is_not_replaced_by_whoever_is_signed_in(self, api: Api) -> None:
        api.csrf = step_up(api, code_now()).get_json()["csrf_token"]
        body = {"secret": SECRET[::-1], "code": code_now(), "password": PASSWORD}

        answer = api.client.put(
            "/api/v1/me/authenticator", json=body, headers={"X-CSRF-Token": api.csrf}
        )

        assert answer.status_code == 409


class TestSessions:
    @pytest.fixture
    def api(self, context: Flask, clinic: MadeClinic) -> Api:
        return Api(context, clinic, clinic.owner)

    def test_the_cookie_is_bound_to_this_host_and_hidden_from_scripts(
        self, context: Flask, clinic: MadeClinic
    ) -> None:
        answer = sign_in(context.test_client(), clinic.owner.email)
        cookie = answer.headers["Set-Cookie"]

        assert cookie.startswith("__Host-")
        for flag in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
            assert flag in cookie
        assert "Domain" not in cookie

    def test_case_14_only_a_hash_of_the_cookie_is_stored(self, api: Api, superuser: Engine) -> None:
        with superuser.connect() as connection:
            stored = connection.execute(text("SELECT s\\:\\:text FROM control.login_session s"))
            assert cookie_of(api.client) not in str(stored.all())

    def test_a_planted_cookie_is_never_taken_over(self, context: Flask, clinic: MadeClinic) -> None:
        client = context.test_client()
        client.set_cookie(STAFF_COOKIE, "planted", secure=True)

        sign_in(client, clinic.owner.email)

        assert cookie_of(client) not in {"", "planted"}

    def test_it_ends_after_half_an_hour_without_a_request(self, api: Api) -> None:
        with clock.shifted(timedelta(seconds=1799)):
            api.get("")
        with clock.shifted(timedelta(seconds=1799 + 1801)):
            api.get("", expect=401)

    def test_every_request_makes_it_last_longer(self, api: Api) -> None:
        for minutes in (20, 40, 60):
            with clock.shifted(timedelta(minutes=minutes)):
                api.get("")

    def test_it_ends_after_half_a_day_whatever_happens(self, api: Api) -> None:
        for minutes in range(20, 720, 20):
            with clock.shifted(timedelta(minutes=minutes)):
                api.get("")
        with clock.shifted(timedelta(minutes=721)):
            api.get("", expect=401)

    def test_signing_out_ends_it_on_the_server(self, api: Api) -> None:
        kept = cookie_of(api.client)
        headers = {"X-CSRF-Token": api.csrf}

        answer = api.client.post("/api/v1/sign-out", headers=headers)

        assert answer.status_code == 204
        assert "Clear-Site-Data" in answer.headers
        api.client.set_cookie(STAFF_COOKIE, kept, secure=True)
        api.get("", expect=401)

    @pytest.mark.parametrize("token", ["", "something else", "ÄÖÜ", "0" * 64])
    def test_an_unsafe_request_needs_the_pages_own_token(self, api: Api, token: str) -> None:
        answer = api.client.post("/sign-out", data={"csrf_token": token})

        assert answer.status_code == 403
        api.get("")

    def test_the_token_of_one_session_is_not_good_for_another(
        self, context: Flask, api: Api
    ) -> None:
        other = Api(context, api.clinic, api.clinic.owner)
        api.csrf = other.csrf

        assert api.post("/locations", {}, expect=403)["code"] == "foreign_request"

    @pytest.mark.parametrize(
        "answer_to", ["/sign-in", "/healthz", "/api/v1/me/clinics", "/nothing"]
    )
    def test_every_answer_says_how_it_may_be_used(self, context: Flask, answer_to: str) -> None:
        headers = context.test_client().get(answer_to).headers

        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "evil",
        "",
        "javascript:alert(1)",
        "/x\r\nSet-Cookie: a=b",
        "/\t/evil.example",
    ],
)
def test_nobody_is_sent_to_another_site(path: str) -> None:
    assert safe_next(path) == "/"


@pytest.mark.parametrize("path", ["/", "/clinics/1?x=2", "/a/b#c"])
def test_people_are_sent_back_to_where_they_were(path: str) -> None:
    assert safe_next(path) == path
