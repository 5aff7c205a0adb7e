"""Every session that a link begins: another site does nothing with it, and it opens one thing.

The pages come from the route table, by the kind of secret that guards them, so that a new page of a
patient is in here as soon as it exists.
"""

import re
import uuid
from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine

from app.auth.cookies import REVIEW_COOKIE, SIGN_COOKIE
from app.auth.csrf import csrf_token
from app.auth.secrets import issue_secret
from app.billing.patient_pages import PAY_COOKIE
from app.care.document_pages import WAY as DOCUMENTS
from app.consent.holds.queries import list_open_reviews
from app.consent.signing import party_queries
from app.consent.signing.copy_pages import COPY_COOKIE, LINK_COOKIE
from app.consent.signing.services.join_signing import NewParty, add_party
from app.rights.copy_pages import WAY as COPIES
from tests.consent.test_second_person import ask, lift
from tests.contract.test_routes import SECRET_KINDS, Houses, fingerprint, houses
from tests.factories.consent import make_asked_consent, make_read_consent
from tests.factories.holds import make_held
from tests.factories.plans import make_discussed_plan
from tests.support.route_table import CONVERTER, bare_app, rules
from tests.support.signer import Signer

__all__ = ["houses"]
FROM_ELSEWHERE = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
AN_HOUR = timedelta(hours=1)
# What a session is called: where its pages are, which secret guards them, and its cookie.
SESSIONS = {
    "form": ("/sign", "sign_session", SIGN_COOKIE),
    "copy, asked who": ("/sign/copy", "document_link", LINK_COOKIE),
    "copy": ("/sign/copy", "document_session", COPY_COOKIE),
    "payment": ("/pay", "pay_link", PAY_COOKIE),
    "document, asked who": ("/document", DOCUMENTS.asking, DOCUMENTS.cookie),
    "document": ("/document", DOCUMENTS.session, DOCUMENTS.cookie),
    "own data, asked who": ("/your-data", COPIES.asking, COPIES.cookie),
    "own data": ("/your-data", COPIES.session, COPIES.cookie),
    "second view": ("/review", "review_session", REVIEW_COOKIE),
}
# Sessions that others have tests for: an account's invitation and a clinic's own device.
ELSEWHERE = {"invitation", "shared_device"}
# Links that are traded for a session and open no page themselves.
NO_PAGES = {"sign_link", "short_code"}
sessions = pytest.mark.parametrize("name", SESSIONS)


@dataclass
class Visit:
    """A browser in which one session is open."""

    client: FlaskClient
    token: str

    def send(self, method: str, path: str, **headers: str) -> int:
        """Send an empty form; return the status."""
        sent = {"Accept": "text/html", **headers}
        return self.client.open(path, method=method, headers=sent).status_code


@pytest.fixture(scope="module")
def subjects(houses: Houses, app: Flask) -> dict[str, uuid.UUID]:
    """What each session is about, all of one clinic."""
    clinic = houses.made.clinic
    with app.app_context():
        form = make_asked_consent(make_discussed_plan(clinic))
        held = make_held(make_discussed_plan(clinic), bleeding_disorder="yes")
        lift(held)
        ask(held)
        with clinic.scope() as scope:
            [review] = list_open_reviews(scope, held.id)
    real = houses.real_ids
    found = {"form": form.id, "payment": real["purchase_id"], "second view": review.id}
    for name in SESSIONS:
        kind = name.partition(",")[0]
        about = {"copy": "consent_id", "document": "document_id", "own data": "data_export_id"}
        found.setdefault(name, real[about.get(kind, "consent_id")])
    return found


def visit(
    app: Flask, houses: Houses, subjects: dict[str, uuid.UUID], name: str, cookie: str = ""
) -> Visit:
    """Begin a session, kept in its own cookie unless another is given."""
    _, kind, own = SESSIONS[name]
    with app.app_context(), houses.made.clinic.scope() as scope:
        token = issue_secret(scope, kind, subject_id=subjects[name], lasts=AN_HOUR)
    client = app.test_client()
    client.set_cookie(cookie or own, token, secure=True)
    return Visit(client, token)


