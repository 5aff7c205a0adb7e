"""Pages that put a patient's record right: the record itself, contacts, age check, death."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from app.auth.guards import guard, has_permission
from app.auth.permissions import Permission
from app.database import TenantScope
from app.errors import Stale
from app.forms import Form, ask_again, asking_again, sent_form
from app.idempotency import idempotent
from app.patients.models import ContactKind, Patient
from app.patients.person import day_of_death
from app.patients.queries import get_patient
from app.patients.reading import date_of_birth, health_note, read_contacts
from app.patients.services import keep_contacts
from app.patients.services.edit_patient import (
    PatientEdit,
    edit_patient,
    record_age_evidence,
    record_death,
)
from app.patients.words import AGE_EVIDENCE, INTERPRETERS, LANGUAGES, language_word
from app.staff_pages import go_to
from app.tenants.queries import get_location, list_locations

bp = Blueprint(
    "patient_record_pages",
    __name__,
    url_prefix="/clinics/<uuid:clinic_id>/patients/<uuid:patient_id>",
)
Page = Callable[[TenantScope, Patient, Form], str]
CHANGED = "Somebody else changed this record in the meantime. Look at it, and save again."
FIELDS = {"date_of_birth": "born", "deceased_on": "died", "email": "value", "phone": "value"}


@bp.get("/edit")
@guard(Permission.PATIENT_WRITE)
def ask_for_edit(scope: TenantScope, patient_id: uuid.UUID) -> str:
    """Ask for the record as it is to be."""
    patient = get_patient(scope, patient_id)
    born = date_of_birth(scope, patient)
    known = {
        "name": patient.name,
        "language": patient.language,
        "interpreter": patient.interpreter,
        "location_id": str(patient.location_id),
        "health_note": health_note(scope, patient) or "",
    }
    return _edit_page(scope, patient, Form(known | _boxes("born", born) | _version(patient)))


@bp.post("/edit")
@guard(Permission.PATIENT_WRITE)
@idempotent
def edit(scope: TenantScope, patient_id: uuid.UUID) -> Response:
    """Change the record."""
    form = sent_form()
    with _kept(scope, patient_id, form, _edit_page):
        wanted = _edited(scope, patient_id, form)
        edit_patient(scope, patient_id=patient_id, version=_read_version(form), wanted=wanted)
    return go_to(scope, f"/patients/{patient_id}", "patient-changed")


@bp.get("/contacts")
@guard(Permission.PATIENT_WRITE)
def show_contacts(scope: TenantScope, patient_id: uuid.UUID) -> str:
    """Show every way to reach a patient, and ask for another."""
    patient = get_patient(scope, patient_id)
    return _contacts_page(scope, patient, Form({"kind": "phone", **_version(patient)}))


@bp.post("/contacts")
@guard(Permission.PATIENT_WRITE)
@idempotent
def add_contact(scope: TenantScope, patient_id: uuid.UUID) -> Response:
    """Add a contact."""
    form = sent_form()
    with _kept(scope, patient_id, form, _contacts_page):
        kind = form.choice("kind", [one.value for one in ContactKind], "Choose what it is.")
        typed = form.text("value", "Enter the number or the address.", most=254)
        form.check()
        keep_contacts.add_contact(
            scope, patient_id=patient_id, version=_read_version(form), kind=kind, typed=typed
        )
    return go_to(scope, f"/patients/{patient_id}/contacts", "contact-added")


@bp.post("/contacts/<uuid:contact_id>/prefer")
@guard(Permission.PATIENT_WRITE)
@idempotent
def prefer_contact(scope: TenantScope, patient_id: uuid.UUID, contact_id: uuid.UUID) -> Response:
    """Send messages there from now on."""
    return _change(scope, patient_id, contact_id, keep_contacts.prefer_contact)


@bp.post("/contacts/<uuid:contact_id>/verify")
@guard(Permission.PATIENT_WRITE)
@idempotent
def verify_contact(scope: TenantScope, patient_id: uuid.UUID, contact_id: uuid.UUID) -> Response:
    """Note that the patient was reached there."""
    return _change(scope, patient_id, contact_id, keep_contacts.verify_contact)


@bp.post("/contacts/<uuid:contact_id>/remove")
@guard(Permission.PATIENT_WRITE)
@idempotent
def remove_contact(scope: TenantScope, patient_id: uuid.UUID, contact_id: uuid.UUID) -> Response:
    """Delete a contact."""
    said = "contact-removed"
    return _change(scope, patient_id, contact_id, keep_contacts.remove_contact, said)


@bp.get("/age")
@guard(Permission.PATIENT_WRITE)
def ask_for_age(scope: TenantScope, patient_id: uuid.UUID) -> str:
    """Ask what document showed the patient's age."""
    patient = get_patient(scope, patient_id)
    return _age_page(scope, patient, Form(_version(patient)))


@bp.post("/age")
@guard(Permission.PATIENT_WRITE)
@idempotent
def check_age(scope: TenantScope, patient_id: uuid.UUID) -> Response:
    """Note what document showed the patient's age."""
    form = sent_form()
    with _kept(scope, patient_id, form, _age_page):
        kind = form.choice("kind", AGE_EVIDENCE, "Choose the document that you have seen.")
        form.check()
        record_age_evidence(scope, patient_id=patient_id, version=_read_version(form), kind=kind)
    return go_to(scope, f"/patients/{patient_id}", "age-checked")


