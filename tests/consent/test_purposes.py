"""Each purpose has its own form, signature and end, and none touches another."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.consent import queries
from app.consent.ciphers import get_shown
from app.consent.errors import (
    AddOnNotPlanned,
    FormLanguage,
    FormNotPublished,
    InterpreterNeeded,
    NotDiscussed,
)
from app.consent.forms.choose_form import WantedForm
from app.consent.forms.content import shipped_form
from app.consent.forms.queries import get_form_version
from app.consent.forms.services.publish_form import publish_shipped_form
from app.consent.models import Consent, ConsentGrant, ConsentState
from app.consent.purposes import Purpose
from app.consent.services.attest_consent import attest_consent
from app.consent.services.request_consent import AskedConsent, request_consent
from app.consent.services.withdraw_consent import withdraw_consent
from app.documents.files import read_document
from app.kit.clock import now
from tests.factories.care import make_bare_visit
from tests.factories.consent import (
    MadeConsent,
    make_active_consent,
    make_asked_consent,
    make_signed_for,
    pass_to_reading,
    read_and_understand,
    sign,
)
from tests.factories.plans import MadePlan, make_discussed_plan
from tests.support.pages import Desk, words
from tests.support.papers import text_of_pdf
from tests.support.signer import Signer

RECORD = WantedForm(Purpose.CLINICAL_PHOTOS)
ADVERT = WantedForm(Purpose.MARKETING_PHOTOS)
PRP = WantedForm(Purpose.ADD_ON, add_on="prp")


@pytest.fixture
def made(context: Flask) -> MadePlan:
    return make_discussed_plan()


def publish(made: MadePlan, *keys: str, locale: str = "en") -> None:
    with made.clinic.scope() as scope:
        for key in keys:
            publish_shipped_form(scope, key=key, locale=locale)


def ask(made: MadePlan, wanted: WantedForm) -> AskedConsent:
    with made.clinic.scope(made.practitioner) as scope:
        return request_consent(scope, plan_id=made.plan_id, wanted=wanted)


def states(made: MadePlan) -> dict[str, str]:
    with made.clinic.scope() as scope:
        found = queries.list_consents_of_patient(scope, made.patient_id)
        return {one.purpose: one.state for one in reversed(found)}


def count_grants(made: MadePlan, consent: MadeConsent) -> int:
    with made.clinic.scope() as scope:
        statement = select(func.count()).where(
            ConsentGrant.tenant_id == scope.tenant_id, ConsentGrant.consent_id == consent.id
        )
        return scope.session.execute(statement).scalar_one()


@pytest.mark.parametrize(
    ("wanted", "key"), [(RECORD, "clinical_photos"), (ADVERT, "marketing_photos")]
)
def test_photos_are_agreed_by_the_patients_sealed_signature_alone(
    made: MadePlan, wanted: WantedForm, key: str
) -> None:
    consent = make_signed_for(made, wanted, key=key)

    with made.clinic.scope() as scope:
        row = consent.read(scope)
        signature = queries.find_signature(scope, consent.id)
        assert (row.state, row.attested_at, row.purpose) == ("active", None, wanted.purpose)
        assert signature is not None
        assert signature.answers_id is None
        text = text_of_pdf(read_document(scope, signature.document_id))
    assert "My answers about my health" not in text
    assert "still has to confirm" not in text
    assert count_grants(made, consent) == 0


def test_leave_to_advertise_ends_on_the_day_that_the_form_names(made: MadePlan) -> None:
    consent = make_signed_for(made, ADVERT, key="marketing_photos")

    with made.clinic.scope() as scope:
        until = consent.read(scope).valid_until
        signature = queries.find_signature(scope, consent.id)
        assert until is not None
        assert signature is not None
        text = text_of_pdf(read_document(scope, signature.document_id))
    assert until <= now() + timedelta(days=732)
    assert f"{until.day} {until:%B %Y}" in " ".join(text.split())


def test_photos_for_the_record_last_until_they_are_taken_back(made: MadePlan) -> None:
    consent = make_signed_for(made, RECORD, key="clinical_photos")

    with made.clinic.scope() as scope:
        assert consent.read(scope).valid_until is None


def test_the_way_to_photos_has_no_page_about_health(made: MadePlan, context: Flask) -> None:
    signer = Signer(context, make_asked_consent(made, RECORD, key="clinical_photos"))
    assert signer.identify() == "/sign/electronic"

    assert signer.go("/sign/electronic", {"way": "screen"}) == "/sign/read"
    assert "3 of 6" in signer.page.text
    assert signer.client.get("/sign/questions").headers["Location"] == "/sign/read"
    shown = signer.shown_on_page()
    assert signer.go("/sign/read", {"document_sha256": shown}) == "/sign/understood"
    right = signer.right_answers()
    signer.go("/sign/understood", right)
    assert signer.go("/sign/understood", right) == "/sign/signature"
    fields = signer.signing_fields(acknowledged=["sg-1"])
    assert signer.go("/sign/signature", fields) == "/sign/receipt"
    assert "confirms it" not in signer.page.text


def test_photos_are_asked_about_before_anything_was_discussed(context: Flask) -> None:
    made = make_discussed_plan(discussed=False)
    publish(made, "clinical_photos", "mechanical")

    assert ask(made, RECORD).consent.purpose == "clinical_photos"
    with pytest.raises(NotDiscussed):
        ask(made, WantedForm())


def test_a_request_for_one_thing_leaves_the_others_open(made: MadePlan) -> None:
    publish(made, "mechanical", "clinical_photos", "marketing_photos")
    for wanted in (WantedForm(), RECORD, ADVERT):
        ask(made, wanted)

    again = ask(made, RECORD)

    with made.clinic.scope() as scope:
        found = queries.list_consents_of_patient(scope, made.patient_id)
        told = sorted((one.purpose, one.state) for one in found)
    assert again.consent.state == "sent"
    assert told == [
        ("clinical_photos", "sent"),
        ("clinical_photos", "voided"),
        ("marketing_photos", "sent"),
        ("treatment", "sent"),
    ]


def test_a_withdrawal_of_one_purpose_touches_no_other(made: MadePlan) -> None:
    active = make_active_consent(made)
    record = make_signed_for(made, RECORD, key="clinical_photos")
    advert = make_signed_for(made, ADVERT, key="marketing_photos")

    with made.clinic.scope() as scope:
        withdraw_consent(scope, consent_id=advert.id)
    assert states(made) == {
        "treatment": "active",
        "clinical_photos": "active",
        "marketing_photos": "withdrawn",
    }
    with made.clinic.scope() as scope:
        withdraw_consent(scope, consent_id=active.consent_id)
    assert states(made)["clinical_photos"] == "active"
    with made.clinic.scope() as scope:
        assert record.read(scope).ended_at is None


def test_a_new_signature_supersedes_the_older_one_of_its_purpose_only(made: MadePlan) -> None:
    active = make_active_consent(made)
    first = make_signed_for(made, RECORD, key="clinical_photos")

    make_signed_for(made, RECORD, key="clinical_photos")

    with made.clinic.scope() as scope:
        assert first.read(scope).state == "superseded"
        assert queries.get_consent(scope, active.consent_id).state == "active"


class TestAddOn:
    @pytest.fixture
    def planned(self, context: Flask) -> MadePlan:
        return make_discussed_plan(add_ons=("prp",))

    def test_it_is_signed_and_confirmed_apart_and_opens_no_grant(self, planned: MadePlan) -> None:
        consent = make_signed_for(planned, PRP, key="prp")
        with planned.clinic.scope() as scope:
            assert consent.read(scope).state == "signed"

        with planned.clinic.scope(planned.practitioner) as scope:
            attest_consent(scope, consent_id=consent.id, stepped_up_at=now())

        with planned.clinic.scope() as scope:
            row = consent.read(scope)
            assert (row.state, row.add_on_id) == (ConsentState.ACTIVE, "prp")
            assert row.valid_until is not None
            form = get_form_version(scope, row.form_version_id)
            assert (form.form_key, form.procedure_id) == ("prp", None)
        assert count_grants(planned, consent) == 0

    def test_start_is_refused_without_it_and_with_it_the_reason_is_gone(
        self, context: Flask
    ) -> None:
        visit = make_bare_visit(add_ons=("prp",))
        codes = [one.code for one in visit.may().reasons]
        assert "no_add_on_consent" in codes
        consent = make_signed_for(visit.made, PRP, key="prp")
        assert "no_add_on_consent" in [one.code for one in visit.may().reasons]

        with visit.made.clinic.scope(visit.made.practitioner) as scope:
            attest_consent(scope, consent_id=consent.id, stepped_up_at=now())
        assert "no_add_on_consent" not in [one.code for one in visit.may().reasons]

        with visit.made.clinic.scope() as scope:
            withdraw_consent(scope, consent_id=consent.id)
        assert "no_add_on_consent" in [one.code for one in visit.may().reasons]

    def test_an_add_on_that_the_plan_does_not_name_is_not_asked_about(self, made: MadePlan) -> None:
        publish(made, "prp")

        with pytest.raises(AddOnNotPlanned):
            ask(made, PRP)

    def test_the_form_of_the_treatment_is_no_form_of_the_add_on(self, planned: MadePlan) -> None:
        publish(planned, "mechanical")

        with pytest.raises(FormNotPublished):
            ask(planned, PRP)


def test_needles_with_heat_never_get_the_form_for_needles_without(made: MadePlan) -> None:
    publish(made, "rf")

    with pytest.raises(FormNotPublished):
        ask(made, WantedForm())
    with pytest.raises(FormNotPublished):
        ask(made, WantedForm(form_key="rf"))


class TestLanguage:
    def test_case_48_an_english_form_is_not_sent_to_somebody_who_reads_arabic(
        self, context: Flask
    ) -> None:
        made = make_discussed_plan(language="ar")
        publish(made, "mechanical")

        with pytest.raises(FormLanguage) as refused:
            ask(made, WantedForm())

        assert refused.value.extra == {"reads_best": "ar", "offered": ["en"]}
        assert states(made) == {}

    def test_case_48_choosing_english_without_an_interpreter_is_refused(
        self, context: Flask
    ) -> None:
        made = make_discussed_plan(language="ar")
        publish(made, "mechanical")

        with pytest.raises(InterpreterNeeded):
            ask(made, WantedForm(locale="en"))

    def test_case_48_chosen_and_interpreted_it_goes_out_and_that_is_kept(
        self, context: Flask
    ) -> None:
        made = make_discussed_plan(language="ar", interpreter="Samira Haddad, in person")
        publish(made, "mechanical")
        with pytest.raises(FormLanguage):
            ask(made, WantedForm())

        consent: Consent = ask(made, WantedForm(locale="en")).consent

        assert (consent.locale, consent.is_other_language) == ("en", True)

    def test_a_tag_with_a_country_is_the_same_language(self, context: Flask) -> None:
        made = make_discussed_plan(language="en-GB")
        publish(made, "mechanical")

        consent = ask(made, WantedForm()).consent

        assert (consent.locale, consent.is_other_language) == ("en", False)


def test_taking_back_a_superseded_consent_ends_its_successor_and_no_photos(made: MadePlan) -> None:
    first = make_signed_for(made, ADVERT, key="marketing_photos")
    second = make_signed_for(made, ADVERT, key="marketing_photos")
    record = make_signed_for(made, RECORD, key="clinical_photos")

    with made.clinic.scope() as scope:
        withdraw_consent(scope, consent_id=first.id)

    with made.clinic.scope() as scope:
        told = [one.read(scope).state for one in (first, second, record)]
    assert told == ["superseded", "withdrawn", "active"]


@pytest.mark.parametrize("locale", ["de", "ar"])
def test_photos_are_agreed_in_the_patients_language(context: Flask, locale: str) -> None:
    made = make_discussed_plan(language=locale)
    publish(made, "clinical_photos", locale=locale)

    asked = make_signed_for(made, RECORD, key="clinical_photos")

    with made.clinic.scope() as scope:
        row = asked.read(scope)
        shown = get_shown(scope, row)
        assert (row.state, row.locale, row.is_other_language) == ("active", locale, False)
    assert shown.title == shipped_form("clinical_photos", locale)[1].title


@pytest.mark.parametrize("locale", ["de", "ar"])
def test_a_treatment_is_signed_and_confirmed_in_the_patients_language(
    context: Flask, locale: str
) -> None:
    made = make_discussed_plan(language=locale)
    publish(made, "mechanical", locale=locale)
    asked = ask(made, WantedForm()).consent
    consent = MadeConsent(made, asked.id, "", "")
    pass_to_reading(consent)

    read_and_understand(consent)
    sign(consent)
    with made.clinic.scope(made.practitioner) as scope:
        attest_consent(scope, consent_id=consent.id, stepped_up_at=now())

    with made.clinic.scope() as scope:
        assert (consent.read(scope).state, consent.read(scope).locale) == ("active", locale)


class TestPlanPage:
    def test_each_thing_is_sent_by_itself(self, made: MadePlan, context: Flask) -> None:
        publish(made, "mechanical", "clinical_photos")
        desk = Desk(context, made.clinic, made.practitioner)
        page = f"/plans/{made.plan_id}"

        desk.send(f"{page}/consents", purpose="clinical_photos")

        told = desk.read(page)
        assert "Photos for the record Consent form sent Open the consent" in told
        assert "Photos for advertising No form is published for this." in told
        assert states(made) == {"clinical_photos": "sent"}

    def test_case_48_the_page_asks_for_a_language_and_an_interpreter(self, context: Flask) -> None:
        made = make_discussed_plan(language="pl")
        publish(made, "mechanical")
        desk = Desk(context, made.clinic, made.practitioner)
        page = f"/plans/{made.plan_id}"

        assert "The patient reads best in Polski (Polish)" in desk.read(page)
        unchosen = desk.send(f"{page}/consents", expect=409)
        chosen = desk.send(f"{page}/consents", expect=409, locale="en")

        assert "no form is published in it" in words(unchosen)
        assert "Record the talk with its interpreter first" in words(chosen)

    def test_what_is_no_purpose_is_refused(self, made: MadePlan, context: Flask) -> None:
        desk = Desk(context, made.clinic, made.practitioner)

        answer = desk.send(f"/plans/{made.plan_id}/consents", expect=422, purpose="everything")

        assert "Choose what to ask about." in words(answer)
