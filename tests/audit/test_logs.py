"""What people typed never reaches the logs, whichever way a request ends."""

import io
import itertools
import json
import logging
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from flask import Flask
from sqlalchemy import Engine, text

from app import logs
from app.auth.cookies import SIGN_COOKIE
from app.auth.guards import STAFF_COOKIE
from app.database import Base
from app.logs import blank_personal_values
from tests.factories.consent import MadeConsent, make_asked_consent
from tests.factories.plans import MadePlan, make_discussed_plan
from tests.factories.tenants import PASSWORD, make_clinic, unique_email
from tests.support.api import Api
from tests.support.signer import Signer

NAME, NOTE, PHONE = "Siobhán Grünwald-Planted", "Planted: takes warfarin", "+44 7700 900999"


class Log:
    """Our log lines, kept instead of printed."""

    def __init__(self) -> None:
        self.out = io.StringIO()

    def clear(self) -> None:
        """Forget the lines so far."""
        self.out.seek(0)
        self.out.truncate()

    def text(self) -> str:
        """Return the lines as they would be printed."""
        return self.out.getvalue()

    def lines(self) -> list[dict[str, Any]]:
        """Return the lines as data."""
        return [json.loads(line) for line in self.text().splitlines()]


@pytest.fixture
def log(context: Flask) -> Iterator[Log]:
    """Send our log lines to where this test can read them."""
    before, kept = structlog.get_config(), Log()
    logs.configure()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(kept.out))
    yield kept
    structlog.configure(**before)


@pytest.fixture
def made(context: Flask) -> MadePlan:
    return make_discussed_plan()


def requests_of_all_kinds(context: Flask, made: MadePlan) -> list[str]:
    """Send good, bad and hostile requests; return everything personal that was in them."""
    clinic, email = made.clinic, unique_email("planted")
    api = Api(context, clinic, clinic.owner)
    patient = {
        "name": NAME,
        "date_of_birth": "1987-06-05",
        "location_id": str(clinic.location_id),
        "email": email,
        "phone": PHONE,
        "health_note": NOTE,
    }
    api.post("/patients", patient)
    api.post("/patients", {**patient, "name": f"{NAME}\u202e"}, expect=422)
    api.post("/patients", {**patient, "date_of_birth": "2987-06-05"}, expect=422)
    api.post("/patients", {**patient, "location_id": str(uuid.uuid4())}, expect=404)
    api.post("/patients", {**patient, NOTE: NOTE}, expect=422)
    api.post("/patients/search", {"q": NAME}, expect=200)
    api.post("/patients/search", {"q": "Planted\0"}, expect=200)
    api.get(f"/patients/{made.patient_id}")
    api.client.get(f"/nothing/{email}")
    context.test_client().post("/sign-in", data={"email": email, "password": NOTE})
    context.test_client().post("/api/v1/sign-in", json={"email": email, "password": NOTE})
    stranger = Api(context, clinic, make_clinic().owner)
    stranger.get(f"/patients/{made.patient_id}", expect=404)
    cookies = [api.client.get_cookie(STAFF_COOKIE), stranger.client.get_cookie(STAFF_COOKIE)]
    tokens = [cookie.value for cookie in cookies if cookie]
    return [
        NAME,
        "Siobh",
        "Grünwald",
        "Planted",
        "warfarin",
        "900999",
        "1987-06-05",
        email,
        clinic.owner.email,
        PASSWORD,
        str(made.patient_id),
        *tokens,
        api.csrf,
    ]


