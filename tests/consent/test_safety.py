"""An incident and a safety communication make older consents out of date, in words."""

from datetime import date, timedelta

import pytest
from flask import Flask

from app.care.services.record_incident import NewIncident, record_incident
from app.consent.after.after_incident import require_talk_after_incident
from app.consent.after.safety_models import SafetyNotice
from app.consent.after.services.enter_safety_notice import (
    NewNotice,
    end_safety_notice,
    enter_safety_notice,
)
from app.consent.errors import AskedBeforeNews, NotDiscussed
from app.consent.holds.models import Hold, HoldOrigin
from app.consent.services.attest_consent import attest_consent
from app.consent.services.pause_consent import Finding, pause_plan
from app.consent.services.request_consent import request_consent
from app.consent.standing import Standing, consent_standing
from app.errors import Invalid
from app.kit.clock import now, today_in
from app.plans.queries import find_discussion
from app.plans.services.record_discussion import NewDiscussion, record_discussion
from app.tenants.models import Role
from tests.consent.test_holds_after_signing import decide as decide_hold_of
from tests.factories.care import ReadyVisit, make_ready_visit
from tests.factories.consent import make_active_consent, make_asked_consent, make_signed_consent
from tests.factories.plans import MadePlan, make_discussed_plan
from tests.factories.tenants import PROCEDURE, add_staff
from tests.support.api import Api
from tests.support.pages import Desk
from tests.support.signer import Signer

ZONE = "Europe/London"
SAYS = "The maker recalls the tips of this kind after burns"
WHY = "The cheek swelled an hour after the treatment."


@pytest.fixture
def ready(context: Flask) -> ReadyVisit:
    """A visit that could start now."""
    return make_ready_visit()


def standing(made: MadePlan) -> Standing:
    with made.clinic.scope() as scope:
        return consent_standing(scope, patient_id=made.patient_id, plan_id=made.plan_id, at=now())


def enter(made: MadePlan, about: str, subject: str, said_on: date) -> SafetyNotice:
    with made.clinic.scope() as scope:
        return enter_safety_notice(
            scope, NewNotice(about, subject, said_on, SAYS, "Field notice 12")
        )


def stop(made: MadePlan) -> Hold:
    with made.clinic.scope(made.practitioner) as scope:
        return pause_plan(scope, plan_id=made.plan_id, finding=Finding(HoldOrigin.INCIDENT, WHY))


def talk(made: MadePlan) -> None:
    wanted = NewDiscussion(now(), made.practitioner.id, "in_person", "en")
    with made.clinic.scope(made.practitioner) as scope:
        record_discussion(scope, plan_version_id=made.version_id, wanted=wanted)


class TestIncident:
    def test_recording_one_closes_what_is_in_force(self, ready: ReadyVisit) -> None:
        made = ready.made
        wanted = NewIncident(
            patient_id=made.patient_id,
            named_staff_id=made.practitioner.id,
            procedure_id=PROCEDURE,
            areas={"face_cheeks": 500},
            reason="Started before the form was signed.",
            happened_at=now() - timedelta(minutes=5),
        )

        with made.clinic.scope(made.practitioner) as scope:
            record_incident(scope, wanted)

        after = standing(made)
        assert not after.allowed
        assert after.reasons == ("The consent is on hold. A clinician has to decide first.",)
        assert "no_consent" in [one.code for one in ready.may().reasons]

    def test_nobody_is_asked_again_before_it_was_talked_over(self, ready: ReadyVisit) -> None:
        made = ready.made
        stop(made)

        with (
            made.clinic.scope(made.practitioner) as scope,
            pytest.raises(NotDiscussed, match="has to be talked over first"),
        ):
            request_consent(scope, plan_id=made.plan_id)
        talk(made)

        with made.clinic.scope(made.practitioner) as scope:
            assert request_consent(scope, plan_id=made.plan_id).consent.state == "sent"

    def test_no_decision_alone_brings_the_old_signature_back(self, ready: ReadyVisit) -> None:
        made = ready.made
        decide_hold_of(ready, stop(made))
        told = standing(made)
        talk(made)

        assert not told.allowed
        assert told.reasons[0].startswith("An incident was recorded on")
        assert not standing(made).allowed
        newer = make_active_consent(made)
        assert standing(made).allowed
        assert standing(made).consent_id == newer.consent_id

    def test_a_form_that_is_out_waits_for_the_talk_too(
        self, ready: ReadyVisit, context: Flask
    ) -> None:
        signer = Signer(context, make_asked_consent(ready.made))
        signer.reach_signature()
        fields = signer.signing_fields()
        stop(ready.made)

        page = signer.post("/sign/signature", fields, expect=409)

        assert "This cannot be signed today" in page.text
        assert "has to be talked over first" in page.text

    def test_the_talk_counts_from_the_next_instant_on(self, ready: ReadyVisit) -> None:
        made = ready.made
        with made.clinic.scope() as scope:
            before = find_discussion(scope, made.version_id)
        stop(made)

        with made.clinic.scope() as scope, pytest.raises(NotDiscussed):
            require_talk_after_incident(scope, made.plan_id, before, ZONE)
        talk(made)
        with made.clinic.scope() as scope:
            newest = find_discussion(scope, made.version_id)
            require_talk_after_incident(scope, made.plan_id, newest, ZONE)


