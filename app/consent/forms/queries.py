"""Questions about forms and their versions."""

import uuid
from collections.abc import Sequence

from sqlalchemy import func, or_, select, tuple_

from app.consent.errors import FormUnknown
from app.consent.forms.models import FormDraft, FormState, FormStep, FormVersion
from app.database import TenantScope


def find_published_form(
    scope: TenantScope, *, form_key: str, locale: str = "en"
) -> FormVersion | None:
    """Return the newest published version of a form."""
    statement = (
        select(FormVersion)
        .where(
            FormVersion.tenant_id == scope.tenant_id,
            FormVersion.form_key == form_key,
            FormVersion.locale == locale,
            FormVersion.state == "published",
        )
        .order_by(FormVersion.number.desc())
        .limit(1)
    )
    return scope.session.scalar(statement)


# What is never sent again. Such versions grow without end; the others are a few for each form.
OVER = (FormState.RETIRED.value, FormState.RETURNED.value)


def page_forms(
    scope: TenantScope,
    *,
    after: uuid.UUID | None = None,
    only_over: bool = False,
    size: int = 100,
) -> Sequence[FormVersion]:
    """Return versions by form, the newest of each first; those after one of them."""
    statement = select(FormVersion).where(FormVersion.tenant_id == scope.tenant_id)
    if only_over:
        statement = statement.where(FormVersion.state.in_(OVER))
    if after is not None:
        last = get_form_version(scope, after)
        later = tuple_(-FormVersion.number, FormVersion.id) > (-last.number, last.id)
        statement = statement.where(
            FormVersion.form_key >= last.form_key,
            or_(FormVersion.form_key > last.form_key, later),
        )
    statement = statement.order_by(
        FormVersion.form_key, FormVersion.number.desc(), FormVersion.id
    ).limit(size)
    return scope.session.scalars(statement).all()


def list_current_forms(scope: TenantScope) -> Sequence[FormVersion]:
    """Return the versions that are sent or on their way to it, by form, the newest first."""
    statement = (
        select(FormVersion)
        .where(FormVersion.tenant_id == scope.tenant_id, FormVersion.state.not_in(OVER))
        .order_by(FormVersion.form_key, FormVersion.number.desc())
    )
    return scope.session.scalars(statement).all()


def list_published_forms(
    scope: TenantScope, *, purpose: str, procedure_id: str | None, add_on_id: str | None
) -> Sequence[FormVersion]:
    """Return the published forms for a purpose, and the procedure or add-on that it is about."""
    statement = (
        select(FormVersion)
        .where(
            FormVersion.tenant_id == scope.tenant_id,
            FormVersion.state == "published",
            FormVersion.purpose == purpose,
            FormVersion.procedure_id.is_not_distinct_from(procedure_id),
            FormVersion.add_on_id.is_not_distinct_from(add_on_id),
        )
        .order_by(FormVersion.form_key, FormVersion.number.desc())
    )
    return scope.session.scalars(statement).all()


def list_every_published_form(scope: TenantScope) -> Sequence[FormVersion]:
    """Return what is published, without regard to what it is about."""
    statement = (
        select(FormVersion)
        .where(FormVersion.tenant_id == scope.tenant_id, FormVersion.state == "published")
        .order_by(FormVersion.form_key, FormVersion.locale, FormVersion.number.desc())
    )
    return scope.session.scalars(statement).all()


def count_form_versions(scope: TenantScope, *, form_key: str, locale: str) -> int:
    """Return how many versions a form has had."""
    statement = select(func.count()).where(
        FormVersion.tenant_id == scope.tenant_id,
        FormVersion.form_key == form_key,
        FormVersion.locale == locale,
    )
    return scope.session.execute(statement).scalar_one()


def get_form_version(scope: TenantScope, version_id: uuid.UUID) -> FormVersion:
    """Return a form version; raises FormUnknown."""
    found = scope.session.get(FormVersion, (scope.tenant_id, version_id))
    if found is None:
        raise FormUnknown("There is no such form.")
    return found


