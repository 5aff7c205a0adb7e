"""The clinic's tablet for programs: handed over, seen from the desk, taken back; never weaker."""

import uuid
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.audit.models import AuditEvent
from app.auth.guards import STAFF_COOKIE
from app.auth.shared_desk import enrol_device
from app.consent.ways.services.hand_over import hand_over as lock
from app.database import Actor, tenant_scope
from app.kit.clock import shifted
from app.tenants.models import Role
from tests.factories.consent import MadeConsent, make_asked_consent, make_signed_consent
from tests.factories.plans import make_discussed_plan
from tests.factories.tenants import add_staff
from tests.support.api import Api
from tests.support.signer import BIRTH, TOKEN, Signer, state_of

SEEN = {"has_seen_id": True}
NONE_THERE = {
    "is_handed_over": False,
    "is_covered": False,
    "handed_over_at": None,
    "touched_at": None,
    "host_id": None,
    "device_id": None,
}


@pytest.fixture
def asked(context: Flask) -> MadeConsent:
    return make_asked_consent(make_discussed_plan())


@pytest.fixture
def desk(context: Flask, asked: MadeConsent) -> Api:
    """The front desk, on a screen of its own."""
    return Api(context, asked.made.clinic, add_staff(asked.made.clinic, Role.FRONT_DESK))


def hand_over(api: Api, asked: MadeConsent) -> TestResponse:
    """Ask for a device to be locked on a form."""
    return api.client.post(
        api.url(f"/consents/{asked.id}/hand-over"), json=SEEN, headers={"X-CSRF-Token": api.csrf}
    )


def handed(app: Flask, asked: MadeConsent) -> Signer:
    """Hand a device over by the API: the client of the staff is the patient's from then on."""
    device = Api(app, asked.made.clinic, asked.made.practitioner)
    answer = hand_over(device, asked)
    assert answer.status_code == 200, answer.text
    assert answer.get_json() == {"location": "/sign/identity"}
    signer = Signer(app, asked)
    signer.client = device.client
    return signer


def times_taken_back(asked: MadeConsent) -> int:
    """Return how often the desk took a device back."""
    with asked.made.clinic.scope() as scope:
        statement = select(AuditEvent.id).where(
            AuditEvent.tenant_id == scope.tenant_id,
            AuditEvent.subject_id == asked.id,
            AuditEvent.action == "consent:tablet:take_back",
        )
        return len(scope.session.scalars(statement).all())


def test_case_17_the_device_that_asks_is_the_patients_and_no_longer_the_staffs(
    context: Flask, asked: MadeConsent
) -> None:
    device = Api(context, asked.made.clinic, asked.made.practitioner)
    before = device.client.get_cookie(STAFF_COOKIE)
    answer = hand_over(device, asked)

    token = device.client.get_cookie("__Host-sign").value
    assert token not in answer.text
    assert device.client.get_cookie(STAFF_COOKIE) is None
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    device.get("", expect=401)
    device.client.set_cookie(STAFF_COOKIE, before.value, secure=True)
    device.get("", expect=401)


def test_what_is_handed_over_is_locked_on_one_form_as_by_the_page(
    context: Flask, asked: MadeConsent
) -> None:
    signer = handed(context, asked)

    assert "has checked your ID" in signer.get("/sign/identity").text
    assert signer.go("/sign/identity", dict(BIRTH)) == "/sign/electronic"
    with shifted(timedelta(minutes=4, seconds=5)):
        covered = signer.get("/sign/electronic", expect=303)
        assert covered.headers["Location"] == "/sign/covered"


def test_nobody_hands_over_without_having_seen_an_id(desk: Api, asked: MadeConsent) -> None:
    desk.post(f"/consents/{asked.id}/hand-over", {}, expect=422)
    desk.post(f"/consents/{asked.id}/hand-over", {"has_seen_id": False}, expect=422)

    assert desk.get(f"/consents/{asked.id}/tablet") == NONE_THERE


def test_nobody_hands_over_from_another_site(context: Flask, asked: MadeConsent) -> None:
    device = Api(context, asked.made.clinic, asked.made.practitioner)

    answer = device.client.post(device.url(f"/consents/{asked.id}/hand-over"), json=SEEN)

    assert answer.status_code == 403
    assert device.client.get_cookie(STAFF_COOKIE) is not None


