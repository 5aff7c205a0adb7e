"""What every page of the editor shares: the draft's own page, and how a change is stored."""

import json
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

from flask import render_template
from werkzeug.wrappers import Response

from app.catalogue.queries import get_catalogue
from app.consent.forms import queries as form_queries
from app.consent.forms.checks import check_form
from app.consent.forms.clause_fields import KIND_WORDS
from app.consent.forms.content import form_from_json
from app.consent.forms.editing import Raw
from app.consent.forms.lint import LintFinding
from app.consent.forms.section_editing import OWN, missing_sections
from app.consent.forms.services.write_form import edit_draft
from app.database import TenantScope
from app.forms import Form, asking_again, sent_form
from app.patients.words import language_word
from app.staff_pages import go_to

Edit = Callable[[Raw, Form], None]
ABOUT = ("title", "number", "change")


def store_edit(
    scope: TenantScope,
    draft_id: uuid.UUID,
    edit: Edit,
    page: Callable[[Form], str],
    names: Mapping[str, str] | None = None,
    at: str = "",
) -> Response:
    """Let ``edit`` change the wording as data, and store it if it still has the shape of a form.

    A refusal shows ``page`` again; ``names`` says to which field it belongs. ``at`` is the part of
    the draft's page to come back to.
    """
    form = sent_form()

    def change(raw: Raw) -> None:
        edit(raw, form)
        form.check()

    with asking_again(form, page, names):
        read = form.whole("version", "Open the draft again.", low=1, high=10**6)
        edit_draft(scope, draft_id=draft_id, version=read, edit=change)
    answer = go_to(scope, f"/settings/form-drafts/{draft_id}", "draft")
    if at:
        answer.headers["Location"] += f"#{at}"
    return answer


def draft_page(scope: TenantScope, draft_id: uuid.UUID, form: Form) -> str:
    """Return the page of a draft, with what is wrong with it today beside each place."""
    draft = form_queries.get_draft(scope, draft_id)
    content = form_from_json(draft.content)
    original = None
    if draft.translation_of is not None:
        original = form_queries.get_form_version(scope, draft.translation_of)
    about = {"title": content.title, "number": content.version, "change": content.change}
    for name, value in about.items():
        form.sent.setdefault(name, value)
    catalogue = get_catalogue(scope)
    findings = check_form(scope, content, original=original, catalogue=catalogue)
    missing = missing_sections(json.loads(draft.content), draft.locale)
    return render_template(
        "forms/draft.html",
        form=form,
        draft=draft,
        content=content,
        language_name=language_word(draft.locale),
        original=original,
        findings=findings,
        told=_by_place(findings),
        kind_words={one: words for one, (words, _) in KIND_WORDS.items()},
        anchors=_anchors(part.id for part in content.sections),
        missing={one.id: one.title for one in missing},
        parts=[
            *({"value": one.id, "label": one.title} for one in missing),
            {"value": OWN, "label": "A section of our own"},
        ],
        about_open=any(one["field"] in ABOUT for one in form.errors),
        file_url=f"/api/v1/clinics/{scope.tenant_id}/form-drafts/{draft.id}/file",
    )


def _by_place(findings: Iterable[LintFinding]) -> dict[str, list[LintFinding]]:
    """Return the findings by the clause or section at which they stand."""
    found: dict[str, list[LintFinding]] = defaultdict(list)
    for one in findings:
        if one.clause:
            found[one.clause].append(one)
    return dict(found)


def _anchors(sections: Iterable[str]) -> dict[str, str]:
    """Return where on the page a section's findings lead; a clause has its own id there."""
    return {one: f"s-{one}" for one in sections}
