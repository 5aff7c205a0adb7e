"""Everything that is wrong with a wording before it may go on, for editors and before publishing.

The lint looks at the form alone. Here it is also held against the version before it and, for a
translation, against the version that it translates.
"""

from collections.abc import Iterator
from dataclasses import asdict

from app.catalogue.content import Catalogue
from app.catalogue.queries import content_of, get_catalogue_in_force
from app.consent.errors import FormNotSound
from app.consent.forms import queries as form_queries
from app.consent.forms.content import FormContent, form_from_json
from app.consent.forms.lint import LintFinding, lint_form, texts_of
from app.consent.forms.models import FormDraft, FormVersion
from app.consent.forms.parity import differences
from app.database import TenantScope
from app.documents.errors import MissingGlyph
from app.documents.fonts import missing_letters


def check_form(
    scope: TenantScope,
    form: FormContent,
    *,
    original: FormVersion | None = None,
    catalogue: Catalogue | None = None,
) -> tuple[LintFinding, ...]:
    """Return all findings, errors first; ``original`` is what the form translates.

    Raises CatalogueNotApproved.
    """
    known = catalogue or content_of(get_catalogue_in_force(scope))
    found = (
        *lint_form(form, known),
        *_of_paper(form),
        *_of_meaning(scope, form),
        *_of_translation(form, original),
        *(_of_other_languages(scope, form) if original is None else ()),
    )
    return tuple(sorted(found, key=lambda one: one.severity))


def check_draft(scope: TenantScope, draft: FormDraft) -> tuple[LintFinding, ...]:
    """Return what is wrong with a draft today; raises CatalogueNotApproved."""
    original = None
    if draft.translation_of is not None:
        original = form_queries.get_form_version(scope, draft.translation_of)
    return check_form(scope, form_from_json(draft.content), original=original)


def require_sound(
    scope: TenantScope, form: FormContent, *, original: FormVersion | None = None
) -> None:
    """Raise FormNotSound, naming every error; warnings stop nothing."""
    errors = [one for one in check_form(scope, form, original=original) if one.severity == "error"]
    if errors:
        told = [asdict(one) for one in errors]
        raise FormNotSound(errors[0].message, findings=told)


def _of_paper(form: FormContent) -> Iterator[LintFinding]:
    """What a clinic writes for everybody has to be printable; a patient's words need not be."""
    for section in form.sections:
        texts = (section.title, *(text for one in section.blocks for text in texts_of(one)))
        for letter in missing_letters(texts, form.locale):
            if not letter.isspace():
                yield LintFinding("error", section.id, MissingGlyph(letter).message)


def _of_meaning(scope: TenantScope, form: FormContent) -> Iterator[LintFinding]:
    """A change that is called minor touches words alone."""
    before = form_queries.find_published_form(scope, form_key=form.id, locale=form.locale)
    if before is None or form.change == "material":
        return
    for sentence in differences(form, form_from_json(before.content)):
        yield LintFinding("error", "", f"This change is not minor: {sentence}")


def _of_translation(form: FormContent, original: FormVersion | None) -> Iterator[LintFinding]:
    if original is None:
        return
    if form.locale == original.locale:
        yield LintFinding("error", "", "A translation is in another language than its original.")
    for sentence in differences(form, form_from_json(original.content)):
        yield LintFinding("error", "", f"Not the same as the original: {sentence}")


def _of_other_languages(scope: TenantScope, form: FormContent) -> Iterator[LintFinding]:
    """Nobody gets round the check of a translation by not calling it one."""
    for one in form_queries.list_published_originals(scope, form.id):
        if one.locale == form.locale:
            continue
        for sentence in differences(form, form_from_json(one.content)):
            told = f"Not the same as the form that is published in '{one.locale}': {sentence}"
            yield LintFinding("error", "", told)
