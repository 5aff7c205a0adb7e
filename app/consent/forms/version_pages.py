"""The pages of one form version: its wording, its steps, what changed, and how it reads."""

import uuid
from collections.abc import Callable
from typing import Any

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from app.auth.guards import guard
from app.auth.permissions import Permission
from app.consent.forms import queries as form_queries
from app.consent.forms.content import form_from_json
from app.consent.forms.diff import diff_forms
from app.consent.forms.models import FormState, FormVersion, Step
from app.consent.forms.preview import preview_pdf, preview_view
from app.consent.forms.services.review_form import (
    pass_clinical_review,
    pass_legal_review,
    publish_form,
    retire_form,
    return_form,
)
from app.consent.forms.services.write_form import copy_version
from app.consent.purposes import PURPOSE_WORDS
from app.database import TenantScope
from app.forms import Form, asking_again, sent_form
from app.idempotency import idempotent
from app.kit.speech import LANGUAGES
from app.patients.words import language_word
from app.staff_pages import asked_id, go_to
from app.tenants.queries import map_staff_names

bp = Blueprint("form_version", __name__, url_prefix="/clinics/<uuid:clinic_id>/settings/forms")
STATES = {
    FormState.CLINICAL_REVIEW: ("Waits for clinical review", "wait"),
    FormState.LEGAL_REVIEW: ("Waits for legal review", "wait"),
    FormState.RETURNED: ("Sent back", "stop"),
    FormState.APPROVED: ("Approved, not published yet", "wait"),
    FormState.PUBLISHED: ("Published", "good"),
    FormState.RETIRED: ("Retired", "plain"),
}
STEPS = {
    Step.SUBMIT: "Sent to review",
    Step.CLINICAL: "Clinical review passed",
    Step.LEGAL: "Legal review passed: approved",
    Step.PUBLISH: "Published",
    Step.RETURN: "Sent back",
    Step.RETIRE: "Retired",
}


@bp.get("/<uuid:form_version_id>")
@guard(Permission.CLINIC_READ)
def show_version(scope: TenantScope, form_version_id: uuid.UUID) -> str:
    """Show a form version: its wording, its steps, and what may be done now."""
    return _version(scope, form_version_id, Form())


@bp.get("/<uuid:form_version_id>/preview")
@guard(Permission.CLINIC_READ)
def show_preview(scope: TenantScope, form_version_id: uuid.UUID) -> str:
    """Show a form version as patients read it."""
    version = form_queries.get_form_version(scope, form_version_id)
    back = f"/settings/forms/{version.id}"
    content = form_from_json(version.content)
    return render_template("forms/preview.html", back=back, **preview_view(scope, content))


@bp.get("/<uuid:form_version_id>/preview.pdf")
@guard(Permission.CLINIC_READ)
def download_preview(scope: TenantScope, form_version_id: uuid.UUID) -> Response:
    """Return a form version on paper, marked as a preview."""
    version = form_queries.get_form_version(scope, form_version_id)
    pdf: Response = preview_pdf(scope, form_from_json(version.content))
    return pdf


@bp.get("/<uuid:form_version_id>/changes")
@guard(Permission.CLINIC_READ)
def show_changes(scope: TenantScope, form_version_id: uuid.UUID) -> str:
    """Show what changed since another version, the one before unless the address names one."""
    version = form_queries.get_form_version(scope, form_version_id)
    others = [
        one
        for one in form_queries.list_versions_of(
            scope, form_key=version.form_key, locale=version.locale
        )
        if one.id != version.id
    ]
    wanted = asked_id("from")
    before = [one for one in others if one.number < version.number]
    other = next((one for one in others if one.id == wanted), before[0] if before else None)
    return render_template(
        "forms/changes.html",
        version=version,
        other=other,
        others=others,
        title=form_from_json(version.content).title,
        clauses=_differences(other, version),
    )


