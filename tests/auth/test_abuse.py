"""What an attacker tries at the front door, by the numbers of the abuse cases."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.auth import passwords
from app.auth.guards import STAFF_COOKIE
from app.auth.services import normal_email
from app.auth.visitors import DEVICE_COOKIE
from app.database import db
from app.errors import Invalid
from app.kit import clock
from tests.conftest import somebody
from tests.factories.tenants import PASSWORD, MadeClinic, make_clinic, unique_email
from tests.support.api import Api
from tests.support.hashing import Counted
from tests.support.query_recorder import recorded

WRONG = "not the right words"


@pytest.fixture
def clinic(context: Flask) -> MadeClinic:
    return make_clinic()


def sign_in(client: FlaskClient, email: str, password: str = PASSWORD) -> TestResponse:
    return client.post("/api/v1/sign-in", json={"email": email, "password": password})


class TestHammering:
    def test_a_stranger_cannot_lock_the_owner_out_of_their_own_browser(
        self, context: Flask, clinic: MadeClinic
    ) -> None:
        own = somebody(context)
        assert sign_in(own, clinic.owner.email).status_code == 200
        statuses = [
            sign_in(somebody(context), clinic.owner.email, WRONG).status_code for _ in range(41)
        ]

        assert statuses == [401] * 40 + [429]
        assert sign_in(somebody(context), clinic.owner.email).status_code == 429
        assert sign_in(own, clinic.owner.email).status_code == 200
        # Elsewhere, too: the browser is known, not the address.
        own.environ_base["REMOTE_ADDR"] = "198.51.100.7"
        assert sign_in(own, clinic.owner.email).status_code == 200

    def test_one_address_is_stopped_without_the_others(
        self, context: Flask, clinic: MadeClinic
    ) -> None:
        stranger = somebody(context)
        statuses = [sign_in(stranger, clinic.owner.email, WRONG).status_code for _ in range(11)]

        assert statuses == [401] * 10 + [429]
        assert sign_in(somebody(context), clinic.owner.email).status_code == 200

    def test_a_browser_known_to_one_account_has_no_tries_of_its_own_at_another(
        self, context: Flask, clinic: MadeClinic
    ) -> None:
        other = make_clinic()
        thief = somebody(context)
        sign_in(thief, other.owner.email)
        statuses = [sign_in(thief, clinic.owner.email, WRONG).status_code for _ in range(11)]

        assert statuses == [401] * 10 + [429]

    def test_a_whole_network_of_ipv6_counts_as_one_address(
        self, context: Flask, clinic: MadeClinic
    ) -> None:
        statuses = []
        for last in range(11):
            client = context.test_client()
            client.environ_base["REMOTE_ADDR"] = f"2001:db8:77:{clinic.tenant_id.hex[-4:]}::{last}"
            statuses.append(sign_in(client, clinic.owner.email, WRONG).status_code)

        assert statuses == [401] * 10 + [429]

    def test_the_own_browsers_budget_ends_and_comes_back(
        self, context: Flask, clinic: MadeClinic
    ) -> None:
        own = somebody(context)
        sign_in(own, clinic.owner.email)
        statuses = [sign_in(own, clinic.owner.email, WRONG).status_code for _ in range(11)]

        assert statuses == [401] * 10 + [429]
        with clock.shifted(timedelta(seconds=901)):
            assert sign_in(own, clinic.owner.email).status_code == 200


class TestCase17:
    def test_case_17_a_planted_session_is_never_taken_over(
        self, context: Flask, clinic: MadeClinic
    ) -> None:
        attacker = Api(context, clinic, clinic.owner)
        planted = attacker.client.get_cookie(STAFF_COOKIE)
        assert planted is not None
        victim = somebody(context)
        victim.set_cookie(STAFF_COOKIE, planted.value, secure=True)

        other = make_clinic()
        sign_in(victim, other.owner.email)

        held = victim.get_cookie(STAFF_COOKIE)
        assert held is not None
        assert held.value != planted.value
        # What the attacker holds opens nothing of the victim's.
        answer = attacker.client.get(f"/api/v1/clinics/{other.tenant_id}")
        assert answer.status_code == 404

    def test_case_17_a_planted_browser_cookie_is_replaced(
        self, context: Flask, clinic: MadeClinic
    ) -> None:
        victim = somebody(context)
        victim.set_cookie(DEVICE_COOKIE, "p" * 43, secure=True)
        sign_in(victim, clinic.owner.email)

        held = victim.get_cookie(DEVICE_COOKIE)
        assert held is not None
        assert held.value != "p" * 43


class TestCase19:
    def steps(self, app: Flask, email: str) -> tuple[int, list[str], int]:
        """Return status, statements and argon2 runs of a wrong password."""
        client = somebody(app)
        with recorded(db.engine) as sent:
            answer = sign_in(client, email, WRONG)
        return answer.status_code, list(sent), len(answer.data)

    def test_case_19_signing_in_takes_the_same_steps_for_known_and_unknown(
        self, context: Flask, clinic: MadeClinic
    ) -> None:
        known = self.steps(context, clinic.owner.email)
        unknown = self.steps(context, unique_email("owner"))

        assert known == unknown

    def test_case_19_an_unknown_account_costs_one_argon2_run_too(
        self, context: Flask, clinic: MadeClinic
    ) -> None:
        counted = Counted()
        kept = context.extensions[passwords.EXTENSION]
        context.extensions[passwords.EXTENSION] = counted
        for email in (clinic.owner.email, unique_email("nobody")):
            sign_in(somebody(context), email, WRONG)
        context.extensions[passwords.EXTENSION] = kept

        # One run each, over hashes of the same cost.
        assert counted.hasher.costs == ["m=8,t=1,p=1"] * 2

    def test_case_19_one_run_costs_what_owasp_asks_for(self) -> None:
        real = passwords.Hashing()

        assert real.decoy.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


class TestCase20:
    @pytest.mark.parametrize(
        ("typed", "kept"),
        [
            ("Ana@Clinic.Example", "ana@clinic.example"),
            ("jose\u0301@clinic.example", "jos\u00e9@clinic.example"),
            ("JOSE\u0301@clinic.example", "jos\u00e9@clinic.example"),
            ("M\u0131ke@clinic.example", "m\u0131ke@clinic.example"),
            ("stra\u00dfe@clinic.example", "stra\u00dfe@clinic.example"),
            ("o'neil+x@clinic.example", "o'neil+x@clinic.example"),
        ],
    )
    def test_case_20_an_address_has_one_form_whatever_was_typed(
        self, typed: str, kept: str
    ) -> None:
        assert normal_email(typed) == kept
        assert normal_email(kept) == kept

    @pytest.mark.parametrize(
        "other",
        ["m\u0131ke@clinic.example", "m\u0456ke@clinic.example", "mi\u0307ke@clinic.example"],
    )
    def test_case_20_letters_that_look_alike_are_other_addresses(self, other: str) -> None:
        assert normal_email(other) != normal_email("mike@clinic.example")

    def test_case_20_the_turkish_capital_is_not_a_plain_one(self) -> None:
        assert normal_email("M\u0130KE@clinic.example") != normal_email("mike@clinic.example")

    @pytest.mark.parametrize(
        "typed",
        [
            "a\u202eb@clinic.example",
            "a\u200bb@clinic.example",
            "a\ud800@clinic.example",
            "a\x00@clinic.example",
            "a\ufdd0@clinic.example",
            "a@clinic.example\r\nBcc: b@clinic.example",
            "x" * 250 + "@clinic.example",
        ],
    )
    def test_case_20_what_deceives_or_breaks_is_refused(self, typed: str) -> None:
        with pytest.raises(Invalid):
            normal_email(typed)

    @pytest.mark.parametrize(
        ("password", "status"),
        # Half a character is no text, and no body with one comes as far as an account.
        [("\ud800" * 12, 422), ("\x00" * 12, 401), ("x" * 5000, 401)],
    )
    def test_case_20_any_password_gets_an_answer(
        self, context: Flask, clinic: MadeClinic, password: str, status: int
    ) -> None:
        for email in (clinic.owner.email, "nobody@else.example"):
            assert sign_in(somebody(context), email, password).status_code == status


class TestCase21:
    @pytest.mark.parametrize(
        "path",
        [
            "/account/password",
            "/account/sessions/end-others",
            "/account/recovery-codes",
            "/second-factor",
            "/second-factor/remove",
            "/sign-out",
            "/step-up",
        ],
    )
    def test_case_21_another_site_cannot_act_for_the_person(
        self, context: Flask, clinic: MadeClinic, path: str
    ) -> None:
        api = Api(context, clinic, clinic.owner)

        assert api.client.post(path, data={}).status_code == 403
        api.get("")

    @pytest.mark.parametrize(
        "path",
        ["/sign-in", "/forgot-password", "/reset-password", "/sign-up", "/sign-up/confirm"],
    )
    def test_case_21_another_site_cannot_post_to_a_page_without_a_session(
        self, context: Flask, path: str
    ) -> None:
        headers = {"Sec-Fetch-Site": "cross-site"}

        assert somebody(context).post(path, data={}, headers=headers).status_code == 403

    @pytest.mark.parametrize("path", ["/sign-in", "/forgot-password", "/account", "/step-up"])
    def test_case_21_no_page_can_be_framed(
        self, context: Flask, clinic: MadeClinic, path: str
    ) -> None:
        headers = Api(context, clinic, clinic.owner).client.get(path).headers

        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["Cache-Control"] == "no-store"
