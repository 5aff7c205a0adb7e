"""The page on which somebody begins a form of their own with nothing in it."""

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from app.auth.guards import guard
from app.auth.permissions import Permission
from app.catalogue.queries import get_catalogue
from app.consent.forms.section_editing import LONGEST_TITLE
from app.consent.forms.services.write_form import begin_form
from app.consent.purposes import Purpose
from app.database import TenantScope
from app.forms import Form, asking_again, sent_form
from app.idempotency import idempotent
from app.kit.speech import LANGUAGES
from app.patients.words import language_word
from app.staff_pages import go_to

bp = Blueprint("new_form", __name__, url_prefix="/clinics/<uuid:clinic_id>/settings/forms/new")
_PURPOSES = {
    Purpose.TREATMENT: "A treatment",
    Purpose.ADD_ON: "Something added to a treatment",
    Purpose.CLINICAL_PHOTOS: "Photos for the record",
    Purpose.MARKETING_PHOTOS: "Photos in advertising",
}


@bp.get("")
@guard(Permission.FORM_WRITE)
def ask(scope: TenantScope) -> str:
    """Ask what the form is for, and what it is called."""
    return _page(scope, Form({"locale": "en"}))


@bp.post("")
@guard(Permission.FORM_WRITE)
@idempotent
def begin(scope: TenantScope) -> Response:
    """Begin a draft that has no section yet."""
    form = sent_form()
    with asking_again(form, lambda again: _page(scope, again), {"": "title"}):
        subject = _subject(scope, form)
        title = form.text("title", "Enter a title.", most=LONGEST_TITLE)
        purpose = form.choice("purpose", tuple(_PURPOSES), "Choose what it is for.")
        locale = form.choice("locale", LANGUAGES, "Choose a language.")
        form.check()
        draft = begin_form(scope, title=title, locale=locale, purpose=Purpose(purpose), **subject)
    return go_to(scope, f"/settings/form-drafts/{draft.id}", "form-begun")


def _subject(scope: TenantScope, form: Form) -> dict[str, str | None]:
    """Return the treatment or the add-on that is asked about; photos have neither."""
    catalogue, purpose = get_catalogue(scope), form.typed("purpose")
    if purpose == Purpose.TREATMENT:
        known = [one.id for one in catalogue.procedures]
        return {"procedure": form.choice("procedure", known, "Choose the treatment.")}
    if purpose == Purpose.ADD_ON:
        known = [one.id for one in catalogue.add_ons]
        return {"add_on": form.choice("add_on", known, "Choose what is added.")}
    return {}


def _page(scope: TenantScope, form: Form) -> str:
    catalogue = get_catalogue(scope)
    choose = [{"value": "", "label": "Choose one"}]
    return render_template(
        "forms/new_form.html",
        form=form,
        purposes=[{"value": one.value, "label": told} for one, told in _PURPOSES.items()],
        procedures=choose + [{"value": one.id, "label": one.title} for one in catalogue.procedures],
        add_ons=choose + [{"value": one.id, "label": one.title} for one in catalogue.add_ons],
        languages=[{"value": one, "label": language_word(one)} for one in LANGUAGES],
    )
