"""Forms that wait: reminders that stop in time, links and consents that run out, and voids."""

import threading
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from app.consent import queries
from app.consent.after import follow_queries
from app.consent.after.services.remind_patient import due_at, plan_reminders, remind_patient
from app.consent.errors import ConsentMoved
from app.consent.models import ConsentState
from app.consent.services.expire_consents import expire_consents
from app.consent.services.request_consent import resend_link
from app.consent.services.void_consent import void_consent
from app.consent.services.withdraw_consent import withdraw_consent
from app.consent.standing import state_in_words
from app.jobs.registry import run_job
from app.kit.clock import frozen, now, shifted
from app.messaging.queries import list_messages_to_patient
from app.messaging.services import send_message
from app.patients.limit_models import LimitKind
from app.patients.queries import get_patient
from app.patients.services.edit_patient import record_death
from app.patients.services.limit_use import place_limit
from app.policies.services.decide_policy import NewDecision, decide_policy
from app.tenants.models import Role
from tests.factories.consent import (
    MadeConsent,
    answer,
    make_active_consent,
    make_asked_consent,
    make_identified_consent,
    make_read_consent,
    make_signed_consent,
    sign,
)
from tests.factories.plans import make_discussed_plan
from tests.factories.tenants import add_staff
from tests.support.api import Api
from tests.support.noon import until_noon_after
from tests.support.pages import Desk
from tests.support.signer import Signer

LATER = until_noon_after(timedelta(days=2, minutes=1))


@pytest.fixture
def asked(context: Flask) -> MadeConsent:
    return make_asked_consent(make_discussed_plan())


def remind(asked: MadeConsent) -> bool:
    with asked.made.clinic.scope() as scope:
        return remind_patient(scope, consent_id=asked.id)


def templates_to(asked: MadeConsent) -> list[str]:
    with asked.made.clinic.scope() as scope:
        found = list_messages_to_patient(scope, asked.made.patient_id)
        return [one.template for one in found]


def state_of(asked: MadeConsent) -> str:
    with asked.made.clinic.scope() as scope:
        return asked.read(scope).state


