"""Questions about forms and their versions."""

import uuid
from collections.abc import Sequence

from sqlalchemy import func, select

from app.consent.models import FormVersion
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


def list_forms(scope: TenantScope) -> Sequence[FormVersion]:
    """Return every version of every form, the newest first."""
    statement = (
        select(FormVersion)
        .where(FormVersion.tenant_id == scope.tenant_id)
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
    """Return a form version that a consent refers to."""
    statement = select(FormVersion).where(
        FormVersion.tenant_id == scope.tenant_id, FormVersion.id == version_id
    )
    return scope.session.scalars(statement).one()
