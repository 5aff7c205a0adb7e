"""Deciding about a hold: who may, what it lifts, what it narrows, and when it ends."""

import io
import json
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from pypdf import PdfReader

from app.consent import queries
from app.consent.ciphers import get_shown
from app.consent.errors import (
    CannotLift,
    ConsentMoved,
    DecisionRefused,
    HoldMoved,
    NotEligible,
    NotReady,
)
from app.consent.holds.services.decide_hold import decide_hold
from app.consent.holds.services.enter_evidence import Evidence, enter_evidence
from app.consent.holds.services.settle_hold import end_expired, settle_hold
from app.consent.screening.models import ConsentAnswers
from app.consent.services.attest_consent import attest_consent
from app.consent.signing.services.read_form import check_understanding, confirm_read, teach_back_of
from app.documents.container import detach_files
from app.documents.files import read_document
from app.kit.clock import now, shifted, today_in
from app.tenants.models import Role
from tests.factories.consent import MadeConsent, answer, make_identified_consent, sign
from tests.factories.holds import (
    REASON,
    decide,
    decisions_of,
    hold_of,
    limits,
    make_held,
    open_hold_of,
    wish,
)
from tests.factories.plans import make_discussed_plan, make_visit
from tests.factories.tenants import add_staff, qualify

TWO_AREAS = {"face_cheeks": 1000, "face_forehead": 500}
TODAY = today_in("Europe/London")


def state(asked: MadeConsent) -> str:
    with asked.made.clinic.scope() as scope:
        return asked.read(scope).state


def read_and_understand(asked: MadeConsent) -> None:
    with asked.made.clinic.scope() as scope:
        shown = asked.read(scope).shown_sha256.hex()
        confirm_read(scope, consent_id=asked.id, shown_sha256=shown, fields={})
    with asked.made.clinic.scope() as scope:
        right = {
            one.clause: one.correct for one in teach_back_of(get_shown(scope, asked.read(scope)))
        }
        check_understanding(scope, consent_id=asked.id, fields=right)


def shown_text(asked: MadeConsent) -> str:
    with asked.made.clinic.scope() as scope:
        return get_shown(scope, asked.read(scope)).canonical_json


