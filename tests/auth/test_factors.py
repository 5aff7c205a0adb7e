"""Second factors: what it takes to add or remove one, and codes for the day it is lost."""

import json
import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pyotp
import pytest
from flask import Flask
from sqlalchemy import Engine, select, text
from werkzeug.test import TestResponse

from app.audit.models import AuditEvent
from app.auth.guards import STAFF_COOKIE
from app.jobs.worker import work
from app.kit import clock
from app.tenants.models import Role
from tests.factories.tenants import PASSWORD, MadeClinic, add_staff, make_clinic
from tests.support.api import Api
from tests.support.letters import letters_to

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def code_now(steps: int = 0) -> str:
    return pyotp.TOTP(SECRET).at(clock.now() + timedelta(seconds=30 * steps))


def call(api: Api, method: str, path: str, body: object = None) -> TestResponse:
    """Send an unsafe request and keep the token that comes back."""
    answer = api.client.open(
        f"/api/v1{path}", method=method, json=body, headers={"X-CSRF-Token": api.csrf}
    )
    api.csrf = (answer.get_json(silent=True) or {}).get("csrf_token", api.csrf)
    return answer


def enrol(api: Api) -> list[str]:
    """Set an authenticator up; return the recovery codes."""
    body = {"secret": SECRET, "code": code_now(), "password": PASSWORD}
    answer = call(api, "PUT", "/me/authenticator", body)
    assert answer.status_code == 200, answer.text
    return list(answer.get_json()["recovery_codes"])


def href(page: str, begins: str) -> str:
    """Return the target of the first link that begins so."""
    found = re.search(rf'href="({re.escape(begins)}[^"]*)"', page)
    assert found is not None, page
    return unescape(found[1])


@pytest.fixture
def clinic(context: Flask) -> MadeClinic:
    return make_clinic()


@pytest.fixture
def api(context: Flask, clinic: MadeClinic) -> Api:
    return Api(context, clinic, clinic.owner)


class TestEnrolling:
    @pytest.mark.parametrize("password", ["", "not the right words"])
    def test_the_first_factor_asks_for_the_password(self, api: Api, password: str) -> None:
        body = {"secret": SECRET, "code": code_now(), "password": password}

        assert call(api, "PUT", "/me/authenticator", body).status_code == 401
        assert api.client.get("/api/v1/me").get_json()["has_authenticator"] is False

    def test_it_is_a_step_up_with_a_new_session_id_and_a_letter(
        self, context: Flask, api: Api
    ) -> None:
        before = api.client.get_cookie(STAFF_COOKIE)

        codes = enrol(api)

        after = api.client.get_cookie(STAFF_COOKIE)
        assert before is not None
        assert after is not None
        assert before.value != after.value
        assert len(set(codes)) == 10
        assert call(api, "POST", "/me/recovery-codes").status_code == 200
        told = " ".join(letters_to(context, api.clinic.owner.email))
        assert "An authenticator app was added" in told
        assert SECRET not in told

    def test_removing_needs_a_factor_of_the_last_five_minutes(
        self, context: Flask, api: Api
    ) -> None:
        enrol(api)
        with clock.shifted(timedelta(minutes=5, seconds=2)):
            refused = call(api, "DELETE", "/me/authenticator")
            assert refused.get_json()["code"] == "step_up_required"
        with clock.shifted(timedelta(minutes=4, seconds=50)):
            assert call(api, "DELETE", "/me/authenticator").status_code == 200

        assert api.client.get("/api/v1/me").get_json()["recovery_codes_left"] == 0
        assert "was removed" in " ".join(letters_to(context, api.clinic.owner.email))

    def test_the_page_shows_the_codes_once(self, api: Api) -> None:
        page = api.client.get("/second-factor").text
        secret = page.split("<code>")[1].split("</code>")[0].replace(" ", "")
        sealed = page.split('name="sealed" value="')[1].split('"')[0]
        form = {"sealed": sealed, "code": pyotp.TOTP(secret).at(clock.now()), "password": PASSWORD}

        answer = api.client.post("/second-factor", data={**form, "csrf_token": api.csrf})

        assert answer.status_code == 200
        assert answer.text.count("<li><code>") == 10
        assert "10 of 10 are left" in api.client.get("/account").text

    @pytest.mark.parametrize("outside", [None, "//evil.example", "https://evil.example/", "/\t/e"])
    def test_setting_one_up_in_the_middle_of_an_errand_leads_back_to_it(
        self, api: Api, outside: str | None
    ) -> None:
        errand = f"/clinics/{api.clinic.tenant_id}/my-pin?from=today"
        asked = api.client.get(errand, headers={"Accept": "text/html"})
        link = href(api.client.get(asked.location).text, "/second-factor")
        assert parse_qs(urlsplit(link).query)["next"] == [errand]
        if outside is not None:
            link = f"/second-factor?{urlencode({'next': outside})}"
        page = api.client.get(link).text
        uri = href(page, "otpauth://totp/")

        form = {
            "sealed": page.split('name="sealed" value="')[1].split('"')[0],
            "next": unescape(page.split('name="next" value="')[1].split('"')[0]),
            "code": pyotp.parse_uri(uri).at(clock.now()),
            "password": PASSWORD,
            "csrf_token": api.csrf,
        }
        wrong = api.client.post("/second-factor", data={**form, "code": "000000"})
        assert form["next"] in unescape(wrong.text)
        codes = api.client.post("/second-factor", data=form).text

        back = unescape(codes.split('<a class="button" href="')[1].split('"')[0])
        assert back == (errand if outside is None else "/account")
        assert api.client.get(back).status_code == 200

    def test_a_secret_of_somebody_elses_making_is_not_taken(self, api: Api) -> None:
        form = {"sealed": "AAAA", "code": code_now(), "password": PASSWORD, "csrf_token": api.csrf}

        assert api.client.post("/second-factor", data=form).status_code in {401, 422}
        assert api.client.get("/api/v1/me").get_json()["has_authenticator"] is False


