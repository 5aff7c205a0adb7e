"""The page on which safety communications are entered, and their API."""

import uuid
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, render_template
from flask_smorest import Blueprint as ApiBlueprint
from marshmallow import fields, validate
from werkzeug.wrappers import Response

from app.auth.guards import guard
from app.auth.permissions import Permission
from app.consent.after.safety_models import About, SafetyNotice
from app.consent.after.safety_queries import list_notices
from app.consent.after.services.enter_safety_notice import (
    LONGEST,
    NewNotice,
    end_safety_notice,
    enter_safety_notice,
    subjects,
)
from app.database import TenantScope
from app.forms import Form, asking_again, sent_form
from app.idempotency import idempotent
from app.schemas import StrictSchema
from app.staff_pages import go_to
from app.tenants.queries import map_staff_names

pages = Blueprint("safety_pages", __name__, url_prefix="/clinics/<uuid:clinic_id>/settings/safety")
bp = ApiBlueprint(
    "safety",
    __name__,
    url_prefix="/api/v1/clinics/<uuid:clinic_id>/safety-notices",
    description="Safety communications",
)


class SafetyNoticeRequest(StrictSchema):
    """What was said on a day about a device, a kind of device or a material."""

    about = fields.String(required=True, validate=validate.OneOf([one.value for one in About]))
    subject = fields.String(required=True, validate=validate.Length(1, 100))
    said_on = fields.Date(required=True)
    says = fields.String(required=True, validate=validate.Length(1, LONGEST))
    source = fields.String(required=True, validate=validate.Length(1, LONGEST))


class SafetyNoticeResponse(StrictSchema):
    """A safety communication; it counts while ``ended_at`` is null."""

    id = fields.UUID(required=True)
    about = fields.String(required=True)
    subject = fields.String(required=True)
    said_on = fields.Date(required=True)
    says = fields.String(required=True)
    source = fields.String(required=True)
    entered_by = fields.UUID(required=True)
    entered_at = fields.AwareDateTime(required=True)
    ended_at = fields.AwareDateTime(required=True, allow_none=True)


@bp.get("")
@guard(Permission.CLINIC_READ)
@bp.response(200, SafetyNoticeResponse(many=True))
def list_all(scope: TenantScope) -> Sequence[SafetyNotice]:
    """List every safety communication, the newest first."""
    return list_notices(scope)


@bp.post("")
@guard(Permission.SAFETY_ENTER)
@idempotent
@bp.arguments(SafetyNoticeRequest)
@bp.response(201, SafetyNoticeResponse)
def enter(scope: TenantScope, wanted: dict[str, Any]) -> SafetyNotice:
    """Enter a safety communication; consents asked for before it are asked for anew."""
    return enter_safety_notice(scope, NewNotice(**wanted))


@bp.post("/<uuid:safety_notice_id>/end")
@guard(Permission.SAFETY_ENTER)
@idempotent
@bp.response(200, SafetyNoticeResponse)
def end(scope: TenantScope, safety_notice_id: uuid.UUID) -> SafetyNotice:
    """Let a safety communication that was entered by mistake count no more."""
    return end_safety_notice(scope, notice_id=safety_notice_id)


@pages.get("")
@guard(Permission.CLINIC_READ)
def show_all(scope: TenantScope) -> str:
    """Show what was entered, and the form for another one."""
    return _page(scope, Form())


@pages.post("")
@guard(Permission.SAFETY_ENTER)
@idempotent
def add(scope: TenantScope) -> Response:
    """Enter a safety communication."""
    form = sent_form()
    with asking_again(form, lambda again: _page(scope, again)):
        about, _, subject = form.typed("subject").partition(":")
        said_on = form.day("said_on", "Enter the day on which it was said.")
        says, source = form.typed("says"), form.typed("source")
        form.check()
        enter_safety_notice(scope, NewNotice(about, subject, said_on, says, source))
    return go_to(scope, "/settings/safety", "safety-entered")


@pages.post("/<uuid:safety_notice_id>/end")
@guard(Permission.SAFETY_ENTER)
@idempotent
def stop(scope: TenantScope, safety_notice_id: uuid.UUID) -> Response:
    """Take back what was entered by mistake."""
    end_safety_notice(scope, notice_id=safety_notice_id)
    return go_to(scope, "/settings/safety", "safety-ended")


def _page(scope: TenantScope, form: Form) -> str:
    known = subjects(scope)
    return render_template(
        "consent/safety.html",
        form=form,
        notices=[
            (one, known.get((one.about, one.subject), one.subject)) for one in list_notices(scope)
        ],
        options=[{"value": f"{a}:{s}", "label": name} for (a, s), name in known.items()],
        names=map_staff_names(scope),
    )
