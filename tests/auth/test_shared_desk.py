"""A shared tablet: switched by PIN, everybody under their own name, locked when idle."""

import uuid
from dataclasses import dataclass
from datetime import timedelta

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select, text
from werkzeug.test import TestResponse

from app.audit.models import AuditEvent
from app.auth import attempts, passwords
from app.auth.csrf import csrf_token
from app.auth.factors import enrol_totp
from app.auth.guards import DESK_COOKIE, STAFF_COOKIE
from app.database import db, unit_of_work
from app.kit import clock
from app.tenants.models import Role
from tests.conftest import somebody
from tests.factories.tenants import MadeClinic, Staff, add_staff, make_clinic
from tests.support.api import Api
from tests.support.hashing import Counted
from tests.support.query_recorder import recorded

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
PIN, OTHER_PIN = "482913", "730264"


def proven(app: Flask, clinic: MadeClinic, who: Staff) -> Api:
    """Return somebody signed in who has just shown a second factor."""
    with unit_of_work() as work:
        code = pyotp.TOTP(SECRET).at(clock.now())
        enrol_totp(work.session, person_id=who.person_id, secret=SECRET, code=code)
    api = Api(app, clinic, who)
    body = {"code": pyotp.TOTP(SECRET).at(clock.now())}
    answer = api.client.post("/api/v1/step-up", json=body, headers={"X-CSRF-Token": api.csrf})
    api.csrf = answer.get_json()["csrf_token"]
    return api


def set_pin(api: Api, pin: str, expect: int = 204) -> None:
    """Set the PIN of somebody who has just shown a second factor."""
    answer = api.client.put(
        api.url("/my-pin"), json={"pin": pin}, headers={"X-CSRF-Token": api.csrf}
    )
    assert answer.status_code == expect, answer.text


@dataclass
class Tablet:
    """The clinic's tablet, and the people who switch on it."""

    client: FlaskClient
    clinic: MadeClinic
    owner: Api
    nurse: Staff
    desk: Staff
    id: str

    def switch(self, who: Staff, pin: str) -> TestResponse:
        """Send the form of the page for switching: one request."""
        data = {"staff_id": str(who.id), "pin": pin, "csrf_token": self.token(DESK_COOKIE)}
        return self.client.post("/shared-desk", data=data)

    def token(self, cookie: str) -> str:
        """Return the form token that goes with a cookie."""
        found = self.client.get_cookie(cookie)
        with self.client.application.app_context():
            return csrf_token(found.value if found else "")

    def open(self, path: str = "") -> TestResponse:
        """Read something of the clinic as whoever is at the tablet."""
        return self.client.get(f"/api/v1/clinics/{self.clinic.tenant_id}{path}")

    def send(self, path: str, body: object) -> TestResponse:
        """Send something as whoever is at the tablet."""
        headers = {"X-CSRF-Token": self.token(STAFF_COOKIE), "Idempotency-Key": uuid.uuid4().hex}
        url = f"/api/v1/clinics/{self.clinic.tenant_id}{path}"
        return self.client.post(url, json=body, headers=headers)


@pytest.fixture
def tablet(context: Flask) -> Tablet:
    clinic = make_clinic()
    owner = proven(context, clinic, clinic.owner)
    nurse = add_staff(clinic, Role.PRACTITIONER, name="Rhona Vance")
    desk = add_staff(clinic, Role.FRONT_DESK, name="Ewan Kerr")
    set_pin(proven(context, clinic, nurse), PIN)
    set_pin(proven(context, clinic, desk), OTHER_PIN)
    answer = owner.client.post(
        f"/clinics/{clinic.tenant_id}/settings/shared-devices",
        data={"name": "Front desk, Harbour", "csrf_token": owner.csrf},
    )
    assert answer.status_code == 303
    client = somebody(context)
    token = owner.client.get_cookie(DESK_COOKIE)
    assert token is not None
    client.set_cookie(DESK_COOKIE, token.value, secure=True)
    with clinic.scope() as scope:
        device_id = scope.session.execute(
            text("SELECT id FROM shared_device WHERE tenant_id = :t"), {"t": clinic.tenant_id}
        ).scalar_one()
    return Tablet(client, clinic, owner, nurse, desk, str(device_id))


