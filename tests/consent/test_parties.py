"""Interpreters and witnesses: named, adult, each with a sentence and a name of their own."""

import pytest
from flask import Flask

from app.consent.errors import ConsentMoved, NotReady, PartyRefused
from app.consent.signing import party_queries
from app.consent.signing.services.join_signing import (
    NewParty,
    add_party,
    remove_party,
    state_as_party,
)
from app.documents.files import read_document
from app.kit.speech import speaking
from app.patients.queries import get_patient
from tests.consent.test_paper import text_of
from tests.consent.test_ways import reading, sealed_text
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

LINGUIST = NewParty("interpreter", "Samira Haddad", "phone", "Arabic", "Kirin Interpreting 4471")


@pytest.fixture
def read(context: Flask) -> MadeConsent:
    return make_read_consent(make_discussed_plan())


def add(asked: MadeConsent, wanted: NewParty = LINGUIST) -> None:
    with asked.made.clinic.scope(asked.made.practitioner) as scope:
        add_party(scope, consent_id=asked.id, wanted=wanted)


def state(asked: MadeConsent, *, is_adult: bool = True) -> None:
    with asked.made.clinic.scope(asked.made.practitioner) as scope:
        for one in party_queries.list_parties(scope, asked.id):
            state_as_party(
                scope,
                consent_id=asked.id,
                party_id=one.id,
                name="Samira Haddad",
                is_adult=is_adult,
            )


def needs_interpreter(asked: MadeConsent) -> None:
    with asked.made.clinic.scope() as scope:
        get_patient(scope, asked.made.patient_id).interpreter = "spoken"


def test_case_24_nobody_signs_while_somebody_who_was_added_is_missing(read: MadeConsent) -> None:
    add(read)

    with pytest.raises(NotReady, match="interpreter or witness"):
        sign(read)
    state(read)
    sign(read)


def test_case_24_who_needs_an_interpreter_signs_only_with_one(read: MadeConsent) -> None:
    needs_interpreter(read)
    add(read, NewParty("witness", "Ewan Kerr"))
    state(read)

    with pytest.raises(NotReady):
        sign(read)
    add(read)
    state(read)
    sign(read)


def test_a_child_is_never_one(read: MadeConsent) -> None:
    add(read)

    with pytest.raises(PartyRefused, match="adult"):
        state(read, is_adult=False)


@pytest.mark.parametrize(
    "wanted",
    [
        NewParty("guardian", "Somebody"),
        NewParty("interpreter", "Somebody"),
        NewParty("witness", ""),
        NewParty("witness", "A\u202eB"),
        NewParty("witness", "Somebody", "by letter"),
    ],
)
def test_what_cannot_be_is_refused(read: MadeConsent, wanted: NewParty) -> None:
    with pytest.raises(PartyRefused):
        add(read, wanted)


def test_the_document_says_who_what_and_who_took_it_down(read: MadeConsent) -> None:
    add(read)
    add(read, NewParty("witness", "Ewan Kerr"))
    state(read)
    signature = sign(read)

    with read.made.clinic.scope() as scope:
        text = text_of(read_document(scope, signature.document_id))
    for told in (
        "The interpreter",
        "Samira Haddad, Arabic, by telephone, Kirin Interpreting 4471",
        "The witness",
        "Taken down by Tadhg Ó Dálaigh",
        "into Arabic, completely and truthfully",
    ):
        assert told in text, told


def test_after_signing_nobody_joins_or_leaves(context: Flask) -> None:
    signed = make_signed_consent(make_discussed_plan())

    with pytest.raises(ConsentMoved):
        add(signed)


def test_somebody_who_is_taken_off_is_waited_for_no_more(read: MadeConsent) -> None:
    add(read)
    with read.made.clinic.scope() as scope:
        [one] = party_queries.list_parties(scope, read.id)
        remove_party(scope, consent_id=read.id, party_id=one.id)

    sign(read)


def test_on_the_patients_screen_the_interpreter_is_asked_before_the_signature(
    context: Flask,
) -> None:
    asked = make_asked_consent(make_discussed_plan())
    needs_interpreter(asked)
    signer = reading(context, asked)
    signer.answer()
    signer.go("/sign/read", {"document_sha256": signer.shown_on_page()})
    right = signer.right_answers()
    signer.go("/sign/understood", right)
    assert signer.go("/sign/understood", right) == "/sign/people"

    wanted = {"name": "Samira Haddad", "mode": "in_person", "language": "Arabic"}
    assert signer.go("/sign/people", wanted) == "/sign/people"
    assert "hand the device to Samira Haddad" in signer.page.text
    with asked.made.clinic.scope() as scope:
        [one] = party_queries.list_parties(scope, asked.id)
    said = {"party_name": "Samira Haddad", "is_adult": "yes"}
    signer.post(f"/sign/people/{one.id}", {"party_name": "Samira Haddad"}, expect=422)
    assert signer.go(f"/sign/people/{one.id}", said) == "/sign/signature"
    signer.go("/sign/signature", signer.signing_fields())
    assert "Name typed; their identity was not checked" in sealed_text(asked)


def test_what_staff_take_down_wrongly_is_told_beside_the_one_whom_it_is_about(
    context: Flask, read: MadeConsent
) -> None:
    add(read)
    add(read, NewParty("witness", "Ewan Kerr"))
    desk = Desk(context, read.made.clinic, read.made.practitioner)
    with read.made.clinic.scope() as scope:
        one, other = (party.id for party in party_queries.list_parties(scope, read.id))

    page = desk.send(
        f"/consents/{read.id}/people/{other}/statement", party_name="Ewan Kerr", expect=422
    ).text

    assert f'href="#adult-{other}"' in page
    assert f'id="adult-{other}-error"' in page
    assert f'id="adult-{one}-error"' not in page
    assert page.count('value="Ewan Kerr"') == 1


@pytest.mark.parametrize(
    ("language", "told"),
    [("de", "Das kann nur eine erwachsene Person"), ("ar", "لا يستطيع ذلك إلا شخص بالغ")],
)
def test_what_is_wrong_is_told_in_the_language_of_the_form(
    read: MadeConsent, language: str, told: str
) -> None:
    add(read)

    with speaking(language), pytest.raises(PartyRefused, match=told):
        state(read, is_adult=False)


def test_programs_add_and_read_them(context: Flask, read: MadeConsent) -> None:
    api = Api(context, read.made.clinic, read.made.practitioner)
    body = {"role": "witness", "name": "Ewan Kerr", "mode": "in_person"}

    made = api.post(f"/consents/{read.id}/people", body, expect=201)

    assert made["stated_at"] is None
    assert [one["name"] for one in api.get(f"/consents/{read.id}/people")] == ["Ewan Kerr"]