class TestRecoveryCodes:
    def waiting(self, app: Flask, clinic: MadeClinic) -> Api:
        return Api(app, clinic, clinic.owner)

    def test_each_lets_in_once_and_the_person_is_told(
        self, context: Flask, clinic: MadeClinic, api: Api
    ) -> None:
        code = enrol(api)[3]
        first, second = (self.waiting(context, clinic) for _ in range(2))
        first.get("", expect=401)

        assert call(first, "POST", "/step-up", {"code": code.lower()}).status_code == 200
        first.get("")
        assert call(second, "POST", "/step-up", {"code": code}).status_code == 401
        second.get("", expect=401)
        assert first.client.get("/api/v1/me").get_json()["recovery_codes_left"] == 9
        assert "A recovery code was used" in " ".join(letters_to(context, clinic.owner.email))

    def test_new_ones_end_the_old_ones(self, context: Flask, clinic: MadeClinic, api: Api) -> None:
        old = enrol(api)
        fresh = call(api, "POST", "/me/recovery-codes").get_json()["recovery_codes"]
        waiting = self.waiting(context, clinic)

        assert call(waiting, "POST", "/step-up", {"code": old[0]}).status_code == 401
        assert call(waiting, "POST", "/step-up", {"code": fresh[0]}).status_code == 200

    def test_they_are_stored_as_slow_hashes(self, api: Api, superuser: Engine) -> None:
        codes = enrol(api)
        with superuser.connect() as connection:
            statement = text("SELECT hash FROM control.recovery_code WHERE person_id = :id")
            stored = connection.scalars(statement, {"id": api.clinic.owner.person_id}).all()

        assert len(stored) == 10
        assert all(one.startswith("$argon2id$") for one in stored)
        assert all(code.replace("-", "") not in str(stored) for code in codes)

    @pytest.mark.parametrize("code", ["", "0-AAAAA-AAAAA", "x" * 11, "٣-AAAAA-AAAAA", "0" * 40])
    def test_nonsense_is_refused(
        self, context: Flask, clinic: MadeClinic, api: Api, code: str
    ) -> None:
        enrol(api)
        waiting = self.waiting(context, clinic)

        assert call(waiting, "POST", "/step-up", {"code": code}).status_code == 401

    def test_guesses_are_counted_over_all_browsers_that_have_the_password(
        self, context: Flask, clinic: MadeClinic, api: Api
    ) -> None:
        codes = enrol(api)
        for _ in range(5):
            wrong = self.waiting(context, clinic)
            assert call(wrong, "POST", "/step-up", {"code": "000000"}).status_code == 401

        late = self.waiting(context, clinic)
        assert call(late, "POST", "/step-up", {"code": codes[0]}).status_code == 429
        # Who is in already is not kept out by whoever has the password.
        assert call(api, "POST", "/step-up", {"code": codes[0]}).status_code == 200


