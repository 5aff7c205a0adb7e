"""A form written piece by piece, for programs: begun with nothing, sections, new clauses.

The whole wording can be replaced as well (``PUT`` on the draft); each of these is one small change
of it, and fails where somebody else changed the draft in between.
"""

import uuid
from collections.abc import Callable
from typing import Any

from flask_smorest import Blueprint

from app.auth.guards import guard
from app.auth.permissions import Permission
from app.consent.forms.draft_schemas import (
    MoveRequest,
    NewClauseRequest,
    NewFormRequest,
    NewSectionRequest,
    RemoveSectionRequest,
    RenameSectionRequest,
)
from app.consent.forms.editing import Raw, add_block, free_clause_id
from app.consent.forms.models import FormDraft
from app.consent.forms.schemas import FormDraftResponse
from app.consent.forms.section_editing import (
    add_section,
    move_section,
    remove_section,
    rename_section,
)
from app.consent.forms.services.write_form import begin_form, edit_draft
from app.consent.purposes import Purpose
from app.database import TenantScope
from app.idempotency import idempotent
from app.versioned import versioned

bp = Blueprint(
    "form_drafts",
    __name__,
    url_prefix="/api/v1/clinics/<uuid:clinic_id>/form-drafts",
    description="Consent forms",
)
OF_DRAFT = "/<uuid:form_draft_id>/sections"


@bp.post("/new")
@guard(Permission.FORM_WRITE)
@idempotent
@bp.arguments(NewFormRequest)
@bp.response(201, FormDraftResponse)
def begin(scope: TenantScope, wanted: dict[str, Any]) -> FormDraft:
    """Begin a draft that has no section yet."""
    return begin_form(scope, **{**wanted, "purpose": Purpose(wanted["purpose"])})


@bp.post(OF_DRAFT)
@guard(Permission.FORM_WRITE)
@idempotent
@versioned
@bp.arguments(NewSectionRequest)
@bp.response(201, FormDraftResponse)
def add(
    scope: TenantScope, wanted: dict[str, str], form_draft_id: uuid.UUID, expected_version: int
) -> FormDraft:
    """Add an empty section."""
    return _edit(
        scope,
        form_draft_id,
        expected_version,
        lambda raw: add_section(raw, section=wanted["section"], title=wanted["title"]),
    )


@bp.patch(OF_DRAFT + "/<section>")
@guard(Permission.FORM_WRITE)
@versioned
@bp.arguments(RenameSectionRequest)
@bp.response(200, FormDraftResponse)
def rename(
    scope: TenantScope,
    wanted: dict[str, str],
    form_draft_id: uuid.UUID,
    section: str,
    expected_version: int,
) -> FormDraft:
    """Change a section's heading."""
    return _edit(
        scope,
        form_draft_id,
        expected_version,
        lambda raw: rename_section(raw, section, wanted["title"]),
    )


@bp.post(OF_DRAFT + "/<section>/move")
@guard(Permission.FORM_WRITE)
@idempotent
@versioned
@bp.arguments(MoveRequest)
@bp.response(200, FormDraftResponse)
def move(
    scope: TenantScope,
    wanted: dict[str, str],
    form_draft_id: uuid.UUID,
    section: str,
    expected_version: int,
) -> FormDraft:
    """Move a section up or down, with its clauses."""
    by = -1 if wanted["to"] == "up" else 1
    return _edit(scope, form_draft_id, expected_version, lambda raw: move_section(raw, section, by))


@bp.post(OF_DRAFT + "/<section>/remove")
@guard(Permission.FORM_WRITE)
@idempotent
@versioned
@bp.arguments(RemoveSectionRequest)
@bp.response(200, FormDraftResponse)
def remove(
    scope: TenantScope,
    wanted: dict[str, bool],
    form_draft_id: uuid.UUID,
    section: str,
    expected_version: int,
) -> FormDraft:
    """Take a section away; one with clauses only where they may go too."""
    return _edit(
        scope,
        form_draft_id,
        expected_version,
        lambda raw: remove_section(raw, section, with_clauses=wanted["with_clauses"]),
    )


@bp.post(OF_DRAFT + "/<section>/clauses")
@guard(Permission.FORM_WRITE)
@idempotent
@versioned
@bp.arguments(NewClauseRequest)
@bp.response(201, FormDraftResponse)
def add_clause(
    scope: TenantScope,
    wanted: dict[str, Any],
    form_draft_id: uuid.UUID,
    section: str,
    expected_version: int,
) -> FormDraft:
    """Add a clause at the end of a section."""

    def edit(raw: Raw) -> None:
        named = {"id": free_clause_id(raw, section), **wanted["block"]}
        add_block(raw, section, {**named, "id": str(named["id"])})

    return _edit(scope, form_draft_id, expected_version, edit)


def _edit(
    scope: TenantScope, draft_id: uuid.UUID, version: int, edit: Callable[[Raw], object]
) -> FormDraft:
    return edit_draft(scope, draft_id=draft_id, version=version, edit=edit)
