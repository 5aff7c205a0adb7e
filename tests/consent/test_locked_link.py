"""Five wrong tries lock a patient's link: nobody gets on with it, the clinic sees it and acts."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.consent.ways.services.prove_identity import Proof, prove_identity, send_code
from app.kit.clock import shifted
from app.messaging.models import Message
from app.messaging.services import read_message
from app.messaging.transport import Letter
from tests.desk.test_pages import noon
from tests.factories.consent import MadeConsent, make_active_consent, make_asked_consent
from tests.factories.plans import BORN, make_discussed_plan, make_visit
from tests.support.letters import link_in
from tests.support.pages import Desk
from tests.support.signer import BIRTH, Signer


@pytest.fixture
def asked(context: Flask) -> MadeConsent:
    return make_asked_consent(make_discussed_plan())


@pytest.fixture
def signer(context: Flask, asked: MadeConsent) -> Signer:
    return Signer(context, asked)


def letters(asked: MadeConsent, template: str) -> list[Letter]:
    with asked.made.clinic.scope() as scope:
        wanted = select(Message).where(
            Message.tenant_id == scope.tenant_id, Message.template == template
        )
        found = scope.session.scalars(wanted.order_by(Message.created_at)).all()
        return [read_message(scope, one) for one in found]


def lock(signer: Signer) -> str:
    """Try five times in vain; return the code that would have been right."""
    signer.exchange()
    signer.get("/sign/identity")
    signer.go("/sign/identity/code", {})
    code = signer.code_from_message()
    wrong = "00000000" if code != "00000000" else "11111111"
    for _ in range(4):
        signer.post("/sign/identity", {"code": wrong, **BIRTH}, expect=422)
    last = signer.post("/sign/identity", {"code": wrong, **BIRTH}, expect=429)
    assert "this link is locked. We have told the clinic" in last.text
    return code


def test_case_15_a_locked_link_opens_nothing_any_more(signer: Signer, asked: MadeConsent) -> None:
    code = lock(signer)

    signer.post("/sign/identity", {"code": code, **BIRTH}, expect=410)
    signer.exchange(expect=410)
    signer.post("/sign/code", {"short_code": asked.short_code}, expect=410)


def test_case_15_the_clinic_hears_of_a_locked_link_without_a_word_of_whose_it_is(
    signer: Signer, asked: MadeConsent
) -> None:
    lock(signer)

    told, made = letters(asked, "link_locked"), asked.made
    assert sorted(one.to for one in told) == sorted(
        [made.clinic.owner.email, made.practitioner.email]
    )
    for one in told:
        assert f"/clinics/{made.clinic.tenant_id}/consents/{asked.id}" in one.body
        assert "Aoife" not in one.subject + one.body
        assert "needling" not in one.subject + one.body


def test_case_15_the_desk_sees_a_locked_link_and_sends_a_new_one(
    signer: Signer, asked: MadeConsent, context: Flask
) -> None:
    made = asked.made
    make_visit(made, planned_at=noon())
    lock(signer)
    desk = Desk(context, made.clinic, made.clinic.owner)
    page = f"/consents/{asked.id}"

    assert "Locked after five wrong tries Aoife Nguyễn" in desk.read("/today")
    for where in ("/today", f"/patients/{made.patient_id}"):
        assert "Link locked after wrong tries" in desk.read(where)
        assert f"{page}" in desk.answer(where).text
    assert "The link is locked." in desk.read(page)
    assert desk.api.get(page)["locked_at"] is not None
    desk.send(f"{page}/resend")

    for where in ("/today", f"/patients/{made.patient_id}", page):
        assert "locked" not in desk.read(where)
    fresh = Signer(context, asked)
    fresh.exchange(link_in(letters(asked, "sign_request")[-1].body)[1])
    fresh.get("/sign/identity")
    fresh.go("/sign/identity/code", {})
    answer = {"code": fresh.code_from_message(), **BIRTH}
    assert fresh.go("/sign/identity", answer) == "/sign/electronic"


def test_case_15_whose_link_is_locked_asks_for_a_new_one_themselves(
    signer: Signer, asked: MadeConsent
) -> None:
    lock(signer)

    signer.client.post("/sign/new-link", data={"contact": asked.made.patient_email})

    assert len(letters(asked, "sign_request")) == 2


def test_case_15_a_locked_form_is_handed_over_to_whoever_shows_their_id(
    signer: Signer, asked: MadeConsent, context: Flask
) -> None:
    lock(signer)
    desk = Desk(context, asked.made.clinic, asked.made.clinic.owner)

    desk.send(f"/consents/{asked.id}/hand-over")

    signer.client = desk.api.client
    signer.get("/sign/identity")
    assert signer.go("/sign/identity", BIRTH) == "/sign/electronic"


def test_case_15_a_copy_waits_and_the_clinic_hears_of_it_each_time(context: Flask) -> None:
    active = make_active_consent(make_discussed_plan())
    asked = MadeConsent(active.made, active.consent_id, "", "")

    def try_code(code: str) -> Proof:
        with asked.made.clinic.scope() as scope:
            return prove_identity(
                scope, consent_id=asked.id, code=code, born=BORN.isoformat(), address=""
            )

    for minutes, times in ((61, 1), (72, 2)):
        with shifted(timedelta(minutes=minutes)):
            tried = [try_code("no code") for _ in range(6)]
            assert tried == [Proof.WRONG] * 4 + [Proof.LOCKED] * 2
            assert len(letters(asked, "link_locked")) == 2 * times
    with shifted(timedelta(minutes=83)):
        with asked.made.clinic.scope() as scope:
            send_code(scope, consent_id=asked.id)
        assert try_code(Signer(context, asked).code_from_message()) is Proof.PASSED
    page = Desk(context, asked.made.clinic, asked.made.clinic.owner)
    assert "wrong tries" not in page.read(f"/consents/{asked.id}")
