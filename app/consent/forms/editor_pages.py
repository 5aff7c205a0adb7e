"""The editor of a form: structured clauses, one page each, without scripts and without markup."""

import json
import uuid
from typing import Any

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from app.auth.guards import guard
from app.auth.permissions import Permission
from app.catalogue.queries import get_catalogue
from app.consent.forms import queries as form_queries
from app.consent.forms.clause_fields import (
    FILLED_KINDS,
    FILLS,
    GROUPS,
    KIND_WORDS,
    MOST_OPTIONS,
    new_block,
    typed_of,
    values_of,
)
from app.consent.forms.content import form_from_json
from app.consent.forms.editing import (
    KINDS,
    Raw,
    add_block,
    change_block,
    find_block,
    free_clause_id,
    move_block,
    remove_block,
    section_of,
)
from app.consent.forms.editor_frame import draft_page, store_edit
from app.consent.forms.lint import PLACEHOLDER_NAMES
from app.consent.forms.models import FormDraft
from app.consent.forms.preview import preview_pdf, preview_view
from app.consent.forms.section_editing import find_section
from app.consent.forms.services.write_form import submit_draft, throw_draft_away
from app.database import TenantScope
from app.forms import Form, asking_again, sent_form
from app.idempotency import idempotent
from app.staff_pages import go_to

bp = Blueprint(
    "form_editor",
    __name__,
    url_prefix="/clinics/<uuid:clinic_id>/settings/form-drafts/<uuid:form_draft_id>",
)


@bp.get("")
@guard(Permission.CLINIC_READ)
def show_draft(scope: TenantScope, form_draft_id: uuid.UUID) -> str:
    """Show a draft clause by clause, with what is wrong with it today."""
    return draft_page(scope, form_draft_id, Form())


@bp.get("/preview")
@guard(Permission.CLINIC_READ)
def show_preview(scope: TenantScope, form_draft_id: uuid.UUID) -> str:
    """Show the draft as patients would read it."""
    draft = form_queries.get_draft(scope, form_draft_id)
    view = preview_view(scope, form_from_json(draft.content))
    back = f"/settings/form-drafts/{draft.id}"
    return render_template("forms/preview.html", back=back, **view)


@bp.get("/preview.pdf")
@guard(Permission.CLINIC_READ)
def download_preview(scope: TenantScope, form_draft_id: uuid.UUID) -> Response:
    """Return the draft on paper, marked as a preview."""
    draft = form_queries.get_draft(scope, form_draft_id)
    pdf: Response = preview_pdf(scope, form_from_json(draft.content))
    return pdf


@bp.post("/about")
@guard(Permission.FORM_WRITE)
@idempotent
def change_about(scope: TenantScope, form_draft_id: uuid.UUID) -> Response:
    """Change the title, the version's name, and whether the meaning changes."""

    def edit(raw: Raw, form: Form) -> None:
        raw["title"] = form.text("title", "Enter a title.")
        raw["version"] = form.text("number", "Enter a version, like 1.1.0.", most=20)
        raw["change"] = form.choice("change", ("minor", "material"), "Choose what changes.")
        form.check()

    return store_edit(
        scope, form_draft_id, edit, lambda again: draft_page(scope, form_draft_id, again)
    )


@bp.get("/clauses/new/<section>")
@guard(Permission.FORM_WRITE)
def ask_clause(scope: TenantScope, form_draft_id: uuid.UUID, section: str) -> str:
    """Ask for the kind of a new clause, then for what a clause of that kind holds."""
    return _new(scope, form_draft_id, section, Form({"kind": request.args.get("kind", "")}))


@bp.post("/clauses/new/<section>")
@guard(Permission.FORM_WRITE)
@idempotent
def add_clause(scope: TenantScope, form_draft_id: uuid.UUID, section: str) -> Response:
    """Add a clause at the end of a section."""

    def edit(raw: Raw, form: Form) -> None:
        kind = form.choice("kind", KINDS, "Choose a kind.")
        clause = form.optional("clause", most=40) or free_clause_id(raw, section)
        form.check()
        add_block(raw, section, new_block(form, kind, clause))

    return store_edit(
        scope,
        form_draft_id,
        edit,
        lambda again: _new(scope, form_draft_id, section, again),
        {"": "clause"},
        at=f"s-{section}",
    )


@bp.get("/clauses/<clause>")
@guard(Permission.FORM_WRITE)
def show_clause(scope: TenantScope, form_draft_id: uuid.UUID, clause: str) -> str:
    """Show one clause with all that may be changed in it."""
    draft = form_queries.get_draft(scope, form_draft_id)
    form = Form(typed_of(find_block(json.loads(draft.content), clause)))
    return _clause(scope, draft, clause, form)