def executed_text(asked: MadeConsent) -> str:
    with asked.made.clinic.scope() as scope:
        attestation = queries.find_attestation(scope, asked.id)
        assert attestation is not None
        data = read_document(scope, attestation.document_id)
    pages = PdfReader(io.BytesIO(data)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def grants(asked: MadeConsent) -> dict[str, int]:
    with asked.made.clinic.scope() as scope:
        return {one.area: one.max_depth_um for one in queries.list_grants(scope, asked.id)}


def attest(asked: MadeConsent) -> None:
    with asked.made.clinic.scope(asked.made.practitioner) as scope:
        attest_consent(scope, consent_id=asked.id, stepped_up_at=now())


@pytest.fixture
def held(context: Flask) -> MadeConsent:
    """A consent on hold because of cold sores in the past."""
    return make_held(make_discussed_plan(areas=TWO_AREAS), hsv_history_area="yes")


class TestSafe:
    def test_the_patient_goes_on_and_reads_the_decision(self, held: MadeConsent) -> None:
        hold = open_hold_of(held)
        decide(held, limits=limits(depths={"face_cheeks": 750}, prophylaxis=True))

        text = shown_text(held)

        assert state(held) == "cleared"
        assert hold_of(held, hold.id).closed_at is not None
        assert REASON in text
        assert held.made.practitioner.name in text
        assert "up to 0.75 mm" in text
        assert "protective medicine" in text

    def test_the_decision_narrows_the_grant_and_is_printed(self, held: MadeConsent) -> None:
        last = TODAY + timedelta(days=40)
        decide(
            held,
            limits=limits(depths={"face_cheeks": 750}, left_out=("face_forehead",)),
            expires_on=last,
        )
        read_and_understand(held)
        document = sign(held).document_id
        attest(held)

        with held.made.clinic.scope() as scope:
            found = queries.list_grants(scope, held.id)
            patient = read_document(scope, document)
        evidence = {one.name: one.data for one in detach_files(patient)}["evidence.json"]

        assert grants(held) == {"face_cheeks": 750}
        end = datetime.combine(last + timedelta(days=1), time(), ZoneInfo("Europe/London"))
        assert {one.valid.upper for one in found} == {end}
        assert REASON in executed_text(held)
        assert json.loads(evidence)["clinical_snapshot"]["overrides"] == []

    def test_nothing_is_signed_before_somebody_decided(self, held: MadeConsent) -> None:
        with pytest.raises(NotReady):
            sign(held)

    def test_case_26_who_lacks_the_qualification_decides_nothing(self, held: MadeConsent) -> None:
        other = add_staff(held.made.clinic, Role.PRACTITIONER)
        qualify(held.made.clinic, other, max_depth_um=600)

        with pytest.raises(NotEligible):
            decide(held, who=other)
        decide(held, who=other, limits=limits(depths={"face_cheeks": 600}))

        assert state(held) == "cleared"

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"reason": "short"}, "reason"),
            ({"limits": limits(depths={"face_cheeks": 1001})}, "depth_face_cheeks"),
            ({"limits": limits(depths={"neck": 100})}, "depths"),
            ({"limits": limits(left_out=tuple(TWO_AREAS))}, "left_out"),
            ({"expires_on": TODAY - timedelta(days=1)}, "expires_on"),
        ],
    )
    def test_a_decision_that_is_not_possible_is_refused_by_field(
        self, held: MadeConsent, changes: dict[str, object], field: str
    ) -> None:
        with pytest.raises(DecisionRefused) as refused:
            decide(held, **changes)

        assert field in refused.value.extra["fields"]
        assert state(held) == "held"

    def test_a_hold_is_decided_once(self, held: MadeConsent) -> None:
        hold, wanted = open_hold_of(held), wish(held)
        decide(held)

        with pytest.raises(HoldMoved), held.made.clinic.scope(held.made.practitioner) as scope:
            decide_hold(scope, hold_id=hold.id, wish=wanted)
        assert len(decisions_of(held)) == 1


class TestNotSafe:
    def test_the_consent_ends_and_nothing_can_be_signed(self, held: MadeConsent) -> None:
        decide(held, "not_safe", next_step="Please see your skin doctor.")

        assert state(held) == "not_safe"
        with pytest.raises(ConsentMoved):
            sign(held)


class TestAnswersThatChange:
    def test_case_25_new_answers_end_a_decision(self, held: MadeConsent) -> None:
        first = decide(held)
        assert answer(held, hsv_history_area="no").is_stored

        assert state(held) == "held"
        assert open_hold_of(held).ends_number == first.number
        assert open_hold_of(held).origin == "changed"

    def test_the_same_answers_again_leave_the_decision(self, held: MadeConsent) -> None:
        decide(held)
        assert answer(held, hsv_history_area="yes").is_stored

        assert state(held) == "cleared"

    def test_case_25_a_decision_about_older_answers_is_refused(self, held: MadeConsent) -> None:
        wanted = wish(held)
        assert answer(held, hsv_history_area="no").is_stored

        with pytest.raises(HoldMoved):
            decide(held, answers_number=wanted.answers_number)
        assert state(held) == "held"

    def test_case_25_a_new_form_is_no_way_round_what_barred_the_last_one(
        self, context: Flask
    ) -> None:
        first = make_held(make_discussed_plan(), pregnancy="yes")
        again = make_identified_consent(first.made)
        assert answer(again).is_stored

        assert state(again) == "held"
        assert open_hold_of(again).origin == "changed"
        decide(again)
        assert state(again) == "cleared"

    @pytest.mark.parametrize(("question", "said"), [("pregnancy", "unsure"), ("hsv_active", "yes")])
    def test_case_25_a_new_form_is_no_way_round_evidence_or_a_wait(
        self, context: Flask, question: str, said: str
    ) -> None:
        first = make_held(make_discussed_plan(), **{question: said})
        again = make_identified_consent(first.made)
        assert answer(again).is_stored

        assert state(again) == "held"
        assert open_hold_of(again).origin == "changed"

    def test_a_review_of_the_last_form_holds_nobody_on_the_next(self, held: MadeConsent) -> None:
        again = make_identified_consent(held.made)
        assert answer(again).is_stored

        assert state(again) == "cleared"


