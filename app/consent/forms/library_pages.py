"""The pages of the form library: what there is, how far it is, what changed, and how it reads."""

import json

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from app.auth.guards import guard
from app.auth.permissions import Permission
from app.consent.errors import FormUnknown
from app.consent.forms import queries as form_queries
from app.consent.forms.content import form_from_json, shipped_form, shipped_keys
from app.consent.forms.library import library
from app.consent.forms.models import FormState
from app.consent.forms.preview import preview_view
from app.consent.forms.schemas import SCHEMA
from app.consent.forms.services.publish_form import publish_shipped_form
from app.consent.forms.services.write_form import copy_shipped, import_form
from app.consent.forms.version_pages import row_of
from app.database import TenantScope
from app.forms import Form, asking_again, sent_form
from app.idempotency import idempotent
from app.kit.speech import LANGUAGES
from app.patients.words import language_word
from app.staff_pages import asked_id, go_to
from app.tenants.queries import map_staff_names

bp = Blueprint("form_library", __name__, url_prefix="/clinics/<uuid:clinic_id>/settings/forms")
FIRST = "mechanical.en"
MOST_OLD = 50


@bp.get("")
@guard(Permission.CLINIC_READ)
def show_library(scope: TenantScope) -> str:
    """Show the clinic's forms, what is written, and the starter library."""
    return _library(scope, Form())


@bp.post("/bring")
@guard(Permission.FORM_WRITE)
@idempotent
def bring_file(scope: TenantScope) -> Response:
    """Begin a draft with a form that was exported somewhere."""
    form = sent_form()
    with asking_again(form, lambda again: _library(scope, again), {"content": "file"}):
        draft = import_form(
            scope, content=_content_of(form.text("file", "Paste it.", most=400_000))
        )
    return go_to(scope, f"/settings/form-drafts/{draft.id}", "form-brought")


@bp.get("/shipped")
@guard(Permission.CLINIC_READ)
def show_shipped(scope: TenantScope) -> str:
    """Show a form of the starter library as patients will read it."""
    return _shipped(scope, *_named(request.args.get("form", FIRST)), Form())


@bp.post("/shipped")
@guard(Permission.FORM_APPROVE)
@idempotent
def publish_shipped(scope: TenantScope) -> Response:
    """Take a form of the starter library as it is, as far as this person may."""
    form = sent_form()
    key, locale = _named(form.typed("form") or FIRST)
    with asking_again(form, lambda again: _shipped(scope, key, locale, again)):
        version = publish_shipped_form(scope, key=key, locale=locale)
    said = "form" if version.state == FormState.PUBLISHED else "form-waits"
    return go_to(scope, f"/settings/forms/{version.id}", said)


@bp.post("/shipped/copy")
@guard(Permission.FORM_WRITE)
@idempotent
def write_from_shipped(scope: TenantScope) -> Response:
    """Begin a draft with a form of the starter library."""
    form = sent_form()
    key, locale = _named(form.typed("form") or FIRST)
    with asking_again(form, lambda again: _shipped(scope, key, locale, again)):
        draft = copy_shipped(scope, key=key, locale=locale)
    return go_to(scope, f"/settings/form-drafts/{draft.id}")


def _library(scope: TenantScope, form: Form) -> str:
    versions = form_queries.list_current_forms(scope)
    old = form_queries.page_forms(scope, after=asked_id("after"), only_over=True, size=MOST_OLD)
    published = {
        (one.form_key, one.locale): one for one in versions if one.state == FormState.PUBLISHED
    }
    return render_template(
        "forms/library.html",
        form=form,
        rows=[row_of(one) for one in versions],
        old=[row_of(one) for one in old],
        following=old[-1].id if len(old) == MOST_OLD else None,
        drafts=[(one, form_from_json(one.content)) for one in form_queries.list_drafts(scope)],
        names=map_staff_names(scope),
        entries=[
            (one, [(locale, (one.form, locale) in published) for locale in _locales(one.form)])
            for one in library()
        ],
        language=language_word,
    )


def _locales(key: str) -> list[str]:
    return sorted((one for form, one in shipped_keys() if form == key), key=LANGUAGES.index)


def _named(name: str) -> tuple[str, str]:
    """Return key and locale of a name such as "mechanical.en"."""
    key, _, locale = name.partition(".")
    return key, locale


def _shipped(scope: TenantScope, key: str, locale: str, form: Form) -> str:
    if (key, locale) not in shipped_keys():
        raise FormUnknown("No such form comes with this release.")
    text, content = shipped_form(key, locale)
    published = form_queries.find_published_form(scope, form_key=key, locale=locale)
    return render_template(
        "forms/shipped.html",
        form=form,
        key=key,
        locale=locale,
        language_name=language_word(locale),
        published=published,
        is_newest=published is not None and published.content == text,
        **preview_view(scope, content),
    )


def _content_of(text: str) -> object:
    """Return the form inside a pasted file: with its frame, or bare; None for what is none."""
    try:
        raw = json.loads(text)
    except ValueError:
        return None
    if isinstance(raw, dict) and raw.get("schema") == SCHEMA:
        return raw.get("content")
    return raw
