"""A form that was asked for before something became known is not signed: it is asked for anew."""

from collections.abc import Callable

import pytest
from flask import Flask

from app.consent import queries
from app.consent.after.follow_queries import list_reminders
from app.consent.after.reconsent import reasons_to_ask_again
from app.consent.after.safety_queries import list_notices
from app.consent.after.services.enter_safety_notice import end_safety_notice
from app.consent.after.services.remind_patient import remind_patient
from app.consent.errors import AskedBeforeNews, NotDiscussed
from app.consent.holds.models import HoldOrigin
from app.consent.paper.services.print_paper import print_paper
from app.consent.services.expire_consents import expire_consents
from app.consent.services.pause_consent import Finding, pause_plan
from app.consent.services.request_consent import request_consent
from app.consent.ways.services.hand_over import hand_over
from app.consent.ways.services.show_code import show_code
from app.kit.clock import now, shifted
from app.plans.queries import get_plan
from tests.consent.test_following import LATER
from tests.consent.test_languages import ask_in
from tests.consent.test_paper import Desk as PaperDesk
from tests.consent.test_races import note_incident, warn
from tests.consent.test_safety import standing, talk
from tests.factories.consent import (
    MadeConsent,
    make_asked_consent,
    make_read_consent,
    make_signed_consent,
    sign,
)
from tests.factories.plans import make_discussed_plan
from tests.support.api import Api
from tests.support.pages import Desk
from tests.support.signer import Signer, state_of

NEWS = {
    "en": "There is news about your treatment",
    "de": "Es gibt Neues zu Ihrer Behandlung",
    "ar": "هناك جديد بشأن علاجك",
}
OTHER_WAYS = (show_code, hand_over, print_paper)


@pytest.fixture
def read(context: Flask) -> MadeConsent:
    """A form with the signature alone missing."""
    return make_read_consent(make_discussed_plan())


def signed(asked: MadeConsent) -> bool:
    """Return whether there is a signature."""
    with asked.made.clinic.scope() as scope:
        return queries.find_signature(scope, asked.id) is not None


@pytest.mark.parametrize("language", ["en", "de", "ar"])
def test_the_patient_reads_kindly_that_the_clinic_speaks_with_them_first(
    context: Flask, language: str
) -> None:
    signer = Signer(context, ask_in(language))
    signer.reach_signature()
    fields = signer.signing_fields()
    warn(signer.asked)

    refused = signer.post("/sign/signature", fields, expect=409)
    # Also the pages before it: nobody fills in what cannot be signed.
    before = signer.get("/sign/questions", expect=409)

    assert NEWS[language] in refused.text
    assert NEWS[language] in before.text
    assert "burns" not in refused.text + before.text
    assert not signed(signer.asked)
    with signer.asked.made.clinic.scope() as scope:
        assert state_of(scope, signer.asked) == "cleared"


def test_nothing_is_told_before_it_is_known_who_reads(context: Flask) -> None:
    signer = Signer(context, make_asked_consent(make_discussed_plan()))
    warn(signer.asked)
    signer.exchange()

    assert NEWS["en"] not in signer.get("/sign/identity").text


def test_answers_that_were_sent_in_that_moment_are_kept(context: Flask) -> None:
    signer = Signer(context, make_asked_consent(make_discussed_plan()))
    signer.reach_questions()
    warn(signer.asked)

    with pytest.raises(AssertionError, match="news about your treatment"):
        signer.answer()

    with signer.asked.made.clinic.scope() as scope:
        assert queries.find_latest_answers(scope, signer.asked.id) is not None


def test_saying_no_stays_possible(context: Flask) -> None:
    signer = Signer(context, make_asked_consent(make_discussed_plan()))
    signer.reach_questions()
    warn(signer.asked)
    signer.get("/sign/withdraw")

    assert signer.go("/sign/withdraw", {}) == "/sign/receipt"


def test_staff_read_why_and_what_helps_and_a_program_gets_a_code(
    context: Flask, read: MadeConsent
) -> None:
    made, page = read.made, f"/consents/{read.id}"
    desk = Desk(context, made.clinic, made.practitioner)
    before = desk.answer(page).text
    warn(read)

    after = desk.answer(page).text
    refused = desk.api.post(f"{page}/resend", expect=409)

    assert "This form cannot be signed any more." not in before
    assert "This form cannot be signed any more." in after
    assert "a safety communication of" in after
    assert f'/plans/{made.plan_id}">Ask for consent anew</a>' in after
    assert "Send a new link" not in after
    assert refused["code"] == "asked_before_news"
    assert refused["triggers"] == ["safety_notice"]