class TestForgottenPasswordWithAFactor:
    def test_a_reset_does_not_go_round_the_second_factor(
        self, context: Flask, clinic: MadeClinic, api: Api
    ) -> None:
        enrol(api)
        client = context.test_client()
        client.post("/api/v1/forgot-password", json={"email": clinic.owner.email})
        link = next(
            one for one in letters_to(context, clinic.owner.email) if "/reset-password#" in one
        )
        token = link.split("#")[1].split()[0]
        client.post("/api/v1/reset-password", json={"token": token, "new": PASSWORD + " more"})

        body = {"email": clinic.owner.email, "password": PASSWORD + " more"}
        signed_in = client.post("/api/v1/sign-in", json=body)

        assert signed_in.get_json()["has_second_factor"] is True
        answer = client.get(f"/api/v1/clinics/{clinic.tenant_id}")
        assert answer.get_json()["code"] == "second_factor_required"
        page = client.get("/account", headers={"Accept": "text/html"})
        assert page.location.startswith("/step-up?next=")


class TestWhatTheClinicSees:
    def test_sign_ins_and_changes_are_events_of_each_clinic(
        self, context: Flask, clinic: MadeClinic, api: Api
    ) -> None:
        enrol(api)
        letters_to(context, clinic.owner.email)

        with clinic.scope() as scope:
            statement = select(AuditEvent).where(
                AuditEvent.tenant_id == scope.tenant_id, AuditEvent.action.like("auth:%")
            )
            events = scope.session.scalars(statement).all()
            told = {(one.action, one.actor_id) for one in events}
        assert told >= {
            ("auth:session:start", clinic.owner.id),
            ("auth:account:change", clinic.owner.id),
        }

    def test_a_wrong_second_factor_is_an_event_of_each_clinic(
        self, context: Flask, clinic: MadeClinic, api: Api
    ) -> None:
        enrol(api)
        waiting = Api(context, clinic, clinic.owner)
        page = {"code": "000000", "csrf_token": waiting.csrf}
        for path in ("/step-up", "/api/v1/step-up"):
            sent = {"data": page} if path == "/step-up" else {"json": {"code": "1-ABCDE-FGHJK"}}
            headers = {"X-CSRF-Token": waiting.csrf}
            assert waiting.client.post(path, **sent, headers=headers).status_code == 401
        work(context, context.config["SETTINGS"].worker_url, until_empty=True)

        with clinic.scope() as scope:
            statement = select(AuditEvent).where(
                AuditEvent.tenant_id == scope.tenant_id, AuditEvent.action == "auth:factor:refuse"
            )
            events = scope.session.scalars(statement.order_by(AuditEvent.at)).all()
        assert [one.actor_id for one in events] == [clinic.owner.id] * 2
        assert {json.loads(one.details)["method"] for one in events} == {"code", "recovery_code"}
        assert not any("000000" in one.details or "ABCDE" in one.details for one in events)

    def test_a_change_is_an_event_though_no_letter_ever_leaves(
        self, context: Flask, clinic: MadeClinic, api: Api
    ) -> None:
        elsewhere = make_clinic(name="Juniper Quay")
        add_staff(elsewhere, Role.MANAGER, email=clinic.owner.email)
        enrol(api)
        settings = context.config["SETTINGS"]
        nowhere = replace(settings, home=Path("/proc/nowhere"))
        context.config["SETTINGS"] = nowhere
        try:
            work(context, settings.worker_url, until_empty=True)
        finally:
            context.config["SETTINGS"] = settings

        for one in (clinic, elsewhere):
            with one.scope() as scope:
                statement = select(AuditEvent.details).where(
                    AuditEvent.tenant_id == scope.tenant_id,
                    AuditEvent.action == "auth:account:change",
                    AuditEvent.person_id == clinic.owner.person_id,
                )
                told = "".join(scope.session.scalars(statement))
            assert "authenticator_added" in told
            assert "recovery_codes_renewed" in told

    def test_who_lost_everything_is_let_back_in_by_the_operator(
        self, context: Flask, clinic: MadeClinic, api: Api
    ) -> None:
        enrol(api)

        done = context.test_cli_runner().invoke(args=["auth", "drop-factors", clinic.owner.email])

        assert done.exit_code == 0, done.output
        api.get("", expect=401)
        again = Api(context, clinic, clinic.owner)
        again.get("")
        assert again.client.get("/api/v1/me").get_json()["recovery_codes_left"] == 0
