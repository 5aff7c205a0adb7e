"""The life of a form: written, reviewed by two people, published, retired; never changed after."""

import json
import uuid

import pytest
from flask import Flask
from sqlalchemy import update
from sqlalchemy.exc import DBAPIError

from app.catalogue.services import approve_shipped_catalogue
from app.consent.errors import (
    DraftOpen,
    FormMoved,
    FormNotSound,
    FormReplaced,
    FormUnknown,
    OtherPersonNeeded,
)
from app.consent.forms import queries as form_queries
from app.consent.forms.content import shipped_form
from app.consent.forms.models import FormVersion
from app.consent.forms.services.publish_form import publish_shipped_form
from app.consent.forms.services.review_form import (
    pass_clinical_review,
    pass_legal_review,
    publish_form,
    retire_form,
    return_form,
)
from app.consent.forms.services.write_form import (
    change_draft,
    copy_shipped,
    copy_version,
    import_form,
    submit_draft,
    throw_draft_away,
)
from app.errors import Stale
from app.tenants.models import Role
from tests.consent.forms import block_of
from tests.factories.consent import make_read_consent, sign
from tests.factories.plans import make_discussed_plan
from tests.factories.tenants import MadeClinic, Staff, add_staff, make_clinic


@pytest.fixture
def clinic(context: Flask) -> MadeClinic:
    made = make_clinic()
    with made.scope() as scope:
        approve_shipped_catalogue(scope)
    return made


def published(clinic: MadeClinic, locale: str = "en") -> uuid.UUID:
    with clinic.scope() as scope:
        return publish_shipped_form(scope, locale=locale).id


def state(clinic: MadeClinic, version_id: uuid.UUID) -> str:
    with clinic.scope() as scope:
        return form_queries.get_form_version(scope, version_id).state


def steps(clinic: MadeClinic, version_id: uuid.UUID) -> list[tuple[str, bool]]:
    with clinic.scope() as scope:
        return [(one.step, one.is_alone) for one in form_queries.list_steps(scope, version_id)]


def submitted(clinic: MadeClinic, change, based_on: uuid.UUID | None = None) -> uuid.UUID:
    """Write a draft, let ``change`` loose on its data, and send it to review."""
    with clinic.scope() as scope:
        if based_on is None:
            draft = copy_shipped(scope, key="mechanical", locale="en")
        else:
            draft = copy_version(scope, version_id=based_on)
        scope.session.flush()
        raw = json.loads(draft.content)
        change(raw)
        change_draft(scope, draft_id=draft.id, content=raw, version=draft.version)
        return submit_draft(scope, draft_id=draft.id, version=draft.version).id


def walked(clinic: MadeClinic, version_id: uuid.UUID) -> None:
    with clinic.scope() as scope:
        pass_clinical_review(scope, version_id=version_id)
        pass_legal_review(scope, version_id=version_id)
        publish_form(scope, version_id=version_id)


def reword(raw) -> None:
    raw["change"] = "minor"
    block_of(raw, "ri-4")["text"] = "Please put no oils or serums of your own on needled skin."


class TestReview:
    def test_whoever_is_alone_takes_every_step_and_that_is_written_down(
        self, clinic: MadeClinic
    ) -> None:
        version = published(clinic)

        assert state(clinic, version) == "published"
        assert steps(clinic, version) == [
            ("submit", False),
            ("clinical", False),
            ("legal", True),
            ("publish", False),
        ]

    def test_a_clinic_with_a_medical_lead_waits_for_them(self, clinic: MadeClinic) -> None:
        lead = add_staff(clinic, Role.MEDICAL_LEAD, name="Dr Ilse Vogt")
        version = published(clinic)
        assert state(clinic, version) == "clinical_review"

        with clinic.scope() as scope, pytest.raises(OtherPersonNeeded, match="Ilse Vogt"):
            pass_clinical_review(scope, version_id=version)
        with clinic.scope(lead) as scope:
            pass_clinical_review(scope, version_id=version)
        with clinic.scope() as scope:
            pass_legal_review(scope, version_id=version)

        assert state(clinic, version) == "approved"
        assert ("legal", False) in steps(clinic, version)

    def test_nobody_does_both_reviews_where_somebody_else_could(self, clinic: MadeClinic) -> None:
        manager = add_staff(clinic, Role.MANAGER)
        version = published(clinic)
        assert state(clinic, version) == "legal_review"

        with clinic.scope() as scope, pytest.raises(OtherPersonNeeded, match="Somebody else"):
            pass_legal_review(scope, version_id=version)
        with clinic.scope(manager) as scope:
            pass_legal_review(scope, version_id=version)

        assert state(clinic, version) == "approved"

    def test_nobody_waits_for_somebody_who_is_limited_to_a_location(
        self, clinic: MadeClinic
    ) -> None:
        add_staff(clinic, Role.MANAGER, at=(clinic.location_id,))
        add_staff(clinic, Role.MEDICAL_LEAD, at=(clinic.location_id,))

        assert state(clinic, published(clinic)) == "published"

    @pytest.mark.parametrize("take", [pass_clinical_review, pass_legal_review, publish_form])
    def test_no_step_is_taken_out_of_its_turn(self, clinic: MadeClinic, take) -> None:
        version = published(clinic)

        with clinic.scope() as scope, pytest.raises(FormMoved):
            take(scope, version_id=version)

    def test_what_was_sent_back_stays_back_and_its_wording_becomes_a_draft(
        self, clinic: MadeClinic
    ) -> None:
        version = submitted(clinic, reword)
        with clinic.scope() as scope:
            return_form(scope, version_id=version, note="Say what an oil is.")
        with clinic.scope() as scope, pytest.raises(FormMoved):
            pass_clinical_review(scope, version_id=version)

        with clinic.scope() as scope:
            draft = copy_version(scope, version_id=version)

        assert "oils or serums of your own" in draft.content


