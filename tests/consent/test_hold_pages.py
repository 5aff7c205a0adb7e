"""A hold from both sides: the patient waits kindly, the clinician decides on one screen."""

import pytest
from flask import Flask

from app.tenants.models import Role
from tests.factories.consent import MadeConsent, make_asked_consent
from tests.factories.holds import REASON, open_hold_of
from tests.factories.plans import make_discussed_plan
from tests.factories.tenants import add_staff
from tests.support.pages import Desk
from tests.support.signer import Signer, state_of


@pytest.fixture
def signer(context: Flask) -> Signer:
    return Signer(context, make_asked_consent(make_discussed_plan()))


@pytest.fixture
def held(signer: Signer) -> MadeConsent:
    signer.reach_questions()
    assert signer.answer(hsv_history_area="yes") == "/sign/hold"
    return signer.asked


def decide(desk: Desk, held: MadeConsent, kind: str, expect: int = 303, **more: str) -> None:
    path = f"/holds/{open_hold_of(held).id}/decision"
    fields = {"kind": kind, "reason": REASON, "answers_number": "1", **more}
    desk.send(path, expect, **fields)


def test_the_clinician_decides_and_the_patient_goes_on_on_the_same_device(
    context: Flask, signer: Signer, held: MadeConsent
) -> None:
    desk = Desk(context, held.made.clinic, held.made.practitioner)
    hold = open_hold_of(held)

    assert "1 patient waits" in desk.read("/today")
    assert "Aoife Nguyễn" in desk.read("/holds")
    page = desk.read(f"/holds/{hold.id}")
    assert "herpes" in page.lower()
    assert "Source:" in page
    decide(desk, held, "safe", depth_face_cheeks="0.75", prophylaxis="yes")

    assert signer.client.get("/sign/hold").headers["Location"] == "/sign/read"
    told = signer.get("/sign/read").text
    assert REASON in told
    assert "0.75 mm" in told
    assert "Decision 1" in desk.read(f"/holds/{hold.id}")
    assert "No hold is open" in desk.read("/holds")


def test_what_was_typed_is_shown_again_with_what_is_wrong(
    context: Flask, held: MadeConsent
) -> None:
    desk = Desk(context, held.made.clinic, held.made.practitioner)
    path = f"/holds/{open_hold_of(held).id}/decision"

    answer = desk.send(
        path, 422, kind="safe", reason="too short", answers_number="1", depth_face_cheeks="2.5"
    )

    assert "too short" in answer.text
    assert "no deeper than planned" in answer.text


def test_a_no_is_told_kindly_with_the_words_of_the_clinician(
    context: Flask, signer: Signer, held: MadeConsent
) -> None:
    desk = Desk(context, held.made.clinic, held.made.practitioner)

    decide(desk, held, "not_safe", next_step="Please see your skin doctor.")

    assert signer.client.get("/sign/hold").headers["Location"] == "/sign/receipt"
    page = signer.get("/sign/receipt").text
    assert "We will not do this treatment now" in page
    assert REASON in page
    assert "Please see your skin doctor." in page


def test_the_front_desk_sees_who_waits_and_no_answer(context: Flask, held: MadeConsent) -> None:
    desk = Desk(context, held.made.clinic, add_staff(held.made.clinic, Role.FRONT_DESK))

    page = desk.read("/holds")

    assert "Needs review" in page
    assert "herpes" not in page.lower()
    desk.read(f"/holds/{open_hold_of(held).id}", 403)
    lines = desk.api.get("/holds")
    assert set(lines[0]) == {
        *("id", "consent_id", "patient_id", "location_id", "opened_at", "age"),
        *("is_after_signing", "waits_until", "place"),
    }


def test_the_device_goes_back_to_the_patient_and_the_staff_is_signed_out(
    context: Flask, signer: Signer, held: MadeConsent
) -> None:
    desk = Desk(context, held.made.clinic, held.made.practitioner)
    hold = open_hold_of(held)
    decide(desk, held, "safe")
    token = signer.client.get_cookie("__Host-sign")
    assert token is not None
    desk.api.client.set_cookie("__Host-sign", token.value)
    with held.made.clinic.scope() as scope:
        assert state_of(scope, held) == "cleared"

    answer = desk.send(f"/holds/{hold.id}/back")

    assert answer.headers["Location"] == "/sign/hold"
    assert desk.api.client.get(f"{desk.base}/holds").status_code == 303
    assert desk.api.client.get("/sign/hold").headers["Location"] == "/sign/read"


def test_a_program_decides_and_reads_the_outcome(context: Flask, held: MadeConsent) -> None:
    desk = Desk(context, held.made.clinic, held.made.practitioner)
    hold = desk.api.get(f"/holds/{open_hold_of(held).id}")
    body = {"kind": "safe", "reason": REASON, "answers_number": hold["answers_number"]}

    made = desk.api.post(f"/holds/{hold['id']}/decisions", body)

    assert [one["rule_id"] for one in hold["rules"]] == ["hsv_history_area"]
    assert made["consent_state"] == "cleared"
    assert desk.api.post(f"/holds/{hold['id']}/decisions", body, 409)["code"] == "hold_moved"