def test_a_signed_form_is_not_handed_over_and_nobody_is_signed_out(context: Flask) -> None:
    signed = make_signed_consent(make_discussed_plan())
    device = Api(context, signed.made.clinic, signed.made.practitioner)

    assert hand_over(device, signed).status_code == 409
    device.get(f"/consents/{signed.id}/tablet")


def test_the_desk_sees_who_has_which_device_and_that_it_is_covered(
    context: Flask, desk: Api, asked: MadeConsent
) -> None:
    assert desk.get(f"/consents/{asked.id}/tablet") == NONE_THERE
    signer = handed(context, asked)

    seen = desk.get(f"/consents/{asked.id}/tablet")
    assert seen["is_handed_over"]
    assert not seen["is_covered"]
    assert seen["host_id"] == str(asked.made.practitioner.id)
    signer.get("/sign/identity")
    signer.post("/sign/cover", {})
    assert desk.get(f"/consents/{asked.id}/tablet")["is_covered"]
    with shifted(timedelta(hours=3, seconds=1)):
        asked_anew = Api(context, asked.made.clinic, desk.who)
        assert asked_anew.get(f"/consents/{asked.id}/tablet") == NONE_THERE


def test_taking_it_back_ends_it_there_and_keeps_what_was_filled_in(
    context: Flask, desk: Api, asked: MadeConsent
) -> None:
    signer = handed(context, asked)
    signer.get("/sign/identity")
    signer.go("/sign/identity", dict(BIRTH))
    signer.go("/sign/electronic", {"way": "screen"})
    signer.get("/sign/questions")
    signer.client.put(
        "/api/v1/sign/drafts/questions",
        json={"sequence": 1, "values": {"pregnancy": "no"}},
        headers={"X-CSRF-Token": TOKEN.search(signer.page.text).group(1)},
    )
    with asked.made.clinic.scope() as scope:
        state = state_of(scope, asked)

    key = uuid.uuid4().hex
    first = desk.post(f"/consents/{asked.id}/take-back", expect=200, key=key)
    again = desk.post(f"/consents/{asked.id}/take-back", expect=200, key=key)

    assert first == again == NONE_THERE
    for path in ("questions", "covered", "receipt", "identity"):
        signer.get(f"/sign/{path}", expect=410)
    with asked.made.clinic.scope() as scope:
        assert state_of(scope, asked) == state
    assert times_taken_back(asked) == 1
    signer = handed(context, asked)
    signer.get("/sign/identity")
    signer.go("/sign/identity", dict(BIRTH))
    assert 'name="pregnancy" value="no"' in signer.get("/sign/questions").text


def test_a_patient_on_their_own_phone_reads_on_when_a_device_is_taken_back(
    context: Flask, desk: Api, asked: MadeConsent
) -> None:
    phone = Signer(context, asked)
    phone.exchange()

    assert desk.post(f"/consents/{asked.id}/take-back", expect=200) == NONE_THERE

    phone.get("/sign/identity")
    assert times_taken_back(asked) == 0


def test_the_consents_page_offers_to_take_the_device_back(
    context: Flask, desk: Api, asked: MadeConsent
) -> None:
    page = f"/clinics/{asked.made.clinic.tenant_id}/consents/{asked.id}"
    assert "Take the device back" not in desk.client.get(page).text
    signer = handed(context, asked)
    assert "A device of the clinic has this form." in desk.client.get(page).text

    sent = {"csrf_token": desk.csrf, "idempotency_key": uuid.uuid4().hex}
    answer = desk.client.post(f"{page}/take-back", data=sent)

    assert answer.status_code == 303
    assert "Take the device back" not in desk.client.get(page).text
    signer.get("/sign/identity", expect=410)


def test_a_shared_device_stands_in_what_the_desk_sees(context: Flask, asked: MadeConsent) -> None:
    made = asked.made
    with made.clinic.scope() as scope:
        device, _ = enrol_device(scope, name="Room 2")
        device_id = device.id
    acting = Actor("staff", made.practitioner.id, made.practitioner.person_id, device_id)
    with tenant_scope(made.clinic.tenant_id, acting) as scope:
        lock(scope, consent_id=asked.id)

    desk = Api(context, made.clinic, made.clinic.owner)
    assert desk.get(f"/consents/{asked.id}/tablet")["device_id"] == str(device_id)
