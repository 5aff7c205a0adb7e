"""Saying no before signing: with or without a reason, which nobody reads who may not."""

import pytest
from flask import Flask
from sqlalchemy import select

from app.audit.models import AuditEvent
from app.consent.after import follow_queries
from app.consent.after.services.seal_withdrawal import take_back
from app.consent.after.withdrawal_models import WithdrawalWay
from app.consent.services.withdraw_consent import withdraw_consent
from app.consent.signing.declining import LONGEST, REASONS, Why, why_of
from app.tenants.models import Role
from tests.consent.test_languages import ask_in
from tests.factories.consent import MadeConsent, make_asked_consent
from tests.factories.plans import make_discussed_plan
from tests.factories.tenants import add_staff
from tests.support.api import Api
from tests.support.pages import Desk
from tests.support.signer import Signer

WORDS = "My sister had a burn, and it costs my whole savings."


@pytest.fixture
def asked(context: Flask) -> MadeConsent:
    """A form that waits for its patient."""
    return make_asked_consent(make_discussed_plan())


def kept(asked: MadeConsent) -> Why | None:
    with asked.made.clinic.scope() as scope:
        row = follow_queries.find_decline(scope, asked.id)
        return None if row is None else why_of(scope, asked.read(scope), row)


def decline(asked: MadeConsent, why: Why) -> str:
    with asked.made.clinic.scope() as scope:
        return take_back(scope, consent_id=asked.id, way=WithdrawalWay.SIGN_LINK, why=why).state


class TestOnTheirPhone:
    def test_a_reason_is_asked_for_and_kept(self, context: Flask, asked: MadeConsent) -> None:
        signer = Signer(context, asked)
        signer.reach_questions()
        page = signer.get("/sign/withdraw")

        where = signer.go("/sign/withdraw", {"reasons": ["cost", "risks"], "words": f" {WORDS} "})

        assert "You need not" in page.text
        assert where == "/sign/receipt"
        assert "You have said no" in signer.page.text
        assert kept(asked) == Why(("risks", "cost"), WORDS)

    def test_no_reason_is_just_as_good(self, context: Flask, asked: MadeConsent) -> None:
        signer = Signer(context, asked)
        signer.reach_questions()
        signer.get("/sign/withdraw")

        signer.go("/sign/withdraw", {})

        assert kept(asked) == Why()

    def test_what_is_too_long_comes_back_with_what_was_typed(
        self, context: Flask, asked: MadeConsent
    ) -> None:
        signer = Signer(context, asked)
        signer.reach_questions()
        signer.get("/sign/withdraw")
        much = "no " * LONGEST

        page = signer.post("/sign/withdraw", {"reasons": ["cost"], "words": much}, expect=422)

        assert "too long" in page.text
        assert much.strip() in page.text
        assert 'value="cost"' in page.text
        assert "checked" in page.text
        with asked.made.clinic.scope() as scope:
            assert asked.read(scope).state != "declined"

    def test_it_is_asked_in_the_patients_language(self, context: Flask) -> None:
        signer = Signer(context, ask_in("ar"))
        signer.reach_questions()

        page = signer.get("/sign/withdraw")

        assert "المخاطر" in page.text
        assert "The risks worry me" not in page.text

    def test_a_reason_that_is_not_on_the_list_is_not_kept(
        self, context: Flask, asked: MadeConsent
    ) -> None:
        signer = Signer(context, asked)
        signer.reach_questions()
        signer.get("/sign/withdraw")

        signer.go("/sign/withdraw", {"reasons": ["<b>", "cost"], "words": ""})

        assert kept(asked) == Why(("cost",))


def test_the_first_no_counts_and_a_second_changes_nothing(asked: MadeConsent) -> None:
    assert decline(asked, Why(("cost",), WORDS)) == "declined"
    assert decline(asked, Why(("risks",), "Something else.")) == "declined"

    assert kept(asked) == Why(("cost",), WORDS)


def test_the_reason_is_encrypted_and_stands_in_no_record_of_acts(asked: MadeConsent) -> None:
    decline(asked, Why(("cost",), WORDS))

    with asked.made.clinic.scope() as scope:
        row = follow_queries.find_decline(scope, asked.id)
        acts = scope.session.scalars(
            select(AuditEvent).where(AuditEvent.subject_id == asked.id)
        ).all()

    assert row is not None
    assert row.why_cipher is not None
    assert b"sister" not in row.why_cipher
    assert b"cost" not in row.why_cipher
    said = [one for one in acts if one.action == "consent:form:decline"]
    assert [one.details for one in said] == ['{"way":"sign_link"}']
    assert not [one for one in acts if one.action == "consent:form:withdraw"]


def test_whoever_treats_reads_it_and_the_front_desk_does_not(
    context: Flask, asked: MadeConsent
) -> None:
    decline(asked, Why(("cost",), WORDS))
    made = asked.made
    desk = add_staff(made.clinic, Role.FRONT_DESK)

    told = Api(context, made.clinic, made.practitioner).get(f"/consents/{asked.id}/decline")
    Api(context, made.clinic, desk).get(f"/consents/{asked.id}/decline", expect=403)
    treats = Desk(context, made.clinic, made.practitioner).read(f"/consents/{asked.id}")
    greets = Desk(context, made.clinic, desk).read(f"/consents/{asked.id}")

    assert (told["reasons"], told["words"]) == (["cost"], WORDS)
    assert told["way"] == "sign_link"
    assert REASONS["cost"] in treats
    assert "My sister had a burn" in treats
    assert "The patient said no on" in greets
    assert REASONS["cost"] not in greets
    assert "My sister had a burn" not in greets


def test_staff_note_a_no_with_what_the_patient_said(context: Flask, asked: MadeConsent) -> None:
    made = asked.made
    api = Api(context, made.clinic, made.practitioner)

    api.get(f"/consents/{asked.id}/decline", expect=409)
    answer = api.post(
        f"/consents/{asked.id}/withdraw",
        {"reason": WORDS, "reasons": ["pressed"]},
        expect=200,
    )
    told = api.get(f"/consents/{asked.id}/decline")

    assert answer["state"] == "declined"
    assert (told["reasons"], told["words"]) == (["pressed"], WORDS)
    assert told["recorded_by"] == str(made.practitioner.id)
    api.post(f"/consents/{asked.id}/withdraw", {"reasons": ["whatever"]}, expect=422)


def test_what_staff_note_in_words_alone_is_kept_too(asked: MadeConsent) -> None:
    with asked.made.clinic.scope(asked.made.practitioner) as scope:
        withdraw_consent(scope, consent_id=asked.id, reason=WORDS)

    assert kept(asked) == Why(words=WORDS)
