"""The library, the editor, the differences and the previews, as people without scripts use them."""

import json
import re
import uuid

import pytest
from flask import Flask

from app.catalogue.services import approve_shipped_catalogue
from app.consent.forms import queries as form_queries
from app.consent.forms.content import shipped_form
from app.consent.forms.library import library
from app.consent.forms.services.publish_form import publish_shipped_form
from app.consent.forms.services.write_form import copy_shipped, import_form
from app.tenants.models import Role
from tests.consent.forms import block_of
from tests.factories.tenants import MadeClinic, add_staff, make_clinic
from tests.support.api import Api
from tests.support.pages import Desk, words
from tests.support.papers import text_of_pdf

MEAN = "<script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}"
SHIPPED = "/settings/forms/shipped"


@pytest.fixture
def clinic(context: Flask) -> MadeClinic:
    made = make_clinic()
    with made.scope() as scope:
        approve_shipped_catalogue(scope)
    return made


@pytest.fixture
def desk(context: Flask, clinic: MadeClinic) -> Desk:
    return Desk(context, clinic, clinic.owner)


def begun(clinic: MadeClinic) -> uuid.UUID:
    with clinic.scope() as scope:
        return copy_shipped(scope, key="mechanical", locale="en").id


def wording(clinic: MadeClinic, draft_id: uuid.UUID) -> tuple[dict, str]:
    """Return a draft's data, and its version as a page would post it."""
    with clinic.scope() as scope:
        draft = form_queries.get_draft(scope, draft_id)
        return json.loads(draft.content), str(draft.version)


def change(desk: Desk, clinic: MadeClinic, draft_id: uuid.UUID, path: str, **fields) -> dict:
    """Send an act of the editor with the version that was read; return the data after it."""
    version = wording(clinic, draft_id)[1]
    desk.send(f"/settings/form-drafts/{draft_id}{path}", version=version, **fields)
    return wording(clinic, draft_id)[0]


def clauses(raw: dict, section: str) -> list[str]:
    part = next(one for one in raw["sections"] if one["id"] == section)
    return [block["id"] for block in part["blocks"]]


class TestLibrary:
    def test_it_lists_the_starter_forms_in_three_languages(self, desk: Desk) -> None:
        page = desk.answer("/settings/forms").text

        for entry in library():
            assert entry.title.replace("'", "&#39;") in page
            for locale in ("en", "de", "ar"):
                assert f"shipped?form={entry.form}.{locale}&amp;entry={entry.id}" in page

    def test_a_shipped_form_is_read_and_published_from_its_page(self, desk: Desk) -> None:
        page = desk.read(SHIPPED + "?entry=mechanical_scalp")
        assert "On the scalp we work along partings" in page
        assert "On the scalp we work along partings" not in desk.read(SHIPPED)

        answer = desk.send(SHIPPED)

        assert "said=form" in answer.headers["Location"]
        listed = desk.read("/settings/forms")
        assert "Consent to microneedling version 1 Treatment English Published" in listed

    def test_with_a_medical_lead_the_form_waits_and_says_for_whom(
        self, desk: Desk, clinic: MadeClinic, context: Flask
    ) -> None:
        lead = add_staff(clinic, Role.MEDICAL_LEAD, name="Dr Ilse Vogt")
        where = desk.send(SHIPPED).headers["Location"]
        own = re.search(r"/settings/forms/[0-9a-f-]{36}", where).group()

        refused = desk.send(f"{own}/clinical-review", expect=409)
        Desk(context, clinic, lead).send(f"{own}/clinical-review")

        assert "The medical lead looks at this: Dr Ilse Vogt" in words(refused)
        assert "Clinical review passed Dr Ilse Vogt" in desk.read(own)

    @pytest.mark.parametrize("role", [Role.FRONT_DESK, Role.PRACTITIONER])
    def test_those_who_do_not_write_forms_read_them(
        self, clinic: MadeClinic, context: Flask, role: Role
    ) -> None:
        draft = begun(clinic)
        reader = Desk(context, clinic, add_staff(clinic, role))

        assert "Starter library" in reader.read("/settings/forms")
        assert "Remove" not in reader.read(f"/settings/form-drafts/{draft}")
        reader.send(SHIPPED, expect=403)
        reader.send(f"/settings/form-drafts/{draft}/discard", expect=403)

    def test_no_file_of_ours_is_named_by_an_address(self, desk: Desk) -> None:
        desk.answer(f"{SHIPPED}?form=../../library.en", expect=404)
        desk.answer(f"{SHIPPED}?form=mechanical.xx", expect=404)


