"""What was done with a record is told to the person themselves, in their language and no code."""

import io
import zipfile

import pytest
from flask import Flask

from app.audit.sentences import WORDS
from app.audit.told import TOLD, told_to_patient
from app.kit.speech import speaking
from app.patients.queries import get_patient
from app.rights.bundle import make_bundle
from app.tenants.models import Role
from tests.audit.test_sentences import RECORDED
from tests.factories.plans import make_discussed_plan
from tests.factories.tenants import add_staff
from tests.support.left_english import english_in_arabic, english_in_german
from tests.support.pages import Desk

# Acts of these rooms are about patients, but for those that concern all of them or nobody.
ABOUT_PATIENTS = ("care", "chart", "consent", "documents", "messaging", "patients", "photos")
ABOUT_PATIENTS += ("plans", "rights")
ABOUT_NOBODY = {
    "consent:blank:print",
    "consent:form:publish",
    "consent:safety_notice:end",
    "consent:safety_notice:enter",
    "consent:standing:decide",
    "consent:wording:step",
}
ABOUT_MANY = ("patients:import:", "patients:list:", "consent:draft:")
HEADINGS = {
    "en": ("Who looked at your record", "opened your file", "they did not say. You can ask us"),
    "de": ("Wer Ihre Akte gesehen hat", "Ihre Akte geöffnet", "Sie können uns fragen"),
    "ar": ("من اطّلع على سجلك", "فتح ملفك", "يمكنك أن تسألنا"),
}


def test_every_act_about_a_patient_has_words_for_them() -> None:
    about = {one for one in RECORDED | set(WORDS) if one.split(":")[0] in ABOUT_PATIENTS}
    left = {one for one in about - set(TOLD) if not one.startswith(ABOUT_MANY)}

    assert left == ABOUT_NOBODY
    assert set(TOLD) <= set(WORDS)


@pytest.mark.parametrize("language", ["de", "ar"])
def test_no_words_are_left_in_english_and_none_is_a_code(language: str) -> None:
    left = english_in_german if language == "de" else english_in_arabic
    with speaking(language):
        told = {one: told_to_patient(one) for one in [*TOLD, "gardens:rose_bush:water_well"]}

    assert {one: left(words, "") for one, words in told.items() if left(words, "")} == {}
    assert not [words for words in told.values() if ":" in words or "_" in words]


@pytest.mark.parametrize("language", ["en", "de", "ar"])
def test_the_letter_speaks_the_language_that_the_patient_reads(
    context: Flask, language: str
) -> None:
    made = make_discussed_plan(language=language)
    lead = Desk(context, made.clinic, add_staff(made.clinic, Role.MEDICAL_LEAD, "Ines Böhm"))
    lead.read(f"/patients/{made.patient_id}")

    owner = Desk(context, made.clinic, made.clinic.owner)
    letter = owner.answer(f"/patients/{made.patient_id}/looks/letter").text

    assert f'<html lang="{language}"' in letter
    for words in HEADINGS[language]:
        assert words in letter, words
    # The staff's own pages go on in English.
    assert "Opened a patient's file" in owner.read(f"/patients/{made.patient_id}/looks")


@pytest.mark.parametrize(("language", "told"), [("de", "Ihren Plan gemacht"), ("ar", "إعداد خطتك")])
def test_a_copy_of_the_data_tells_what_was_done_in_words(
    context: Flask, language: str, told: str
) -> None:
    made = make_discussed_plan(language=language)
    with made.clinic.scope() as scope:
        packed = make_bundle(scope, get_patient(scope, made.patient_id))
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        cover = archive.read("START-HERE.html").decode()

    assert told in cover
    assert "plans, plan, make" not in cover
