"""Pages for making a plan. The plan's own page looks further: see ``app/desk``."""

import uuid

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from app.auth.guards import guard
from app.auth.permissions import CLINICAL, Permission
from app.catalogue.content import Catalogue
from app.catalogue.errors import CatalogueNotApproved
from app.catalogue.queries import content_of, get_catalogue_in_force
from app.database import TenantScope
from app.errors import Stale
from app.forms import Form, asking_again, sent_form
from app.idempotency import idempotent
from app.kit.money import plain_amount
from app.patients.queries import get_patient
from app.plans.body_map import VIEWS
from app.plans.models import Plan
from app.plans.plan_form import (
    ANAESTHETICS,
    CAPACITIES,
    SKIN_TYPES,
    area_groups,
    chosen_areas,
    filled_form,
    indication_options,
    options,
    read_terms,
    service_names,
    spot_rows,
)
from app.plans.queries import get_latest_version, get_plan
from app.plans.services.make_plan import change_plan, make_plan
from app.staff_pages import asked_id, go_to
from app.tenants.models import Location, StaffMember
from app.tenants.queries import get_location, list_devices, list_open_locations, list_staff

bp = Blueprint("plans_pages", __name__, url_prefix="/clinics/<uuid:clinic_id>")


def treating_staff(scope: TenantScope) -> list[StaffMember]:
    """Return those who may treat by their role, without those who left."""
    return [one for one in list_staff(scope) if one.role in CLINICAL and one.disabled_at is None]


@bp.get("/patients/<uuid:patient_id>/plans/new")
@guard(Permission.PLAN_WRITE)
def ask_for_plan(scope: TenantScope, patient_id: uuid.UUID) -> str:
    """Ask for a plan at a location: the patient's own unless the address names another."""
    location = _location_asked(scope, patient_id)
    form = Form(
        {
            "location_id": str(location.id),
            "practitioner_id": str(scope.actor.id),
            "sessions": "3",
            "interval_days": "28",
        }
    )
    return _plan_page(scope, patient_id, form)


@bp.post("/patients/<uuid:patient_id>/plans/new")
@guard(Permission.PLAN_WRITE)
@idempotent
def make(scope: TenantScope, patient_id: uuid.UUID) -> Response:
    """Make the plan."""
    form = sent_form()
    location = _chosen_location(scope, patient_id, form)
    catalogue = _catalogue(scope)
    names = service_names(catalogue, form)
    with asking_again(form, lambda again: _plan_page(scope, patient_id, again), names):
        terms = read_terms(form, catalogue, location)
        plan = make_plan(scope, patient_id=patient_id, location_id=location.id, terms=terms)
    return go_to(scope, f"/plans/{plan.id}", "plan")


@bp.get("/plans/<uuid:plan_id>/change")
@guard(Permission.PLAN_WRITE)
def ask_for_change(scope: TenantScope, plan_id: uuid.UUID) -> str:
    """Show the plan in force, to be changed into a new version."""
    plan = get_plan(scope, plan_id)
    version = get_latest_version(scope, plan)
    form = Form(
        filled_form(scope, version, plain_amount(version.price_minor, version.currency))
        | {"location_id": str(plan.location_id), "version": str(plan.version)}
    )
    form.sent.setlist("add_ons", list(version.add_ons))
    return _plan_page(scope, plan.patient_id, form, plan)


@bp.post("/plans/<uuid:plan_id>/change")
@guard(Permission.PLAN_WRITE)
@idempotent
def change(scope: TenantScope, plan_id: uuid.UUID) -> Response:
    """Agree a new version of the plan."""
    form = sent_form()
    plan = get_plan(scope, plan_id)
    form.sent["location_id"] = str(plan.location_id)
    catalogue = _catalogue(scope)
    names = service_names(catalogue, form)
    with asking_again(form, lambda again: _changed_page(scope, plan, again), names, also=(Stale,)):
        terms = read_terms(form, catalogue, get_location(scope, plan.location_id))
        read = form.whole("version", "Open the plan again.", low=1, high=10**6)
        change_plan(scope, plan_id=plan_id, terms=terms, version=read)
    return go_to(scope, f"/plans/{plan_id}", "plan")


def _changed_page(scope: TenantScope, plan: Plan, form: Form) -> str:
    """Show the form again; who saves it once more has been told what somebody else did."""
    form.sent["version"] = str(plan.version)
    return _plan_page(scope, plan.patient_id, form, plan)


def _chosen_location(scope: TenantScope, patient_id: uuid.UUID, form: Form) -> Location:
    """Return the location of a form; without a known one, the patient's own, and say so."""
    own = get_patient(scope, patient_id).location_id
    wanted = form.key_of("location_id", "Choose the location.")
    known = {one.id: one for one in list_open_locations(scope)}
    if wanted not in known:
        form.fail("location_id", "Choose the location.")
        form.sent["location_id"] = str(own)
    return known.get(wanted) or get_location(scope, own)


def _location_asked(scope: TenantScope, patient_id: uuid.UUID) -> Location:
    """Return the location that the address names, else the patient's own while it is open."""
    asked, own = asked_id("location"), get_patient(scope, patient_id).location_id
    if asked is not None:
        return get_location(scope, asked)
    known = {one.id: one for one in list_open_locations(scope)}
    return known.get(own) or next(iter(known.values()), get_location(scope, own))


def _location(scope: TenantScope, location_id: uuid.UUID) -> Location:
    return get_location(scope, location_id)


def _catalogue(scope: TenantScope) -> Catalogue:
    return content_of(get_catalogue_in_force(scope))


def _plan_page(
    scope: TenantScope, patient_id: uuid.UUID, form: Form, plan: Plan | None = None
) -> str:
    patient = get_patient(scope, patient_id)
    location = _location(scope, uuid.UUID(form.typed("location_id")))
    try:
        catalogue = _catalogue(scope)
    except CatalogueNotApproved:
        return render_template("plans/not_yet.html", patient=patient)
    return render_template(
        "plans/new_plan.html",
        form=form,
        plan=plan,
        patient=patient,
        location=location,
        locations=options((one.id, one.name) for one in list_open_locations(scope)),
        place=location.name,
        procedures=options((one.id, one.title) for one in catalogue.procedures),
        indications=indication_options(catalogue),
        add_ons=options((one.id, one.title) for one in catalogue.add_ons),
        capacities=options(CAPACITIES.items()),
        area_options=[
            {"value": "", "label": "Choose one"},
            *options((one.id, one.title) for one in catalogue.areas),
        ],
        views=list(VIEWS.values()),
        chosen=chosen_areas(form, catalogue),
        titles={one.id: one.title for one in catalogue.areas},
        rows=spot_rows(form),
        groups=area_groups(catalogue.areas),
        devices=options(
            (one.id, f"{one.model} ({one.serial})") for one in list_devices(scope, location.id)
        ),
        practitioners=options((one.id, one.name) for one in treating_staff(scope)),
        anaesthetics=options(ANAESTHETICS.items()),
        skin_types=[
            {"value": value, "label": roman, "hint": words} for value, roman, words in SKIN_TYPES
        ],
    )
