"""Gathers what a print says, for one patient or for nobody yet, and makes the file."""

from app.catalogue.content import Catalogue
from app.catalogue.overlay import told_in
from app.catalogue.queries import get_catalogue
from app.catalogue.rules import Question
from app.consent.ciphers import get_shown
from app.consent.consent_facts import Ground, ground_of, responsible_person
from app.consent.documents.patient_paper import place_of, statement_of
from app.consent.forms.content import FormContent, form_from_json
from app.consent.forms.models import FormVersion
from app.consent.forms.queries import get_form_version
from app.consent.models import Consent
from app.consent.paper.blank_text import blank_shown, facts_of_nobody
from app.consent.paper.models import BlankForm, PaperForm
from app.consent.paper.printing import Print, print_draft
from app.consent.screening.questionnaire import questions_by_section, questions_for
from app.consent.screening.stored_answers import asked_of_patient
from app.consent.ways.links import public_url
from app.database import TenantScope
from app.documents.compose import render
from app.documents.stand_ins import with_stand_ins
from app.kit.clock import day_in
from app.kit.in_words import date_in_words
from app.kit.speech import isolated, say, speaking
from app.patients.models import Interpreter
from app.patients.queries import get_patient
from app.patients.reading import date_of_birth
from app.plans.queries import get_plan_version
from app.tenants.models import Location
from app.tenants.queries import get_clinic, get_location


def print_of(scope: TenantScope, consent: Consent, paper: PaperForm) -> bytes:
    """Return the PDF of a form for this patient, to be signed on paper."""
    ground = ground_of(scope, get_plan_version(scope, consent.plan_version_id))
    with speaking(get_shown(scope, consent).locale, whole=True):
        return _drawn(_print_of(scope, consent, paper, ground))


def _print_of(scope: TenantScope, consent: Consent, paper: PaperForm, ground: Ground) -> Print:
    patient, shown = get_patient(scope, consent.patient_id), get_shown(scope, consent)
    form = get_form_version(scope, consent.form_version_id)
    return Print(
        shown=shown,
        place=place_of(scope, ground.location, shown.locale),
        code=paper.code,
        form_key=form.form_key,
        form_number=form.number,
        made_at=paper.printed_at,
        statement=statement_of(shown),
        questions=_sections(ground.told, asked_of_patient(ground)),
        patient_name=patient.name,
        born=date_in_words(date_of_birth(scope, patient)),
        page_url=f"{public_url()}/clinics/{scope.tenant_id}/consents/{consent.id}/paper",
        is_interpreted=patient.interpreter != Interpreter.NONE,
    )


def _drawn(made: Print) -> bytes:
    return render(with_stand_ins(print_draft(made))).data


def _sections(
    catalogue: Catalogue, questions: tuple[Question, ...]
) -> tuple[tuple[str, tuple[Question, ...]], ...]:
    found = questions_by_section(catalogue, questions)
    return tuple((title, tuple(own)) for _, title, own in found)


def blank_of(scope: TenantScope, blank: BlankForm) -> bytes:
    """Return the PDF of a numbered form for nobody yet, to lie ready for an outage."""
    form = get_form_version(scope, blank.form_version_id)
    content = form_from_json(form.content)
    with speaking(content.locale, whole=True):
        return _drawn(_blank_print(scope, blank, form, content))


def _blank_print(
    scope: TenantScope, blank: BlankForm, form: FormVersion, content: FormContent
) -> Print:
    location = get_location(scope, blank.location_id)
    catalogue = told_in(get_catalogue(scope), content.locale)
    shown = blank_shown(content, catalogue, location, _known(scope, catalogue, content, location))
    plan = facts_of_nobody(catalogue, content, location)
    asked = questions_for(catalogue, plan, visit_date=day_in(blank.printed_at, location.zone))
    return Print(
        shown=shown,
        place=place_of(scope, location, content.locale),
        code=say("blank %(number)s", number=blank.number),
        form_key=form.form_key,
        form_number=form.number,
        made_at=blank.printed_at,
        statement=statement_of(shown),
        questions=_sections(catalogue, asked),
        number=blank.number,
    )


def _known(
    scope: TenantScope, catalogue: Catalogue, content: FormContent, location: Location
) -> dict[str, str]:
    """Return the values of the wording that do not depend on a patient."""
    emergency = catalogue.aftercare.numbers[location.market].emergency
    procedure = catalogue.procedure[content.procedure or ""]
    known = {
        "clinic_name": get_clinic(scope).legal_name,
        "clinic_contact": location.emergency_contact,
        "location_name": location.name,
        "location_address": location.address,
        "responsible_name": responsible_person(scope).name,
        "procedure": procedure.title,
        "procedure_text": procedure.patient,
        "emergency_number": say(" or ").join(emergency),
    }
    return {name: str(isolated(text)) for name, text in known.items()}
