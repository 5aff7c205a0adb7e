"""A form written from nothing on the editor's pages, section by section, and by programs."""

import json
import re
import uuid

import pytest
from flask import Flask

from app.catalogue.services import approve_shipped_catalogue
from app.catalogue.shipped import shipped_catalogue
from app.consent.forms import queries as form_queries
from app.consent.forms.content import shipped_form
from app.consent.forms.lint import NEEDED_SECTIONS, serious_risks_for
from app.consent.forms.models import FormState
from app.consent.forms.services.publish_form import publish_shipped_form
from app.consent.forms.services.write_form import copy_shipped
from app.consent.purposes import Purpose
from tests.consent.forms import block_of, form
from tests.factories.tenants import MadeClinic, make_clinic
from tests.support.api import Api
from tests.support.pages import Desk, words

NEW = "/settings/forms/new"
TREATMENT = {
    "title": "Needling at our clinic",
    "purpose": "treatment",
    "procedure": "mechanical_microneedling",
    "add_on": "",
    "locale": "en",
}


@pytest.fixture
def clinic(context: Flask) -> MadeClinic:
    made = make_clinic()
    with made.scope() as scope:
        approve_shipped_catalogue(scope)
    return made


@pytest.fixture
def desk(context: Flask, clinic: MadeClinic) -> Desk:
    return Desk(context, clinic, clinic.owner)


@pytest.fixture
def shipped(clinic: MadeClinic) -> uuid.UUID:
    with clinic.scope() as scope:
        return copy_shipped(scope, key="mechanical", locale="en").id


class Editor:
    """A draft in the hands of somebody at a desk."""

    def __init__(self, desk: Desk, clinic: MadeClinic, draft_id: uuid.UUID) -> None:
        self.desk, self.clinic, self.draft_id = desk, clinic, draft_id
        self.path = f"/settings/form-drafts/{draft_id}"

    @property
    def version(self) -> str:
        with self.clinic.scope() as scope:
            return str(form_queries.get_draft(scope, self.draft_id).version)

    @property
    def raw(self) -> dict:
        with self.clinic.scope() as scope:
            return json.loads(form_queries.get_draft(scope, self.draft_id).content)

    @property
    def sections(self) -> list[str]:
        return [one["id"] for one in self.raw["sections"]]

    def send(self, path: str, expect: int = 303, **fields: str | list[str]) -> str:
        return words(self.desk.send(self.path + path, expect, version=self.version, **fields))

    def add(self, section: str, kind: str, **fields: str | list[str]) -> None:
        self.send(f"/clauses/new/{section}", kind=kind, **fields)


@pytest.fixture
def editor(desk: Desk, clinic: MadeClinic, shipped: uuid.UUID) -> Editor:
    return Editor(desk, clinic, shipped)


def begun(desk: Desk, clinic: MadeClinic, **changes: str) -> Editor:
    where = desk.send(NEW, **{**TREATMENT, **changes}).headers["Location"]
    return Editor(desk, clinic, uuid.UUID(re.search(r"[0-9a-f-]{36}\?", where).group()[:-1]))


