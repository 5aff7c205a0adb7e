"""A patient's page "Rights and data": limits, requests and their answers, corrections, copies."""

import uuid

from flask import Blueprint, Response, render_template

from app import audit
from app.auth.guards import guard
from app.auth.permissions import Permission
from app.database import TenantScope
from app.errors import Conflict
from app.forms import Form, asking_again, sent_form
from app.idempotency import idempotent
from app.patients.addendum_models import AddendumAbout
from app.patients.limit_models import LimitKind
from app.patients.limit_queries import get_limit_for_update
from app.patients.queries import get_patient
from app.patients.services.limit_use import REASONS, lift_limit, place_limit
from app.rights import wording
from app.rights.export_queries import get_export
from app.rights.models import RequestKind
from app.rights.overview import is_held, overview_of, subjects_of
from app.rights.proposal import propose_all
from app.rights.queries import get_request
from app.rights.routes import zip_file
from app.rights.services.correct_record import correct_record
from app.rights.services.decide_erasure import decide_erasure
from app.rights.services.export_data import read_export, request_export, send_export
from app.rights.services.take_request import CHANNELS, IDENTIFIED_BY, close_request, take_request
from app.staff_pages import go_to
from app.tenants.queries import map_staff_names
from app.vault.backups import backup_days

bp = Blueprint("rights_pages", __name__, url_prefix="/clinics/<uuid:clinic_id>")
MANAGE = Permission.RIGHTS_MANAGE
HOME = "/patients/<uuid:patient_id>/rights"


@bp.get(HOME)
@guard(MANAGE)
def show_rights(scope: TenantScope, patient_id: uuid.UUID) -> str:
    """Show what a patient asked about their data, and what limits its use."""
    audit.record(scope, "rights:overview:read", subject_id=patient_id, patient_id=patient_id)
    return _home(scope, patient_id, Form())


@bp.post(f"{HOME}/requests")
@guard(MANAGE)
@idempotent
def take(scope: TenantScope, patient_id: uuid.UUID) -> Response:
    """Write down what a patient asks."""
    form = sent_form()
    with asking_again(form, lambda again: _home(scope, patient_id, again), {"": "kind"}):
        kind = form.choice("kind", [one.value for one in RequestKind], "Choose what they ask for.")
        channel = form.choice("channel", CHANNELS, "Choose how they asked.")
        known = form.choice("identified_by", IDENTIFIED_BY, "Choose how you know who asks.")
        form.check()
        request = take_request(
            scope,
            patient_id=patient_id,
            kind=RequestKind(kind),
            channel=channel,
            identified_by=known,
        )
    if request.kind == RequestKind.ERASURE:
        return go_to(scope, f"/rights-requests/{request.id}")
    return go_to(scope, f"/patients/{patient_id}/rights", "rights-request")


@bp.get("/rights-requests/<uuid:rights_request_id>")
@guard(MANAGE)
def show_request(scope: TenantScope, rights_request_id: uuid.UUID) -> str:
    """Show what would become of each class of data, before it is decided."""
    request = get_request(scope, rights_request_id)
    patient = get_patient(scope, request.patient_id)
    audit.record(scope, "rights:request:read", subject_id=request.id, patient_id=patient.id)
    overview = overview_of(scope, patient)
    open_for_decision = request.kind == RequestKind.ERASURE and request.state == "open"
    return render_template(
        "rights/request.html",
        patient=patient,
        request_row=request,
        told=overview.told.get(request.id, []),
        proposals=propose_all(scope, patient) if open_for_decision else [],
        is_held=is_held(overview),
        backup=wording.backup_sentence(backup_days()),
        zone=overview.location.zone,
        words=wording,
        form=Form(),
    )


@bp.post("/rights-requests/<uuid:rights_request_id>/decide")
@guard(MANAGE, step_up=True)
@idempotent
def decide(scope: TenantScope, rights_request_id: uuid.UUID) -> Response:
    """Decide a request for erasure."""
    decide_erasure(scope, request_id=rights_request_id, backup_days=backup_days())
    return go_to(scope, f"/rights-requests/{rights_request_id}", "rights-decided")


@bp.post("/rights-requests/<uuid:rights_request_id>/close")
@guard(MANAGE)
@idempotent
def close(scope: TenantScope, rights_request_id: uuid.UUID) -> Response:
    """Note that a request was answered."""
    request = close_request(scope, request_id=rights_request_id)
    return go_to(scope, f"/patients/{request.patient_id}/rights", "rights-closed")


