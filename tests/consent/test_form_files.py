"""Forms that are brought in as files by somebody careless or hostile, and what a diff tells."""

import json
import uuid

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.consent.forms.diff import diff_forms
from tests.consent.forms import block_of, changed_form, form, raw_form
from tests.factories.tenants import make_clinic
from tests.support.api import Api


@pytest.fixture
def api(context: Flask) -> Api:
    clinic = make_clinic()
    return Api(context, clinic, clinic.owner)


def bring(api: Api, content: str) -> TestResponse:
    """Bring a file whose content is written as it stands."""
    headers = {"X-CSRF-Token": api.csrf, "Idempotency-Key": uuid.uuid4().hex}
    body = f'{{"file": {{"schema": "needlepoint-form-1", "content": {content}}}}}'
    return api.client.post(
        api.url("/form-drafts"), data=body, headers=headers, content_type="application/json"
    )


def written(text: str) -> str:
    """Return the shipped form with another first clause, its text written as JSON."""
    raw = raw_form()
    raw["sections"][0]["blocks"][0]["text"] = "HERE"
    return json.dumps(raw).replace('"HERE"', text)


@pytest.mark.parametrize(
    "text",
    [
        '"half of a letter: \\ud800"',
        "[" * 400 + "]" * 400,
        "[" * 20_000 + "]" * 20_000,
        '{"not": ' * 400 + "{}" + "}" * 400,
    ],
    ids=["surrogate", "deep", "deeper", "deep-mapping"],
)
def test_a_file_that_no_form_can_be_is_refused_and_breaks_nothing(api: Api, text: str) -> None:
    answer = bring(api, written(text))

    assert answer.status_code in (400, 413, 422), answer.text[:300]
    assert api.get("/form-drafts") == []


def test_half_a_character_in_any_text_is_refused_and_a_whole_one_is_not(api: Api) -> None:
    headers = {"X-CSRF-Token": api.csrf, "Content-Type": "application/json"}
    for text, status in (("\\ud800", 422), ("\\ud83e\\udd84", 401)):
        body = f'{{"email": "a@b.example", "password": "{text}"}}'
        answer = api.client.post("/api/v1/sign-in", data=body, headers=headers)
        assert answer.status_code == status, answer.text


def test_conditions_lie_not_too_deep_in_each_other(api: Api) -> None:
    raw = raw_form()
    block = raw["sections"][0]["blocks"][0]
    block["when"] = {"fact": "intimate", "is": True}
    for _ in range(13):
        block["when"] = {"not": block["when"]}

    answer = bring(api, json.dumps(raw))

    assert answer.status_code == 422
    assert "deep in each other" in answer.text


@pytest.mark.parametrize(
    ("clause", "change"),
    [
        ("ri-2", {"group": "usual"}),
        ("ri-2", {"needs": ["deposit"]}),
        ("la-1", {"fill": "on_label"}),
        ("al-1", {"do_nothing": False}),
    ],
)
def test_a_diff_shows_what_decides_beside_the_words(clause: str, change: dict) -> None:
    changed = changed_form(lambda raw: block_of(raw, clause).update(change))

    found = diff_forms(form(), changed)

    assert [(one.clause, one.change) for one in found] == [(clause, "changed")]


def test_a_diff_shows_titles_and_calls_no_clause_moved_for_them() -> None:
    def rename(raw: dict) -> None:
        raw["title"] = "Another title"
        raw["sections"][0]["title"] = "Another beginning"

    found = diff_forms(form(), changed_form(rename))

    told = [(one.clause, one.kind, one.change) for one in found]
    assert told == [
        ("title", "title", "changed"),
        (form().sections[0].id, "title", "changed"),
    ]