class TestSections:
    def test_a_needed_section_gets_its_usual_heading_and_place(self, editor: Editor) -> None:
        editor.send("/sections/alternatives/remove", with_clauses="yes")
        assert "Add “Other ways”" in editor.desk.read(editor.path)

        editor.send("/sections", part="alternatives", heading="")

        assert editor.sections.index("alternatives") == editor.sections.index("risks") + 1
        assert editor.raw["sections"][editor.sections.index("alternatives")] == {
            "id": "alternatives",
            "title": "Other ways",
            "blocks": [],
        }

    def test_a_section_of_ones_own_stands_before_what_checks_and_signs(
        self, editor: Editor
    ) -> None:
        editor.send("/sections", part="own", heading="How to reach us at night")
        editor.send("/sections", part="own", heading="Parking")

        assert editor.sections[-4:] == ["own_1", "own_2", "understanding", "signature"]

    def test_it_is_renamed_and_moved_with_its_clauses(self, editor: Editor) -> None:
        before = editor.raw
        editor.send("/sections/who", heading="Your practitioner")
        editor.send("/sections/who/move", to="up")

        after = editor.raw
        assert editor.sections[:3] == ["electronic_signing", "who", "what"]
        assert after["sections"][1]["title"] == "Your practitioner"
        assert after["sections"][1]["blocks"] == before["sections"][2]["blocks"]

    def test_at_the_end_it_stays_where_it_is(self, editor: Editor) -> None:
        before = editor.sections
        editor.send(f"/sections/{before[0]}/move", to="up")
        editor.send(f"/sections/{before[-1]}/move", to="down")

        assert editor.sections == before

    def test_an_empty_one_goes_at_once_and_one_with_clauses_after_asking(
        self, editor: Editor
    ) -> None:
        editor.send("/sections", part="own", heading="Parking")
        editor.send("/sections/own_1/remove")
        assert "own_1" not in editor.sections

        asked = editor.send("/sections/who/remove", expect=409)

        assert "3 clauses would go with this section" in asked
        assert "wo-2" in asked
        assert "who" in editor.sections
        editor.send("/sections/who/remove", with_clauses="yes")
        assert "who" not in editor.sections

    def test_what_was_typed_stays_when_it_is_refused(self, editor: Editor) -> None:
        long = "Parking " * 30
        page = editor.desk.send(
            f"{editor.path}/sections", 422, version=editor.version, part="own", heading=long
        )
        nothing = editor.desk.send(
            f"{editor.path}/sections", 422, version=editor.version, part="own", heading=""
        )

        assert f'value="{long}"' in page.text
        assert '<option value="own" selected>' in page.text
        assert "Enter a heading." in words(nothing)
        renamed = editor.desk.send(
            f"{editor.path}/sections/who", 422, version=editor.version, heading=""
        )
        assert "Enter a heading." in words(renamed)

    def test_two_editors_do_not_overwrite_each_other(self, editor: Editor) -> None:
        editor.send("/sections/who", heading="First")

        editor.desk.send(f"{editor.path}/sections/who", 412, version="1", heading="Second")

        assert "First" in json.dumps(editor.raw)

    def test_what_is_wrong_stands_beside_its_place(self, editor: Editor) -> None:
        editor.send("/clauses/be-2", text="It is painless.")
        editor.send("/clauses/al-1/remove")
        page = editor.desk.answer(editor.path).text

        clause = page.partition('id="be-2"')[2].partition('id="be-3"')[0]
        section = page.partition('id="s-alternatives"')[2].partition('class="clause-edit"')[0]
        assert "The word &#39;painless&#39; may not be used." in clause
        assert "Doing nothing has to be offered, to everybody." in section
        assert 'href="#s-alternatives"' in page

    def test_a_published_form_has_no_sections_to_change(
        self, desk: Desk, clinic: MadeClinic
    ) -> None:
        with clinic.scope() as scope:
            version = publish_shipped_form(scope, key="clinical_photos")
        path = f"/settings/form-drafts/{version.id}/sections"

        desk.send(path, 404, version="1", part="own", heading="More")
        desk.send(f"{path}/photos_what/remove", 404, version="1", with_clauses="yes")
        desk.send(f"/settings/forms/{version.id}/sections", 404, heading="More")


