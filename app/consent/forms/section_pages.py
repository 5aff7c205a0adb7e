"""The editor's pages for the parts of a form: added, named, moved and taken away."""

import json
import uuid

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from app.auth.guards import guard
from app.auth.permissions import Permission
from app.consent.forms import queries as form_queries
from app.consent.forms.editing import Raw
from app.consent.forms.editor_frame import draft_page, store_edit
from app.consent.forms.section_editing import (
    LONGEST_TITLE,
    OWN,
    add_section,
    find_section,
    missing_sections,
    move_section,
    remove_section,
    rename_section,
)
from app.database import TenantScope
from app.forms import Form
from app.idempotency import idempotent

bp = Blueprint(
    "form_sections",
    __name__,
    url_prefix="/clinics/<uuid:clinic_id>/settings/form-drafts/<uuid:form_draft_id>/sections",
)


@bp.post("")
@guard(Permission.FORM_WRITE)
@idempotent
def add(scope: TenantScope, form_draft_id: uuid.UUID) -> Response:
    """Add a section: one that this kind of form needs, or one of the clinic's own."""

    def edit(raw: Raw, form: Form) -> None:
        allowed = [OWN, *(one.id for one in missing_sections(raw, raw["locale"]))]
        part = form.choice("part", allowed, "Choose which section.")
        heading = form.optional("heading", most=LONGEST_TITLE) or ""
        form.check()
        add_section(raw, section=part, title=heading)

    return store_edit(
        scope,
        form_draft_id,
        edit,
        lambda again: draft_page(scope, form_draft_id, again),
        {"": "heading"},
    )


@bp.get("/<section>")
@guard(Permission.FORM_WRITE)
def show(scope: TenantScope, form_draft_id: uuid.UUID, section: str) -> str:
    """Show a section with all that may be done to it."""
    raw = json.loads(form_queries.get_draft(scope, form_draft_id).content)
    form = Form({"heading": find_section(raw, section)["title"]})
    return _section(scope, form_draft_id, section, form)


@bp.post("/<section>")
@guard(Permission.FORM_WRITE)
@idempotent
def rename(scope: TenantScope, form_draft_id: uuid.UUID, section: str) -> Response:
    """Change a section's heading."""

    def edit(raw: Raw, form: Form) -> None:
        heading = form.text("heading", "Enter a heading.", most=LONGEST_TITLE)
        form.check()
        rename_section(raw, section, heading)

    return store_edit(
        scope,
        form_draft_id,
        edit,
        lambda again: _section(scope, form_draft_id, section, again),
        at=f"s-{section}",
    )


@bp.post("/<section>/move")
@guard(Permission.FORM_WRITE)
@idempotent
def move(scope: TenantScope, form_draft_id: uuid.UUID, section: str) -> Response:
    """Move a section up or down, with its clauses."""

    def edit(raw: Raw, form: Form) -> None:
        to = form.choice("to", ("up", "down"), "Choose where to.")
        form.check()
        move_section(raw, section, -1 if to == "up" else 1)

    return store_edit(
        scope,
        form_draft_id,
        edit,
        lambda again: draft_page(scope, form_draft_id, again),
        at=f"s-{section}",
    )


@bp.post("/<section>/remove")
@guard(Permission.FORM_WRITE)
@idempotent
def remove(scope: TenantScope, form_draft_id: uuid.UUID, section: str) -> Response:
    """Take a section away; with clauses in it only for somebody who says that they go too."""

    def edit(raw: Raw, form: Form) -> None:
        remove_section(raw, section, with_clauses=form.typed("with_clauses") == "yes")

    return store_edit(
        scope,
        form_draft_id,
        edit,
        lambda again: _section(scope, form_draft_id, section, again),
        {"": "with_clauses"},
    )


def _section(scope: TenantScope, draft_id: uuid.UUID, section: str, form: Form) -> str:
    draft = form_queries.get_draft(scope, draft_id)
    found = find_section(json.loads(draft.content), section)
    form.sent.setdefault("heading", found["title"])
    return render_template("forms/section.html", form=form, draft=draft, section=found)