class TestBlocks:
    def test_case_26_a_block_without_an_override_is_not_lifted(self, context: Flask) -> None:
        asked = make_held(make_discussed_plan(), pregnancy="yes")

        with pytest.raises(CannotLift):
            decide(asked, lifts=("pregnancy",), reason=REASON * 2)
        assert state(asked) == "held"


class TestDelay:
    def test_before_the_visit_the_patient_signs_and_the_grant_opens_that_day(
        self, held: MadeConsent
    ) -> None:
        make_visit(held.made, planned_at=now() + timedelta(days=20))
        day = TODAY + timedelta(days=10)
        decide(held, "delay", delay_until=day)
        read_and_understand(held)
        sign(held)
        attest(held)

        with held.made.clinic.scope() as scope:
            begins = {one.valid.lower for one in queries.list_grants(scope, held.id)}

        assert state(held) == "active"
        assert {(one + timedelta(hours=2)).date() for one in begins} == {day}

    def test_after_the_visit_the_patient_waits(self, held: MadeConsent) -> None:
        decide(held, "delay", delay_until=TODAY + timedelta(days=10))

        assert state(held) == "held"
        assert open_hold_of(held).waits_until == TODAY + timedelta(days=10)


class TestEvidence:
    def test_not_sure_without_an_override_is_not_lifted_by_a_decision(self, context: Flask) -> None:
        asked = make_held(make_discussed_plan(), pregnancy="unsure")

        with pytest.raises(CannotLift):
            decide(asked)

    def test_the_patients_own_later_answer_is_no_evidence(self, context: Flask) -> None:
        asked = make_held(make_discussed_plan(), pregnancy="unsure")
        assert answer(asked, pregnancy="no").is_stored

        with pytest.raises(CannotLift):
            decide(asked)

    def test_evidence_is_a_version_of_its_own_and_opens_the_decision(self, context: Flask) -> None:
        asked = make_held(make_discussed_plan(), pregnancy="unsure")
        row = see(asked, "pregnancy", "no")

        assert (row.number, row.source) == (2, "evidence")
        assert row.entered_by == asked.made.practitioner.id
        assert state(asked) == "held"
        decide(asked)
        assert state(asked) == "cleared"

    def test_a_cold_sore_not_sure_asks_for_evidence_too(self, context: Flask) -> None:
        asked = make_held(make_discussed_plan(), hsv_active="unsure")

        with pytest.raises(CannotLift):
            decide(asked)
        see(asked, "hsv_active", "no")
        decide(asked)

        assert state(asked) == "cleared"

    def test_evidence_of_tomorrow_is_refused(self, context: Flask) -> None:
        asked = make_held(make_discussed_plan(), pregnancy="unsure")

        with pytest.raises(DecisionRefused):
            see(asked, "pregnancy", "no", seen_on=TODAY + timedelta(days=1))