@bp.post("/clauses/<clause>")
@guard(Permission.FORM_WRITE)
@idempotent
def change_clause(scope: TenantScope, form_draft_id: uuid.UUID, clause: str) -> Response:
    """Change one clause."""
    draft = form_queries.get_draft(scope, form_draft_id)

    def edit(raw: Raw, form: Form) -> None:
        change_block(raw, clause, values_of(form, find_block(raw, clause)))

    return store_edit(
        scope, form_draft_id, edit, lambda again: _clause(scope, draft, clause, again)
    )


@bp.post("/clauses/<clause>/move")
@guard(Permission.FORM_WRITE)
@idempotent
def move_clause(scope: TenantScope, form_draft_id: uuid.UUID, clause: str) -> Response:
    """Move a clause up or down."""

    def edit(raw: Raw, form: Form) -> None:
        to = form.choice("to", ("up", "down"), "Choose where to.")
        form.check()
        move_block(raw, clause, -1 if to == "up" else 1)

    return store_edit(
        scope, form_draft_id, edit, lambda again: draft_page(scope, form_draft_id, again)
    )


@bp.post("/clauses/<clause>/remove")
@guard(Permission.FORM_WRITE)
@idempotent
def remove_clause(scope: TenantScope, form_draft_id: uuid.UUID, clause: str) -> Response:
    """Take a clause away."""
    return store_edit(
        scope,
        form_draft_id,
        lambda raw, _form: remove_block(raw, clause),
        lambda again: draft_page(scope, form_draft_id, again),
    )


@bp.post("/submit")
@guard(Permission.FORM_WRITE)
@idempotent
def submit(scope: TenantScope, form_draft_id: uuid.UUID) -> Response:
    """Freeze the draft and send it to clinical review."""
    form = sent_form()
    with asking_again(form, lambda again: draft_page(scope, form_draft_id, again)):
        read = form.whole("version", "Open the draft again.", low=1, high=10**6)
        form.check()
        version = submit_draft(scope, draft_id=form_draft_id, version=read)
    return go_to(scope, f"/settings/forms/{version.id}", "form-waits")


@bp.post("/discard")
@guard(Permission.FORM_WRITE)
@idempotent
def discard(scope: TenantScope, form_draft_id: uuid.UUID) -> Response:
    """Throw the draft away, as it was when the person looked at it."""
    form = sent_form()
    with asking_again(form, lambda again: draft_page(scope, form_draft_id, again)):
        form.whole("version", "Open the draft again.", low=1, high=10**6)
        form.check()
        throw_draft_away(scope, draft_id=form_draft_id)
    return go_to(scope, "/settings/forms", "form-gone")


def _new(scope: TenantScope, draft_id: uuid.UUID, section: str, form: Form) -> str:
    draft = form_queries.get_draft(scope, draft_id)
    kind = form.typed("kind") if form.typed("kind") in KINDS else ""
    if kind == "facts":
        form.sent.setdefault("fill", "plan")
    return render_template(
        "forms/new_clause.html",
        form=form,
        draft=draft,
        section=find_section(json.loads(draft.content), section),
        kinds=[
            {"value": one, "label": KIND_WORDS[one][0], "hint": KIND_WORDS[one][1]} for one in KINDS
        ],
        **_choices(scope, kind),
    )


def _clause(scope: TenantScope, draft: FormDraft, clause: str, form: Form) -> str:
    raw = json.loads(draft.content)
    block = find_block(raw, clause)
    return render_template(
        "forms/clause.html",
        form=form,
        draft=draft,
        section=section_of(raw, clause),
        block=block,
        **_choices(scope, block["kind"]),
    )


def _choices(scope: TenantScope, kind: str) -> dict[str, Any]:
    """Return what may be chosen in a clause of a kind."""
    nothing = [{"value": "", "label": "Nothing, only our own words"}]
    return {
        "kind": kind,
        "kind_words": {one: told[0] for one, told in KIND_WORDS.items()},
        "fills": nothing + _options(FILLS) if kind in FILLED_KINDS else [],
        "groups": _options(GROUPS),
        "risks": [{"value": one.id, "label": one.title} for one in get_catalogue(scope).risks],
        "names": sorted(PLACEHOLDER_NAMES),
        "options": range(1, MOST_OPTIONS + 1),
    }


def _options(words: dict[str, str]) -> list[dict[str, str]]:
    return [{"value": one, "label": told} for one, told in words.items()]
