"""Pages for what follows a plan: recording the discussion, and planning a visit."""

import uuid

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from app.auth.guards import guard
from app.auth.permissions import Permission
from app.database import TenantScope
from app.forms import Form, asking_again, sent_form
from app.idempotency import idempotent
from app.kit.clock import now
from app.patients.queries import get_patient
from app.patients.reads_best import language_flags
from app.plans.models import DiscussionMode
from app.plans.pages import treating_staff
from app.plans.queries import get_latest_version, get_plan
from app.plans.services.plan_visit import plan_visit
from app.plans.services.record_discussion import NewDiscussion, record_discussion
from app.staff_pages import go_to
from app.tenants.place_queries import get_settings
from app.tenants.queries import get_location

bp = Blueprint("plan_steps", __name__, url_prefix="/clinics/<uuid:clinic_id>/plans/<uuid:plan_id>")
MODES = {
    DiscussionMode.IN_PERSON: "In person",
    DiscussionMode.VIDEO: "By video",
    DiscussionMode.PHONE: "By phone",
}


@bp.get("/discussion")
@guard(Permission.PLAN_WRITE)
def ask_for_discussion(scope: TenantScope, plan_id: uuid.UUID) -> str:
    """Ask who talked the plan over with the patient, when and how."""
    form = Form({"held_by": str(scope.actor.id), "language": "en", "mode": "in_person"})
    return _discussion_page(scope, plan_id, form)


@bp.post("/discussion")
@guard(Permission.PLAN_WRITE)
@idempotent
def add_discussion(scope: TenantScope, plan_id: uuid.UUID) -> Response:
    """Record the discussion of the version in force."""
    form = sent_form()
    plan = get_plan(scope, plan_id)
    zone = get_location(scope, plan.location_id).zone
    with asking_again(form, lambda again: _discussion_page(scope, plan_id, again)):
        version = get_latest_version(scope, plan)
        if form.typed("version_id") != str(version.id):
            form.fail("", "The plan was changed in the meantime. Read it again first.")
        wanted = _new_discussion(form, zone)
        record_discussion(scope, plan_version_id=version.id, wanted=wanted)
    return go_to(scope, f"/plans/{plan_id}", "discussion")


def _discussion_page(scope: TenantScope, plan_id: uuid.UUID, form: Form) -> str:
    plan = get_plan(scope, plan_id)
    patient = get_patient(scope, plan.patient_id)
    return render_template(
        "plans/discussion.html",
        form=form,
        plan=plan,
        version=get_latest_version(scope, plan),
        patient=patient,
        flags=language_flags(patient, spoken=get_settings(scope).languages),
        location=get_location(scope, plan.location_id),
        staff_options=[{"value": str(one.id), "label": one.name} for one in treating_staff(scope)],
        modes=[{"value": mode.value, "label": words} for mode, words in MODES.items()],
    )


def _new_discussion(form: Form, zone: str) -> NewDiscussion:
    wanted = NewDiscussion(
        held_at=form.moment("held_at", zone, "Enter the day, for example 19 11 2026."),
        held_by=form.key_of("held_by", "Choose who spoke with the patient."),
        mode=form.choice("mode", list(DiscussionMode), "Say how you spoke."),
        language=form.text("language", "Enter the language you spoke.", most=20),
        interpreter=form.optional("interpreter"),
        note=form.optional("note", most=4000),
    )
    form.check()
    return wanted


@bp.get("/visits/new")
@guard(Permission.VISIT_WRITE)
def ask_for_visit(scope: TenantScope, plan_id: uuid.UUID) -> str:
    """Ask when the patient comes, in the location's own time."""
    version = get_latest_version(scope, get_plan(scope, plan_id))
    return _visit_page(scope, plan_id, Form({"practitioner_id": str(version.practitioner_id)}))


@bp.post("/visits/new")
@guard(Permission.VISIT_WRITE)
@idempotent
def add_visit(scope: TenantScope, plan_id: uuid.UUID) -> Response:
    """Plan a visit."""
    form = sent_form()
    zone = get_location(scope, get_plan(scope, plan_id).location_id).zone
    with asking_again(form, lambda again: _visit_page(scope, plan_id, again)):
        planned_at = form.moment("planned_at", zone, "Enter the day, for example 24 11 2026.")
        practitioner_id = form.key_of("practitioner_id", "Choose who treats.")
        form.check()
        if planned_at < now():
            form.fail("planned_at", "This time has passed. Enter one that is still to come.")
        form.check()
        # A confirmation is for the time that was asked about, not for one typed since.
        form.sent["asked_about"] = planned_at.isoformat()
        plan_visit(
            scope,
            plan_id=plan_id,
            practitioner_id=practitioner_id,
            planned_at=planned_at,
            outside_hours=form.typed("outside_hours") == planned_at.isoformat(),
        )
    return go_to(scope, f"/plans/{plan_id}", "visit")


def _visit_page(scope: TenantScope, plan_id: uuid.UUID, form: Form) -> str:
    plan = get_plan(scope, plan_id)
    return render_template(
        "plans/new_visit.html",
        form=form,
        plan=plan,
        patient=get_patient(scope, plan.patient_id),
        location=get_location(scope, plan.location_id),
        practitioners=[{"value": str(one.id), "label": one.name} for one in treating_staff(scope)],
    )