class TestEditor:
    def test_a_clause_is_edited_added_moved_and_removed(
        self, desk: Desk, clinic: MadeClinic
    ) -> None:
        draft = begun(clinic)

        edited = change(desk, clinic, draft, "/clauses/be-2", text="It takes months.")
        added = change(
            desk, clinic, draft, "/clauses/new/benefit", clause="be-9", kind="paragraph", text="Or."
        )
        moved = change(desk, clinic, draft, "/clauses/be-9/move", to="up")
        removed = change(desk, clinic, draft, "/clauses/be-9/remove")

        assert block_of(edited, "be-2")["text"] == "It takes months."
        assert clauses(added, "benefit")[-1] == "be-9"
        assert clauses(moved, "benefit")[-2] == "be-9"
        assert "be-9" not in clauses(removed, "benefit")

    def test_points_risks_answers_and_conditions_are_edited(
        self, desk: Desk, clinic: MadeClinic
    ) -> None:
        draft = begun(clinic)
        page = desk.answer(f"/settings/form-drafts/{draft}/clauses/ri-3").text
        assert 'value="vasovagal" id="risks-vasovagal" checked' in page

        change(desk, clinic, draft, "/clauses/es-2", items="One\n\n Two ", title="Know")
        change(desk, clinic, draft, "/clauses/ri-3", title="Usual", risks=["pain_tender"])
        raw = change(
            desk,
            clinic,
            draft,
            "/clauses/tb-1",
            text="What?",
            option_1="This",
            option_2="That",
            correct="2",
            explanation="Because.",
            when='{"fact": "skin_type", "at_least": 4}',
        )

        assert block_of(raw, "es-2")["items"] == ["One", "Two"]
        assert block_of(raw, "ri-3")["risks"] == ["pain_tender"]
        question = block_of(raw, "tb-1")
        assert [one.get("correct", False) for one in question["options"]] == [False, True]
        assert question["when"] == {"fact": "skin_type", "at_least": 4}

    def test_what_is_wrong_is_told_and_stops_the_review(
        self, desk: Desk, clinic: MadeClinic
    ) -> None:
        draft = begun(clinic)
        change(desk, clinic, draft, "/clauses/al-1/remove")
        change(desk, clinic, draft, "/clauses/be-2", text="It is painless.")

        page = desk.read(f"/settings/form-drafts/{draft}")
        version = wording(clinic, draft)[1]
        refused = desk.send(f"/settings/form-drafts/{draft}/submit", expect=422, version=version)

        assert "Doing nothing has to be offered" in page
        assert "The word 'painless' may not be used." in page
        assert "What the check says" in words(refused)

    def test_two_editors_do_not_overwrite_each_other(self, desk: Desk, clinic: MadeClinic) -> None:
        draft = begun(clinic)
        change(desk, clinic, draft, "/clauses/be-2", text="First.")

        answer = desk.send(
            f"/settings/form-drafts/{draft}/clauses/be-2", expect=412, text="Second.", version="1"
        )

        assert answer.status_code == 412
        assert block_of(wording(clinic, draft)[0], "be-2")["text"] == "First."

    def test_an_impossible_condition_is_refused_kindly(
        self, desk: Desk, clinic: MadeClinic
    ) -> None:
        draft = begun(clinic)
        path = f"/settings/form-drafts/{draft}/clauses/be-2"

        typo = desk.send(path, expect=422, text="x", when="{", version="1")
        unknown = desk.send(path, expect=422, text="x", when='{"fact": "salary"}', version="1")

        assert "This is not a condition" in words(typo)
        assert unknown.status_code == 422

    def test_a_draft_goes_to_review_and_a_translation_begins_from_it(
        self, desk: Desk, clinic: MadeClinic
    ) -> None:
        draft = begun(clinic)
        version = wording(clinic, draft)[1]
        where = desk.send(f"/settings/form-drafts/{draft}/submit", version=version)
        own = re.search(r"/settings/forms/[0-9a-f-]{36}", where.headers["Location"]).group()

        assert "Waits for clinical review" in desk.read(own)
        begun_again = desk.send(f"{own}/copy", locale="de").headers["Location"]
        page = desk.read(begun_again.partition(desk.base)[2])

        assert "Deutsch (German), translates version 1" in page


class TestChanges:
    def test_new_and_gone_words_are_told_by_more_than_colour(
        self, desk: Desk, clinic: MadeClinic
    ) -> None:
        desk.send(SHIPPED)
        draft = begun(clinic)
        change(desk, clinic, draft, "/clauses/ri-4", text="Do not put your own creams on it.")
        change(desk, clinic, draft, "/clauses/ri-6/remove")
        where = desk.send(
            f"/settings/form-drafts/{draft}/submit", version=wording(clinic, draft)[1]
        ).headers["Location"]
        own = re.search(r"/settings/forms/[0-9a-f-]{36}", where).group()

        page = desk.answer(f"{own}/changes")

        assert '<ins class="diff"><span class="visually-hidden">[new: </span>creams' in page.text
        assert '<del class="diff"><span class="visually-hidden">[gone: </span>' in page.text
        told = words(page)
        assert "2 clauses differ" in told
        assert "Clause is gone" in told


