"""Who saw this chart: the owner's pages and files, the patient's letter, and a reader's reason."""

import uuid

from flask import Blueprint, Response, render_template, request
from werkzeug.wrappers import Response as Redirect

from app import audit
from app.audit.places import read_place, write_place
from app.audit.queries import Wanted
from app.audit.sentences import REASONS
from app.auth.guards import guard
from app.auth.permissions import Permission
from app.database import TenantScope
from app.desk.chart_access import MOST, Look, list_looks, sittings, words_to_the_patient
from app.errors import Invalid
from app.kit.clock import now
from app.kit.csv_text import csv_file_of
from app.kit.in_words import city_of
from app.kit.speech import nearest_language, speaking
from app.patients.models import Patient
from app.patients.queries import get_patient
from app.patients.transfer_routes import csv_file
from app.staff_pages import go_to
from app.tenants.queries import get_home_zone, get_location, get_staff

bp = Blueprint("chart_pages", __name__, url_prefix="/clinics/<uuid:clinic_id>")
COLUMNS = ("When (UTC)", "Who", "Role", "Patient", "What", "Why")
MOST_IN_A_FILE = 20_000


@bp.get("/patients/<uuid:patient_id>/looks")
@guard(Permission.AUDIT_READ)
def show_patient_looks(scope: TenantScope, patient_id: uuid.UUID) -> str:
    """Show who looked at a patient's chart, when and why."""
    patient, wanted = _report_on(scope, patient_id)
    zone = get_location(scope, patient.location_id).zone
    return _page(scope, "audit/patient_looks.html", wanted, zone, patient=patient)


@bp.get("/patients/<uuid:patient_id>/looks/letter")
@guard(Permission.AUDIT_READ)
def show_letter(scope: TenantScope, patient_id: uuid.UUID) -> str:
    """Show the same for the patient, in their language and ready to be printed."""
    patient, wanted = _report_on(scope, patient_id)
    location = get_location(scope, patient.location_id)
    looks = all_looks(scope, wanted, location.zone)
    with speaking(nearest_language(patient.language)):
        return render_template(
            "audit/letter.html",
            patient=patient,
            location=location,
            lines=[words_to_the_patient(one) for one in sittings(looks, location.zone)],
            zone=location.zone,
            place_name=city_of(location.zone),
            today=now(),
            is_whole=len(looks) < MOST_IN_A_FILE,
        )


@bp.get("/patients/<uuid:patient_id>/looks.csv")
@guard(Permission.AUDIT_READ)
def get_patient_looks(scope: TenantScope, patient_id: uuid.UUID) -> Response:
    """Return every look at a patient's chart as a table."""
    return _table(all_looks(scope, _report_on(scope, patient_id)[1], "UTC"))


@bp.post("/patients/<uuid:patient_id>/looks/reason")
@guard(Permission.PATIENT_READ)
def give_reason(scope: TenantScope, patient_id: uuid.UUID) -> Redirect:
    """Keep why somebody looks who does not treat the patient; chosen from a list, never typed."""
    patient = get_patient(scope, patient_id)
    reason = request.form.get("reason", "")
    if reason not in REASONS:
        raise Invalid("Choose a reason from the list.", fields={"reason": "unknown"})
    audit.record(
        scope, "chart:reason:give", subject_id=patient.id, patient_id=patient.id, reason=reason
    )
    return go_to(scope, f"/patients/{patient.id}", "reason")


@bp.get("/settings/staff/<uuid:staff_id>/looks")
@guard(Permission.AUDIT_READ)
def show_staff_looks(scope: TenantScope, staff_id: uuid.UUID) -> str:
    """Show whose charts a member of staff looked at, when and why."""
    member = get_staff(scope, staff_id)
    wanted = Wanted(actor_id=member.id, looks_at_charts=True)
    return _page(scope, "audit/staff_looks.html", wanted, get_home_zone(scope), member=member)


@bp.get("/settings/staff/<uuid:staff_id>/looks.csv")
@guard(Permission.AUDIT_READ)
def get_staff_looks(scope: TenantScope, staff_id: uuid.UUID) -> Response:
    """Return every look of a member of staff at a chart as a table."""
    member = get_staff(scope, staff_id)
    audit.record(scope, "chart:report:make", subject_id=member.id)
    return _table(all_looks(scope, Wanted(actor_id=member.id, looks_at_charts=True), "UTC"))


def all_looks(scope: TenantScope, wanted: Wanted, zone: str) -> list[Look]:
    """Return every look, page by page, up to what a file may hold."""
    found, before = list_looks(scope, wanted, zone=zone, size=MOST)
    while before is not None and len(found) < MOST_IN_A_FILE:
        more, before = list_looks(scope, wanted, zone=zone, before=before, size=MOST)
        found += more
    return found[:MOST_IN_A_FILE]


def _report_on(scope: TenantScope, patient_id: uuid.UUID) -> tuple[Patient, Wanted]:
    """Return a patient and what a report asks for; that somebody asked is recorded."""
    patient = get_patient(scope, patient_id)
    audit.record(scope, "chart:access:read", subject_id=patient.id, patient_id=patient.id)
    return patient, Wanted(patient_id=patient.id, looks_at_charts=True)


def _page(scope: TenantScope, template: str, wanted: Wanted, zone: str, **whose: object) -> str:
    before = read_place(request.args.get("before", ""))
    looks, following = list_looks(scope, wanted, zone=zone, before=before)
    return render_template(
        template,
        **whose,
        sittings=sittings(looks, zone),
        following=write_place(following),
        zone=zone,
    )


def _table(looks: list[Look]) -> Response:
    rows = [
        (f"{look.at:%Y-%m-%d %H:%M:%S}", look.name, look.role, look.patient, look.what, look.why)
        for look in looks
    ]
    return csv_file(csv_file_of([COLUMNS, *rows]), "looks")