class TestWording:
    def test_published_wording_cannot_be_changed_by_sql(self, clinic: MadeClinic) -> None:
        version = published(clinic)

        with clinic.scope() as scope, pytest.raises(DBAPIError, match="permission denied"):
            scope.session.execute(
                update(FormVersion)
                .where(FormVersion.tenant_id == scope.tenant_id, FormVersion.id == version)
                .values(content="{}")
            )

    def test_a_second_version_takes_the_place_of_the_first(self, clinic: MadeClinic) -> None:
        first = published(clinic)
        second = submitted(clinic, reword, based_on=first)

        walked(clinic, second)

        assert (state(clinic, first), state(clinic, second)) == ("retired", "published")
        with clinic.scope() as scope:
            assert form_queries.get_form_version(scope, second).number == 2

    def test_a_change_of_risks_is_not_minor(self, clinic: MadeClinic) -> None:
        first = published(clinic)

        def drop(raw) -> None:
            raw["change"] = "minor"
            block_of(raw, "ri-3")["risks"].remove("vasovagal")

        with pytest.raises(FormNotSound, match="not minor: The clause 'ri-3' tells other risks"):
            submitted(clinic, drop, based_on=first)

    def test_case_47_a_retired_version_with_weaker_risks_does_not_come_back(
        self, clinic: MadeClinic
    ) -> None:
        first = published(clinic)

        def more(raw) -> None:
            raw["change"] = "material"
            block_of(raw, "ri-4")["text"] += " Tell us about every oil."

        second = submitted(clinic, more, based_on=first)
        walked(clinic, second)

        for take in (pass_clinical_review, pass_legal_review, publish_form):
            with clinic.scope() as scope, pytest.raises(FormMoved):
                take(scope, version_id=first)

        def weaker(raw) -> None:
            block_of(raw, "ri-2")["risks"].remove("granuloma")

        with pytest.raises(FormNotSound, match="'granuloma' is not told"):
            submitted(clinic, weaker, based_on=first)
        assert state(clinic, first) == "retired"

    def test_an_edit_of_an_old_draft_is_refused(self, clinic: MadeClinic) -> None:
        with clinic.scope() as scope:
            draft = copy_shipped(scope, key="mechanical", locale="en")
            scope.session.flush()
            raw = json.loads(draft.content)
            change_draft(scope, draft_id=draft.id, content=raw, version=1)
            with pytest.raises(Stale):
                change_draft(scope, draft_id=draft.id, content=raw, version=1)
            with pytest.raises(Stale):
                submit_draft(scope, draft_id=draft.id, version=1)

    def test_one_draft_for_a_form_and_a_language(self, clinic: MadeClinic) -> None:
        with clinic.scope() as scope:
            draft = copy_shipped(scope, key="rf", locale="en")
        with clinic.scope() as scope, pytest.raises(DraftOpen):
            copy_shipped(scope, key="rf", locale="en")
        with clinic.scope() as scope:
            throw_draft_away(scope, draft_id=draft.id)
        with clinic.scope() as scope:
            copy_shipped(scope, key="rf", locale="en")
            with pytest.raises(FormUnknown):
                form_queries.get_draft(scope, draft.id)

    def test_a_draft_keeps_its_key_and_language(self, clinic: MadeClinic) -> None:
        with clinic.scope() as scope:
            draft = copy_shipped(scope, key="mechanical", locale="en")
            scope.session.flush()
            raw = json.loads(draft.content) | {"locale": "de"}
            with pytest.raises(FormMoved):
                change_draft(scope, draft_id=draft.id, content=raw, version=1)

    def test_a_form_is_retired_with_a_reason(self, clinic: MadeClinic) -> None:
        version = published(clinic)

        with clinic.scope() as scope:
            retire_form(scope, version_id=version, note="The device is gone.")

        assert steps(clinic, version)[-1] == ("retire", False)
        with clinic.scope() as scope:
            assert form_queries.list_every_published_form(scope) == []