class TestPreview:
    @pytest.mark.parametrize("locale", ["en", "de", "ar"])
    def test_on_paper_it_says_on_every_page_that_it_is_a_preview(
        self, desk: Desk, clinic: MadeClinic, locale: str
    ) -> None:
        with clinic.scope() as scope:
            version = publish_shipped_form(scope, key="clinical_photos", locale=locale)

        answer = desk.answer(f"/settings/forms/{version.id}/preview.pdf")

        assert answer.mimetype == "application/pdf"
        assert "PREVIEW" in text_of_pdf(answer.data)
        assert b"/ByteRange" not in answer.data

    def test_as_a_patient_nothing_can_be_sent(self, desk: Desk, clinic: MadeClinic) -> None:
        draft = begun(clinic)

        page = desk.answer(f"/settings/form-drafts/{draft}/preview?entry=mechanical_body")

        assert "Belly (up to 1.5 mm)" in words(page)
        main = page.text.partition("<main")[2].partition("</main")[0]
        assert "<form" not in main

    def test_a_draft_with_names_that_do_not_exist_says_so(
        self, desk: Desk, clinic: MadeClinic
    ) -> None:
        draft = begun(clinic)
        change(desk, clinic, draft, "/clauses/be-2", text="{salary} {7*7}")

        page = desk.answer(f"/settings/form-drafts/{draft}/preview", expect=422)

        assert "Put right what the check of the draft names" in words(page)


class TestCase33:
    """Case 33: what an editor types is text everywhere, and never markup."""

    def test_case_33_markup_in_a_clause_is_printed_as_it_stands(
        self, desk: Desk, clinic: MadeClinic
    ) -> None:
        draft = begun(clinic)
        change(desk, clinic, draft, "/about", title=MEAN, number="1", change="material")
        change(desk, clinic, draft, "/clauses/be-2", title=MEAN, text=MEAN.replace("{{7*7}}", ""))
        change(desk, clinic, draft, "/clauses/es-2", items=MEAN)
        change(desk, clinic, draft, "/clauses/tb-1", text=MEAN, option_1=MEAN, explanation=MEAN)
        base = f"/settings/form-drafts/{draft}"

        for path in (base, f"{base}/clauses/be-2", "/settings/forms"):
            page = desk.answer(path).text
            assert "<script>alert" not in page
            assert "<img src=x" not in page
            assert "&lt;script&gt;alert(1)" in page

    def test_case_33_a_form_from_elsewhere_is_text_in_page_preview_and_pdf(
        self, desk: Desk, clinic: MadeClinic
    ) -> None:
        raw = json.loads(shipped_form("clinical_photos")[0])
        raw["title"] = block_of(raw, "pw-1")["text"] = MEAN.replace("{{7*7}}", "$")
        with clinic.scope() as scope:
            draft = import_form(scope, content=raw)
        base = f"/settings/form-drafts/{draft.id}"

        preview = desk.answer(f"{base}/preview").text
        paper = text_of_pdf(desk.answer(f"{base}/preview.pdf").data)

        assert "<script>alert" not in preview
        assert "<script>alert(1)</script>" in paper


class TestFiles:
    def test_what_is_exported_can_be_brought_in_elsewhere(
        self, desk: Desk, clinic: MadeClinic, context: Flask
    ) -> None:
        desk.send(SHIPPED)
        api = Api(context, clinic, clinic.owner)
        [version] = api.get("/forms")
        file = api.get(f"/forms/{version['id']}/file")
        other = make_clinic(name="Juniper Quay")
        with other.scope() as scope:
            approve_shipped_catalogue(scope)
        elsewhere = Desk(context, other, other.owner)

        elsewhere.send("/settings/forms/bring", file=json.dumps(file))
        [draft] = Api(context, other, other.owner).get("/form-drafts")

        again = Api(context, other, other.owner).get(f"/form-drafts/{draft['id']}/file")
        assert again["content"] == file["content"]
        assert file["schema"] == "needlepoint-form-1"

    @pytest.mark.parametrize(
        "text", ["no json", "[]", '{"id": "x"}', '{"schema": "needlepoint-form-1", "content": []}']
    )
    def test_what_is_no_form_is_refused_kindly(self, desk: Desk, text: str) -> None:
        answer = desk.send("/settings/forms/bring", expect=422, file=text)

        assert "There is a problem" in words(answer)

    def test_a_program_brings_edits_and_submits_a_form(
        self, clinic: MadeClinic, context: Flask
    ) -> None:
        api = Api(context, clinic, clinic.owner)
        content = json.loads(shipped_form("prp")[0])
        file = {"schema": "needlepoint-form-1", "content": content}

        draft = api.post("/form-drafts", {"file": file})
        findings = api.get(f"/form-drafts/{draft['id']}/findings")
        headers = {
            "X-CSRF-Token": api.csrf,
            "Idempotency-Key": uuid.uuid4().hex,
            "If-Match": '"1"',
        }
        url = api.url(f"/form-drafts/{draft['id']}/submit")
        answer = api.client.post(url, json={}, headers=headers)

        assert findings == []
        assert answer.status_code == 201, answer.text
        assert answer.get_json()["state"] == "clinical_review"
        steps = api.get(f"/forms/{answer.get_json()['id']}/steps")
        assert [one["step"] for one in steps] == ["submit"]