class TestReminders:
    def test_two_are_sent_by_default_and_never_a_third(self, asked: MadeConsent) -> None:
        assert not remind(asked), "it is not due yet"
        for number in (1, 2, 3):
            with shifted(LATER + timedelta(days=2, minutes=1) * (number - 1)):
                assert remind(asked) is (number < 3)
                assert not remind(asked), "the same one twice"

        assert templates_to(asked).count("sign_reminder") == 2

    def test_the_night_asks_for_what_is_due_before_the_next(self, asked: MadeConsent) -> None:
        with asked.made.clinic.scope() as scope:
            assert plan_reminders(scope) == 0
        with shifted(timedelta(days=1)), asked.made.clinic.scope() as scope:
            assert plan_reminders(scope) == 1

    def test_nobody_is_reminded_while_their_question_waits_for_an_answer(
        self, context: Flask
    ) -> None:
        signer = Signer(context, make_asked_consent(make_discussed_plan()))
        signer.reach_signature(question_risks="Will it bleed?")
        made, asked = signer.asked.made, signer.asked
        api = Api(context, made.clinic, made.practitioner)
        [waiting] = api.get(f"/consents/{asked.id}/questions")
        with shifted(LATER):
            assert not remind(asked)

        path = f"/consents/{asked.id}/questions/{waiting['id']}/answer"
        api.post(path, {"answer": "A little, for a day."}, expect=200)

        with shifted(LATER):
            assert remind(asked)

    def test_the_link_before_a_reminder_no_longer_opens(
        self, context: Flask, asked: MadeConsent
    ) -> None:
        with shifted(LATER):
            assert remind(asked)
            Signer(context, asked).exchange(expect=410)

    def test_a_page_that_is_open_stays_open(self, context: Flask, asked: MadeConsent) -> None:
        signer = Signer(context, asked)
        with shifted(LATER):
            signer.identify()
            assert remind(asked)

            signer.get("/sign/electronic")

    @pytest.mark.parametrize("end", ["declined", "voided", "restricted", "died", "held", "signed"])
    def test_never_after_it_is_over_or_somebody_else_has_to_act(
        self, context: Flask, end: str
    ) -> None:
        made = make_discussed_plan()
        if end == "signed":
            asked = make_signed_consent(made)
        elif end == "held":
            asked = make_identified_consent(made)
            answer(asked, pregnancy="yes")
        else:
            asked = make_asked_consent(made)
        with made.clinic.scope(made.practitioner) as scope:
            if end == "declined":
                withdraw_consent(scope, consent_id=asked.id)
            elif end == "voided":
                void_consent(scope, consent_id=asked.id, reason="Sent to the wrong person.")
            elif end == "restricted":
                place_limit(
                    scope,
                    patient_id=made.patient_id,
                    kind=LimitKind.RESTRICTION,
                    reason="accuracy_contested",
                )
            elif end == "died":
                version = get_patient(scope, made.patient_id).version
                record_death(scope, patient_id=made.patient_id, version=version, on=now().date())

        with shifted(LATER):
            assert not remind(asked)
        assert "sign_reminder" not in templates_to(asked)

    def test_one_that_waited_in_the_outbox_stops_when_the_form_is_signed(
        self, context: Flask
    ) -> None:
        asked = make_read_consent(make_discussed_plan())
        with shifted(LATER):
            assert remind(asked)
        with asked.made.clinic.scope() as scope:
            [message] = [
                one
                for one in list_messages_to_patient(scope, asked.made.patient_id)
                if one.template == "sign_reminder"
            ]
        sign(asked)
        with asked.made.clinic.scope() as scope:
            send_message(scope, message_id=message.id)

        with asked.made.clinic.scope() as scope:
            found = list_messages_to_patient(scope, asked.made.patient_id)
            [stopped] = [one for one in found if one.id == message.id]
        assert (stopped.state, stopped.sent_at) == ("failed", None)

    def test_none_wakes_anybody(self, asked: MadeConsent) -> None:
        midnight = datetime.combine(
            (now() + timedelta(days=4)).date(), time(0, 30), ZoneInfo("Europe/London")
        )
        with frozen(midnight.astimezone(UTC)):
            assert not remind(asked)
        with frozen(midnight.astimezone(UTC) + timedelta(hours=10)):
            assert remind(asked)

    def test_it_comes_at_the_same_time_of_day_over_a_change_of_the_clocks(
        self, asked: MadeConsent
    ) -> None:
        zone = ZoneInfo("Europe/London")
        sent = datetime(2027, 3, 27, 10, 0, tzinfo=zone)  # The clocks go forward that night.
        with asked.made.clinic.scope() as scope:
            consent = asked.read(scope)
            consent.link_sent_at = sent.astimezone(UTC)

            assert due_at(consent, "Europe/London", 2).astimezone(zone).hour == 10

    def test_a_clinic_may_want_none(self, asked: MadeConsent) -> None:
        clinic = asked.made.clinic
        with clinic.scope() as scope:
            decide_policy(
                scope,
                NewDecision(
                    *("GB-SCT", "reminders", 0, "clinic", False, "", "We call people."),
                    in_force_from=now().date(),
                    after=0,
                ),
            )
        with shifted(LATER):
            assert not remind(asked)

    def test_a_new_link_from_staff_begins_the_days_anew(self, asked: MadeConsent) -> None:
        with shifted(timedelta(days=1)), asked.made.clinic.scope() as scope:
            resend_link(scope, consent_id=asked.id)
        with shifted(LATER):
            assert not remind(asked)


class TestRunningOut:
    def test_a_link_that_ran_out_is_seen_by_the_desk(
        self, context: Flask, asked: MadeConsent
    ) -> None:
        desk = Desk(context, asked.made.clinic, asked.made.practitioner)
        assert "The link works until" in desk.read(f"/consents/{asked.id}")
        with asked.made.clinic.scope() as scope:
            asked.read(scope).link_expires_at = now() - timedelta(minutes=1)

        assert "The link ran out" in desk.read(f"/consents/{asked.id}")

    def test_a_form_that_nobody_signed_runs_out_with_all_that_was_typed(
        self, context: Flask
    ) -> None:
        asked = make_identified_consent(make_discussed_plan())
        clinic = asked.made.clinic
        with shifted(timedelta(days=29)), clinic.scope() as scope:
            assert expire_consents(scope) == 0
        with shifted(timedelta(days=31)):
            run_job(clinic.tenant_id, "consent.expire", {"_actor": ["system", "", ""]})

        assert state_of(asked) == "expired"
        with clinic.scope() as scope:
            assert "without being signed" in state_in_words(asked.read(scope))
            draft = queries.get_draft(scope, asked.id)
            assert draft.answers_cipher is draft.ink_cipher is None
            with pytest.raises(ConsentMoved):
                resend_link(scope, consent_id=asked.id)

    def test_a_consent_says_that_it_has_run_out_on_the_day_and_in_its_state_after_the_night(
        self, context: Flask
    ) -> None:
        active = make_active_consent(make_discussed_plan())
        clinic = active.made.clinic
        with shifted(timedelta(days=366)):
            with clinic.scope() as scope:
                consent = queries.get_consent(scope, active.consent_id)
                assert consent.state == ConsentState.ACTIVE
                assert "has run out" in state_in_words(consent)
            with clinic.scope() as scope:
                assert expire_consents(scope) == 1
            with clinic.scope() as scope:
                consent = queries.get_consent(scope, active.consent_id)
                assert consent.state == ConsentState.EXPIRED
                assert withdraw_consent(scope, consent_id=consent.id).state == "expired"


