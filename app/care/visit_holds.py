"""Stopping a plan because of the short questions at a visit, as page and as API."""

import uuid
from typing import Any

from flask import Blueprint, render_template
from flask_smorest import Blueprint as ApiBlueprint
from marshmallow import fields, validate
from werkzeug.wrappers import Response

from app.auth.guards import guard
from app.auth.permissions import Permission
from app.care.services.hold_after_check import hold_after_check
from app.care.visit_ground import ground_of_visit
from app.consent.holds.decision import LONGEST_REASON
from app.consent.holds.models import Hold
from app.database import TenantScope
from app.forms import Form, asking_again, sent_form
from app.idempotency import idempotent
from app.kit.clock import now
from app.patients.queries import get_patient
from app.schemas import StrictSchema
from app.staff_pages import go_to

pages = Blueprint(
    "visit_hold_pages", __name__, url_prefix="/clinics/<uuid:clinic_id>/visits/<uuid:visit_id>"
)
bp = ApiBlueprint(
    "visit_holds",
    __name__,
    url_prefix="/api/v1/clinics/<uuid:clinic_id>/visits/<uuid:visit_id>",
    description="Holds",
)


class VisitHoldRequest(StrictSchema):
    """What a clinician adds to what the short questions found."""

    reason = fields.String(required=True, validate=validate.Length(1, LONGEST_REASON))


class VisitHoldResponse(StrictSchema):
    """The hold that the short questions of a visit opened."""

    id = fields.UUID(required=True)
    consent_id = fields.UUID(required=True)
    origin = fields.String(required=True)
    opened_at = fields.AwareDateTime(required=True)


@bp.post("/hold")
@guard(Permission.HOLD_DECIDE)
@idempotent
@bp.arguments(VisitHoldRequest)
@bp.response(201, VisitHoldResponse)
def open_hold(scope: TenantScope, wanted: dict[str, Any], visit_id: uuid.UUID) -> Hold:
    """Stop the plan because of the newest short questions, so that it can be decided about."""
    return hold_after_check(scope, visit_id=visit_id, **wanted)


@pages.get("/hold")
@guard(Permission.HOLD_DECIDE)
def ask_why(scope: TenantScope, visit_id: uuid.UUID) -> str:
    """Say what stopping does, and ask for a reason."""
    return _page(scope, visit_id, Form())


@pages.post("/hold")
@guard(Permission.HOLD_DECIDE)
@idempotent
def stop(scope: TenantScope, visit_id: uuid.UUID) -> Response:
    """Stop the plan and go on to the decision."""
    form = sent_form()
    with asking_again(form, lambda again: _page(scope, visit_id, again), {"": "reason"}):
        hold = hold_after_check(scope, visit_id=visit_id, reason=form.typed("reason"))
    return go_to(scope, f"/holds/{hold.id}", "stopped")


def _page(scope: TenantScope, visit_id: uuid.UUID, form: Form) -> str:
    ground = ground_of_visit(scope, visit_id, at=now())
    return render_template(
        "care/stop.html",
        form=form,
        visit=ground.visit,
        patient=get_patient(scope, ground.visit.patient_id),
        location=ground.location,
        place=ground.location.name,
    )
