"""The pages of a treatment: record what was done, read it, correct it."""

import uuid

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from app.auth.guards import guard
from app.auth.permissions import Permission
from app.care import queries, reading
from app.care.places import places_on_body
from app.care.record import read_note
from app.care.record_form import TOPICAL_ROWS, after_number, first_form, read_done, started_ids
from app.care.services.complete_treatment import complete_treatment
from app.database import TenantScope
from app.errors import Stale
from app.forms import Form, ask_again, asking_again, sent_form
from app.idempotency import idempotent
from app.patients.queries import get_patient
from app.staff_pages import go_to
from app.tenants.queries import get_location, map_staff_names

bp = Blueprint("record_pages", __name__, url_prefix="/clinics/<uuid:clinic_id>/treatments")
CLASSES = (
    {"value": "", "label": "None"},
    {"value": "otc", "label": "Sold to anybody"},
    {"value": "pharmacy", "label": "Sold by a pharmacy only"},
    {"value": "prescription", "label": "On prescription"},
)


@bp.get("/<uuid:treatment_id>")
@guard(Permission.CONSENT_READ)
def show_treatment(scope: TenantScope, treatment_id: uuid.UUID) -> str:
    """Show a treatment with every record of it, and what stands out."""
    treatment = queries.get_treatment(scope, treatment_id)
    records = queries.list_completions(scope, [treatment.id])
    return render_template(
        "care/treatment.html",
        view=reading.view_treatment(scope, treatment),
        patient=get_patient(scope, treatment.patient_id),
        location=get_location(scope, treatment.location_id),
        names=map_staff_names(scope),
        titles=places_on_body(reading.catalogue_of_treatment(scope, treatment)),
        records=[
            {
                "row": one,
                "flags": reading.flags_for(scope, treatment, one),
                "note": read_note(scope, one, treatment.patient_id),
            }
            for one in reversed(records)
        ],
    )


@bp.get("/<uuid:treatment_id>/record")
@guard(Permission.TREATMENT_START)
def ask_for_record(scope: TenantScope, treatment_id: uuid.UUID) -> str:
    """Ask what was done, filled with what was started."""
    form = first_form(scope, queries.get_treatment(scope, treatment_id))
    return _record_page(scope, treatment_id, form)


@bp.post("/<uuid:treatment_id>/record")
@guard(Permission.TREATMENT_START)
@idempotent
def record(scope: TenantScope, treatment_id: uuid.UUID) -> Response:
    """Record what was done; what somebody else wrote in the meantime is read first."""
    form = sent_form()
    try:
        with asking_again(form, lambda again: _record_page(scope, treatment_id, again)):
            done = read_done(form)
            number = after_number(form)
            complete_treatment(scope, treatment_id=treatment_id, done=done, after_number=number)
    except Stale as stale:
        form.fail("", f"{stale.message} Read their record first; what you typed is still here.")
        ask_again(form, lambda again: _record_page(scope, treatment_id, again), int(stale.status))
    treatment = queries.get_treatment(scope, treatment_id)
    return go_to(scope, f"/visits/{treatment.visit_id}")


def _record_page(scope: TenantScope, treatment_id: uuid.UUID, form: Form) -> str:
    treatment = queries.get_treatment(scope, treatment_id)
    titles = places_on_body(reading.catalogue_of_treatment(scope, treatment))
    shown = [name.removeprefix("depth_") for name in form.sent if name.startswith("depth_")]
    areas = [*started_ids(scope, treatment_id), *(one for one in shown if one != "other")]
    known = list(dict.fromkeys(one for one in areas if one in titles))
    others = [{"value": key, "label": name} for key, name in titles.items() if key not in known]
    return render_template(
        "care/record.html",
        form=form,
        errors=form.errors,
        treatment=treatment,
        patient=get_patient(scope, treatment.patient_id),
        location=get_location(scope, treatment.location_id),
        areas=known,
        titles=titles,
        other_places=[{"value": "", "label": "Nowhere else"}, *others],
        classes=CLASSES,
        topical_rows=range(1, TOPICAL_ROWS + 1),
        is_correction=form.typed("after_number") not in ("", "0"),
    )
