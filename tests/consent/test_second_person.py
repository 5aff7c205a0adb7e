"""Lifting a block takes two humans: a colleague, or a clinician outside who sees one hold."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.consent.ciphers import get_shown
from app.consent.errors import DecisionRefused, HoldMoved, NotEligible, SecondPersonRefused
from app.consent.holds import queries as hold_queries
from app.consent.holds.decision import SHORTEST_OVERRIDE
from app.consent.holds.models import HoldAgreement
from app.consent.holds.services.answer_outside import Stated, state_person
from app.consent.holds.services.ask_outside import ask_outside, cancel_review
from app.consent.holds.services.second_person import agree_as_staff
from app.kit.clock import shifted
from app.messaging.queries import page_messages
from app.messaging.services import read_message
from app.patients.queries import get_patient
from app.patients.reading import contact
from app.tenants.models import Role
from tests.factories.consent import MadeConsent, answer
from tests.factories.holds import (
    LONG_REASON,
    decide,
    decisions_of,
    limits,
    make_held,
    open_hold_of,
)
from tests.factories.plans import make_discussed_plan
from tests.factories.tenants import Staff, add_staff, qualify, unique_email
from tests.support.signer import TOKEN

AGREED = "I have read the letter of the haematologist and come to the same view."


@pytest.fixture
def held(context: Flask) -> MadeConsent:
    """A consent on hold because of an illness for which two people may lift the block."""
    return make_held(make_discussed_plan(), bleeding_disorder="yes")


@pytest.fixture
def pending(held: MadeConsent) -> MadeConsent:
    """The same, with the first person's decision made."""
    lift(held)
    return held


def lift(held: MadeConsent, **changes: object) -> None:
    decide(held, **{"lifts": ("bleeding_disorder",), "reason": LONG_REASON, **changes})


def colleague(held: MadeConsent, **changes: object) -> Staff:
    made = add_staff(held.made.clinic, Role.PRACTITIONER, name="Ferelith Okonkwo")
    qualify(held.made.clinic, made, **{"registration_number": "TEST-9", **changes})
    return made


def say(
    held: MadeConsent, who: Staff, *, agrees: bool = True, reason: str = AGREED
) -> HoldAgreement:
    number = decisions_of(held)[-1].number
    hold = open_hold_of(held)
    with held.made.clinic.scope(who) as scope:
        return agree_as_staff(scope, hold_id=hold.id, number=number, agrees=agrees, reason=reason)


def state(held: MadeConsent) -> str:
    with held.made.clinic.scope() as scope:
        return held.read(scope).state


class TestColleague:
    def test_case_26_nothing_is_lifted_before_a_second_person_agrees(
        self, pending: MadeConsent
    ) -> None:
        assert state(pending) == "held"

        say(pending, colleague(pending))

        assert state(pending) == "cleared"

    def test_case_26_the_first_person_is_not_the_second(self, pending: MadeConsent) -> None:
        with pytest.raises(SecondPersonRefused):
            say(pending, pending.made.practitioner)

        assert state(pending) == "held"

    def test_case_26_a_second_account_of_the_same_registration_is_refused(
        self, pending: MadeConsent
    ) -> None:
        twin = add_staff(pending.made.clinic, Role.PRACTITIONER, name="T. O'Dalaigh")
        qualify(pending.made.clinic, twin, registration_number="test nmc-1")

        with pytest.raises(SecondPersonRefused):
            say(pending, twin)

    def test_case_26_a_second_account_of_the_same_name_is_refused(
        self, pending: MadeConsent
    ) -> None:
        name = pending.made.practitioner.name.upper()
        twin = add_staff(pending.made.clinic, Role.PRACTITIONER, name=name)
        qualify(pending.made.clinic, twin, registration_number="TEST-10")

        with pytest.raises(SecondPersonRefused):
            say(pending, twin)

    @pytest.mark.parametrize(
        "name", ["Dr {0}", "{2} {1} {0}", "{0} Seán {1} {2}", "{0} {1}{2}", "T\u0430dhg {1} {2}"]
    )
    def test_case_26_a_second_account_of_the_name_typed_otherwise_is_refused(
        self, pending: MadeConsent, name: str
    ) -> None:
        own = pending.made.practitioner.name
        assert own == "Tadhg Ó Dálaigh"
        typed = name.format(own) if name == "Dr {0}" else name.format(*own.split())
        twin = add_staff(pending.made.clinic, Role.PRACTITIONER, name=typed)
        qualify(pending.made.clinic, twin, registration_number="TEST-10")

        with pytest.raises(SecondPersonRefused):
            say(pending, twin)

    def test_case_26_a_short_reason_is_refused(self, held: MadeConsent) -> None:
        with pytest.raises(DecisionRefused):
            lift(held, reason="x" * (SHORTEST_OVERRIDE - 1))
        lift(held)
        with pytest.raises(DecisionRefused):
            say(held, colleague(held), reason="I agree with that.")

        assert state(held) == "held"

    def test_case_26_each_block_is_lifted_by_name(self, held: MadeConsent) -> None:
        with pytest.raises(DecisionRefused) as refused:
            lift(held, lifts=())

        assert "lift_bleeding_disorder" in refused.value.extra["fields"]

    def test_case_26_a_word_holds_for_these_answers_only(self, pending: MadeConsent) -> None:
        other = colleague(pending)
        assert answer(pending, bleeding_disorder="yes", cardiac="yes").is_stored

        with pytest.raises(HoldMoved):
            say(pending, other)

    def test_case_26_a_word_is_not_used_again_on_the_next_consent(
        self, pending: MadeConsent
    ) -> None:
        say(pending, colleague(pending))
        again = make_held(pending.made, bleeding_disorder="yes")

        assert decisions_of(again) == []
        lift(again)
        assert state(again) == "held"

    def test_who_may_not_do_this_is_no_second_person(self, pending: MadeConsent) -> None:
        with pytest.raises(NotEligible):
            say(pending, colleague(pending, max_depth_um=500))

    def test_a_no_leaves_the_hold_open_for_a_new_decision(self, pending: MadeConsent) -> None:
        say(pending, colleague(pending), agrees=False)

        assert state(pending) == "held"
        with pytest.raises(HoldMoved):
            say(pending, colleague(pending, registration_number="TEST-77"))
        decide(pending, "not_safe")
        assert state(pending) == "not_safe"


