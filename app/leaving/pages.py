"""Export and leaving, for owners: what each step does, in plain words."""

import uuid

from flask import Blueprint, Response, render_template
from werkzeug.wrappers import Response as AnyResponse

from app.auth.guards import guard
from app.auth.permissions import Permission
from app.database import TenantScope
from app.forms import Form, asking_again, sent_form
from app.idempotency import idempotent
from app.leaving import queries
from app.leaving.clinic_queries import find_leaving
from app.leaving.progress import WORDS, percent_of
from app.leaving.routes import send_export
from app.leaving.services.ask_export import ask_export, discard_export
from app.leaving.services.ask_to_leave import ask_to_leave, call_off
from app.staff_pages import go_to
from app.tenants.queries import get_clinic
from app.vault.backups import backup_days

bp = Blueprint("leaving_pages", __name__, url_prefix="/clinics/<uuid:clinic_id>/settings/leaving")
HOME = "/settings/leaving"


@bp.get("")
@guard(Permission.CLINIC_LEAVE)
def show_leaving(scope: TenantScope) -> str:
    """Show the exports with their progress, and how leaving goes."""
    exports = queries.list_exports(scope)
    return render_template(
        "leaving/leaving.html",
        exports=exports,
        under_way=[one for one in exports if one.state in queries.UNDER_WAY],
        percent_of=percent_of,
        words=WORDS,
        leaving=find_leaving(scope),
        backup_days=backup_days(),
    )


@bp.get("/export")
@guard(Permission.CLINIC_LEAVE, step_up=True)
def confirm_export(scope: TenantScope) -> str:
    """Say what will be in the file before it is made."""
    return _export_page(Form())


@bp.post("/export")
@guard(Permission.CLINIC_LEAVE, step_up=True)
@idempotent
def begin_export(scope: TenantScope) -> AnyResponse:
    """Begin an export."""
    with asking_again(sent_form(), _export_page):
        ask_export(scope)
    return go_to(scope, HOME, "export")


def _export_page(form: Form) -> str:
    return render_template("leaving/export.html", form=form)


@bp.get("/exports/<uuid:export_id>/file")
@guard(Permission.CLINIC_LEAVE, step_up=True)
def download(scope: TenantScope, export_id: uuid.UUID) -> Response:
    """Give the finished file out."""
    return send_export(scope, export_id)


@bp.post("/exports/<uuid:export_id>/discard")
@guard(Permission.CLINIC_LEAVE)
def discard(scope: TenantScope, export_id: uuid.UUID) -> AnyResponse:
    """Stop an export, or throw its file away."""
    discard_export(scope, export_id=export_id)
    return go_to(scope, HOME, "export-gone")


@bp.get("/leave")
@guard(Permission.CLINIC_LEAVE, step_up=True)
def confirm_leaving(scope: TenantScope) -> str:
    """Say what leaving does, and ask for the clinic's name."""
    return _leave_page(scope, Form())


@bp.post("/leave")
@guard(Permission.CLINIC_LEAVE, step_up=True)
@idempotent
def leave(scope: TenantScope) -> AnyResponse:
    """Begin to leave."""
    form = sent_form()
    with asking_again(form, lambda again: _leave_page(scope, again)):
        ask_to_leave(scope, typed_name=form.typed("name"))
    return go_to(scope, HOME, "leaving")


def _leave_page(scope: TenantScope, form: Form) -> str:
    return render_template(
        "leaving/leave.html", form=form, own=get_clinic(scope), backup_days=backup_days()
    )


@bp.get("/stay")
@guard(Permission.CLINIC_LEAVE, step_up=True)
def confirm_staying(scope: TenantScope) -> str:
    """Say what calling it off brings back, and what not."""
    return _stay_page(Form())


@bp.post("/stay")
@guard(Permission.CLINIC_LEAVE, step_up=True)
@idempotent
def stay(scope: TenantScope) -> AnyResponse:
    """Call leaving off."""
    with asking_again(sent_form(), _stay_page):
        call_off(scope)
    return go_to(scope, HOME, "staying")


def _stay_page(form: Form) -> str:
    return render_template("leaving/stay.html", form=form)
