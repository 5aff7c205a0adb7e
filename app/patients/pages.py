"""Pages for finding and adding patients. A patient's own page looks further: see ``app/desk``."""

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from app.auth.guards import guard
from app.auth.permissions import Permission
from app.database import TenantScope
from app.forms import Form, asking_again, sent_form
from app.idempotency import idempotent
from app.patients import queries
from app.patients.routes import PAGE, read_cursor, write_cursor
from app.patients.services.add_patient import NewPatient, add_patient
from app.staff_pages import go_to
from app.tenants.queries import list_locations

bp = Blueprint("patients_pages", __name__, url_prefix="/clinics/<uuid:clinic_id>/patients")
LONGEST_SEARCH = 200
LANGUAGES = {
    "en": "English",
    "ar": "العربية (Arabic)",
    "de": "Deutsch (German)",
    "es": "Español (Spanish)",
    "fr": "Français (French)",
    "ja": "日本語 (Japanese)",
    "ko": "한국어 (Korean)",
    "pl": "Polski (Polish)",
    "tr": "Türkçe (Turkish)",
    "uk": "Українська (Ukrainian)",
    "vi": "Tiếng Việt (Vietnamese)",
    "zh-Hans": "中文 (Chinese)",
}


@bp.get("")
@guard(Permission.PATIENT_READ)
def show_patients(scope: TenantScope) -> str:
    """List patients by name, or find them by the beginning of a name or a whole email address."""
    wanted = "".join(filter(str.isprintable, request.args.get("q", ""))).strip()[:LONGEST_SEARCH]
    if wanted:
        found, following = queries.search_patients(scope, wanted), ""
    else:
        after = read_cursor(request.args.get("after", ""))
        found = queries.page_patients(scope, after=after, size=PAGE)
        following = write_cursor(found) if len(found) == PAGE else ""
    return render_template(
        "patients/patients.html",
        patients=found,
        following=following,
        wanted=wanted,
        search_url=None,
        is_first=not request.args.get("after"),
        languages=LANGUAGES,
        where={one.id: one.name for one in list_locations(scope)},
    )


@bp.get("/new")
@guard(Permission.PATIENT_WRITE)
def ask_for_patient(scope: TenantScope) -> str:
    """Ask for a new patient."""
    return _patient_page(scope, Form({"language": "en", "name": request.args.get("name", "")}))


@bp.post("/new")
@guard(Permission.PATIENT_WRITE)
@idempotent
def add(scope: TenantScope) -> Response:
    """Add a patient."""
    form = sent_form()
    names = {"date_of_birth": "born"}
    with asking_again(form, lambda again: _patient_page(scope, again), names):
        patient = add_patient(scope, _new_patient(scope, form))
    return go_to(scope, f"/patients/{patient.id}", "patient")


def _patient_page(scope: TenantScope, form: Form) -> str:
    locations = list_locations(scope)
    return render_template(
        "patients/new_patient.html",
        form=form,
        locations=[{"value": str(one.id), "label": one.name} for one in locations],
        languages=[{"value": code, "label": name} for code, name in LANGUAGES.items()],
    )


def _new_patient(scope: TenantScope, form: Form) -> NewPatient:
    known = {str(one.id) for one in list_locations(scope)}
    form.choice("location_id", known, "Choose the location.")
    wanted = NewPatient(
        name=form.text("name", "Enter the patient's name."),
        date_of_birth=form.day("born", "Enter the date of birth, for example 27 3 1988."),
        location_id=form.key_of("location_id", "Choose the location."),
        language=form.choice("language", LANGUAGES, "Choose a language."),
        email=form.optional("email", most=254),
        phone=form.optional("phone", most=40),
        health_note=form.optional("health_note", most=4000),
    )
    form.check()
    return wanted