class Outsider:
    """A browser of somebody outside."""

    def __init__(self, app: Flask, held: MadeConsent) -> None:
        self.client, self.held = app.test_client(), held
        self.page: TestResponse | None = None

    def letter(self, template: str) -> str:
        with self.held.made.clinic.scope() as scope:
            found = [one for one in page_messages(scope) if one.template == template]
            return read_message(scope, found[0]).body

    def exchange(self, expect: int = 200) -> None:
        found = re.search(r"/review#(\S+)", self.letter("review_request"))
        assert found is not None
        answer = self.client.post("/api/v1/review/exchange", json={"token": found.group(1)})
        assert answer.status_code == expect, answer.text

    def get(self, path: str, expect: int = 200) -> str:
        self.page = self.client.get(path, headers={"Accept": "text/html"})
        assert self.page.status_code == expect, self.page.text[:500]
        return self.page.text

    def post(self, path: str, expect: int = 303, **fields: str) -> TestResponse:
        token = TOKEN.search(self.page.text if self.page else "")
        assert token is not None
        data = {"csrf_token": token.group(1), **fields}
        answer = self.client.post(path, data=data, headers={"Accept": "text/html"})
        assert answer.status_code == expect, answer.text[:800]
        return answer

    def prove(self, **changes: str) -> None:
        self.exchange()
        self.get("/review/who")
        own = {
            "name": "Ailbhe Ní Bhriain",
            "profession": "doctor",
            "body": "GMC",
            "registration_number": "7000001",
        }
        self.post("/review/who", **{**own, **changes})
        self.get("/review/code")
        code = re.search(r"\b\d{8}\b", self.letter("review_code"))
        assert code is not None
        self.post("/review/code", code=code.group())


@pytest.fixture
def outsider(context: Flask, pending: MadeConsent) -> Outsider:
    ask(pending)
    return Outsider(context, pending)


def ask(held: MadeConsent, email: str | None = None) -> None:
    hold = open_hold_of(held)
    with held.made.clinic.scope(held.made.practitioner) as scope:
        ask_outside(scope, hold_id=hold.id, number=1, email=email or unique_email("outside"))