@bp.post("/<uuid:form_version_id>/clinical-review")
@guard(Permission.FORM_REVIEW)
@idempotent
def review_clinically(scope: TenantScope, form_version_id: uuid.UUID) -> Response:
    """Say that what is clinical is right."""
    return _take(
        scope, form_version_id, lambda _: pass_clinical_review(scope, version_id=form_version_id)
    )


@bp.post("/<uuid:form_version_id>/legal-review")
@guard(Permission.FORM_APPROVE)
@idempotent
def review_legally(scope: TenantScope, form_version_id: uuid.UUID) -> Response:
    """Say that what is legal is right."""
    return _take(
        scope, form_version_id, lambda _: pass_legal_review(scope, version_id=form_version_id)
    )


@bp.post("/<uuid:form_version_id>/publish")
@guard(Permission.FORM_APPROVE)
@idempotent
def publish(scope: TenantScope, form_version_id: uuid.UUID) -> Response:
    """Let the form be sent from now on."""
    return _take(scope, form_version_id, lambda _: publish_form(scope, version_id=form_version_id))


@bp.post("/<uuid:form_version_id>/return")
@guard(Permission.FORM_WRITE)
@idempotent
def send_back(scope: TenantScope, form_version_id: uuid.UUID) -> Response:
    """Send the form back to its writers, with the reason."""
    return _take(
        scope,
        form_version_id,
        lambda form: return_form(scope, version_id=form_version_id, note=form.typed("note")),
    )


@bp.post("/<uuid:form_version_id>/retire")
@guard(Permission.FORM_APPROVE)
@idempotent
def retire(scope: TenantScope, form_version_id: uuid.UUID) -> Response:
    """Send the form no more."""
    return _take(
        scope,
        form_version_id,
        lambda form: retire_form(scope, version_id=form_version_id, note=form.typed("note")),
    )


@bp.post("/<uuid:form_version_id>/copy")
@guard(Permission.FORM_WRITE)
@idempotent
def write_from_version(scope: TenantScope, form_version_id: uuid.UUID) -> Response:
    """Begin a draft from this version: a new wording, or a translation."""
    form = sent_form()
    with asking_again(form, lambda again: _version(scope, form_version_id, again)):
        locale = form.choice("locale", LANGUAGES, "Choose a language.")
        form.check()
        draft = copy_version(scope, version_id=form_version_id, locale=locale)
    return go_to(scope, f"/settings/form-drafts/{draft.id}")


def _take(
    scope: TenantScope, version_id: uuid.UUID, act: Callable[[Form], FormVersion]
) -> Response:
    form = sent_form()
    with asking_again(form, lambda again: _version(scope, version_id, again)):
        act(form)
    return go_to(scope, f"/settings/forms/{version_id}", "form-step")


def row_of(version: FormVersion) -> dict[str, Any]:
    """Return a version as a line of a list: title, purpose, state and since when."""
    content = form_from_json(version.content)
    return {
        "version": version,
        "title": content.title,
        "purpose": PURPOSE_WORDS[content.asks_for],
        "about": content.procedure or content.add_on or "",
        "state": STATES[FormState(version.state)],
        "since": version.retired_at or version.published_at or version.created_at,
    }


def _version(scope: TenantScope, version_id: uuid.UUID, form: Form) -> str:
    version = form_queries.get_form_version(scope, version_id)
    content = form_from_json(version.content)
    original = None
    if version.translation_of is not None:
        original = form_queries.get_form_version(scope, version.translation_of)
    return render_template(
        "forms/version.html",
        form=form,
        row=row_of(version),
        version=version,
        content=content,
        original=original,
        steps=form_queries.list_steps(scope, version.id),
        step_words=STEPS,
        names=map_staff_names(scope),
        language=language_word,
        languages=[{"value": one, "label": language_word(one)} for one in LANGUAGES],
        file_url=f"/api/v1/clinics/{scope.tenant_id}/forms/{version.id}/file",
    )


def _differences(other: FormVersion | None, version: FormVersion) -> Any:
    if other is None:
        return ()
    return diff_forms(form_from_json(other.content), form_from_json(version.content))