class TestVoiding:
    def test_staff_call_a_consent_in_force_back_with_a_reason(self, context: Flask) -> None:
        active = make_active_consent(make_discussed_plan())
        made = active.made
        desk = Desk(context, made.clinic, made.practitioner)
        path = f"/consents/{active.consent_id}"
        refused = desk.send(f"{path}/void", expect=422, void_reason="")
        assert "Say why it is called back" in refused.text

        desk.send(f"{path}/void", void_reason="The wrong device was named.")
        desk.send(f"{path}/void", void_reason="The wrong device was named.")

        page = desk.read(path)
        assert "Called back by" in page
        assert "The wrong device was named." in page
        with made.clinic.scope() as scope:
            grants = queries.list_grants(scope, active.consent_id)
            assert all(one.valid.upper <= now() for one in grants)
            void = follow_queries.find_void(scope, active.consent_id)
            messages = list_messages_to_patient(scope, made.patient_id)
        assert void is not None
        assert b"device" not in void.reason_cipher
        assert [one.template for one in messages].count("form_called_back") == 1

    def test_the_front_desk_may_not_and_does_not_read_why(
        self, context: Flask, asked: MadeConsent
    ) -> None:
        made = asked.made
        desk = Desk(context, made.clinic, add_staff(made.clinic, Role.FRONT_DESK))
        desk.api.post(f"/consents/{asked.id}/void", {"reason": "I may not."}, expect=403)
        Api(context, made.clinic, made.practitioner).post(
            f"/consents/{asked.id}/void", {"reason": "Sent to the wrong person."}, expect=200
        )

        page = desk.read(f"/consents/{asked.id}")
        assert "Called back by" in page
        assert "wrong person" not in page

    def test_the_patient_on_an_open_page_reads_kindly_what_happened(
        self, context: Flask, asked: MadeConsent
    ) -> None:
        signer = Signer(context, asked)
        signer.identify()
        with asked.made.clinic.scope(asked.made.practitioner) as scope:
            void_consent(scope, consent_id=asked.id, reason="The plan was changed.")

        signer.go("/sign/electronic", {"way": "screen"})

        assert "The clinic has called this form back" in signer.page.text

    def test_case_22_a_signature_and_a_void_leave_one_outcome(self, context: Flask) -> None:
        asked = make_read_consent(make_discussed_plan())
        refused: list[str] = []

        def act() -> None:
            with context.app_context():
                try:
                    sign(asked)
                except ConsentMoved:
                    refused.append("signature")

        thread = threading.Thread(target=act)
        thread.start()
        with asked.made.clinic.scope(asked.made.practitioner) as scope:
            void_consent(scope, consent_id=asked.id, reason="The plan was changed.")
        thread.join()

        with asked.made.clinic.scope() as scope:
            signed = queries.find_signature(scope, asked.id)
        assert state_of(asked) == "voided"
        assert (signed is None) is (refused == ["signature"])

    def test_what_is_over_otherwise_cannot_be_called_back(
        self, context: Flask, asked: MadeConsent
    ) -> None:
        with asked.made.clinic.scope() as scope:
            withdraw_consent(scope, consent_id=asked.id)
        acting = asked.made.clinic.scope(asked.made.practitioner)
        with acting as scope, pytest.raises(ConsentMoved):
            void_consent(scope, consent_id=asked.id, reason="Too late for that.")

    def test_another_clinic_calls_nothing_back(self, context: Flask, asked: MadeConsent) -> None:
        other = make_discussed_plan()
        Api(context, other.clinic, other.clinic.owner).post(
            f"/consents/{asked.id}/void", {"reason": "Not mine."}, expect=404
        )
        assert state_of(asked) == "sent"
