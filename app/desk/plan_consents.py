"""The consents of a plan, one line for each thing that is asked about separately."""

from dataclasses import dataclass

from app.catalogue.content import Catalogue
from app.consent import queries
from app.consent.forms import queries as form_queries
from app.consent.forms.models import FormVersion
from app.consent.models import Consent
from app.consent.purposes import PURPOSE_WORDS, Purpose
from app.database import TenantScope
from app.patients.models import Patient
from app.patients.reads_best import is_same_language
from app.patients.words import language_word
from app.plans.models import PlanVersion


@dataclass(frozen=True)
class ConsentLine:
    """One thing to agree to: what it is, the newest consent to it, and the forms that exist.

    ``languages`` are those to choose from, as options, where none is the patient's own.
    """

    purpose: str
    add_on: str
    title: str
    consent: Consent | None
    has_form: bool
    languages: tuple[dict[str, str], ...]


def consent_lines(
    scope: TenantScope, version: PlanVersion, catalogue: Catalogue, patient: Patient
) -> list[ConsentLine]:
    """Return the treatment first, then what the plan adds to it, then photos."""
    newest: dict[tuple[str, str], Consent] = {}
    for one in queries.list_every_consent_of_plan(scope, version.plan_id):
        newest.setdefault((one.purpose, one.add_on_id or ""), one)
    published = form_queries.list_every_published_form(scope)
    lines = []
    for purpose, add_on, title in _things(version, catalogue):
        forms = [one for one in published if _speaks_of(one, purpose, add_on, version)]
        lines.append(
            ConsentLine(
                purpose=purpose.value,
                add_on=add_on,
                title=title,
                consent=newest.get((purpose.value, add_on)),
                has_form=bool(forms),
                languages=_languages(forms, patient),
            )
        )
    return lines


def _things(version: PlanVersion, catalogue: Catalogue) -> list[tuple[Purpose, str, str]]:
    titles = {one.id: one.title for one in catalogue.add_ons}
    return [
        (Purpose.TREATMENT, "", catalogue.procedure[version.procedure_id].title),
        *((Purpose.ADD_ON, one, titles.get(one, one)) for one in version.add_ons),
        *(
            (one, "", PURPOSE_WORDS[one])
            for one in (Purpose.CLINICAL_PHOTOS, Purpose.MARKETING_PHOTOS)
        ),
    ]


def _speaks_of(form: FormVersion, purpose: Purpose, add_on: str, version: PlanVersion) -> bool:
    procedure = version.procedure_id if purpose is Purpose.TREATMENT else None
    return (form.purpose, form.add_on_id or "", form.procedure_id) == (purpose, add_on, procedure)


def _languages(forms: list[FormVersion], patient: Patient) -> tuple[dict[str, str], ...]:
    if any(is_same_language(one.locale, patient.language) for one in forms):
        return ()
    locales = sorted({one.locale for one in forms})
    return tuple({"value": one, "label": language_word(one)} for one in locales)