@bp.get("/death")
@guard(Permission.PATIENT_WRITE)
def ask_for_death(scope: TenantScope, patient_id: uuid.UUID) -> str:
    """Ask for the day on which a patient died."""
    patient = get_patient(scope, patient_id)
    died_on = day_of_death(scope, patient.id)
    known = _boxes("died", died_on) if died_on else {}
    return _death_page(scope, patient, Form(known | _version(patient)))


@bp.post("/death")
@guard(Permission.PATIENT_WRITE)
@idempotent
def note_death(scope: TenantScope, patient_id: uuid.UUID) -> Response:
    """Note that a patient has died, or that this was a mistake."""
    form = sent_form()
    is_mistake = form.typed("mistake") == "yes"
    with _kept(scope, patient_id, form, _death_page):
        day = None if is_mistake else form.day("died", "Enter the day, for example 27 3 2026.")
        form.check()
        record_death(scope, patient_id=patient_id, version=_read_version(form), on=day)
    said = "death-revoked" if is_mistake else "death-noted"
    return go_to(scope, f"/patients/{patient_id}", said)


@contextmanager
def _kept(scope: TenantScope, patient_id: uuid.UUID, form: Form, page: Page) -> Iterator[None]:
    """Show the page again with what was typed, also when somebody else was quicker."""

    def again(form: Form) -> str:
        return page(scope, get_patient(scope, patient_id), form)

    try:
        with asking_again(form, again, FIELDS):
            yield
    except Stale as stale:
        form.fail("", CHANGED)
        form.sent["version"] = str(get_patient(scope, patient_id).version)
        ask_again(form, again, int(stale.status))


def _change(
    scope: TenantScope,
    patient_id: uuid.UUID,
    contact_id: uuid.UUID,
    change: Callable[..., None],
    said: str = "contact-changed",
) -> Response:
    form = sent_form()
    with _kept(scope, patient_id, form, _contacts_page):
        version = _read_version(form)
        change(scope, patient_id=patient_id, contact_id=contact_id, version=version)
    return go_to(scope, f"/patients/{patient_id}/contacts", said)


def _version(patient: Patient) -> dict[str, str]:
    return {"version": str(patient.version)}


def _read_version(form: Form) -> int:
    typed = form.typed("version")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0


def _boxes(name: str, day: date) -> dict[str, str]:
    parts = {"day": day.day, "month": day.month, "year": day.year}
    return {f"{name}_{part}": str(value) for part, value in parts.items()}


def _edited(scope: TenantScope, patient_id: uuid.UUID, form: Form) -> PatientEdit:
    own = get_patient(scope, patient_id)
    known = {one["value"] for one in _locations_for(scope, own)}
    # A language that a program has stored stays a choice.
    languages = {**LANGUAGES, own.language: ""}
    form.choice("location_id", known, "Choose the location.")
    wanted = PatientEdit(
        name=form.text("name", "Enter the patient's name."),
        date_of_birth=form.day("born", "Enter the date of birth, for example 27 3 1988."),
        location_id=form.key_of("location_id", "Choose the location."),
        language=form.choice("language", languages, "Choose a language."),
        interpreter=form.choice("interpreter", INTERPRETERS, "Say whether they need one."),
        health_note=_edited_note(form),
    )
    form.check()
    return wanted


def _locations_for(scope: TenantScope, patient: Patient) -> list[dict[str, str]]:
    """Return the open locations as options, and the patient's own also when it is closed."""
    return [
        {"value": str(one.id), "label": one.listed_name}
        for one in list_locations(scope)
        if not one.is_closed or one.id == patient.location_id
    ]


def _edited_note(form: Form) -> str | None:
    """Return the note as typed; those who cannot read it leave it as it is."""
    typed = form.optional("health_note", most=4000) or ""
    return typed if has_permission(Permission.CONSENT_READ) else None


def _edit_page(scope: TenantScope, patient: Patient, form: Form) -> str:
    languages = {**LANGUAGES, patient.language: language_word(patient.language)}
    return render_template(
        "patients/edit_patient.html",
        form=form,
        patient=patient,
        locations=_locations_for(scope, patient),
        languages=[{"value": code, "label": name} for code, name in languages.items()],
        interpreters=[{"value": code, "label": name} for code, name in INTERPRETERS.items()],
    )


def _contacts_page(scope: TenantScope, patient: Patient, form: Form) -> str:
    return render_template(
        "patients/contacts.html",
        form=form,
        patient=patient,
        contacts=read_contacts(scope, patient),
        zone=get_location(scope, patient.location_id).zone,
    )


def _age_page(_scope: TenantScope, patient: Patient, form: Form) -> str:
    kinds = [{"value": code, "label": name} for code, name in AGE_EVIDENCE.items()]
    return render_template("patients/age.html", form=form, patient=patient, kinds=kinds)


def _death_page(scope: TenantScope, patient: Patient, form: Form) -> str:
    died_on = day_of_death(scope, patient.id)
    return render_template("patients/death.html", form=form, patient=patient, died_on=died_on)