class TestFromNothing:
    def test_a_form_for_a_treatment_is_written_on_the_pages_alone(
        self, desk: Desk, clinic: MadeClinic
    ) -> None:
        mine = begun(desk, clinic)
        assert "No section yet. Add the first one below." in desk.read(mine.path)
        for section in NEEDED_SECTIONS[Purpose.TREATMENT]:
            mine.send("/sections", part=section, heading="")

        mine.add("electronic_signing", "acknowledgement", text="I agree to sign on a screen.")
        mine.add("what", "paragraph", text="{procedure_text}", fill="")
        mine.add("what", "facts", title="Your plan", text="", fill="plan")
        mine.add("what", "paragraph", text="You said: {what_matters}", needs="{what_matters}")
        mine.add("what", "list", title="We never treat", text="", fill="never_treat")
        mine.add("who", "paragraph", text="{practitioner_name} treats you.", fill="")
        mine.add("benefit", "benefit", title="{indication}", text="{honest}")
        mine.add("label", "list", title="Beyond the label", text="", fill="off_label")
        mine.add("label", "paragraph", text="Within the label.", fill="on_label")
        serious = [one.id for one in serious_risks_for(form(), shipped_catalogue()[1])]
        mine.add("risks", "risk", title="More likely for you", group="personal")
        mine.add("risks", "risk", title="Serious", group="serious", risks=serious)
        mine.add("risks", "heading", text="Oils")
        mine.add("alternatives", "alternative", title="Do nothing", text="Yes.", do_nothing="yes")
        mine.add("aftercare", "aftercare", title="At home", items="Sun cream\nNo make-up")
        mine.add("cost", "paragraph", text="{price}", fill="")
        mine.add("rights", "paragraph", text="You can stop at any time.", fill="")
        for number in "123":
            mine.add(
                "understanding",
                "question",
                text=f"Question {number}?",
                option_1="This",
                option_2="That",
                correct="2",
                explanation="Because.",
            )
        mine.add("signature", "signature", text="I agree to this treatment.")

        page = desk.read(mine.path)
        assert "Nothing stands in the way" in page, page
        raw = mine.raw
        assert block_of(raw, "risks-1") == {
            "id": "risks-1",
            "kind": "risk",
            "title": "More likely for you",
            "group": "personal",
        }
        assert block_of(raw, "alternat-1")["do_nothing"] is True
        assert "You said: A sample wish." in desk.read(f"{mine.path}/preview")
        where = desk.send(f"{mine.path}/submit", version=mine.version).headers["Location"]
        own = re.search(r"/settings/forms/[0-9a-f-]{36}", where).group()
        for step in ("clinical-review", "legal-review", "publish"):
            desk.send(f"{own}/{step}")
        with clinic.scope() as scope:
            made = form_queries.get_form_version(scope, uuid.UUID(own[-36:]))
            assert made.state == FormState.PUBLISHED
            assert made.form_key.startswith("needling-at-our-clinic-")

    def test_an_empty_form_is_previewed_and_says_what_it_lacks(
        self, desk: Desk, clinic: MadeClinic
    ) -> None:
        mine = begun(desk, clinic, purpose="clinical_photos", locale="de", title="Fotos bei uns")

        page = desk.read(mine.path)
        desk.answer(f"{mine.path}/preview")
        refused = desk.send(f"{mine.path}/submit", 422, version=mine.version)

        assert "The section 'photos_what' is missing." in page
        assert "A form has exactly one place to sign." in words(refused)
        mine.send("/sections", part="photos_free", heading="")
        usual = {one.id: one.title for one in shipped_form("clinical_photos", "de")[1].sections}
        assert mine.raw["sections"][0]["title"] == usual["photos_free"]

    @pytest.mark.parametrize(
        ("changes", "told"),
        [
            ({"title": ""}, "Enter a title."),
            ({"purpose": ""}, "Choose what it is for."),
            ({"procedure": ""}, "Choose the treatment."),
            ({"purpose": "add_on"}, "Choose what is added."),
            ({"locale": "xx"}, "Choose a language."),
        ],
    )
    def test_what_is_missing_is_said_and_the_rest_kept(
        self, desk: Desk, changes: dict[str, str], told: str
    ) -> None:
        page = desk.send(NEW, 422, **{**TREATMENT, "title": "Kept", **changes})

        assert told in words(page)
        assert "title" in changes or 'value="Kept"' in page.text

    def test_a_clause_that_says_nothing_is_refused_and_kept(self, editor: Editor) -> None:
        path = f"{editor.path}/clauses/new/benefit"
        empty = editor.desk.send(
            path, 422, version=editor.version, kind="alternative", do_nothing="yes"
        )
        unknown = editor.desk.send(
            path, 422, version=editor.version, kind="paragraph", text="Kept words", needs="salary"
        )
        taken = editor.desk.send(
            path, 422, version=editor.version, kind="paragraph", text="Kept too", clause="be-1"
        )

        assert "Enter the text." in words(empty)
        assert "There is no value called “salary”." in words(unknown)
        assert "Kept words" in unknown.text
        assert "Another clause has this id already." in words(taken)
        assert "Kept too" in taken.text

    def test_a_new_clause_is_numbered_like_those_beside_it(self, editor: Editor) -> None:
        editor.add("benefit", "paragraph", text="One more.", fill="")

        assert block_of(editor.raw, "be-4")["text"] == "One more."

    def test_case_33_markup_in_a_heading_is_printed_as_it_stands(self, editor: Editor) -> None:
        editor.send("/sections", part="own", heading="<script>alert(1)</script>")

        for path in ("", "/sections/own_1", "/clauses/new/own_1", "/preview"):
            page = editor.desk.answer(editor.path + path).text
            assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)" in editor.desk.answer(editor.path).text