class TestSafetyNotice:
    def test_it_stops_a_consent_from_before_it_and_says_why(self, ready: ReadyVisit) -> None:
        made = ready.made
        assert standing(made).allowed

        enter(made, "device", str(made.device_id), today_in(ZONE))

        after = standing(made)
        assert not after.allowed
        (why,) = after.reasons
        assert why.startswith("This consent is older than a safety communication of")
        assert f"{SAYS}." in why
        assert why.endswith("Tell the patient, then ask for consent anew.")
        assert [one.code for one in ready.may().reasons] == ["no_consent"]

    def test_a_consent_that_was_asked_for_after_it_stands(self, ready: ReadyVisit) -> None:
        made = ready.made
        enter(made, "device", str(made.device_id), today_in(ZONE))

        make_active_consent(made)

        assert standing(made).allowed

    @pytest.mark.parametrize(("days", "allowed"), [(-1, True), (0, False)])
    def test_the_day_counts_at_the_location(
        self, ready: ReadyVisit, days: int, allowed: bool
    ) -> None:
        said_on = today_in(ZONE) + timedelta(days=days)

        enter(ready.made, "device", str(ready.made.device_id), said_on)

        assert standing(ready.made).allowed is allowed

    @pytest.mark.parametrize(
        ("about", "subject", "allowed"),
        [
            ("device_kind", "pen", False),
            ("device_kind", "rf", True),
            ("anaesthetic", "otc", False),
            ("anaesthetic", "prescription", True),
            ("add_on", "prp", True),
        ],
    )
    def test_only_what_the_plan_uses_counts(
        self, ready: ReadyVisit, about: str, subject: str, allowed: bool
    ) -> None:
        enter(ready.made, about, subject, today_in(ZONE))

        assert standing(ready.made).allowed is allowed

    def test_what_was_entered_by_mistake_is_ended_and_stays_in_the_list(
        self, ready: ReadyVisit, context: Flask
    ) -> None:
        made = ready.made
        notice = enter(made, "device_kind", "pen", today_in(ZONE))
        with made.clinic.scope() as scope:
            end_safety_notice(scope, notice_id=notice.id)
            end_safety_notice(scope, notice_id=notice.id)

        listed = Api(context, made.clinic, made.practitioner).get("/safety-notices")

        assert standing(made).allowed
        assert [one["id"] for one in listed] == [str(notice.id)]
        assert listed[0]["ended_at"] is not None

    @pytest.mark.parametrize(
        ("about", "subject", "days", "says"),
        [
            ("device", "00000000-0000-0000-0000-000000000000", 0, SAYS),
            ("add_on", "glitter", 0, SAYS),
            ("device_kind", "pen", 1, SAYS),
            ("device_kind", "pen", 0, "Burns."),
        ],
    )
    def test_what_does_not_fit_is_refused(
        self, context: Flask, about: str, subject: str, days: int, says: str
    ) -> None:
        made = make_discussed_plan()
        said_on = today_in(ZONE) + timedelta(days=days)

        with made.clinic.scope() as scope, pytest.raises(Invalid):
            enter_safety_notice(scope, NewNotice(about, subject, said_on, says, "Field notice"))

    def test_owner_and_lead_enter_it_and_nobody_else(
        self, ready: ReadyVisit, context: Flask
    ) -> None:
        made, day = ready.made, today_in(ZONE)
        lead = add_staff(made.clinic, Role.MEDICAL_LEAD)
        body = {
            "about": "device_kind",
            "subject": "pen",
            "said_on": day.isoformat(),
            "says": SAYS,
            "source": "Field notice 12",
        }

        Api(context, made.clinic, made.practitioner).post("/safety-notices", body, expect=403)
        Api(context, made.clinic, lead).post("/safety-notices", body)
        page = Desk(context, made.clinic, made.practitioner).read("/settings/safety")

        assert SAYS in page
        assert "Enter another one" not in page
        assert not standing(made).allowed


def test_what_grew_too_old_between_the_two_signatures_is_not_confirmed(context: Flask) -> None:
    asked = make_signed_consent(make_discussed_plan())
    made = asked.made
    notice = enter(made, "device_kind", "pen", today_in(ZONE))

    with (
        pytest.raises(AskedBeforeNews, match="older than a safety communication"),
        made.clinic.scope(made.practitioner) as scope,
    ):
        attest_consent(scope, consent_id=asked.id, stepped_up_at=now())

    with made.clinic.scope() as scope:
        end_safety_notice(scope, notice_id=notice.id)
    with made.clinic.scope(made.practitioner) as scope:
        attest_consent(scope, consent_id=asked.id, stepped_up_at=now())
    assert standing(made).allowed


def test_where_a_form_stands_says_also_that_it_grew_too_old(context: Flask) -> None:
    asked = make_asked_consent(make_discussed_plan())
    before = standing(asked.made).reasons
    enter(asked.made, "device_kind", "pen", today_in(ZONE))

    assert before == ("The patient has not opened the consent form yet.",)
    state, why = standing(asked.made).reasons
    assert (state,) == before
    assert why.endswith("Tell the patient, then ask for consent anew.")