class TestOutside:
    def test_somebody_outside_sees_one_hold_and_agrees(
        self, outsider: Outsider, pending: MadeConsent
    ) -> None:
        outsider.prove()
        page = outsider.get("/review/hold")

        assert "bleeding" in page.lower()
        assert LONG_REASON in page
        for word in ("Aoife", "Nguyễn", "1990", "7700", "Sits up slowly", "wedding"):
            assert word not in page

        outsider.post("/review/hold", word="agree", second_reason=AGREED)

        assert state(pending) == "cleared"
        assert outsider.client.get("/review/hold").status_code == 410

    def test_nothing_is_shown_before_the_code(self, outsider: Outsider) -> None:
        outsider.exchange()
        outsider.get("/review/who")

        assert outsider.client.get("/review/hold").headers["Location"] == "/review/who"

    def test_an_answer_before_the_code_is_refused(
        self, outsider: Outsider, pending: MadeConsent
    ) -> None:
        outsider.exchange()
        outsider.get("/review/who")

        outsider.post("/review/hold", 410, word="agree", second_reason=AGREED)
        assert state(pending) == "held"

    def test_the_link_opens_once(self, outsider: Outsider, context: Flask) -> None:
        outsider.exchange()

        Outsider(context, outsider.held).exchange(expect=410)

    def test_the_link_ends_after_three_days(self, outsider: Outsider) -> None:
        with shifted(timedelta(hours=73)):
            outsider.exchange(expect=410)

    def test_a_question_that_was_taken_back_does_not_open(
        self, outsider: Outsider, pending: MadeConsent
    ) -> None:
        outsider.exchange()
        with pending.made.clinic.scope(pending.made.practitioner) as scope:
            cancel_review(scope, hold_id=open_hold_of(pending).id)

        outsider.get("/review/who", 410)

    def test_case_26_who_decided_does_not_agree_from_outside(
        self, outsider: Outsider, pending: MadeConsent
    ) -> None:
        outsider.exchange()
        outsider.get("/review/who")
        own = {"profession": "nurse", "body": "GMC", "registration_number": "71"}

        answer = outsider.post(
            "/review/who", 403, name=pending.made.practitioner.name.lower(), **own
        )

        assert "Somebody else has to agree" in answer.text

    def test_case_26_an_address_of_the_clinic_is_not_outside(self, pending: MadeConsent) -> None:
        with pytest.raises(DecisionRefused):
            ask(pending, pending.made.practitioner.email)

    @pytest.mark.parametrize(
        ("email", "body", "number"),
        [
            ("{local}+mine@{domain}", "GMC", "7000001"),
            ("else@outside.example", "Nursing and Midwifery Council", "TEST NMC 1"),
        ],
    )
    def test_case_26_the_same_mailbox_or_number_is_the_same_person(
        self, pending: MadeConsent, email: str, body: str, number: str
    ) -> None:
        local, domain = pending.made.practitioner.email.split("@")
        hold = open_hold_of(pending)
        with pending.made.clinic.scope(pending.made.practitioner) as scope:
            address = email.format(local=local, domain=domain)
            asked = ask_outside(scope, hold_id=hold.id, number=1, email=address)
        stated = Stated("Ailbhe Ní Bhriain", "doctor", body, number)

        with (
            pytest.raises(SecondPersonRefused),
            pending.made.clinic.scope() as scope,
        ):
            state_person(scope, review_id=asked.id, stated=stated)

    def test_case_26_the_patient_is_not_asked_as_a_clinician(self, pending: MadeConsent) -> None:
        with pending.made.clinic.scope() as scope:
            patient = get_patient(scope, pending.made.patient_id)
            address = contact(scope, patient, "email") or ""
        local, _, domain = address.partition("@")

        with pytest.raises(DecisionRefused):
            ask(pending, f"{local}+me@{domain}")

    def test_five_wrong_codes_lock(self, outsider: Outsider) -> None:
        outsider.exchange()
        outsider.get("/review/who")
        own = {"name": "Ailbhe", "profession": "doctor", "body": "GMC", "registration_number": "71"}
        outsider.post("/review/who", **own)
        outsider.get("/review/code")
        for _ in range(5):
            outsider.post("/review/code", 422, code="00000000")

        outsider.post("/review/code", 429, code="00000000")

    def test_both_names_and_reasons_are_printed(
        self, outsider: Outsider, pending: MadeConsent
    ) -> None:
        outsider.prove()
        outsider.get("/review/hold")
        outsider.post("/review/hold", word="agree", second_reason=AGREED)

        with pending.made.clinic.scope() as scope:
            text = get_shown(scope, pending.read(scope)).canonical_json

        assert "Ailbhe Ní Bhriain" in text
        assert "from outside the clinic" in text
        assert AGREED in text

    def test_new_answers_close_the_way_from_outside(
        self, outsider: Outsider, pending: MadeConsent
    ) -> None:
        outsider.prove()
        outsider.get("/review/hold")
        assert answer(pending, bleeding_disorder="no").is_stored

        outsider.post("/review/hold", 409, word="agree", second_reason=AGREED)
        assert state(pending) == "held"


def test_limits_bind_the_second_person_too(context: Flask) -> None:
    held = make_held(make_discussed_plan(), bleeding_disorder="yes")
    lift(held, limits=limits(depths={"face_cheeks": 500}))

    say(held, colleague(held, max_depth_um=500))

    with held.made.clinic.scope() as scope:
        assert hold_queries.find_agreement(scope, decisions_of(held)[-1].id) is not None