class TestWaits:
    def test_a_short_wait_may_be_made_shorter_and_a_long_one_may_not(self, context: Flask) -> None:
        made = make_discussed_plan()
        short = make_held(made, hair_removal="yes", **dated("hair_removal", TODAY))
        with pytest.raises(DecisionRefused):
            decide(short)
        decide(short, lifts=("hair_removal",))
        assert state(short) == "cleared"
        assert "Wait made shorter" in shown_text(short)

        long = make_held(made, sun_tan="yes", **dated("sun_tan", TODAY))
        with pytest.raises(CannotLift):
            decide(long, lifts=("sun_tan",))

    def test_a_delay_to_an_earlier_day_is_a_shorter_wait_too(self, context: Flask) -> None:
        asked = make_held(make_discussed_plan(), hair_removal="yes", **dated("hair_removal", TODAY))
        tomorrow = TODAY + timedelta(days=1)
        with pytest.raises(DecisionRefused) as refused:
            decide(asked, "delay", delay_until=tomorrow)
        assert "lift_hair_removal" in refused.value.extra["fields"]

        decide(asked, "delay", delay_until=tomorrow, lifts=("hair_removal",))
        with shifted(timedelta(days=1)):
            assert settle(asked)

        assert state(asked) == "cleared"
        assert "Wait made shorter" in shown_text(asked)

    def test_a_delay_to_the_end_of_the_wait_makes_nothing_shorter(self, context: Flask) -> None:
        asked = make_held(make_discussed_plan(), hair_removal="yes", **dated("hair_removal", TODAY))
        decide(asked, "delay", delay_until=TODAY + timedelta(days=7))
        with shifted(timedelta(days=7)):
            assert settle(asked)

        assert "Wait made shorter" not in shown_text(asked)

    def test_a_cold_sore_now_is_never_made_shorter(self, context: Flask) -> None:
        asked = make_held(make_discussed_plan(), hsv_active="yes")

        with pytest.raises(CannotLift):
            decide(asked, lifts=("hsv_active",))
        with pytest.raises(DecisionRefused):
            decide(asked, "delay", delay_until=TODAY + timedelta(days=13))
        decide(asked, "delay", delay_until=TODAY + timedelta(days=14))

        assert state(asked) == "held"

    def test_on_its_day_the_patient_answers_again_and_goes_on(self, context: Flask) -> None:
        asked = make_held(make_discussed_plan(), hsv_active="yes")
        decide(asked, "delay", delay_until=TODAY + timedelta(days=14))

        assert not settle(asked)
        with shifted(timedelta(days=14)):
            assert settle(asked)
            assert state(asked) == "opened"
            assert answer(asked, hsv_active="no").is_stored
            assert state(asked) == "cleared"

    @pytest.mark.parametrize(
        ("other", "first"), [("pregnancy", "unsure"), ("anticoagulant", "yes")]
    )
    def test_a_wait_that_is_over_lifts_nothing_else(
        self, context: Flask, other: str, first: str
    ) -> None:
        asked = make_held(make_discussed_plan(), hsv_active="yes", **{other: first})
        decide(asked, "delay", delay_until=TODAY + timedelta(days=14))

        with shifted(timedelta(days=14)):
            assert settle(asked)
            assert answer(asked, hsv_active="no", **{other: "no"}).is_stored
            assert state(asked) == "held"
            assert open_hold_of(asked).origin == "changed"

    def test_after_a_block_the_day_alone_does_not_clear(self, context: Flask) -> None:
        asked = make_held(make_discussed_plan(), pregnancy="yes")
        decide(asked, "delay", delay_until=TODAY + timedelta(days=200))

        with shifted(timedelta(days=200)):
            assert settle(asked)
            assert answer(asked, pregnancy="no").is_stored
            assert state(asked) == "held"
            assert open_hold_of(asked).origin == "changed"

    def test_a_wait_ends_by_itself_when_the_visit_is_moved_behind_it(self, context: Flask) -> None:
        asked = make_held(make_discussed_plan(), sun_tan="yes", **dated("sun_tan", TODAY))
        assert not settle(asked)

        make_visit(asked.made, planned_at=now() + timedelta(days=20))

        assert settle(asked)
        assert state(asked) == "cleared"

    def test_a_decision_that_ran_out_stops_the_signature(self, held: MadeConsent) -> None:
        decide(held, expires_on=TODAY)
        read_and_understand(held)

        with shifted(timedelta(days=1)):
            with pytest.raises(NotReady):
                sign(held)
            with held.made.clinic.scope() as scope:
                assert end_expired(scope, consent_id=held.id)
            assert open_hold_of(held).origin == "expired"


def see(asked: MadeConsent, question: str, value: str, *, seen_on: date = TODAY) -> ConsentAnswers:
    evidence = Evidence(question, value, "test", seen_on, "Test strip negative, seen here.")
    with asked.made.clinic.scope(asked.made.practitioner) as scope:
        return enter_evidence(scope, hold_id=open_hold_of(asked).id, evidence=evidence)


def settle(asked: MadeConsent) -> bool:
    with asked.made.clinic.scope() as scope:
        return settle_hold(scope, consent_id=asked.id)


def dated(name: str, day: date) -> dict[str, str]:
    parts = {"day": day.day, "month": day.month, "year": day.year}
    return {f"{name}__on_{part}": str(value) for part, value in parts.items()}
