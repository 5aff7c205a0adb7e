"""The clinic's calls around consent, each as nobody, stranger, wrong role and owner."""

import uuid
from datetime import timedelta

import pyotp
import pytest
from flask import Flask

from app.auth.factors import enrol_totp
from app.consent import queries
from app.consent.errors import NotEligible
from app.consent.services.attest_consent import attest_consent
from app.database import Actor, tenant_scope
from app.kit.clock import now
from app.tenants.models import Role
from tests.factories.consent import MadeConsent, make_asked_consent, make_signed_consent
from tests.factories.plans import MadePlan, make_discussed_plan
from tests.factories.tenants import MadeClinic, Staff, add_staff, make_clinic
from tests.support.api import Api
from tests.support.signer import Signer, state_of

CALLS = [
    ("POST", "/plans/{plan}/consents"),
    ("GET", "/plans/{plan}/standing"),
    ("GET", "/patients/{patient}/consents"),
    ("GET", "/consents/{consent}"),
    ("GET", "/consents/{consent}/document"),
    ("POST", "/consents/{consent}/resend"),
    ("POST", "/consents/{consent}/identity"),
    ("POST", "/consents/{consent}/attest"),
    ("POST", "/consents/{consent}/withdraw"),
]


@pytest.fixture
def made(context: Flask) -> MadePlan:
    return make_discussed_plan()


@pytest.fixture
def asked(made: MadePlan) -> MadeConsent:
    return make_asked_consent(made)


def path_of(pattern: str, asked: MadeConsent) -> str:
    made = asked.made
    return pattern.format(plan=made.plan_id, patient=made.patient_id, consent=asked.id)


def with_second_factor(app: Flask, clinic: MadeClinic, who: Staff) -> Api:
    """Sign somebody in, give them a second factor and show it."""
    secret = pyotp.random_base32()
    with clinic.scope() as scope:
        code = pyotp.TOTP(secret).at(now() - timedelta(seconds=30))
        enrol_totp(scope.session, person_id=who.person_id, secret=secret, code=code)
    api = Api(app, clinic, who)
    answer = api.client.post(
        "/api/v1/step-up",
        json={"code": pyotp.TOTP(secret).now()},
        headers={"X-CSRF-Token": api.csrf},
    )
    api.csrf = answer.get_json()["csrf_token"]
    return api


@pytest.mark.parametrize(("method", "pattern"), CALLS)
def test_nobody_gets_in(asked: MadeConsent, context: Flask, method: str, pattern: str) -> None:
    url = f"/api/v1/clinics/{asked.made.clinic.tenant_id}{path_of(pattern, asked)}"

    assert context.test_client().open(url, method=method, json={}).status_code == 401


@pytest.mark.parametrize(("method", "pattern"), CALLS)
def test_cve_2026_27943_another_clinic_finds_no_form_and_no_answers_by_id(
    asked: MadeConsent, context: Flask, method: str, pattern: str
) -> None:
    other = make_clinic(name="Juniper Quay")
    api = with_second_factor(context, other, other.owner)
    headers = {"X-CSRF-Token": api.csrf, "Idempotency-Key": uuid.uuid4().hex}
    path = path_of(pattern, asked)

    answer = api.client.open(api.url(path), method=method, json={}, headers=headers)

    assert answer.status_code == 404, answer.text
    with asked.made.clinic.scope() as scope:
        assert asked.read(scope).state == "sent"


def test_the_front_desk_sees_where_it_stands_and_never_a_document(
    asked: MadeConsent, context: Flask
) -> None:
    desk = Api(context, asked.made.clinic, add_staff(asked.made.clinic, Role.FRONT_DESK))

    found = desk.get(f"/patients/{asked.made.patient_id}/consents")

    assert [one["state"] for one in found] == ["sent"]
    assert not {"shown", "answers", "outcome"} & set(found[0])
    assert desk.get(f"/consents/{asked.id}/document", expect=403)["needs"] == "document:read"
    assert desk.post(f"/consents/{asked.id}/attest", expect=403)["needs"] == "consent:attest"
    page = desk.client.get(f"/clinics/{asked.made.clinic.tenant_id}/consents/{asked.id}")
    assert page.status_code == 200
    assert "Answers other than No" not in page.text


def test_billing_may_not_ask_for_consent(asked: MadeConsent, context: Flask) -> None:
    billing = Api(context, asked.made.clinic, add_staff(asked.made.clinic, Role.BILLING))

    billing.post(f"/plans/{asked.made.plan_id}/consents", expect=403)
    billing.post(f"/consents/{asked.id}/withdraw", expect=403)


def test_a_plan_that_was_not_discussed_asks_for_nothing(made: MadePlan, context: Flask) -> None:
    api = Api(context, made.clinic, made.clinic.owner)
    api.post("/forms")
    terms = api.get(f"/plans/{made.plan_id}/latest")
    changed = {
        "procedure_id": terms["procedure_id"],
        "indication_id": terms["indication_id"],
        "areas": {"face_cheeks": 500},
        "device_id": terms["device_id"],
        "practitioner_id": terms["practitioner_id"],
        "sessions": 3,
        "interval_days": 28,
        "anaesthetic": "none",
        "skin_type": 2,
        "what_matters": "Less depth.",
        "price_minor": 100,
    }
    headers = {
        "X-CSRF-Token": api.csrf,
        "Idempotency-Key": uuid.uuid4().hex,
        "If-Match": '"1"',
    }
    answer = api.client.put(api.url(f"/plans/{made.plan_id}"), json=changed, headers=headers)
    assert answer.status_code == 200, answer.text

    problem = api.post(f"/plans/{made.plan_id}/consents", expect=409)

    assert problem["code"] == "not_discussed"


