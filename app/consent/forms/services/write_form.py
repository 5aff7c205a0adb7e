"""Staff write a form: a draft is begun, changed, thrown away, or frozen and sent to review.

The draft is the only wording that ever changes. What is sent to review is a version of its own, so
that everybody after that looks at the very same text.
"""

import json
import re
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from app import audit
from app.catalogue.reading import ContentRefused
from app.catalogue.shipped import canonical_json
from app.consent.errors import DraftOpen, FormMoved, FormNotSound, FormUnknown
from app.consent.forms import queries as form_queries
from app.consent.forms.checks import require_sound
from app.consent.forms.content import (
    FormContent,
    form_from_json,
    load_form,
    shipped_form,
    shipped_keys,
)
from app.consent.forms.frozen_form import freeze
from app.consent.forms.models import FormDraft, FormVersion
from app.consent.purposes import Purpose
from app.database import TenantScope
from app.errors import Stale, TooLarge
from app.kit.clock import now
from app.kit.ids import new_id

LONGEST = 400_000


def read_form(raw: object) -> FormContent:
    """Return the form that somebody sent as data; raises FormNotSound with what is wrong in it."""
    if not isinstance(raw, Mapping):
        raise FormNotSound("A form is a mapping.", findings=[])
    try:
        size = len(canonical_json(raw).encode())
    except (UnicodeEncodeError, RecursionError):
        told = "This holds half of a character, or parts too deep in each other."
        raise FormNotSound(told, findings=[told]) from None
    if size > LONGEST:
        raise TooLarge("This is longer than a form may be.")
    try:
        return load_form(raw)
    except ContentRefused as refusal:
        raise FormNotSound(refusal.problems[0], findings=list(refusal.problems)) from None


def import_form(
    scope: TenantScope, *, content: object, translation_of: uuid.UUID | None = None
) -> FormDraft:
    """Begin a draft with a form that was brought as data; raises FormNotSound, DraftOpen."""
    form = read_form(content)
    return _begin(scope, form, canonical_json(content), translation_of=translation_of)


def begin_form(
    scope: TenantScope,
    *,
    title: str,
    locale: str,
    purpose: Purpose,
    procedure: str | None = None,
    add_on: str | None = None,
) -> FormDraft:
    """Begin a draft of a form that has no section yet; raises FormNotSound.

    Its key comes from the title and stays; a number keeps it apart from every other form.
    """
    words = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:30].strip("-")
    content: dict[str, Any] = {
        "id": f"{words or purpose.value}-{new_id().hex[-6:]}",
        "locale": locale,
        "version": "1.0.0",
        "change": "material",
        "title": title,
        "purpose": purpose.value,
        "sections": [],
    }
    content |= {"procedure": procedure} if procedure else {}
    content |= {"add_on": add_on} if add_on else {}
    return import_form(scope, content=content)


def copy_shipped(scope: TenantScope, *, key: str, locale: str) -> FormDraft:
    """Begin a draft with a form of the starter library; raises FormUnknown, DraftOpen."""
    if (key, locale) not in shipped_keys():
        raise FormUnknown("No such form comes with this release.")
    content, form = shipped_form(key, locale)
    original = None
    if locale != "en":
        original = form_queries.find_published_form(scope, form_key=key, locale="en")
    return _begin(scope, form, content, translation_of=original.id if original else None)


def copy_version(
    scope: TenantScope, *, version_id: uuid.UUID, locale: str | None = None
) -> FormDraft:
    """Begin a draft from a version, also a retired one; with a ``locale``, a translation of it.

    Raises FormUnknown, DraftOpen. A retired wording comes back no other way: as a draft that has
    to pass every check of today.
    """
    version = form_queries.get_form_version(scope, version_id)
    raw = json.loads(version.content)
    is_translation = locale is not None and locale != version.locale
    if is_translation:
        raw["locale"] = locale
    translates = version.id if is_translation else version.translation_of
    return _begin(
        scope,
        load_form(raw),
        canonical_json(raw),
        copied_from=version.id,
        translation_of=translates,
    )


def change_draft(
    scope: TenantScope, *, draft_id: uuid.UUID, content: object, version: int
) -> FormDraft:
    """Replace a draft's wording; raises Stale, FormNotSound, or FormMoved for another form's."""
    draft = form_queries.get_draft_for_update(scope, draft_id)
    if draft.version != version:
        raise Stale
    form = read_form(content)
    if (form.id, form.locale) != (draft.form_key, draft.locale):
        raise FormMoved("Key and language of a draft stay as they are.", state="draft")
    draft.content, draft.updated_at = canonical_json(content), now()
    draft.written_by = _staff_id(scope)
    draft.version += 1
    audit.record(scope, "consent:draft:change", subject_id=draft.id, number=draft.version)
    return draft


def edit_draft(
    scope: TenantScope,
    *,
    draft_id: uuid.UUID,
    version: int,
    edit: Callable[[dict[str, Any]], object],
) -> FormDraft:
    """Let ``edit`` change a draft's wording as data; raises what ``change_draft`` raises."""
    raw = json.loads(form_queries.get_draft(scope, draft_id).content)
    edit(raw)
    return change_draft(scope, draft_id=draft_id, content=raw, version=version)


def throw_draft_away(scope: TenantScope, *, draft_id: uuid.UUID) -> None:
    """Throw a draft away; it cannot be brought back."""
    draft = form_queries.get_draft_for_update(scope, draft_id)
    scope.session.delete(draft)
    audit.record(scope, "consent:draft:discard", subject_id=draft.id)


def submit_draft(scope: TenantScope, *, draft_id: uuid.UUID, version: int) -> FormVersion:
    """Freeze a draft as a version in clinical review; raises Stale, FormNotSound."""
    draft = form_queries.get_draft_for_update(scope, draft_id)
    if draft.version != version:
        raise Stale
    form = form_from_json(draft.content)
    original = _original(scope, draft.translation_of)
    require_sound(scope, form, original=original)
    frozen = freeze(scope, form, draft.content, translation_of=draft.translation_of)
    scope.session.delete(draft)
    audit.record(scope, "consent:draft:submit", subject_id=draft.id, form_version_id=frozen.id)
    return frozen


def _begin(
    scope: TenantScope,
    form: FormContent,
    content: str,
    *,
    copied_from: uuid.UUID | None = None,
    translation_of: uuid.UUID | None = None,
) -> FormDraft:
    _original(scope, translation_of)
    if form_queries.find_draft(scope, form_key=form.id, locale=form.locale) is not None:
        raise DraftOpen("Somebody writes on this form in this language already. Go on with that.")
    at = now()
    draft = FormDraft(
        tenant_id=scope.tenant_id,
        id=new_id(),
        form_key=form.id,
        locale=form.locale,
        content=content,
        copied_from=copied_from,
        translation_of=translation_of,
        written_by=_staff_id(scope),
        created_at=at,
        updated_at=at,
    )
    scope.session.add(draft)
    audit.record(scope, "consent:draft:begin", subject_id=draft.id)
    return draft


def _original(scope: TenantScope, version_id: uuid.UUID | None) -> FormVersion | None:
    return None if version_id is None else form_queries.get_form_version(scope, version_id)


def _staff_id(scope: TenantScope) -> uuid.UUID:
    if scope.actor.kind != "staff" or scope.actor.id is None:
        raise PermissionError("only a member of staff writes a form")
    return scope.actor.id