@bp.post(f"{HOME}/limits")
@guard(MANAGE)
@idempotent
def place(scope: TenantScope, patient_id: uuid.UUID) -> Response:
    """Set a limit."""
    form = sent_form()
    names = {"": "limit", "reason": "limit"}
    with asking_again(form, lambda again: _home(scope, patient_id, again), names):
        chosen = form.choice("limit", [one["value"] for one in _limit_options()], "Choose a limit.")
        until = form.day("until", "Enter a day, or leave it empty.") if _has_day(form) else None
        form.check()
        kind, _, reason = chosen.partition(":")
        place_limit(
            scope,
            patient_id=patient_id,
            kind=LimitKind(kind),
            reason=reason,
            until_on=until if kind == LimitKind.LEGAL_HOLD else None,
        )
    return go_to(scope, f"/patients/{patient_id}/rights", "limit-placed")


@bp.post("/limits/<uuid:patient_limit_id>/lift")
@guard(MANAGE, step_up=True)
@idempotent
def lift(scope: TenantScope, patient_limit_id: uuid.UUID) -> Response:
    """Lift a limit."""
    limit = lift_limit(scope, limit_id=get_limit_for_update(scope, patient_limit_id).id)
    return go_to(scope, f"/patients/{limit.patient_id}/rights", "limit-lifted")


@bp.post(f"{HOME}/addenda")
@guard(MANAGE)
@idempotent
def correct(scope: TenantScope, patient_id: uuid.UUID) -> Response:
    """Put a patient's correction beside the record."""
    form = sent_form()
    with asking_again(form, lambda again: _home(scope, patient_id, again), {"": "about"}):
        patient = get_patient(scope, patient_id)
        known = [one["value"] for one in subjects_of(scope, patient)]
        chosen = form.choice("about", known, "Choose what is to be corrected.")
        text = form.text("text", "Write down what the patient says is right.", most=4000)
        agreed = form.choice("agreed", ["yes", "no"], "Say whether the clinic agrees.")
        form.check()
        about, _, subject_id = chosen.partition(":")
        correct_record(
            scope,
            patient_id=patient.id,
            about=AddendumAbout(about),
            subject_id=uuid.UUID(subject_id),
            text=text,
            is_agreed=agreed == "yes",
        )
    return go_to(scope, f"/patients/{patient_id}/rights", "addendum")


@bp.post(f"{HOME}/copies")
@guard(MANAGE)
@idempotent
def request_copy(scope: TenantScope, patient_id: uuid.UUID) -> Response:
    """Begin a copy of a patient's data."""
    request_export(scope, patient_id=patient_id)
    return go_to(scope, f"/patients/{patient_id}/rights", "copy-begun")


@bp.post("/data-exports/<uuid:data_export_id>/send")
@guard(MANAGE)
@idempotent
def send_copy(scope: TenantScope, data_export_id: uuid.UUID) -> Response:
    """Send the patient a link to their copy."""
    patient_id = get_export(scope, data_export_id).patient_id
    try:
        send_export(scope, export_id=data_export_id)
    except Conflict:
        return go_to(scope, f"/patients/{patient_id}/rights", "copy-not-sent")
    return go_to(scope, f"/patients/{patient_id}/rights", "copy-sent")


@bp.get("/data-exports/<uuid:data_export_id>/file")
@guard(MANAGE, step_up=True)
def fetch_copy(scope: TenantScope, data_export_id: uuid.UUID) -> Response:
    """Return a copy as a ZIP file."""
    return zip_file(read_export(scope, export_id=data_export_id))


def _home(scope: TenantScope, patient_id: uuid.UUID, form: Form) -> str:
    patient = get_patient(scope, patient_id)
    overview = overview_of(scope, patient)
    return render_template(
        "rights/overview.html",
        form=form,
        patient=patient,
        found=overview,
        is_held=is_held(overview),
        names=map_staff_names(scope),
        subjects=[] if patient.erased_at else subjects_of(scope, patient),
        limit_options=_limit_options(),
        kinds=_options(wording.KIND_WORDS),
        channels=_options(wording.CHANNEL_WORDS),
        identified=_options(wording.IDENTIFIED_WORDS),
        words=wording,
        waits=any(one.state == "queued" for one in overview.exports),
    )


def _options(words: dict[str, str]) -> list[dict[str, str]]:
    return [{"value": value, "label": label} for value, label in words.items()]


def _limit_options() -> list[dict[str, str]]:
    return [
        {
            "value": f"{kind.value}:{reason}",
            "label": f"{wording.LIMIT_WORDS[kind]}: {wording.LIMIT_REASON_WORDS[reason].lower()}",
        }
        for kind, reasons in REASONS.items()
        for reason in reasons
    ]


def _has_day(form: Form) -> bool:
    return any(form.typed(f"until_{part}").strip() for part in ("day", "month", "year"))
