"""Who is it: codes and tries, at the one service that every way to a form goes through."""

import threading
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.audit.models import AuditEvent
from app.auth import passwords
from app.consent.services.request_consent import unlock_link
from app.consent.ways.identity_tries import Standing, count_identity_try
from app.consent.ways.services.prove_identity import (
    Proof,
    attest_identity,
    prove_identity,
    send_code,
)
from app.database import db
from app.errors import TooManyTries
from app.kit.clock import shifted
from app.kit.ids import new_id
from tests.factories.consent import MadeConsent, make_asked_consent
from tests.factories.plans import BORN, make_discussed_plan
from tests.support.hashing import Counted
from tests.support.query_recorder import recorded
from tests.support.signer import BIRTH, Signer


@pytest.fixture
def asked(context: Flask) -> MadeConsent:
    return make_asked_consent(make_discussed_plan())


def sent_code(app: Flask, asked: MadeConsent) -> str:
    with asked.made.clinic.scope() as scope:
        send_code(scope, consent_id=asked.id)
    return Signer(app, asked).code_from_message()


def prove(
    asked: MadeConsent, code: str, *, born: date = BORN, address: str = "198.51.100.7"
) -> Proof:
    with asked.made.clinic.scope() as scope:
        return prove_identity(
            scope, consent_id=asked.id, code=code, born=born.isoformat(), address=address
        )


def guess_at_links(asked: MadeConsent, times: int, address: str = "") -> None:
    """Count wrong tries at so many other links of the clinic, from anywhere or one address."""
    with asked.made.clinic.scope() as scope:
        for number in range(times):
            where = address or f"address {number}"
            assert count_identity_try(scope, new_id(), where, seconds=60) is Standing.OPEN


def acts(asked: MadeConsent, action: str) -> int:
    with asked.made.clinic.scope() as scope:
        statement = select(AuditEvent).where(
            AuditEvent.tenant_id == scope.tenant_id,
            AuditEvent.subject_id == asked.id,
            AuditEvent.action == action,
        )
        return len(scope.session.scalars(statement).all())


def test_case_16_the_code_of_one_form_opens_no_other(context: Flask, asked: MadeConsent) -> None:
    other = make_asked_consent(make_discussed_plan())
    mine, theirs = sent_code(context, asked), sent_code(context, other)

    assert prove(other, mine) is Proof.WRONG
    assert prove(other, theirs) is Proof.PASSED


def test_case_16_a_code_opens_once_and_for_ten_minutes(context: Flask, asked: MadeConsent) -> None:
    code = sent_code(context, asked)

    with shifted(timedelta(seconds=601)):
        assert prove(asked, code) is Proof.WRONG
    with shifted(timedelta(seconds=597)):
        assert prove(asked, code) is Proof.PASSED
        assert prove(asked, code) is Proof.WRONG


def test_case_16_guessers_who_race_from_everywhere_have_five_tries_together(
    context: Flask, asked: MadeConsent
) -> None:
    code = sent_code(context, asked)
    wrong = "00000000" if code != "00000000" else "11111111"
    outcomes: list[Proof] = []

    def guess() -> None:
        with context.app_context():
            outcomes.append(prove(asked, wrong))

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    # No more than five were compared, and whichever came too late locked it at once.
    assert outcomes.count(Proof.WRONG) <= 4
    assert outcomes.count(Proof.WRONG) + outcomes.count(Proof.LOCKED) == 12
    assert acts(asked, "consent:identity:refuse") <= 5
    with shifted(timedelta(days=1)):
        assert prove(asked, code) is Proof.LOCKED
    assert acts(asked, "consent:identity:lock") == 1


def test_case_16_no_more_than_five_codes_an_hour_are_there_to_be_guessed(
    context: Flask, asked: MadeConsent
) -> None:
    for _ in range(5):
        sent_code(context, asked)

    with pytest.raises(TooManyTries):
        sent_code(context, asked)


def test_case_16_guessing_at_many_links_of_a_clinic_locks_no_honest_patient_out(
    context: Flask, asked: MadeConsent
) -> None:
    guess_at_links(asked, 100)
    code = sent_code(context, asked)

    # Each link is still good for its first try. A second one is not looked at, and locks nothing.
    assert prove(asked, code) is Proof.PASSED
    assert prove(asked, "00000000") is Proof.WRONG
    code = sent_code(context, asked)
    assert [prove(asked, code) for _ in range(7)] == [Proof.LATER] * 7
    assert acts(asked, "consent:identity:refuse") == 1
    with shifted(timedelta(seconds=3601)):
        assert prove(asked, sent_code(context, asked)) is Proof.PASSED