def test_without_a_published_form_nothing_is_asked(made: MadePlan, context: Flask) -> None:
    api = Api(context, made.clinic, made.clinic.owner)

    assert api.post(f"/plans/{made.plan_id}/consents", expect=409)["code"] == "form_not_published"


def test_the_shipped_form_is_published_once(made: MadePlan, context: Flask) -> None:
    api = Api(context, made.clinic, made.clinic.owner)

    first, second = api.post("/forms"), api.post("/forms")

    assert first["id"] == second["id"]
    assert [one["number"] for one in api.get("/forms")] == [1]


def test_a_repeated_request_sends_one_link(made: MadePlan, context: Flask) -> None:
    api = Api(context, made.clinic, made.clinic.owner)
    api.post("/forms")
    key = uuid.uuid4().hex

    first = api.post(f"/plans/{made.plan_id}/consents", key=key)
    second = api.post(f"/plans/{made.plan_id}/consents", key=key)

    assert first == second
    assert len(api.get(f"/patients/{made.patient_id}/consents")) == 1


def test_case_12_a_new_link_ends_the_older_one(asked: MadeConsent, context: Flask) -> None:
    api = Api(context, asked.made.clinic, asked.made.clinic.owner)

    api.post(f"/consents/{asked.id}/resend", expect=200)

    browser = context.test_client()
    old = browser.post("/api/v1/sign/exchange", json={"token": asked.token})
    assert (old.status_code, old.get_json()["code"]) == (410, "link_not_usable")


def test_case_07_confirming_needs_the_second_factor_just_shown(
    context: Flask, made: MadePlan
) -> None:
    asked = make_signed_consent(made)
    api = Api(context, made.clinic, made.practitioner)

    assert api.post(f"/consents/{asked.id}/attest", expect=401)["code"] == "step_up_required"

    stepped = with_second_factor(context, made.clinic, made.practitioner)
    done = stepped.post(f"/consents/{asked.id}/attest")
    assert done["consent_id"] == str(asked.id)
    standing = stepped.get(f"/plans/{made.plan_id}/standing")
    assert (standing["allowed"], standing["areas"]) == (True, {"face_cheeks": 1000})
    answer = stepped.client.get(stepped.url(f"/consents/{asked.id}/document"))
    assert answer.data.startswith(b"%PDF")
    assert answer.headers["Cache-Control"] == "no-store"


def test_case_07_a_patient_who_signs_confirms_nothing(context: Flask, made: MadePlan) -> None:
    signer = Signer(context, make_asked_consent(made))
    consent_id, clinic = signer.asked.id, made.clinic
    signer.reach_signature()
    forged = {"role": "practitioner", "staff_id": str(made.practitioner.id), "state": "active"}
    signer.go("/sign/signature", signer.signing_fields(**forged, attested_at="2026-11-22T10:00Z"))
    below = f"/clinics/{clinic.tenant_id}/consents/{consent_id}/attest"
    headers = {"X-CSRF-Token": signer.csrf, "Idempotency-Key": uuid.uuid4().hex}

    answer = signer.client.post(f"/api/v1{below}", json={}, headers=headers)
    page = signer.post(below, {"role": "practitioner"})

    assert (answer.status_code, answer.get_json()["code"]) == (401, "unauthenticated")
    assert page.headers["Location"].startswith("/sign-in?")
    patient = Actor("patient", made.patient_id)
    with pytest.raises(NotEligible), tenant_scope(clinic.tenant_id, patient) as scope:
        attest_consent(scope, consent_id=consent_id, stepped_up_at=now())
    with clinic.scope() as scope:
        assert state_of(scope, signer.asked) == "signed"
        assert queries.find_attestation(scope, consent_id) is None


def test_case_07_an_owner_without_a_qualification_is_told_why(
    context: Flask, made: MadePlan
) -> None:
    asked = make_signed_consent(made)
    owner = with_second_factor(context, made.clinic, made.clinic.owner)

    problem = owner.post(f"/consents/{asked.id}/attest", expect=403)

    assert problem["code"] == "not_eligible"
    assert "No qualification of Morven Achterberg" in problem["detail"]


def test_a_consent_that_nobody_signed_is_not_confirmed(context: Flask, asked: MadeConsent) -> None:
    api = with_second_factor(context, asked.made.clinic, asked.made.practitioner)

    assert api.post(f"/consents/{asked.id}/attest", expect=409)["state"] == "sent"


def test_unknown_fields_are_refused(asked: MadeConsent, context: Flask) -> None:
    api = Api(context, asked.made.clinic, asked.made.clinic.owner)

    problem = api.post(f"/consents/{asked.id}/withdraw", {"state": "signed"}, expect=422)

    assert "state" in problem["fields"]


def test_the_practitioner_reads_the_answers_and_that_is_recorded(
    context: Flask, made: MadePlan
) -> None:
    asked = make_signed_consent(made)
    api = with_second_factor(context, made.clinic, made.practitioner)
    base = f"/clinics/{made.clinic.tenant_id}/consents/{asked.id}"

    shown = api.client.get(base)
    confirming = api.client.get(f"{base}/attest")

    assert "All answers, version 1" in shown.text
    assert "I may do this treatment" in confirming.text


def test_handing_over_signs_the_member_of_staff_out_of_the_device(
    asked: MadeConsent, context: Flask
) -> None:
    desk = Api(context, asked.made.clinic, add_staff(asked.made.clinic, Role.FRONT_DESK))
    base = f"/clinics/{asked.made.clinic.tenant_id}/consents/{asked.id}"

    answer = desk.client.post(f"{base}/hand-over", data={"csrf_token": desk.csrf})

    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign/identity")
    page = desk.client.get("/sign/identity")
    assert "has checked your ID" in page.text
    desk.get("", expect=401)