def test_nothing_personal_is_in_any_line(
    context: Flask,
    made: MadePlan,
    log: Log,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    log.clear()

    typed = requests_of_all_kinds(context, made)

    said = log.text() + json.dumps(log.lines(), ensure_ascii=False) + caplog.text
    assert len(log.lines()) >= 12
    assert [word for word in typed if word in said] == []


def links_used_and_misused(context: Flask, made: MadePlan) -> tuple[MadeConsent, set[str]]:
    """Open a form by link, code and proof, and misplace the link; return every secret in it."""
    asked = make_asked_consent(made)
    signer = Signer(context, asked)
    tokens = {asked.token, asked.token.partition(".")[0], asked.short_code}
    signer.get("/sign")
    signer.go("/sign/code", {"short_code": asked.short_code})
    tokens.add(cookie_of(signer))
    signer.identify()
    tokens |= {cookie_of(signer), signer.csrf}
    told = {"User-Agent": asked.token, "Referer": f"https://clinic.example/sign#{asked.token}"}
    for path in (f"/sign?token={asked.token}", f"/sign/{asked.token}", f"/sign/{asked.token}/x"):
        signer.client.get(path, headers=told)
    signer.client.post(f"/api/v1/sign/exchange?token={asked.token}", data=asked.token)
    signer.client.post("/api/v1/sign/exchange", json={"token": asked.token, asked.token: 1})
    with context.test_request_context(f"/sign?token={asked.token}"):
        context.handle_user_exception(ValueError(asked.token))
    return asked, tokens


def cookie_of(signer: Signer) -> str:
    found = signer.client.get_cookie(SIGN_COOKIE)
    assert found is not None
    return found.value


def test_case_14_the_secrets_of_a_link_are_in_no_log_and_in_no_row(
    context: Flask,
    made: MadePlan,
    log: Log,
    caplog: pytest.LogCaptureFixture,
    superuser: Engine,
) -> None:
    caplog.set_level(logging.INFO)
    log.clear()

    asked, tokens = links_used_and_misused(context, made)

    said = log.text() + caplog.text
    assert len(log.lines()) >= 12
    assert [one for one in tokens if one in said] == []
    code = Signer(context, asked).code_from_message()
    assert code not in said
    stored = everything_of(superuser, made.clinic.tenant_id)
    assert str(asked.id) in stored
    secret = {*tokens, asked.short_code.replace("-", ""), code}
    assert [one for one in secret if one in stored or one.encode().hex() in stored] == []


def everything_of(superuser: Engine, tenant_id: uuid.UUID) -> str:
    """Return every row of a clinic, its secrets in the control plane and the jobs among them."""
    tables = [*Base.metadata.tables, "control.secret"]
    with superuser.connect() as connection:
        rows = [
            connection.scalars(
                text(f"SELECT x\\:\\:text FROM {name} x WHERE tenant_id = :t"), {"t": tenant_id}
            ).all()
            for name in tables
        ]
        jobs = text("SELECT args\\:\\:text FROM queue.procrastinate_jobs")
        return "\n".join(itertools.chain(*rows, connection.scalars(jobs).all()))


def test_every_request_is_one_line_with_its_rule_and_its_clinic(
    context: Flask, made: MadePlan, log: Log
) -> None:
    api = Api(context, made.clinic, made.clinic.owner)
    log.clear()

    api.get(f"/patients/{made.patient_id}")

    [line] = log.lines()
    assert line["event"] == "request"
    assert line["route"].endswith("/patients/<uuid:patient_id>")
    assert line["tenant_id"] == str(made.clinic.tenant_id)
    assert line["status"] == 200


def test_a_crash_is_logged_by_kind_and_place_only(context: Flask, log: Log) -> None:
    log.clear()
    with context.test_request_context("/api/v1/nothing"):
        context.handle_user_exception(ZeroDivisionError(NOTE))

    said = log.text()
    assert "ZeroDivisionError" in said
    assert "warfarin" not in said


@pytest.mark.parametrize("key", ["name", "email", "patient_email", "token", "answer", "reason"])
def test_a_key_that_would_hold_a_persons_words_is_blanked(key: str) -> None:
    assert blank_personal_values(None, "info", {key: NAME}) == {key: "[hidden]"}


@pytest.mark.parametrize(
    "text", ["4242424242424242", "card 4242 4242 4242 4242.", "4242-4242-4242-4242"]
)
def test_what_looks_like_a_card_number_is_blanked(text: str) -> None:
    assert "4242" not in str(blank_personal_values(None, "info", {"said": text})["said"])


def test_a_line_cannot_be_forged(context: Flask, log: Log) -> None:
    log.clear()
    context.test_client().get(
        "/nothing", headers={"User-Agent": 'x"}\n{"event": "forged"}'.replace("\n", "%0a")}
    )
    structlog.get_logger("trial").info("trial", said='x"}\n{"event": "forged"}')

    assert [line["event"] for line in log.lines()] == ["request", "trial"]
