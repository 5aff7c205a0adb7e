"""A plan's page: what was agreed, where its consent stands, its visits, and the next act."""

import uuid

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from app.auth.guards import guard, has_permission
from app.auth.permissions import Permission
from app.consent.forms.choose_form import WantedForm
from app.consent.purposes import Purpose
from app.consent.services.request_consent import request_consent
from app.consent.standing import consent_standing
from app.database import TenantScope
from app.desk import queries
from app.desk.needs import CONSENT_WORDS, VISIT_WORDS, consent_marks, consent_need
from app.desk.plan_consents import consent_lines
from app.forms import Form, asking_again, sent_form
from app.idempotency import idempotent
from app.kit.clock import now
from app.patients.queries import get_patient
from app.patients.reads_best import language_flags
from app.patients.words import language_word
from app.plans.facts import capacity_note, catalogue_of, facts_of, spots_of, what_matters
from app.plans.models import Anaesthetic, Capacity, PlanVersion
from app.plans.plan_form import ANAESTHETICS, CAPACITIES, SKIN_TYPES, marked_views
from app.plans.queries import find_discussion, get_plan, list_visits_of_plan
from app.plans.visit_pages import MODES
from app.policies.may_perform import may_perform
from app.policies.planned_work import planned_work
from app.staff_pages import go_to
from app.tenants.place_queries import get_settings
from app.tenants.queries import get_device, get_location, map_staff_names

bp = Blueprint("plan_file", __name__, url_prefix="/clinics/<uuid:clinic_id>/plans/<uuid:plan_id>")


@bp.get("")
@guard(Permission.PLAN_READ)
def show_plan(scope: TenantScope, plan_id: uuid.UUID) -> str:
    """Show a plan with its discussion, its consent and its visits."""
    return plan_page(scope, plan_id, Form())


def plan_page(scope: TenantScope, plan_id: uuid.UUID, form: Form) -> str:
    """Return the plan's page; ``form`` carries why its last act was refused."""
    line = queries.map_plan_lines(scope, plan_ids=[plan_id]).get(plan_id)
    if line is None:
        get_plan(scope, plan_id)
        raise AssertionError("a plan has a version in force")
    plan, version = line.plan, line.version
    location = get_location(scope, plan.location_id)
    catalogue = catalogue_of(scope, version)
    patient = get_patient(scope, plan.patient_id)
    lines = consent_lines(scope, version, catalogue, patient)
    consent = queries.map_newest_consents(scope, [plan.id]).get(plan.id)
    return render_template(
        "desk/plan.html",
        form=form,
        plan=plan,
        version=version,
        patient=patient,
        flags=language_flags(patient, spoken=get_settings(scope).languages),
        lines=lines,
        reads_best=language_word(patient.language),
        consent_words=CONSENT_WORDS,
        location=location,
        place=location.name,
        procedure=catalogue.procedure[version.procedure_id].title,
        indication=catalogue.indication[version.indication_id].title,
        areas=[(catalogue.area[area].title, um) for area, um in line.areas.items()],
        titles={one.id: one.title for one in catalogue.areas},
        device=get_device(scope, version.device_id),
        names=map_staff_names(scope),
        anaesthetic=ANAESTHETICS[Anaesthetic(version.anaesthetic)],
        skin_type=SKIN_TYPES[version.skin_type - 1],
        add_ons=[one.title for one in catalogue.add_ons if one.id in version.add_ons],
        line_areas=frozenset(line.areas),
        **_told(scope, version, has_permission(Permission.CONSENT_READ)),
        performer=_performer(scope, line),
        discussion=find_discussion(scope, version.id),
        wants_talk=not line.is_discussed,
        modes=MODES,
        consent=consent,
        marks=consent_marks(consent),
        consent_word=CONSENT_WORDS[consent.state] if consent else None,
        need=consent_need(line, consent, now()),
        standing=consent_standing(scope, patient_id=plan.patient_id, plan_id=plan.id, at=now()),
        can_send=has_permission(Permission.CONSENT_REQUEST),
        visits=list_visits_of_plan(scope, plan.id),
        visit_words=VISIT_WORDS,
    )


@bp.post("/consents")
@guard(Permission.CONSENT_REQUEST)
@idempotent
def send_form(scope: TenantScope, plan_id: uuid.UUID) -> Response:
    """Send a consent form to the patient; an unsigned older one to the same is called back."""
    form = sent_form()
    with asking_again(form, lambda again: plan_page(scope, plan_id, again)):
        request_consent(scope, plan_id=plan_id, wanted=_wanted(form))
    return go_to(scope, f"/plans/{plan_id}", "consent")


@bp.post("/consents/here")
@guard(Permission.CONSENT_REQUEST)
@idempotent
def make_form(scope: TenantScope, plan_id: uuid.UUID) -> Response:
    """Make the consent form for a patient who is here; nothing is sent."""
    form = sent_form()
    with asking_again(form, lambda again: plan_page(scope, plan_id, again)):
        consent = request_consent(
            scope, plan_id=plan_id, wanted=_wanted(form), is_sent=False
        ).consent
    return go_to(scope, f"/consents/{consent.id}")


def _told(scope: TenantScope, version: PlanVersion, may_read: bool) -> dict[str, object]:
    """Return what the patient told and what is known of their skin, for those who may read it."""
    if not may_read:
        return {"matters": None, "spots": [], "views": []}
    spots = spots_of(scope, version)
    return {
        "matters": what_matters(scope, version),
        "capacity": CAPACITIES[Capacity(version.capacity)],
        "capacity_note": capacity_note(scope, version),
        "spots": spots,
        "views": marked_views(spots),
    }


def _wanted(form: Form) -> WantedForm:
    """Return what is to be asked; without a word about it, the treatment."""
    form.sent.setdefault("purpose", Purpose.TREATMENT.value)
    purpose = form.choice("purpose", [*Purpose], "Choose what to ask about.")
    add_on, locale = form.optional("add_on", most=40), form.optional("locale", most=20)
    form.check()
    return WantedForm(Purpose(purpose), add_on=add_on, locale=locale)


def _performer(scope: TenantScope, line: queries.PlanLine) -> object:
    version = line.version
    return may_perform(
        scope,
        staff_id=version.practitioner_id,
        location_id=line.plan.location_id,
        work=planned_work(version.procedure_id, facts_of(scope, version)),
    )