def pages(name: str) -> list[tuple[str, str]]:
    """Return method and path of everything that a session of this name guards."""
    start, kind, _ = SESSIONS[name]
    found = []
    for rule in rules():
        view = bare_app().view_functions[rule.endpoint]
        path = str(rule).removeprefix("/api/v1")
        if getattr(view, "__guard__", None) == kind and (path + "/").startswith(start + "/"):
            methods = (rule.methods or set()) - {"HEAD", "OPTIONS"}
            full = CONVERTER.sub(lambda _: str(uuid.uuid4()), str(rule))
            found += [(method, full) for method in sorted(methods)]
    return found


def test_every_kind_of_session_is_in_here() -> None:
    assert {kind for _, kind, _ in SESSIONS.values()} | ELSEWHERE | NO_PAGES == SECRET_KINDS
    covered = {path for name in SESSIONS for _, path in pages(name)}
    assert {"/sign/copy/withdraw", "/sign/copy/identity", "/pay/deposit", "/review/hold"} <= covered


@sessions
def test_case_21_no_session_acts_for_another_site(
    app: Flask,
    houses: Houses,
    subjects: dict[str, uuid.UUID],
    superuser: Engine,
    name: str,
) -> None:
    own = visit(app, houses, subjects, name)
    strange = visit(app, houses, subjects, name)
    with app.app_context():
        tokens = ("", "x" * 64, csrf_token(strange.token), own.token)
    before = fingerprint(superuser, houses.made.clinic.tenant_id)
    acts = [one for one in pages(name) if one[0] != "GET"]

    done = [
        (method, path, token)
        for method, path in acts
        for token in tokens
        for headers in ({}, FROM_ELSEWHERE)
        if own.send(method, path, **{"X-CSRF-Token": token}, **headers) != 403
    ]

    assert acts
    assert done == []
    assert fingerprint(superuser, houses.made.clinic.tenant_id) == before


@sessions
def test_case_21_no_page_of_a_session_is_framed_or_kept(
    app: Flask, houses: Houses, subjects: dict[str, uuid.UUID], name: str
) -> None:
    own = visit(app, houses, subjects, name)

    shown = 0
    for method, path in pages(name):
        if method == "GET":
            answer = own.client.get(path, headers={"Accept": "text/html"})
            assert answer.status_code < 500, path
            assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
            assert answer.headers["Cache-Control"] == "no-store"
            shown += answer.status_code == 200
    assert shown, "the session opens nothing, so that nothing was shown"


@sessions
def test_case_02_a_session_opens_nothing_in_the_place_of_another(
    app: Flask, houses: Houses, subjects: dict[str, uuid.UUID], name: str
) -> None:
    opened = []
    for other in SESSIONS:
        if SESSIONS[other][1:] == SESSIONS[name][1:]:
            continue
        there = visit(app, houses, subjects, name, SESSIONS[other][2])
        for method, path in pages(other):
            with app.app_context():
                token = csrf_token(there.token)
            if there.send(method, path, **{"X-CSRF-Token": token}) not in {404, 410}:
                opened.append((other, method, path))

    assert opened == []


def test_case_02_a_patient_puts_their_name_to_nothing_of_another_patient(app: Flask) -> None:
    with app.app_context():
        asked = make_read_consent(make_discussed_plan())
        clinic = asked.made.clinic
        with clinic.scope(asked.made.practitioner) as scope:
            party_id = add_party(
                scope, consent_id=asked.id, wanted=NewParty("witness", "Ewan Kerr")
            ).id
        signer = Signer(app, make_asked_consent(make_discussed_plan(clinic)))
        signer.reach_signature()

        said = {"party_name": "Ewan Kerr", "is_adult": "yes"}
        signer.post(f"/sign/people/{party_id}", said, expect=404)

        with clinic.scope() as scope:
            [one] = party_queries.list_parties(scope, asked.id)
            assert one.stated_at is None


@pytest.mark.parametrize(
    "path",
    [
        str(rule)
        for rule in rules()
        if "POST" in (rule.methods or ())
        and getattr(bare_app().view_functions[rule.endpoint], "__guard__", "") == "public"
        and re.search(r"exchange|/open$|/code$", str(rule))
    ],
)
def test_case_21_no_other_site_trades_a_link_for_a_session(client: FlaskClient, path: str) -> None:
    body = {"token": "x" * 43}

    assert client.post(path, json=body, headers=FROM_ELSEWHERE).status_code == 403
