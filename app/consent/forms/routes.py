"""Forms and their life, for programs of the clinic."""

import json
import uuid
from collections.abc import Sequence
from typing import Any

from flask_smorest import Blueprint

from app.auth.guards import guard
from app.auth.permissions import Permission
from app.consent.forms import queries as form_queries
from app.consent.forms.checks import check_draft
from app.consent.forms.lint import LintFinding
from app.consent.forms.models import FormDraft, FormStep, FormVersion
from app.consent.forms.schemas import (
    SCHEMA,
    DraftContentRequest,
    FindingResponse,
    FormDraftResponse,
    FormFile,
    FormResponse,
    FormStepResponse,
    ImportRequest,
    NoteRequest,
    PublishRequest,
)
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
from app.database import TenantScope
from app.errors import Invalid
from app.idempotency import idempotent
from app.schemas import AfterQuery
from app.versioned import versioned

bp = Blueprint(
    "forms", __name__, url_prefix="/api/v1/clinics/<uuid:clinic_id>", description="Consent forms"
)


@bp.get("/forms")
@guard(Permission.CONSENT_STATUS)
@bp.arguments(AfterQuery, location="query")
@bp.response(200, FormResponse(many=True))
def list_forms(scope: TenantScope, asked: dict[str, uuid.UUID | None]) -> Sequence[FormVersion]:
    """List the clinic's form versions by form, the newest first, 100 at most.

    ``after`` is the id of the last one of the page before.
    """
    return form_queries.page_forms(scope, after=asked["after"])


@bp.post("/forms")
@guard(Permission.FORM_APPROVE)
@idempotent
@bp.arguments(PublishRequest)
@bp.response(201, FormResponse)
def publish_shipped(scope: TenantScope, wanted: dict[str, str]) -> FormVersion:
    """Bring a form that comes with this release as far as this person may; alone, to the end."""
    return publish_shipped_form(scope, **wanted)


@bp.get("/forms/<uuid:form_version_id>")
@guard(Permission.CONSENT_STATUS)
@bp.response(200, FormResponse)
def get_form(scope: TenantScope, form_version_id: uuid.UUID) -> FormVersion:
    """Return a form version."""
    return form_queries.get_form_version(scope, form_version_id)


@bp.get("/forms/<uuid:form_version_id>/file")
@guard(Permission.CONSENT_STATUS)
@bp.response(200, FormFile)
def export_form(scope: TenantScope, form_version_id: uuid.UUID) -> dict[str, object]:
    """Return a form version as a file that another clinic can bring in."""
    version = form_queries.get_form_version(scope, form_version_id)
    content = json.loads(version.content)
    return {"schema": SCHEMA, "content": content, "sha256": version.sha256.hex()}


@bp.get("/forms/<uuid:form_version_id>/steps")
@guard(Permission.CONSENT_STATUS)
@bp.response(200, FormStepResponse(many=True))
def list_steps(scope: TenantScope, form_version_id: uuid.UUID) -> Sequence[FormStep]:
    """List who took which step with a form version."""
    version = form_queries.get_form_version(scope, form_version_id)
    return form_queries.list_steps(scope, version.id)


@bp.post("/forms/<uuid:form_version_id>/clinical-review")
@guard(Permission.FORM_REVIEW)
@idempotent
@bp.response(200, FormResponse)
def review_clinically(scope: TenantScope, form_version_id: uuid.UUID) -> FormVersion:
    """Say that what is clinical in a form is right."""
    return pass_clinical_review(scope, version_id=form_version_id)


@bp.post("/forms/<uuid:form_version_id>/legal-review")
@guard(Permission.FORM_APPROVE)
@idempotent
@bp.response(200, FormResponse)
def review_legally(scope: TenantScope, form_version_id: uuid.UUID) -> FormVersion:
    """Say that what is legal in a form is right; from then on it is approved."""
    return pass_legal_review(scope, version_id=form_version_id)


@bp.post("/forms/<uuid:form_version_id>/publish")
@guard(Permission.FORM_APPROVE)
@idempotent
@bp.response(200, FormResponse)
def publish(scope: TenantScope, form_version_id: uuid.UUID) -> FormVersion:
    """Let an approved form be sent; the version before it retires."""
    return publish_form(scope, version_id=form_version_id)