def get_form_version_for_update(scope: TenantScope, version_id: uuid.UUID) -> FormVersion:
    """Return a form version, locked until the transaction ends; raises FormUnknown."""
    statement = (
        select(FormVersion)
        .where(FormVersion.tenant_id == scope.tenant_id, FormVersion.id == version_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = scope.session.scalar(statement)
    if found is None:
        raise FormUnknown("There is no such form.")
    return found


def list_versions_of(scope: TenantScope, *, form_key: str, locale: str) -> Sequence[FormVersion]:
    """Return the versions of one form in one language, the newest first."""
    statement = (
        select(FormVersion)
        .where(
            FormVersion.tenant_id == scope.tenant_id,
            FormVersion.form_key == form_key,
            FormVersion.locale == locale,
        )
        .order_by(FormVersion.number.desc())
    )
    return scope.session.scalars(statement).all()


def list_published_translations(scope: TenantScope, form_key: str) -> Sequence[FormVersion]:
    """Return the published versions of a form that are translations of another one."""
    statement = (
        select(FormVersion)
        .where(
            FormVersion.tenant_id == scope.tenant_id,
            FormVersion.form_key == form_key,
            FormVersion.state == "published",
            FormVersion.translation_of.is_not(None),
        )
        .order_by(FormVersion.locale)
    )
    return scope.session.scalars(statement).all()


def list_published_originals(scope: TenantScope, form_key: str) -> Sequence[FormVersion]:
    """Return the published versions of a form, in any language, that translate no other one."""
    statement = (
        select(FormVersion)
        .where(
            FormVersion.tenant_id == scope.tenant_id,
            FormVersion.form_key == form_key,
            FormVersion.state == "published",
            FormVersion.translation_of.is_(None),
        )
        .order_by(FormVersion.locale)
    )
    return scope.session.scalars(statement).all()


def list_steps(scope: TenantScope, version_id: uuid.UUID) -> Sequence[FormStep]:
    """Return the steps of a version in their order."""
    statement = (
        select(FormStep)
        .where(FormStep.tenant_id == scope.tenant_id, FormStep.form_version_id == version_id)
        .order_by(FormStep.at, FormStep.id)
    )
    return scope.session.scalars(statement).all()


def list_drafts(scope: TenantScope) -> Sequence[FormDraft]:
    """Return what is written at present."""
    statement = (
        select(FormDraft)
        .where(FormDraft.tenant_id == scope.tenant_id)
        .order_by(FormDraft.form_key, FormDraft.locale)
    )
    return scope.session.scalars(statement).all()


def find_draft(scope: TenantScope, *, form_key: str, locale: str) -> FormDraft | None:
    """Return the draft of a form in a language, or None."""
    statement = select(FormDraft).where(
        FormDraft.tenant_id == scope.tenant_id,
        FormDraft.form_key == form_key,
        FormDraft.locale == locale,
    )
    return scope.session.scalar(statement)


def get_draft(scope: TenantScope, draft_id: uuid.UUID) -> FormDraft:
    """Return a draft; raises FormUnknown."""
    found = scope.session.get(FormDraft, (scope.tenant_id, draft_id))
    if found is None:
        raise FormUnknown("There is no such draft. It may have been sent to review.")
    return found


def get_draft_for_update(scope: TenantScope, draft_id: uuid.UUID) -> FormDraft:
    """Return a draft, locked until the transaction ends; raises FormUnknown."""
    statement = (
        select(FormDraft)
        .where(FormDraft.tenant_id == scope.tenant_id, FormDraft.id == draft_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = scope.session.scalar(statement)
    if found is None:
        raise FormUnknown("There is no such draft. It may have been sent to review.")
    return found


def find_material_change(scope: TenantScope, form: FormVersion) -> FormVersion | None:
    """Return the latest later version of the same form, once published, that means something else.

    When it was published does not matter: an older print may be signed after that.
    """
    statement = (
        select(FormVersion)
        .where(
            FormVersion.tenant_id == scope.tenant_id,
            FormVersion.form_key == form.form_key,
            FormVersion.locale == form.locale,
            FormVersion.number > form.number,
            FormVersion.change == "material",
            FormVersion.published_at.is_not(None),
        )
        .order_by(FormVersion.number.desc())
        .limit(1)
    )
    return scope.session.scalar(statement)