def revoke(tablet: Tablet, app: Flask) -> None:
    """Take the tablet's right away, as the owner from elsewhere."""
    with clock.shifted(timedelta(seconds=60)):
        owner = Api(app, tablet.clinic, tablet.clinic.owner)
        body = {"code": pyotp.TOTP(SECRET).at(clock.now())}
        done = owner.client.post("/api/v1/step-up", json=body, headers={"X-CSRF-Token": owner.csrf})
        headers = {"X-CSRF-Token": done.get_json()["csrf_token"]}
        answer = owner.client.delete(owner.url(f"/shared-devices/{tablet.id}"), headers=headers)
        assert answer.status_code == 200


class TestSwitching:
    def test_enrolling_signs_the_owner_out_of_the_device(self, tablet: Tablet) -> None:
        tablet.owner.get("", expect=401)
        page = tablet.client.get("/shared-desk")
        assert page.status_code == 200
        assert "Rhona Vance" in page.text
        assert "Morven" not in page.text

    def test_one_request_switches_and_everything_carries_the_persons_own_name(
        self, tablet: Tablet
    ) -> None:
        answer = tablet.switch(tablet.nurse, PIN)
        assert answer.status_code == 303
        assert answer.location == f"/clinics/{tablet.clinic.tenant_id}/today"
        first = tablet.client.get_cookie(STAFF_COOKIE)
        assert tablet.send("/patients", patient(tablet)).status_code == 201

        assert tablet.switch(tablet.desk, OTHER_PIN).status_code == 303
        assert tablet.send("/patients", patient(tablet)).status_code == 201

        with tablet.clinic.scope() as scope:
            statement = select(AuditEvent).where(
                AuditEvent.tenant_id == scope.tenant_id,
                AuditEvent.action == "patients:patient:add",
            )
            events = scope.session.scalars(statement.order_by(AuditEvent.at)).all()
            assert [one.actor_id for one in events] == [tablet.nurse.id, tablet.desk.id]
            assert all(tablet.id in one.details for one in events)
        # The one before is out: their cookie opens nothing.
        assert first is not None
        tablet.client.set_cookie(STAFF_COOKIE, first.value, secure=True)
        assert tablet.open().status_code == 401

    def test_a_pin_is_no_second_factor(self, tablet: Tablet) -> None:
        tablet.switch(tablet.nurse, PIN)

        refused = tablet.client.put(
            f"/api/v1/clinics/{tablet.clinic.tenant_id}/my-pin",
            json={"pin": "918273"},
            headers={"X-CSRF-Token": tablet.token(STAFF_COOKIE)},
        )

        assert refused.status_code == 401
        assert refused.get_json()["code"] == "step_up_required"

    def test_a_session_on_the_tablet_opens_no_other_clinic(self, tablet: Tablet) -> None:
        other = make_clinic()
        with other.scope() as scope:
            values = {"person": tablet.nurse.person_id, "staff": other.owner.id}
            scope.session.execute(text("SELECT door.add_membership(:person, :staff)"), values)
        tablet.switch(tablet.nurse, PIN)

        answer = tablet.client.get(f"/api/v1/clinics/{other.tenant_id}")

        assert answer.status_code == 404

    @pytest.mark.parametrize(
        "path",
        ["/account", "/second-factor", "/api/v1/me", "/api/v1/me/sessions", "/api/v1/me/clinics"],
    )
    def test_a_session_on_the_tablet_opens_nothing_of_the_persons_account(
        self, tablet: Tablet, path: str
    ) -> None:
        tablet.switch(tablet.nurse, PIN)

        refused = tablet.client.get(path)

        assert refused.status_code == 403
        if path.startswith("/api"):
            assert refused.get_json()["code"] == "not_on_shared_device"
        today = f"/clinics/{tablet.clinic.tenant_id}/today"
        assert tablet.client.get("/").location == today
        assert 'href="/account"' not in tablet.client.get(today).text


