"""When a consent that is in force has to be asked for again, and who may treat under it."""

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from app.care.answer import MayStart
from app.consent import queries
from app.consent.after.reconsent import TESTS, reasons_to_ask_again, shipped_triggers
from app.consent.forms.choose_form import WantedForm
from app.consent.services.attest_consent import attest_consent
from app.consent.standing import Standing, consent_standing
from app.documents.files import read_document
from app.kit.clock import now
from app.patients.queries import get_patient
from app.patients.services.edit_patient import PatientEdit, edit_patient
from app.plans.queries import get_plan
from app.plans.services.make_plan import change_plan
from app.tenants.queries import get_device
from app.tenants.services.manage_clinic import add_device
from tests.factories.care import ReadyVisit, make_ready_visit
from tests.factories.consent import (
    answer,
    make_asked_consent,
    make_identified_consent,
    read_and_understand,
    sign,
)
from tests.factories.plans import BORN, MadePlan, make_discussed_plan, terms
from tests.factories.tenants import Role, add_staff, make_device, qualify
from tests.support.pages import Desk
from tests.support.signer import Signer


@pytest.fixture
def ready(context: Flask) -> ReadyVisit:
    return make_ready_visit()


def change(ready: ReadyVisit, **changes: Any) -> None:
    """Agree a new version of the plan behind the consent."""
    made = ready.made
    wanted = replace(terms(made.device_id, made.practitioner.id), **changes)
    with made.clinic.scope(made.practitioner) as scope:
        version = get_plan(scope, made.plan_id).version
        change_plan(scope, plan_id=made.plan_id, terms=wanted, version=version)


def standing(ready: ReadyVisit) -> Standing:
    made = ready.made
    with made.clinic.scope() as scope:
        return consent_standing(scope, patient_id=made.patient_id, plan_id=made.plan_id, at=now())


def test_every_trigger_of_the_data_has_its_test_and_a_basis() -> None:
    assert {one.id for one in shipped_triggers()} == set(TESTS)
    assert all(one.source and one.sentence.endswith(".") for one in shipped_triggers())


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"indication_id": "fine_lines_wrinkles"}, "another reason for treatment"),
        ({"add_ons": ("prp",)}, "Something was added to the plan"),
        ({"anaesthetic": "prescription"}, "another legal class"),
    ],
)
def test_a_plan_that_means_something_else_stops_the_old_consent(
    ready: ReadyVisit, changes: dict[str, Any], told: str
) -> None:
    assert standing(ready).allowed
    change(ready, **changes)

    after = standing(ready)

    assert not after.allowed
    assert told in " ".join(after.reasons)


def test_another_kind_of_device_stops_it_and_another_of_the_kind_does_not(
    ready: ReadyVisit,
) -> None:
    clinic = ready.made.clinic
    twin, _ = make_device(clinic)
    with clinic.scope() as scope:
        stamp = add_device(
            scope,
            location_id=clinic.location_id,
            kind="stamp",
            model="Test Stamp",
            serial="S-1",
            label=get_device(scope, twin).label,
        ).id
    change(ready, device_id=twin)
    same_kind = standing(ready)
    change(ready, device_id=stamp)

    assert same_kind.allowed
    assert standing(ready).reasons == (
        "The plan uses another kind of device now. Ask for consent to it.",
    )


def test_a_practitioner_of_another_profession_stops_it_and_one_of_the_same_does_not(
    ready: ReadyVisit,
) -> None:
    clinic = ready.made.clinic
    nurse = add_staff(clinic, Role.PRACTITIONER, name="Ewan Fairbairn")
    qualify(clinic, nurse, registration_number="TEST-21")
    other = add_staff(clinic, Role.PRACTITIONER, name="Isla Drummond")
    qualify(clinic, other, registration_number="TEST-22", kind="doctor")
    change(ready, practitioner_id=nurse.id)
    same = standing(ready)
    change(ready, practitioner_id=other.id)

    assert same.allowed
    assert standing(ready).reasons == (
        "The plan names a practitioner of another profession now: doctor. Ask for consent to it.",
    )


def test_fewer_treatments_or_no_numbing_cream_need_no_new_consent(ready: ReadyVisit) -> None:
    change(ready, sessions=2, anaesthetic="none")

    assert standing(ready).allowed