def test_case_16_one_address_uses_up_its_own_tries_at_a_clinic_and_not_the_others(
    context: Flask, asked: MadeConsent
) -> None:
    guess_at_links(asked, 30, "203.0.113.9")
    code = sent_code(context, asked)

    assert prove(asked, "00000000", address="203.0.113.9") is Proof.WRONG
    assert prove(asked, code, address="203.0.113.9") is Proof.LATER
    assert prove(asked, code) is Proof.PASSED


def test_case_16_right_tries_use_nothing_up_in_a_waiting_room(
    context: Flask, asked: MadeConsent
) -> None:
    guess_at_links(asked, 28, "192.0.2.1")
    for _ in range(3):
        assert prove(asked, sent_code(context, asked), address="192.0.2.1") is Proof.PASSED

    assert prove(asked, "00000000", address="192.0.2.1") is Proof.WRONG
    assert prove(asked, sent_code(context, asked), address="192.0.2.1") is Proof.PASSED


def test_case_16_slow_guessers_have_no_more_than_five_tries_at_a_link(
    context: Flask, asked: MadeConsent
) -> None:
    outcomes = []
    for day in range(5):
        with shifted(timedelta(days=day)):
            outcomes.append(prove(asked, "00000000"))

    assert outcomes == [Proof.WRONG] * 4 + [Proof.LOCKED]


def test_case_16_whatever_is_wrong_takes_the_same_statements_and_argon2_runs(
    context: Flask, asked: MadeConsent
) -> None:
    counted = Counted()
    kept = context.extensions[passwords.EXTENSION]
    context.extensions[passwords.EXTENSION] = counted

    def work(code: str, born: date) -> tuple[list[str], list[str]]:
        counted.hasher.costs.clear()
        with recorded(db.engine) as sent:
            assert prove(asked, code, born=born) is Proof.WRONG
        return list(sent), list(counted.hasher.costs)

    try:
        prove(asked, "")  # The first one also opens the patient's keys.
        no_code_out = work("00000000", BORN)
        code = sent_code(context, asked)
        wrong_birthday = work(code, BORN + timedelta(days=1))
        with asked.made.clinic.scope() as scope:
            unlock_link(scope, asked.read(scope))
        wrong_code = work("00000000" if code != "00000000" else "11111111", BORN)
        with shifted(timedelta(minutes=11)):
            too_late = work(code, BORN)
    finally:
        context.extensions[passwords.EXTENSION] = kept

    assert no_code_out[1] == ["m=8,t=1,p=1"]
    assert no_code_out == wrong_birthday == wrong_code == too_late


@pytest.mark.parametrize("by_code", [True, False], ids=["code", "ID shown"])
def test_case_15_how_it_was_proved_is_kept(
    context: Flask, asked: MadeConsent, by_code: bool
) -> None:
    code = ""
    if by_code:
        code = sent_code(context, asked)
    else:
        with asked.made.clinic.scope(asked.made.practitioner) as scope:
            attest_identity(scope, consent_id=asked.id)

    assert prove(asked, code) is Proof.PASSED

    method = "email_code_and_birth_date" if by_code else "id_shown_to_staff_and_birth_date"
    with asked.made.clinic.scope() as scope:
        assert asked.read(scope).identity_method == method
    assert acts(asked, "consent:identity:prove") == 1


def test_case_15_an_id_that_staff_saw_lets_one_browser_in_by_the_link(
    context: Flask, asked: MadeConsent
) -> None:
    with asked.made.clinic.scope(asked.made.practitioner) as scope:
        attest_identity(scope, consent_id=asked.id)
    patient = Signer(context, asked)
    patient.exchange()
    patient.get("/sign/identity")
    assert patient.go("/sign/identity", dict(BIRTH)) == "/sign/electronic"

    at_home = Signer(context, asked)
    at_home.exchange()
    assert "Send me a code" in at_home.get("/sign/identity").text
    refused = at_home.post("/sign/identity", dict(BIRTH), expect=422)
    assert "does not match" in refused.text

    with asked.made.clinic.scope(asked.made.practitioner) as scope:
        attest_identity(scope, consent_id=asked.id)
    patient.exchange()
    patient.get("/sign/identity")
    assert patient.go("/sign/identity", dict(BIRTH)) == "/sign/electronic"