@bp.post("/forms/<uuid:form_version_id>/return")
@guard(Permission.FORM_WRITE)
@idempotent
@bp.arguments(NoteRequest)
@bp.response(200, FormResponse)
def send_back(
    scope: TenantScope, wanted: dict[str, str], form_version_id: uuid.UUID
) -> FormVersion:
    """Send a form in review back to its writers."""
    return return_form(scope, version_id=form_version_id, note=wanted["note"])


@bp.post("/forms/<uuid:form_version_id>/retire")
@guard(Permission.FORM_APPROVE)
@idempotent
@bp.arguments(NoteRequest)
@bp.response(200, FormResponse)
def retire(scope: TenantScope, wanted: dict[str, str], form_version_id: uuid.UUID) -> FormVersion:
    """Send a form no more."""
    return retire_form(scope, version_id=form_version_id, note=wanted["note"])


@bp.get("/form-drafts")
@guard(Permission.CONSENT_STATUS)
@bp.response(200, FormDraftResponse(many=True))
def list_drafts(scope: TenantScope) -> Sequence[FormDraft]:
    """List the forms that are written at present."""
    return form_queries.list_drafts(scope)


@bp.post("/form-drafts")
@guard(Permission.FORM_WRITE)
@idempotent
@bp.arguments(ImportRequest)
@bp.response(201, FormDraftResponse)
def begin_draft(scope: TenantScope, wanted: dict[str, Any]) -> FormDraft:
    """Begin a draft: from a file, from the starter library, or as a copy of a version."""
    if wanted["file"] is not None:
        content, original = wanted["file"]["content"], wanted["translation_of"]
        return import_form(scope, content=content, translation_of=original)
    if wanted["version_id"] is not None:
        return copy_version(scope, version_id=wanted["version_id"], locale=wanted["locale"])
    if wanted["shipped_key"]:
        return copy_shipped(scope, key=wanted["shipped_key"], locale=wanted["locale"] or "en")
    raise Invalid("Name a file, a shipped form or a version.", fields={"file": "missing"})


@bp.get("/form-drafts/<uuid:form_draft_id>")
@guard(Permission.CONSENT_STATUS)
@bp.response(200, FormDraftResponse)
def get_draft(scope: TenantScope, form_draft_id: uuid.UUID) -> FormDraft:
    """Return a draft."""
    return form_queries.get_draft(scope, form_draft_id)


@bp.get("/form-drafts/<uuid:form_draft_id>/file")
@guard(Permission.CONSENT_STATUS)
@bp.response(200, FormFile)
def export_draft(scope: TenantScope, form_draft_id: uuid.UUID) -> dict[str, object]:
    """Return a draft as a file."""
    draft = form_queries.get_draft(scope, form_draft_id)
    return {"schema": SCHEMA, "content": json.loads(draft.content), "sha256": ""}


@bp.get("/form-drafts/<uuid:form_draft_id>/findings")
@guard(Permission.CONSENT_STATUS)
@bp.response(200, FindingResponse(many=True))
def list_findings(scope: TenantScope, form_draft_id: uuid.UUID) -> Sequence[LintFinding]:
    """List what is wrong with a draft today."""
    return list(check_draft(scope, form_queries.get_draft(scope, form_draft_id)))


@bp.put("/form-drafts/<uuid:form_draft_id>")
@guard(Permission.FORM_WRITE)
@idempotent
@versioned
@bp.arguments(DraftContentRequest)
@bp.response(200, FormDraftResponse)
def change(
    scope: TenantScope, wanted: dict[str, Any], form_draft_id: uuid.UUID, expected_version: int
) -> FormDraft:
    """Replace a draft's wording; ``If-Match`` names the version that was read."""
    return change_draft(
        scope, draft_id=form_draft_id, content=wanted["content"], version=expected_version
    )


@bp.delete("/form-drafts/<uuid:form_draft_id>")
@guard(Permission.FORM_WRITE)
@bp.response(204)
def discard(scope: TenantScope, form_draft_id: uuid.UUID) -> None:
    """Throw a draft away."""
    throw_draft_away(scope, draft_id=form_draft_id)


@bp.post("/form-drafts/<uuid:form_draft_id>/submit")
@guard(Permission.FORM_WRITE)
@idempotent
@versioned
@bp.response(201, FormResponse)
def submit(scope: TenantScope, form_draft_id: uuid.UUID, expected_version: int) -> FormVersion:
    """Freeze a draft and send it to clinical review."""
    return submit_draft(scope, draft_id=form_draft_id, version=expected_version)
