"""Who is it: codes and tries, at the one service that every way to a form goes through."""

import threading
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.audit.models import AuditEvent
from app.consent.services.prove_identity import Proof, attest_identity, prove_identity, send_code
from app.errors import TooManyTries
from app.kit.clock import shifted
from tests.factories.consent import MadeConsent, make_asked_consent
from tests.factories.plans import BORN, make_discussed_plan
from tests.support.signer import Signer


@pytest.fixture
def asked(context: Flask) -> MadeConsent:
    return make_asked_consent(make_discussed_plan())


def sent_code(app: Flask, asked: MadeConsent) -> str:
    with asked.made.clinic.scope() as scope:
        send_code(scope, consent_id=asked.id)
    return Signer(app, asked).code_from_message()


def prove(asked: MadeConsent, code: str) -> Proof:
    with asked.made.clinic.scope() as scope:
        return prove_identity(scope, consent_id=asked.id, code=code, born=BORN.isoformat())


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
