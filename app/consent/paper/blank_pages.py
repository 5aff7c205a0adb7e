"""Numbered blank forms: printed ahead, to lie ready for a time without power or network."""

import uuid

from flask import Blueprint, Response, render_template
from flask_smorest import Blueprint as ApiBlueprint
from werkzeug.wrappers import Response as Answer

from app.auth.guards import guard
from app.auth.permissions import Permission
from app.consent.forms.models import FormVersion
from app.consent.forms.queries import list_every_published_form
from app.consent.paper import queries as paper_queries
from app.consent.paper.making import blank_of
from app.consent.paper.models import BlankForm
from app.consent.paper.services.print_paper import MOST_BLANKS, print_blanks
from app.consent.signing.page_frame import pdf_answer
from app.consent.ways.schemas import BlankFormResponse, PrintBlanksRequest
from app.database import TenantScope
from app.forms import Form, asking_again, sent_form
from app.idempotency import idempotent
from app.staff_pages import go_to
from app.tenants.queries import list_locations, map_staff_names

bp = Blueprint("blank_forms", __name__, url_prefix="/clinics/<uuid:clinic_id>/blank-forms")
api = ApiBlueprint(
    "blank_forms_api",
    __name__,
    url_prefix="/api/v1/clinics/<uuid:clinic_id>/blank-forms",
    description="Blank forms for an outage",
)
MOST_LISTED = 200


@bp.get("")
@guard(Permission.CONSENT_REQUEST)
def list_blanks(scope: TenantScope) -> str:
    """List the blank forms with their numbers, and which were entered."""
    return _page(scope, Form())


@bp.post("")
@guard(Permission.CONSENT_REQUEST)
@idempotent
def number_blanks(scope: TenantScope) -> Answer:
    """Number fresh blank forms; each has a file of its own to print."""
    form = sent_form()
    with asking_again(form, lambda again: _page(scope, again)):
        many = form.whole("many", f"Enter 1 to {MOST_BLANKS}.", low=1, high=MOST_BLANKS)
        version = form.key_of("form_version_id", "Choose a form.")
        place = form.key_of("location_id", "Choose a location.")
        form.check()
        print_blanks(scope, form_version_id=version, location_id=place, many=many)
    return go_to(scope, "/blank-forms", "blanks")


@bp.get("/<uuid:blank_id>")
@guard(Permission.CONSENT_REQUEST)
def get_blank(scope: TenantScope, blank_id: uuid.UUID) -> Response:
    """Return the file of one number."""
    blank = paper_queries.get_blank(scope, blank_id)
    return pdf_answer(blank_of(scope, blank), f"blank-form-{blank.number}.pdf")


@api.get("")
@guard(Permission.CONSENT_REQUEST)
@api.response(200, BlankFormResponse(many=True))
def show_blanks(scope: TenantScope) -> list[BlankForm]:
    """List the blank forms printed last, the highest number first."""
    return list(paper_queries.list_blanks(scope, most=MOST_LISTED))


@api.post("")
@guard(Permission.CONSENT_REQUEST)
@idempotent
@api.arguments(PrintBlanksRequest)
@api.response(201, BlankFormResponse(many=True))
def make_blanks(scope: TenantScope, wanted: dict[str, object]) -> list[BlankForm]:
    """Number fresh blank forms."""
    return print_blanks(scope, **wanted)  # type: ignore[arg-type]  # the schema has checked them


def _page(scope: TenantScope, form: Form) -> str:
    published = {one.id: one for one in list_every_published_form(scope) if _is_ready(one)}
    return render_template(
        "consent/blanks.html",
        form=form,
        blanks=paper_queries.list_blanks(scope, most=MOST_LISTED),
        used=paper_queries.list_used_blank_ids(scope),
        names=map_staff_names(scope),
        form_options=[{"value": str(one.id), "label": _label(one)} for one in published.values()],
        location_options=[
            {"value": str(one.id), "label": one.name} for one in list_locations(scope)
        ],
    )


def _is_ready(form: FormVersion) -> bool:
    """A form for a treatment that may be signed today; photos and add-ons can wait for power."""
    return form.state == "published" and form.procedure_id is not None


def _label(form: FormVersion) -> str:
    return f"{form.form_key}, version {form.number}, {form.locale}"
