"""The pages of an incident: record that somebody was treated all the same, and read it."""

import uuid
from collections.abc import Mapping

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from app.auth.guards import guard, has_permission
from app.auth.permissions import Permission
from app.care import queries
from app.care.defaults import usual_means
from app.care.models import Incident
from app.care.places import places_on_body
from app.care.services.give_aftercare import give_after_incident
from app.care.services.record_incident import (
    NewIncident,
    read_story,
    record_incident,
    refusal_in_words,
)
from app.care.visit_ground import VisitGround, ground_of_visit
from app.catalogue.queries import content_of, get_catalogue_in_force
from app.database import TenantScope
from app.forms import Form, asking_again, sent_form
from app.idempotency import idempotent
from app.kit.clock import now
from app.kit.ids import new_id
from app.patients.queries import get_patient
from app.plans.pages import treating_staff
from app.staff_pages import go_to
from app.tenants.queries import get_location, map_staff_names

bp = Blueprint("incident_pages", __name__, url_prefix="/clinics/<uuid:clinic_id>")
_PARTS = ("day", "month", "year")
_NAMES = {"happened_at": "happened", "areas": ""}


@bp.get("/visits/<uuid:visit_id>/incident")
@guard(Permission.INCIDENT_RECORD)
def ask_for_incident(scope: TenantScope, visit_id: uuid.UUID) -> str:
    """Ask what happened, filled with what was planned."""
    ground, usual = ground_of_visit(scope, visit_id, at=now()), usual_means(scope, visit_id)
    depths = {f"depth_{area}": f"{um / 1000:g}" for area, um in ground.facts.areas.items()}
    form = Form(
        {
            "named_staff_id": str(usual.practitioner_id),
            "lot": usual.lot,
            **depths,
            **{f"happened_{part}": str(getattr(ground.today, part)) for part in _PARTS},
            "happened_time": "",
        }
    )
    return _incident_page(ground, scope, form)


@bp.post("/visits/<uuid:visit_id>/incident")
@guard(Permission.INCIDENT_RECORD)
@idempotent
def report(scope: TenantScope, visit_id: uuid.UUID) -> Response:
    """Record the incident and tell the owners."""
    form = sent_form()
    ground = ground_of_visit(scope, visit_id, at=now())
    with asking_again(form, lambda again: _incident_page(ground, scope, again), _NAMES):
        incident = record_incident(scope, _wanted(scope, ground, form))
    return go_to(scope, f"/incidents/{incident.id}")


def _wanted(scope: TenantScope, ground: VisitGround, form: Form) -> NewIncident:
    usual = usual_means(scope, ground.visit.id)
    wanted = NewIncident(
        patient_id=ground.visit.patient_id,
        visit_id=ground.visit.id,
        named_staff_id=form.key_of("named_staff_id", "Choose who treated."),
        procedure_id=ground.version.procedure_id,
        areas=_areas(form),
        device_id=usual.device_id,
        lot=form.optional("lot", most=120) or "",
        reason=form.text("reason", "Say in a sentence what happened and why.", most=4000),
        happened_at=form.moment(
            "happened", ground.location.zone, "Enter the day, for example 24 11 2026."
        ),
    )
    form.check()
    return wanted


def _areas(form: Form) -> Mapping[str, int]:
    missing = "Enter millimetres like 0.5, or nothing where nobody was treated."
    return {
        name.removeprefix("depth_"): form.depth_um(name, missing)
        for name in form.sent
        if name.startswith("depth_") and form.typed(name).strip()
    }


def _incident_page(ground: VisitGround, scope: TenantScope, form: Form) -> str:
    titles = places_on_body(ground.catalogue)
    typed = [name.removeprefix("depth_") for name in form.sent if name.startswith("depth_")]
    return render_template(
        "care/new_incident.html",
        form=form,
        visit=ground.visit,
        patient=get_patient(scope, ground.visit.patient_id),
        location=ground.location,
        areas=[one for one in typed if one in titles] or list(ground.facts.areas),
        titles=titles,
        staff_options=[{"value": str(one.id), "label": one.name} for one in treating_staff(scope)],
    )


@bp.get("/incidents/<uuid:incident_id>")
@guard(Permission.CONSENT_READ)
def show_incident(scope: TenantScope, incident_id: uuid.UUID) -> str:
    """Show an incident with what was written about it."""
    incident = queries.get_incident(scope, incident_id)
    return render_template(
        "care/incident.html",
        incident=incident,
        story=read_story(scope, incident),
        refused=[refusal_in_words(code) for code in incident.refused_because],
        patient=get_patient(scope, incident.patient_id),
        location=get_location(scope, incident.location_id),
        names=map_staff_names(scope),
        titles=places_on_body(content_of(get_catalogue_in_force(scope))),
        sheet_key=new_id().hex,
        stop_consent_id=_consent_in_force(scope, incident),
    )


def _consent_in_force(scope: TenantScope, incident: Incident) -> uuid.UUID | None:
    """Return the consent that whoever decides may stop because of an incident, or None."""
    if incident.visit_id is None or not has_permission(Permission.HOLD_DECIDE):
        return None
    standing = ground_of_visit(scope, incident.visit_id, at=now()).standing
    return standing.consent_id if standing.allowed else None


@bp.post("/incidents/<uuid:incident_id>/aftercare")
@guard(Permission.AFTERCARE_GIVE)
@idempotent
def give_sheet(scope: TenantScope, incident_id: uuid.UUID) -> Response:
    """Give the aftercare sheet to somebody who was treated without a valid start."""
    give_after_incident(scope, incident_id=incident_id)
    return go_to(scope, f"/incidents/{incident_id}")