class TestByProgram:
    def act(self, api: Api, method: str, path: str, body: dict, version: int, expect: int) -> dict:
        headers = {
            "X-CSRF-Token": api.csrf,
            "Idempotency-Key": uuid.uuid4().hex,
            "If-Match": f'"{version}"',
        }
        answer = api.client.open(api.url(path), method=method, json=body, headers=headers)
        assert answer.status_code == expect, answer.text
        return answer.get_json()

    def test_a_program_does_what_the_pages_do(self, context: Flask, clinic: MadeClinic) -> None:
        api = Api(context, clinic, clinic.owner)
        wanted = {"title": "Our photos", "locale": "en", "purpose": "clinical_photos"}
        draft = api.post("/form-drafts/new", wanted)
        own = f"/form-drafts/{draft['id']}"

        self.act(api, "POST", f"{own}/sections", {"section": "photos_what"}, 1, 201)
        self.act(api, "POST", f"{own}/sections", {"title": "Parking"}, 2, 201)
        self.act(api, "PATCH", f"{own}/sections/own_1", {"title": "Way here"}, 3, 200)
        self.act(api, "POST", f"{own}/sections/own_1/move", {"to": "up"}, 4, 200)
        block = {"kind": "list", "items": ["By bus"]}
        self.act(api, "POST", f"{own}/sections/own_1/clauses", {"block": block}, 5, 201)
        refused = self.act(api, "POST", f"{own}/sections/own_1/remove", {}, 6, 409)

        content = api.get(f"{own}/file")["content"]
        assert [(one["id"], one["title"]) for one in content["sections"]] == [
            ("own_1", "Way here"),
            ("photos_what", "What photos we take"),
        ]
        assert content["sections"][0]["blocks"] == [{"id": "own-1", **block}]
        assert (refused["code"], refused["clauses"]) == ("form_section_not_empty", ["own-1"])
        self.act(api, "POST", f"{own}/sections/own_1/remove", {"with_clauses": True}, 6, 200)
        self.act(api, "POST", f"{own}/sections", {"title": "Late"}, 6, 412)
        self.act(api, "POST", f"{own}/sections/none/clauses", {"block": block}, 7, 404)

    def test_what_is_no_clause_is_refused(self, context: Flask, clinic: MadeClinic) -> None:
        api = Api(context, clinic, clinic.owner)
        with clinic.scope() as scope:
            own = f"/form-drafts/{copy_shipped(scope, key='prp', locale='en').id}"
        path = f"{own}/sections/benefit/clauses"

        for block in (
            {"kind": "html"},
            {"kind": "list", "items": "x"},
            {"id": "a b", "kind": "list"},
        ):
            self.act(api, "POST", path, {"block": block}, 1, 422)
        self.act(api, "POST", f"{own}/sections", {"section": "Bad Id", "title": "x"}, 1, 422)