def reads_best(made: MadePlan, language: str) -> None:
    """Note that the patient reads another language best."""
    with made.clinic.scope() as scope:
        patient = get_patient(scope, made.patient_id)
        edit = PatientEdit(patient.name, BORN, made.clinic.location_id, language)
        edit_patient(scope, patient_id=patient.id, version=patient.version, wanted=edit)


@pytest.mark.parametrize(
    ("language", "told"), [("ar", "العربية (Arabic)"), ("pl", "Polski (Polish)")]
)
def test_a_language_that_the_form_does_not_speak_stops_it(
    ready: ReadyVisit, language: str, told: str
) -> None:
    reads_best(ready.made, "en-GB")
    assert standing(ready).allowed
    reads_best(ready.made, language)

    after = standing(ready)

    assert not after.allowed
    assert after.reasons == (
        f"The patient reads best in {told} now, and this form is in English. Ask for consent in a"
        " language that they read, or with an interpreter.",
    )


def test_a_form_in_another_language_that_staff_chose_was_no_change(context: Flask) -> None:
    """An interpreter took part in the talk, and that the language is another one is told."""
    made = make_discussed_plan(language="ar", interpreter="Samira Haddad, in person")
    asked = make_identified_consent(made, WantedForm(locale="en"))
    answer(asked)
    read_and_understand(asked)
    sign(asked)

    with made.clinic.scope() as scope:
        (met,) = reasons_to_ask_again(scope, asked.read(scope))

    assert (met.trigger.id, met.stops) == ("language_other", False)
    assert met.text.startswith("The patient reads best in العربية (Arabic), and the form that")


def test_a_form_that_is_out_waits_for_one_in_the_language_that_is_read(context: Flask) -> None:
    signer = Signer(context, make_asked_consent(make_discussed_plan()))
    signer.reach_signature()
    fields = signer.signing_fields()
    reads_best(signer.asked.made, "ar")

    page = signer.post("/sign/signature", fields, expect=409)

    assert "You should get this form in your language" in page.text
    with signer.asked.made.clinic.scope() as scope:
        assert queries.find_signature(scope, signer.asked.id) is None


def test_an_unsigned_consent_meets_no_trigger(context: Flask, ready: ReadyVisit) -> None:
    made = ready.made
    assert ready.consent is not None
    with made.clinic.scope() as scope:
        consent = queries.get_consent(scope, ready.consent.consent_id)
        signed, consent.signed_at = consent.signed_at, None
        assert reasons_to_ask_again(scope, consent) == ()
        consent.signed_at = signed


def test_another_practitioner_confirms_and_the_patient_signs_nothing_anew(
    context: Flask, ready: ReadyVisit
) -> None:
    made, consent = ready.made, ready.consent
    assert consent is not None
    other = add_staff(made.clinic, Role.PRACTITIONER, name="Ewan Fairbairn")
    qualify(made.clinic, other)

    before = ready.may(practitioner_id=other.id)
    with made.clinic.scope(other) as scope:
        first = attest_consent(scope, consent_id=consent.consent_id, stepped_up_at=now())
        again = attest_consent(scope, consent_id=consent.consent_id, stepped_up_at=now())
        grants = queries.list_grants(scope, consent.consent_id)
        data = read_document(scope, first.document_id)
    after = ready.may(practitioner_id=other.id)

    assert "Ewan Fairbairn has not confirmed this consent." in reasons(before)
    assert first.id == again.id
    assert first.id != consent.attestation_id
    assert first.signature_id == consent.signature_id
    assert {one.attestation_id for one in grants} == {consent.attestation_id}
    assert data.startswith(b"%PDF")
    assert "Ewan Fairbairn has not confirmed this consent." not in reasons(after)


def reasons(answer: MayStart) -> list[str]:
    return [one.text for one in answer.reasons]


def test_the_page_offers_the_other_practitioner_to_confirm(
    context: Flask, ready: ReadyVisit
) -> None:
    assert ready.consent is not None
    other = add_staff(ready.made.clinic, Role.PRACTITIONER, name="Ewan Fairbairn")
    own = Desk(context, ready.made.clinic, ready.made.practitioner)

    page = f"/consents/{ready.consent.consent_id}"

    assert "Read and confirm" in Desk(context, ready.made.clinic, other).read(page)
    assert "Read and confirm" not in own.read(page)