class TestTranslation:
    def test_the_shipped_translations_are_linked_to_the_published_original(
        self, clinic: MadeClinic
    ) -> None:
        original = published(clinic)

        german = published(clinic, "de")

        with clinic.scope() as scope:
            assert form_queries.get_form_version(scope, german).translation_of == original
        assert state(clinic, german) == "published"

    @pytest.mark.parametrize(
        ("change", "told"),
        [
            (lambda raw: block_of(raw, "ri-2")["risks"].remove("pih"), "tells other risks"),
            (lambda raw: block_of(raw, "be-2").update(id="be-9"), "'be-2' is missing"),
            (lambda raw: block_of(raw, "tb-1")["options"].pop(), "has other options"),
            (
                lambda raw: block_of(raw, "tb-2")["options"].reverse(),
                "has other options",
            ),
            (lambda raw: block_of(raw, "rg-1")["items"].pop(), "more or fewer points"),
            (lambda raw: block_of(raw, "co-1").update(text="Preis."), "filled with other values"),
        ],
    )
    def test_a_translation_of_another_structure_is_refused(
        self, clinic: MadeClinic, change, told: str
    ) -> None:
        original = published(clinic)
        raw = json.loads(shipped_form("mechanical", "de")[0])
        change(raw)

        with clinic.scope() as scope:
            draft = import_form(scope, content=raw, translation_of=original)
            scope.session.flush()
            with pytest.raises(FormNotSound) as refused:
                submit_draft(scope, draft_id=draft.id, version=1)

        assert any(told in one["message"] for one in refused.value.extra["findings"])

    def test_a_translation_that_is_not_called_one_is_held_against_the_original(
        self, clinic: MadeClinic
    ) -> None:
        published(clinic)
        raw = json.loads(shipped_form("mechanical", "de")[0])
        block_of(raw, "ri-3")["risks"].pop()

        with clinic.scope() as scope:
            draft = import_form(scope, content=raw)
            scope.session.flush()
            with pytest.raises(FormNotSound, match=r"published in 'en'.*tells other risks"):
                submit_draft(scope, draft_id=draft.id, version=1)

    def test_two_languages_of_one_structure_may_stand_side_by_side(
        self, clinic: MadeClinic
    ) -> None:
        german = published(clinic, "de")
        english = published(clinic)

        assert (state(clinic, german), state(clinic, english)) == ("published", "published")

    def test_a_right_answer_that_moved_is_refused(self, clinic: MadeClinic) -> None:
        original = published(clinic)
        raw = json.loads(shipped_form("mechanical", "ar")[0])
        for option in block_of(raw, "tb-1")["options"]:
            option["correct"] = option["id"] == "b"

        with clinic.scope() as scope:
            draft = import_form(scope, content=raw, translation_of=original)
            scope.session.flush()
            with pytest.raises(FormNotSound, match="another right answer"):
                submit_draft(scope, draft_id=draft.id, version=1)

    def test_a_material_change_of_the_original_retires_its_translations(
        self, clinic: MadeClinic
    ) -> None:
        original, german = published(clinic), published(clinic, "de")

        def more(raw) -> None:
            block_of(raw, "ri-4")["text"] += " Tell us about every oil."

        walked(clinic, submitted(clinic, more, based_on=original))

        assert state(clinic, german) == "retired"

    def test_a_minor_change_of_the_original_leaves_them(self, clinic: MadeClinic) -> None:
        original, german = published(clinic), published(clinic, "de")

        walked(clinic, submitted(clinic, reword, based_on=original))

        assert state(clinic, german) == "published"


def test_a_form_that_is_brought_in_has_the_shape_of_one(clinic: MadeClinic) -> None:
    raw = json.loads(shipped_form()[0])
    block_of(raw, "be-2")["html"] = "<b>x</b>"

    with clinic.scope() as scope, pytest.raises(FormNotSound, match="no field called html"):
        import_form(scope, content=raw)


def test_steps_are_taken_by_people(clinic: MadeClinic, context: Flask) -> None:
    stranger = Staff(uuid.uuid4(), uuid.uuid4(), "x@y.example", "Nobody")
    version = submitted(clinic, reword)

    with clinic.scope(stranger) as scope, pytest.raises(OtherPersonNeeded):
        pass_clinical_review(scope, version_id=version)


class TestUnsigned:
    def test_a_form_of_another_meaning_is_signed_in_its_new_version_only(
        self, context: Flask
    ) -> None:
        asked = make_read_consent(make_discussed_plan())
        clinic = asked.made.clinic
        with clinic.scope() as scope:
            first = asked.read(scope).form_version_id

        def more(raw) -> None:
            block_of(raw, "ri-4")["text"] += " Tell us about every oil."

        walked(clinic, submitted(clinic, more, based_on=first))

        with pytest.raises(FormReplaced):
            sign(asked)
        with clinic.scope() as scope:
            assert asked.read(scope).form_version_id == first
            assert asked.read(scope).state == "cleared"

    def test_new_words_alone_do_not_end_what_was_sent(self, context: Flask) -> None:
        asked = make_read_consent(make_discussed_plan())
        with asked.made.clinic.scope() as scope:
            first = asked.read(scope).form_version_id

        walked(asked.made.clinic, submitted(asked.made.clinic, reword, based_on=first))

        assert sign(asked).receipt_code
