"""Which published form a patient gets: by purpose, by what is done, and in a language they read.

A form in another language is never sent by itself. Staff may choose it where an interpreter took
part in the talk, and that choice stays beside the consent.
"""

from dataclasses import dataclass

from app.consent.consent_facts import Ground
from app.consent.errors import AddOnNotPlanned, FormLanguage, FormNotPublished, InterpreterNeeded
from app.consent.forms import queries as form_queries
from app.consent.forms.content import form_from_json
from app.consent.forms.models import FormVersion
from app.consent.purposes import Purpose
from app.database import TenantScope
from app.patients.reads_best import is_same_language
from app.patients.words import language_word

_ANY_AREA = 99


@dataclass(frozen=True)
class WantedForm:
    """What staff ask consent to; ``locale`` is their choice of a language, None the patient's."""

    purpose: Purpose = Purpose.TREATMENT
    add_on: str | None = None
    form_key: str | None = None
    locale: str | None = None


@dataclass(frozen=True)
class ChosenForm:
    """The form to send; ``is_other_language`` where the patient reads another one best."""

    version: FormVersion
    is_other_language: bool


def choose_form(
    scope: TenantScope, ground: Ground, wanted: WantedForm, *, reads_best: str
) -> ChosenForm:
    """Return the form for a plan and a patient.

    Raises AddOnNotPlanned, FormNotPublished, FormLanguage without a form that the patient reads,
    InterpreterNeeded where another language was chosen and nobody interpreted.
    """
    fitting = _fitting(scope, ground, wanted)
    if not fitting:
        raise FormNotPublished("Publish a form for this first.")
    language = wanted.locale or reads_best
    found = next((one for one in fitting if is_same_language(one.locale, language)), None)
    if found is None:
        raise FormLanguage(
            f"The patient reads best in {language_word(reads_best)}, and no form is published in"
            " it. Choose another language, with an interpreter, or publish a translation.",
            reads_best=reads_best,
            offered=sorted({one.locale for one in fitting}),
        )
    is_other = not is_same_language(found.locale, reads_best)
    if is_other and not _was_interpreted(ground):
        raise InterpreterNeeded(
            f"The patient reads best in {language_word(reads_best)}. Record the talk with its"
            f" interpreter first, then the form may be sent in {language_word(found.locale)}."
        )
    return ChosenForm(found, is_other)


def _fitting(scope: TenantScope, ground: Ground, wanted: WantedForm) -> list[FormVersion]:
    """Return the published forms that speak of this plan, the most specific first."""
    if wanted.purpose is Purpose.ADD_ON and wanted.add_on not in ground.facts.add_ons:
        raise AddOnNotPlanned("This plan names no such add-on.")
    treats = wanted.purpose is Purpose.TREATMENT
    forms = form_queries.list_published_forms(
        scope,
        purpose=wanted.purpose,
        procedure_id=ground.version.procedure_id if treats else None,
        add_on_id=wanted.add_on if wanted.purpose is Purpose.ADD_ON else None,
    )
    groups = {ground.catalogue.area[area].group for area in ground.facts.areas}
    spoken_of = [
        (len(named) or _ANY_AREA, one)
        for one in forms
        if wanted.form_key in (None, one.form_key)
        and (not (named := form_from_json(one.content).area_groups) or groups.issubset(named))
    ]
    return [one for _, one in sorted(spoken_of, key=lambda pair: pair[0])]


def _was_interpreted(ground: Ground) -> bool:
    return ground.discussion is not None and ground.discussion.interpreter_cipher is not None
