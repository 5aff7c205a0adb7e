"""A clinic publishes a form; from then on its wording never changes."""

from app import audit
from app.catalogue.queries import content_of, get_catalogue_in_force
from app.catalogue.shipped import sha256_of
from app.consent import form_queries
from app.consent.errors import FormNotSound, FormUnknown
from app.consent.form_content import form_from_json, shipped_form, shipped_keys
from app.consent.form_lint import lint_form
from app.consent.models import FormState, FormVersion
from app.database import TenantScope
from app.kit.clock import now
from app.kit.ids import new_id


def publish_shipped_form(
    scope: TenantScope, *, key: str = "mechanical", locale: str = "en"
) -> FormVersion:
    """Publish a form that comes with this release; the same wording is published once.

    Raises FormUnknown, CatalogueNotApproved, or FormNotSound with what is wrong.
    """
    if (key, locale) not in shipped_keys():
        raise FormUnknown("No such form comes with this release.")
    content, _ = shipped_form(key, locale)
    published = form_queries.find_published_form(scope, form_key=key, locale=locale)
    if published is not None and published.sha256 == sha256_of(content):
        return published
    version = _checked_version(scope, key, locale, content)
    if published is not None:
        published.state, published.retired_at = FormState.RETIRED, now()
    scope.session.add(version)
    audit.record(scope, "consent:form:publish", subject_id=version.id, number=version.number)
    return version


def _checked_version(scope: TenantScope, key: str, locale: str, content: str) -> FormVersion:
    form = form_from_json(content)
    findings = lint_form(form, content_of(get_catalogue_in_force(scope)))
    errors = [one for one in findings if one.severity == "error"]
    if errors:
        told = [{"clause": one.clause, "message": one.message} for one in errors]
        raise FormNotSound(errors[0].message, findings=told)
    at = now()
    return FormVersion(
        tenant_id=scope.tenant_id,
        id=new_id(),
        form_key=key,
        purpose=form.purpose,
        procedure_id=form.procedure,
        add_on_id=form.add_on,
        change=form.change,
        locale=locale,
        number=form_queries.count_form_versions(scope, form_key=key, locale=locale) + 1,
        state=FormState.PUBLISHED,
        content=content,
        sha256=sha256_of(content),
        created_at=at,
        published_at=at,
    )