class TestGuessing:
    def test_the_sixth_try_is_not_even_looked_at(self, tablet: Tablet) -> None:
        statuses = [tablet.switch(tablet.nurse, "111222").status_code for _ in range(5)]

        assert statuses == [401] * 5
        assert tablet.switch(tablet.nurse, PIN).status_code == 429
        # Somebody else is not kept out by it.
        assert tablet.switch(tablet.desk, OTHER_PIN).status_code == 303

    def test_every_wrong_pin_is_an_event_of_the_clinic(self, tablet: Tablet) -> None:
        for _ in range(2):
            tablet.switch(tablet.nurse, "111222")

        with tablet.clinic.scope() as scope:
            statement = select(AuditEvent).where(
                AuditEvent.tenant_id == scope.tenant_id, AuditEvent.action == "auth:pin:refuse"
            )
            events = scope.session.scalars(statement).all()
        assert [one.subject_id for one in events] == [tablet.nurse.id] * 2
        assert all(tablet.id in one.details and "111222" not in one.details for one in events)

    def test_a_new_session_by_pin_brings_no_new_tries_at_the_second_factor(
        self, tablet: Tablet
    ) -> None:
        statuses = []
        for _ in range(6):
            tablet.switch(tablet.nurse, PIN)
            headers = {"X-CSRF-Token": tablet.token(STAFF_COOKIE)}
            answer = tablet.client.post("/api/v1/step-up", json={"code": "000000"}, headers=headers)
            statuses.append(answer.status_code)

        assert statuses == [401] * 5 + [429]

    def test_who_knows_one_pin_does_not_begin_anew_at_the_others(self, tablet: Tablet) -> None:
        for _ in range(4):
            tablet.switch(tablet.nurse, "111222")
        assert tablet.switch(tablet.desk, OTHER_PIN).status_code == 303

        with unit_of_work() as work:
            values = {"key": f"pins:{tablet.id}", "seconds": 900, "at": clock.now()}
            counted = work.session.execute(attempts.COUNT, values).scalar_one()
        assert counted == 5

    def test_the_pin_of_one_is_not_the_pin_of_another(self, tablet: Tablet) -> None:
        assert tablet.switch(tablet.nurse, OTHER_PIN).status_code == 401

    def test_case_19_a_pin_takes_the_same_work_whoever_it_is_tried_on(
        self, context: Flask, tablet: Tablet
    ) -> None:
        without = add_staff(tablet.clinic, Role.PRACTITIONER, name="Una Reid")
        counted, kept = Counted(), context.extensions[passwords.EXTENSION]
        context.extensions[passwords.EXTENSION] = counted
        work = []
        for who in (tablet.nurse, without, make_clinic().owner):
            counted.hasher.costs.clear()
            with recorded(db.engine) as sent:
                assert tablet.switch(who, "000000").status_code == 401
            work.append((list(sent), list(counted.hasher.costs)))
        context.extensions[passwords.EXTENSION] = kept

        assert work[0][1] == ["m=8,t=1,p=1"]
        assert work[0] == work[1] == work[2]

    def test_without_the_device_a_pin_is_worth_nothing(
        self, context: Flask, tablet: Tablet
    ) -> None:
        data = {"staff_id": str(tablet.nurse.id), "pin": PIN, "csrf_token": csrf_token("x")}
        client = somebody(context)
        client.set_cookie(DESK_COOKIE, "x", secure=True)

        assert client.post("/shared-desk", data=data).status_code == 410

    def test_another_site_cannot_switch(self, tablet: Tablet) -> None:
        data = {"staff_id": str(tablet.nurse.id), "pin": PIN}

        assert tablet.client.post("/shared-desk", data=data).status_code == 403

    @pytest.mark.parametrize(
        "pin", ["", "12345", "123456", "987654", "111111", "121212", "123123", "90909090", "12345a"]
    )
    def test_an_easy_pin_is_refused(self, context: Flask, pin: str) -> None:
        clinic = make_clinic()
        set_pin(proven(context, clinic, clinic.owner), pin, expect=422)

    def test_only_a_hash_of_the_pin_is_stored(self, tablet: Tablet) -> None:
        with tablet.clinic.scope() as scope:
            rows = scope.session.execute(
                text("SELECT pin_hash FROM staff_pin WHERE tenant_id = :t"),
                {"t": tablet.clinic.tenant_id},
            ).scalars()
            assert all(one.startswith("$argon2id$") for one in rows)