@pytest.mark.parametrize("way", OTHER_WAYS)
def test_no_way_leads_to_a_form_that_cannot_be_signed(
    read: MadeConsent, way: Callable[..., object]
) -> None:
    warn(read)

    with (
        read.made.clinic.scope(read.made.practitioner) as scope,
        pytest.raises(AskedBeforeNews),
    ):
        way(scope, consent_id=read.id)


def test_a_scan_of_one_is_not_confirmed_either(context: Flask) -> None:
    desk = PaperDesk(make_asked_consent(make_discussed_plan()))
    desk.print()
    desk.answer()
    desk.scan()
    warn(desk.asked)

    with pytest.raises(AskedBeforeNews):
        desk.confirm()

    assert not signed(desk.asked)


def test_nobody_is_reminded_of_it(context: Flask) -> None:
    asked = make_asked_consent(make_discussed_plan())
    warn(asked)

    with shifted(LATER), asked.made.clinic.scope() as scope:
        assert not remind_patient(scope, consent_id=asked.id)
        assert list_reminders(scope, asked.id) == []
        assert expire_consents(scope) == 0


def test_what_is_asked_after_it_or_without_it_is_signed(read: MadeConsent) -> None:
    made = read.made
    warn(read)
    with pytest.raises(AskedBeforeNews):
        sign(read)
    newer = make_signed_consent(made)

    with made.clinic.scope() as scope:
        assert reasons_to_ask_again(scope, newer.read(scope)) == ()
        assert state_of(scope, read) == "voided"


def test_one_that_was_entered_by_mistake_lets_the_form_go_on(read: MadeConsent) -> None:
    warn(read)
    with read.made.clinic.scope() as scope:
        (one,) = list_notices(scope)
        end_safety_notice(scope, notice_id=one.id)

    assert sign(read).signed_at <= now()


class TestIncidentWhileNothingIsInForce:
    def test_a_form_that_is_out_waits_for_the_talk(self, context: Flask, read: MadeConsent) -> None:
        note_incident(read)
        with pytest.raises(NotDiscussed, match="has to be talked over first"):
            sign(read)
        told = standing(read.made).reasons

        desk = Desk(context, read.made.clinic, read.made.practitioner)
        page = desk.answer(f"/consents/{read.id}").text
        plan = desk.answer(f"/plans/{read.made.plan_id}").text
        talk(read.made)

        assert "has to be talked over first" in told[-1]
        assert "This form cannot be signed before a new talk." in page
        assert f'/plans/{read.made.plan_id}/discussion">Record the talk</a>' in page
        assert f'/plans/{read.made.plan_id}/discussion">Record the new talk</a>' in plan
        assert sign(read).signed_at <= now()
        assert standing(read.made).reasons == (
            "The patient has signed; a practitioner has to confirm it.",
        )

    def test_nobody_is_asked_before_it_either(self, context: Flask, read: MadeConsent) -> None:
        made = read.made
        note_incident(read)
        api = Api(context, made.clinic, made.practitioner)

        refused = api.post(f"/plans/{made.plan_id}/consents", expect=409)
        again = api.post(f"/consents/{read.id}/resend", expect=409)
        talk(made)
        asked = api.post(f"/plans/{made.plan_id}/consents")

        assert refused["code"] == again["code"] == "not_discussed"
        assert asked["state"] == "sent"

    def test_a_plan_of_which_nothing_was_ever_asked_waits_too(self, context: Flask) -> None:
        made = make_discussed_plan()
        nothing = MadeConsent(made, made.plan_id, "", "")
        note_incident(nothing)

        with made.clinic.scope(made.practitioner) as scope:
            assert get_plan(scope, made.plan_id).talk_again_since is not None
            with pytest.raises(NotDiscussed, match="has to be talked over first"):
                request_consent(scope, plan_id=made.plan_id)

    def test_what_is_on_hold_for_another_reason_is_out_of_date_after_it(
        self, context: Flask
    ) -> None:
        asked = make_signed_consent(make_discussed_plan())
        made = asked.made
        with made.clinic.scope(made.practitioner) as scope:
            why = Finding(HoldOrigin.CLINIC, "The tips have to be looked at.")
            pause_plan(scope, plan_id=made.plan_id, finding=why)
        note_incident(asked)
        talk(made)

        with made.clinic.scope() as scope:
            (met,) = reasons_to_ask_again(scope, asked.read(scope))
        assert met.trigger.id == "incident"

    def test_a_signature_that_came_in_its_moment_is_out_of_date_at_once(
        self, context: Flask, read: MadeConsent
    ) -> None:
        """Both commit without having seen the other: the older talk tells."""
        sign(read)
        with read.made.clinic.scope() as scope:
            consent = read.read(scope)
            assert consent.signed_at is not None
            plan = get_plan(scope, read.made.plan_id)
            plan.talk_again_since = consent.signed_at - LATER / 1_000_000
            (met,) = reasons_to_ask_again(scope, consent)
            assert met.trigger.id == "incident"
