"""A clinic takes a form of the starter library as it is, each step by the person who acts.

Whoever runs a clinic alone takes all steps at once, and that is written down. Where it has a
medical lead, the form waits for them.
"""

from app.catalogue.shipped import sha256_of
from app.consent.errors import FormUnknown, OtherPersonNeeded
from app.consent.forms import queries as form_queries
from app.consent.forms.checks import require_sound
from app.consent.forms.content import shipped_form, shipped_keys
from app.consent.forms.frozen_form import freeze
from app.consent.forms.models import FormState, FormVersion
from app.consent.forms.services.review_form import (
    pass_clinical_review,
    pass_legal_review,
    publish_form,
)
from app.database import TenantScope

_WAITING = (FormState.CLINICAL_REVIEW, FormState.LEGAL_REVIEW, FormState.APPROVED)


def publish_shipped_form(
    scope: TenantScope, *, key: str = "mechanical", locale: str = "en"
) -> FormVersion:
    """Publish a form that comes with this release, or bring it as far as this person may.

    The same wording is published once. Raises FormUnknown, CatalogueNotApproved, or FormNotSound
    with what is wrong.
    """
    if (key, locale) not in shipped_keys():
        raise FormUnknown("No such form comes with this release.")
    content, form = shipped_form(key, locale)
    published = form_queries.find_published_form(scope, form_key=key, locale=locale)
    if published is not None and published.sha256 == sha256_of(content):
        return published
    version = _waiting(scope, key, locale, sha256_of(content))
    if version is None:
        original = form_queries.find_published_form(scope, form_key=key, locale="en")
        if locale == "en" or original is None:
            original = None
        require_sound(scope, form, original=original)
        version = freeze(scope, form, content, translation_of=original.id if original else None)
    return _walk(scope, version)


def _waiting(scope: TenantScope, key: str, locale: str, sha256: bytes) -> FormVersion | None:
    versions = form_queries.list_versions_of(scope, form_key=key, locale=locale)
    return next((one for one in versions if one.sha256 == sha256 and one.state in _WAITING), None)


def _walk(scope: TenantScope, version: FormVersion) -> FormVersion:
    """Take the steps that this person may take."""
    steps = (
        (FormState.CLINICAL_REVIEW, pass_clinical_review),
        (FormState.LEGAL_REVIEW, pass_legal_review),
        (FormState.APPROVED, publish_form),
    )
    for state, take in steps:
        if version.state == state:
            try:
                version = take(scope, version_id=version.id)
            except OtherPersonNeeded:
                return version
    return version