class TestEnding:
    @pytest.mark.parametrize(("seconds", "expect"), [(119, 200), (121, 401)])
    def test_it_locks_after_two_minutes(self, tablet: Tablet, seconds: int, expect: int) -> None:
        tablet.switch(tablet.nurse, PIN)

        with clock.shifted(timedelta(seconds=seconds)):
            assert tablet.open().status_code == expect

    def test_whoever_types_is_not_locked_out(self, tablet: Tablet) -> None:
        tablet.switch(tablet.nurse, PIN)
        for seconds in range(30, 600, 30):
            with clock.shifted(timedelta(seconds=seconds)):
                assert tablet.client.get("/shared-desk/alive").status_code == 204
        with clock.shifted(timedelta(seconds=600)):
            assert tablet.open().status_code == 200

    def test_a_locked_page_leads_to_the_page_for_switching(self, tablet: Tablet) -> None:
        tablet.switch(tablet.nurse, PIN)
        path = f"/clinics/{tablet.clinic.tenant_id}/today"

        with clock.shifted(timedelta(seconds=121)):
            answer = tablet.client.get(path, headers={"Accept": "text/html"})

        assert answer.location == "/shared-desk"

    def test_locking_by_hand_leaves_nothing_behind(self, tablet: Tablet) -> None:
        tablet.switch(tablet.nurse, PIN)

        answer = tablet.client.post("/sign-out", data={"csrf_token": tablet.token(STAFF_COOKIE)})

        assert answer.location == "/shared-desk"
        assert "Clear-Site-Data" in answer.headers
        assert tablet.open().status_code == 401

    def test_a_device_taken_away_is_out_on_the_next_request(
        self, context: Flask, tablet: Tablet
    ) -> None:
        tablet.switch(tablet.nurse, PIN)
        assert tablet.open().status_code == 200

        revoke(tablet, context)

        assert tablet.open().status_code == 401
        assert tablet.client.get("/shared-desk").status_code == 410
        assert tablet.switch(tablet.nurse, PIN).status_code == 410

    def test_somebody_disabled_cannot_switch(self, tablet: Tablet, superuser: Engine) -> None:
        with superuser.begin() as connection:
            connection.execute(
                text("UPDATE staff_member SET disabled_at = now() WHERE id = :id"),
                {"id": tablet.nurse.id},
            )

        assert tablet.switch(tablet.nurse, PIN).status_code == 401
        assert "Rhona" not in tablet.client.get("/shared-desk").text


def patient(tablet: Tablet) -> dict[str, object]:
    """Return what the front desk types for somebody new."""
    return {
        "name": uuid.uuid4().hex.translate(str.maketrans("0123456789", "ghijklmnop"))[:12].title(),
        "date_of_birth": f"19{50 + uuid.uuid4().int % 50}-04-01",
        "location_id": str(tablet.clinic.location_id),
        "language": "en",
        "email": f"{uuid.uuid4().hex[:8]}@patients.example",
        "phone": None,
    }
