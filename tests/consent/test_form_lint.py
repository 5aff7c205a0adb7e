"""The lint lets the shipped form pass and stops each thing that may not be published."""

import pytest

from app.catalogue.reading import ContentRefused
from app.catalogue.wording import mixed_words_in
from app.consent.forms.content import form_from_json, shipped_form, shipped_keys
from app.consent.forms.lint import lint_form, serious_risks_for
from tests.catalogue.plans import catalogue
from tests.consent.forms import block_of, changed_form, form


def errors(change) -> list[str]:
    findings = lint_form(changed_form(change), catalogue())
    return [finding.message for finding in findings if finding.severity == "error"]


def drop(raw, section, clause):
    part = next(one for one in raw["sections"] if one["id"] == section)
    part["blocks"] = [block for block in part["blocks"] if block["id"] != clause]


@pytest.mark.parametrize(("key", "locale"), shipped_keys())
def test_a_shipped_form_has_no_findings(key, locale):
    assert lint_form(shipped_form(key, locale)[1], catalogue()) == ()


@pytest.mark.parametrize("risk", serious_risks_for(form(), catalogue()), ids=lambda one: one.id)
def test_a_serious_risk_that_is_left_out_stops_the_form(risk):
    found = errors(lambda raw: block_of(raw, "ri-2")["risks"].remove(risk.id))

    assert found == [f"The serious risk '{risk.id}' is not told to everybody."]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda raw: drop(raw, "alternatives", "al-1"), "Doing nothing has to be offered"),
        (lambda raw: drop(raw, "benefit", "be-1"), "The honest benefit"),
        (lambda raw: drop(raw, "label", "la-1"), "Use beyond the label"),
        (lambda raw: drop(raw, "signature", "sg-3"), "exactly one place to sign"),
        (lambda raw: drop(raw, "understanding", "tb-1"), "Three to five questions"),
        (lambda raw: drop(raw, "risks", "ri-1"), "The patient's own risks come first"),
        (lambda raw: raw["sections"].pop(0), "The section 'electronic_signing' is missing"),
        (lambda raw: block_of(raw, "ri-2")["risks"].append("hiccups"), "no risk called 'hiccups'"),
        (lambda raw: block_of(raw, "be-2").update(id="be-1"), "Two clauses have this id"),
        (lambda raw: block_of(raw, "be-2").update(text="{salary}"), "no value called 'salary'"),
        (lambda raw: block_of(raw, "be-2").update(text="{x.__class__}"), "no value called"),
        (lambda raw: block_of(raw, "be-2").update(text="It is painless."), "'painless'"),
        (lambda raw: block_of(raw, "tb-1").update(explanation=""), "kind explanation"),
        (
            lambda raw: block_of(raw, "tb-1")["options"][1].update(correct=True),
            "Exactly one answer",
        ),
        (
            lambda raw: block_of(raw, "al-1").update(when={"fact": "skin_type", "is": 1}),
            "Doing nothing has to be offered",
        ),
    ],
)
def test_a_broken_form_is_stopped(change, message):
    assert any(message in found for found in errors(change))


def test_a_doubtful_word_is_only_a_warning():
    def boast(raw):
        block_of(raw, "be-2")["text"] = "This is proven."

    findings = lint_form(changed_form(boast), catalogue())

    assert [finding.severity for finding in findings] == ["warning"]


def test_markup_or_unknown_fields_are_not_part_of_a_form():
    with pytest.raises(ContentRefused, match="no field called html"):
        changed_form(lambda raw: block_of(raw, "be-2").update(html="<b>x</b>"))


def test_a_form_that_is_not_shipped_is_named():
    with pytest.raises(ContentRefused, match="No form 'rf' is shipped in 'xx'"):
        shipped_form("rf", "xx")


def test_a_form_is_a_mapping():
    with pytest.raises(ContentRefused):
        form_from_json("[]")


ONLY_SOME = ({"when": {"fact": "intimate", "is": True}}, {"needs": ["deposit"]})


@pytest.mark.parametrize("condition", ONLY_SOME, ids=["when", "needs"])
@pytest.mark.parametrize(
    ("clauses", "message"),
    [
        (("ri-1",), "The patient's own risks come first, for everybody."),
        (("ri-2",), "The serious risk 'pih' is not told to everybody."),
        (("be-1",), "The honest benefit of the catalogue has to be told to everybody."),
        (("la-1",), "Use beyond the label has to be disclosed."),
        (("al-1",), "Doing nothing has to be offered, to everybody."),
        (("tb-1",), "Three to five questions check what was understood."),
    ],
)
def test_what_everybody_has_to_read_cannot_be_hidden_by_a_condition(condition, clauses, message):
    def hide(raw):
        for clause in clauses:
            block_of(raw, clause).update(condition)

    assert message in errors(hide)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda raw: raw.update(title="A painless morning"), "The word 'painless'"),
        (lambda raw: raw["sections"][0].update(title="For anyone"), "The word 'anyone'"),
        (lambda raw: block_of(raw, "wh-1").update(id="a b<"), "An id is 1 to 60"),
        (lambda raw: block_of(raw, "wh-1").update(id=""), "An id is 1 to 60"),
        (lambda raw: raw.update(id="../" * 40), "An id is 1 to 60"),
        (
            lambda raw: block_of(raw, "wh-1").update(when={"answer": "pregnancy", "is": "no"}),
            "A clause is shown by what the plan says",
        ),
        (
            lambda raw: raw["sections"].append({**raw["sections"][1], "blocks": []}),
            "Two sections have this id.",
        ),
    ],
)
def test_what_is_wrong_outside_the_clauses_is_found_too(change, message):
    assert any(one.startswith(message) for one in errors(change))


@pytest.mark.parametrize(
    "text",
    [
        "It is pain-free.",
        "It is p\u0430inless.",
        "There is no down time.",
        "There is no\u2011downtime.",
        "It is FDA  approved.",
        "It is F.D.A. approved.",
        "We gu\u0430rantee it.",
    ],
)
def test_a_blocked_word_is_found_however_it_is_typed(text):
    assert errors(lambda raw: block_of(raw, "wh-1").update(text=text))


@pytest.mark.parametrize("text", ["Up to 1500 μm deep.", "Für Narben — auch tiefe.", "Sjögren"])
def test_ordinary_letters_mix_no_alphabets(text):
    assert mixed_words_in(text) == ()
