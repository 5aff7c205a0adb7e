"""The page of the clinic's settings: name, brand, messages, retention; seen before it is saved."""

import uuid

from flask import Blueprint, Response, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from app.auth.guards import guard
from app.auth.permissions import Permission
from app.database import TenantScope
from app.documents.blocks import Heading, Paragraph
from app.documents.compose import render
from app.documents.draft import DocumentDraft
from app.forms import Form, asking_again, sent_file, sent_form
from app.kit.clock import now
from app.kit.colours import colour_problem, parse_colour
from app.patients.words import LANGUAGES, language_word
from app.staff_pages import asked_id, go_to
from app.tenants import place_queries
from app.tenants.brand import DEFAULT_COLOUR, logo_url
from app.tenants.queries import get_clinic, map_staff_names
from app.tenants.services.add_logo import add_logo
from app.tenants.services.save_settings import (
    LONGEST_NOTICE,
    NewSettings,
    check_settings,
    save_settings,
)
from app.tenants.services.sign_up_clinic import RETENTION_YEARS
from app.tenants.settings_models import ClinicSettings

bp = Blueprint("clinic_settings", __name__, url_prefix="/clinics/<uuid:clinic_id>/settings")
CLASSES = {
    "clinical": ("Clinical records", "Consents, answers, treatments, aftercare."),
    "financial": ("Money", "Purchases, payments, receipts."),
}


@bp.get("/clinic")
@guard(Permission.CLINIC_MANAGE)
def show_clinic(scope: TenantScope) -> str:
    """Show the settings in force, ready to be changed."""
    return _page(scope, _form_of(scope, place_queries.get_settings(scope)))


@bp.post("/clinic")
@guard(Permission.CLINIC_MANAGE)
def save(scope: TenantScope) -> AnyResponse:
    """Save the next version."""
    form = sent_form()
    with asking_again(form, lambda again: _page(scope, again), {"quiet_hours": "quiet_from"}):
        wanted = _new_settings(scope, form)
        version = form.whole("version", "Open this page again.", low=1, high=10**9)
        if form.errors and request.files.get("logo"):
            form.fail(
                "logo", "Choose the logo once more. It is kept once everything else is right."
            )
        form.check()
        save_settings(scope, wanted, version=version)
    return go_to(scope, "/settings/clinic", "settings")


@bp.post("/clinic/preview")
@guard(Permission.CLINIC_MANAGE)
def preview(scope: TenantScope) -> str:
    """Show how pages and papers would look; only an uploaded logo is kept, and not in force."""
    form = sent_form()
    with asking_again(form, lambda again: _page(scope, again)):
        wanted = _new_settings(scope, form)
        form.check()
        check_settings(wanted)
    form.sent["brand_colour"] = parse_colour(wanted.brand_colour) or ""
    form.sent["logo_id"] = str(wanted.logo_id or "")
    return _page(scope, form, shown=wanted)


@bp.get("/clinic/preview.pdf")
@guard(Permission.CLINIC_MANAGE)
def preview_paper(scope: TenantScope) -> Response:
    """Draw the head of a paper with a colour and a logo of this clinic; nothing is sealed."""
    clinic = get_clinic(scope)
    asked = parse_colour(request.args.get("colour", "")) or clinic.brand_colour
    logo = place_queries.find_logo(scope, asked_id("logo"))
    data = render(
        _sample_paper(clinic.legal_name, clinic.address, asked, logo.png if logo else None)
    ).data
    answer = Response(data, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = 'inline; filename="preview.pdf"'
    return answer


def _sample_paper(name: str, address: str, colour: str, logo: bytes | None) -> DocumentDraft:
    return DocumentDraft(
        title="How your papers look",
        language="en",
        page="A4",
        author=f"{name}, {address}",
        created_at=now().replace(microsecond=0),
        reference="PREVIEW",
        summary=(("Colour", colour), ("Made for", "a look before saving")),
        blocks=(
            Heading(2, "What this shows"),
            Paragraph("Your name, address, colour and logo stand at the head of every paper."),
        ),
        accent=colour,
        mark="PREVIEW",
        logo=logo,
    )


def _form_of(scope: TenantScope, held: ClinicSettings) -> Form:
    form = Form(
        {
            "version": str(get_clinic(scope).version),
            "legal_name": held.legal_name,
            "address": held.address,
            "brand_colour": held.brand_colour,
            "logo_id": str(held.logo_id or ""),
            "quiet_from": held.quiet_from or "",
            "quiet_until": held.quiet_until or "",
            "privacy_notice": held.privacy_notice,
            **{f"years_{name}": str(held.retention_years.get(name, "")) for name in CLASSES},
        }
    )
    form.sent.setlist("languages", list(held.languages))
    return form


def _new_settings(scope: TenantScope, form: Form) -> NewSettings:
    problem = colour_problem(form.typed("brand_colour"))
    if problem is not None:
        form.fail("brand_colour", problem.text)
    return NewSettings(
        legal_name=form.text("legal_name", "Enter the clinic's legal name."),
        address=form.text("address", "Enter the clinic's address.", most=500),
        brand_colour=form.typed("brand_colour"),
        logo_id=_logo_of(scope, form),
        languages=tuple(one for one in form.chosen("languages") if one in _known(scope)),
        quiet_from=form.clock("quiet_from"),
        quiet_until=form.clock("quiet_until"),
        retention_years={
            name: form.whole(f"years_{name}", "Enter whole years, 0 to 100.", low=0, high=100)
            for name in RETENTION_YEARS
        },
        privacy_notice=form.optional("privacy_notice", most=LONGEST_NOTICE) or "",
        reason=form.optional("reason", most=300),
    )


def _known(scope: TenantScope) -> dict[str, str]:
    """Return the languages to choose from, the clinic's own first and in their order."""
    held = place_queries.get_settings(scope).languages
    return {code: language_word(code) for code in held} | LANGUAGES


def _logo_of(scope: TenantScope, form: Form) -> uuid.UUID | None:
    """Return the logo that counts: one just sent, else the one that stood there, else none."""
    sent = sent_file("logo")
    if sent:
        return add_logo(scope, data=sent).id
    if form.typed("logo_gone") == "yes" or not form.typed("logo_id"):
        return None
    return form.key_of("logo_id", "Choose the logo again.")


def _page(scope: TenantScope, form: Form, *, shown: NewSettings | None = None) -> str:
    problem = colour_problem(form.typed("brand_colour") or DEFAULT_COLOUR)
    logo = place_queries.find_logo(scope, _id_in(form.typed("logo_id")))
    return render_template(
        "desk/clinic_settings.html",
        form=form,
        shown=shown,
        colour=parse_colour(form.typed("brand_colour")),
        better=problem.better if problem else None,
        logo_url=logo_url(scope.tenant_id, logo.id if logo else None),
        languages=[{"value": code, "label": name} for code, name in _known(scope).items()],
        classes=CLASSES,
        versions=place_queries.list_settings(scope, most=10),
        names=map_staff_names(scope),
    )


def _id_in(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
