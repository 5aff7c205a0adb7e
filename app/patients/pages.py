"""Pages for finding and adding patients. A patient's own page looks further: see ``app/desk``."""

import uuid
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, make_response, render_template, request
from werkzeug.wrappers import Response

from app.auth.guards import guard
from app.auth.permissions import Permission
from app.database import TenantScope
from app.forms import Form, ask_again, asking_again, sent_form, to_choose
from app.idempotency import idempotent
from app.kit.lookalikes import lookalike_warning
from app.patients import queries
from app.patients.errors import PossibleDuplicate
from app.patients.models import Interpreter
from app.patients.queries import MOST_FOUND, PatientLine
from app.patients.reading import births_of_namesakes
from app.patients.routes import PAGE
from app.patients.sealed_search import open_search, seal_search, tidy_search
from app.patients.services.add_patient import NewPatient, add_patient
from app.patients.words import INTERPRETERS, LANGUAGES, WHY_ALIKE, language_word
from app.staff_pages import asked_id, go_to
from app.tenants.place_queries import get_settings
from app.tenants.queries import list_locations, list_open_locations

bp = Blueprint("patients_pages", __name__, url_prefix="/clinics/<uuid:clinic_id>/patients")


@bp.get("")
@guard(Permission.PATIENT_READ)
def show_patients(scope: TenantScope) -> str:
    """List patients by name, or those whom a sealed search finds."""
    sealed = request.args.get("found", "")
    wanted = open_search(scope, sealed) if sealed else ""
    return render_template("patients/patients.html", **_listed(scope, wanted, sealed))


@bp.post("/search")
@guard(Permission.PATIENT_READ)
def search(scope: TenantScope) -> Response:
    """Take a search: go on to what it finds, or answer with the list alone while one types."""
    wanted = tidy_search(request.form.get("q", ""))
    sealed = seal_search(scope, wanted) if wanted else ""
    if request.form.get("live"):
        return make_response(
            render_template("patients/_found.html", **_listed(scope, wanted, sealed))
        )
    return go_to(scope, f"/patients?found={sealed}" if sealed else "/patients")


def _listed(scope: TenantScope, wanted: str, sealed: str) -> dict[str, Any]:
    after = None if wanted else asked_id("after")
    found: Sequence[PatientLine]
    if wanted:
        found = queries.search_patients(scope, wanted)
    else:
        found = queries.page_patients(scope, after=after, size=PAGE)
    return {
        "patients": found,
        "births": births_of_namesakes(scope, found),
        "following": found[-1].id if len(found) == PAGE and not wanted else None,
        "wanted": wanted,
        "sealed": sealed,
        "is_cut": bool(wanted) and len(found) >= MOST_FOUND,
        "search_url": None,
        "is_first": after is None,
        "languages": LANGUAGES,
        "where": {one.id: one.listed_name for one in list_locations(scope)},
    }


@bp.get("/new")
@guard(Permission.PATIENT_WRITE)
def ask_for_patient(scope: TenantScope) -> str:
    """Ask for a new patient, by the name that was searched for in vain."""
    searched = open_search(scope, request.args.get("found", ""))
    name = searched if searched and not any(one.isdigit() or one == "@" for one in searched) else ""
    spoken = get_settings(scope).languages
    language = spoken[0] if len(spoken) == 1 else ""
    return _patient_page(scope, Form({"language": language, "interpreter": "none", "name": name}))


@bp.post("/new")
@guard(Permission.PATIENT_WRITE)
@idempotent
def add(scope: TenantScope) -> Response:
    """Add a patient, or ask first whether it is one of those who are like them."""
    form = sent_form()
    names = {"date_of_birth": "born"}
    with asking_again(form, lambda again: _patient_page(scope, again), names):
        wanted = _new_patient(scope, form)
        try:
            patient = add_patient(scope, wanted, looked_at=_looked_at(form))
        except PossibleDuplicate as twin:
            alike = twin.extra["patients"]
            ask_again(form, lambda again: _patient_page(scope, again, alike), int(twin.status))
    said = "patient-lookalike" if lookalike_warning(patient.name) else "patient"
    return go_to(scope, f"/patients/{patient.id}", said)


def _looked_at(form: Form) -> frozenset[uuid.UUID]:
    """Return those whom the person who asks has been shown as possibly the same."""
    found = set()
    for one in form.chosen("looked_at"):
        try:
            found.add(uuid.UUID(one))
        except ValueError:
            continue
    return frozenset(found)


def _patient_page(scope: TenantScope, form: Form, alike: object = ()) -> str:
    locations = list_open_locations(scope)
    return render_template(
        "patients/new_patient.html",
        form=form,
        alike=alike,
        why_words=WHY_ALIKE,
        locations=to_choose(
            [{"value": str(one.id), "label": one.name} for one in locations], "Choose a location"
        ),
        has_location=bool(locations),
        languages=_languages(scope),
        interpreters=[{"value": code, "label": name} for code, name in INTERPRETERS.items()],
    )


def _known(scope: TenantScope) -> set[str]:
    return {*LANGUAGES, *get_settings(scope).languages}


def _languages(scope: TenantScope) -> list[dict[str, str]]:
    """Return the languages to choose from, the clinic's own first; none of several is chosen."""
    spoken = get_settings(scope).languages
    in_order = {code: language_word(code) for code in spoken} | LANGUAGES
    offered = [{"value": code, "label": name} for code, name in in_order.items()]
    return offered if len(spoken) == 1 else to_choose(offered, "Choose a language")


def _new_patient(scope: TenantScope, form: Form) -> NewPatient:
    known = {str(one.id) for one in list_open_locations(scope)}
    form.choice("location_id", known, "Choose the location.")
    form.sent.setdefault("interpreter", Interpreter.NONE.value)
    wanted = NewPatient(
        name=form.text("name", "Enter the patient's name."),
        date_of_birth=form.day("born", "Enter the date of birth, for example 27 3 1988."),
        location_id=form.key_of("location_id", "Choose the location."),
        language=form.choice("language", _known(scope), "Choose a language."),
        interpreter=form.choice("interpreter", INTERPRETERS, "Say whether they need one."),
        email=form.optional("email", most=254),
        phone=form.optional("phone", most=40),
        health_note=form.optional("health_note", most=4000),
    )
    form.check()
    return wanted
