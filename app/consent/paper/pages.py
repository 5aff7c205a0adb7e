"""Signing on paper, for the clinic: print, enter the answers, add the scan, compare the original.

One page shows the four steps and which of them is next. Whoever may not read answers prints and
scans; entering answers and comparing is for clinicians.
"""

import uuid
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request
from werkzeug.wrappers import Response as Answer

from app import audit
from app.auth.guards import guard, has_permission
from app.auth.permissions import Permission
from app.consent import queries
from app.consent.ciphers import open_text
from app.consent.clinical_view import clinical_view
from app.consent.consent_facts import ground_of
from app.consent.errors import PaperUnknown, SomebodyElseConfirms
from app.consent.models import Consent
from app.consent.paper import queries as paper_queries
from app.consent.paper.making import print_of
from app.consent.paper.models import PaperForm
from app.consent.paper.services.confirm_paper import Compared, confirm_paper, may_confirm
from app.consent.paper.services.enter_answers import enter_answers
from app.consent.paper.services.print_paper import print_paper, use_blank
from app.consent.paper.services.scan_paper import add_scan, read_page_of_scan
from app.consent.screening.fields import Fields, errors_of, question_sections
from app.consent.screening.stored_answers import asked_of_patient
from app.consent.signing.drafts import read_page
from app.consent.signing.page_frame import posted_fields
from app.database import TenantScope
from app.documents.services import StillSealing
from app.forms import Form, asking_again, sent_form, to_choose
from app.idempotency import idempotent
from app.kit.scans import MOST_BYTES
from app.patients.queries import get_patient
from app.plans.queries import get_plan_version
from app.staff_pages import go_to
from app.tenants.queries import get_location, list_staff, map_staff_names

bp = Blueprint(
    "consent_paper",
    __name__,
    url_prefix="/clinics/<uuid:clinic_id>/consents/<uuid:consent_id>/paper",
)
# A scan of many pages, with room for the form around it.
LARGEST_UPLOAD = MOST_BYTES + 256 * 1024


@bp.before_request
def take_larger_files() -> None:
    """A scan is larger than anything else that is sent here."""
    if request.endpoint == "consent_paper.scan":
        request.max_content_length = LARGEST_UPLOAD


@bp.get("")
@guard(Permission.CONSENT_REQUEST)
def show_paper(scope: TenantScope, consent_id: uuid.UUID) -> str:
    """Show how far a form on paper is, and the next step."""
    return _page(scope, consent_id, Form())


@bp.post("")
@guard(Permission.CONSENT_REQUEST)
@idempotent
def print_form(scope: TenantScope, consent_id: uuid.UUID) -> Answer:
    """Make a print; one that was made before no longer counts."""
    form = sent_form()
    with asking_again(form, lambda again: _page(scope, consent_id, again)):
        print_paper(scope, consent_id=consent_id)
    return go_to(scope, f"/consents/{consent_id}/paper", "paper-print")


@bp.post("/blank")
@guard(Permission.CONSENT_REQUEST)
@idempotent
def enter_blank(scope: TenantScope, consent_id: uuid.UUID) -> Answer:
    """Note which numbered blank form the patient signed while the system was out."""
    form = sent_form()
    with asking_again(form, lambda again: _page(scope, consent_id, again)):
        number = form.whole("number", "Enter the number on the form.", low=1, high=999_999)
        form.check()
        use_blank(scope, consent_id=consent_id, number=number)
    return go_to(scope, f"/consents/{consent_id}/paper", "paper-blank")


@bp.get("/<uuid:paper_id>/print")
@guard(Permission.CONSENT_READ)
def get_print(scope: TenantScope, consent_id: uuid.UUID, paper_id: uuid.UUID) -> Response:
    """Return the file to print."""
    paper = paper_queries.get_paper(scope, consent_id, paper_id)
    if paper.blank_id is not None or paper.ended_at is not None:
        raise PaperUnknown("There is no print of this form any more.")
    response = make_response(print_of(scope, queries.get_consent(scope, consent_id), paper))
    response.mimetype = "application/pdf"
    response.headers["Content-Disposition"] = f'inline; filename="form-{paper.code}.pdf"'
    return response


@bp.get("/answers")
@guard(Permission.CONSENT_READ)
def ask_for_answers(scope: TenantScope, consent_id: uuid.UUID) -> str:
    """Show the questions, for typing in what was answered on paper."""
    consent = queries.get_consent(scope, consent_id)
    return _answers_page(scope, consent, read_page(scope, consent, "questions"), [])


@bp.post("/answers")
@guard(Permission.CONSENT_READ)
def type_answers(scope: TenantScope, consent_id: uuid.UUID) -> Answer | tuple[str, int]:
    """Take the answers; the rules run as they do for the patient."""
    fields = posted_fields()
    given = enter_answers(scope, consent_id=consent_id, fields=fields)
    if given.is_stored:
        return go_to(scope, f"/consents/{consent_id}/paper", "paper-answers")
    consent = queries.get_consent(scope, consent_id)
    return _answers_page(scope, consent, fields, errors_of(given.problems, given.missing)), 422


@bp.post("/<uuid:paper_id>/scan")
@guard(Permission.CONSENT_REQUEST)
def scan(scope: TenantScope, consent_id: uuid.UUID, paper_id: uuid.UUID) -> Answer:
    """Take the scan of the signed form."""
    form = sent_form()
    with asking_again(form, lambda again: _page(scope, consent_id, again)):
        files = [one.stream.read() for one in request.files.getlist("scan") if one.filename]
        add_scan(scope, consent_id=consent_id, paper_id=paper_id, files=files)
    return go_to(scope, f"/consents/{consent_id}/paper", "paper-scan")


@bp.get("/<uuid:paper_id>/pages/<uuid:page_id>")
@guard(Permission.CONSENT_READ)
def show_page(
    scope: TenantScope, consent_id: uuid.UUID, paper_id: uuid.UUID, page_id: uuid.UUID
) -> Response:
    """Return a scanned page, for comparing it with the original."""
    consent = queries.get_consent(scope, consent_id)
    page = read_page_of_scan(scope, consent, paper_id=paper_id, page_id=page_id)
    audit.record(scope, "consent:paper:read", subject_id=consent.id, patient_id=consent.patient_id)
    return Response(page, mimetype="image/jpeg")


@bp.post("/<uuid:paper_id>/confirm")
@guard(Permission.CONSENT_READ)
@idempotent
def confirm(scope: TenantScope, consent_id: uuid.UUID, paper_id: uuid.UUID) -> Answer:
    """Confirm that the original was seen; the scan is sealed in this very request."""
    form = sent_form()
    refusals = (SomebodyElseConfirms, StillSealing)
    with asking_again(form, lambda again: _page(scope, consent_id, again), also=refusals):
        compared = _compared(scope, consent_id, form)
        confirm_paper(scope, consent_id=consent_id, paper_id=paper_id, compared=compared)
    return go_to(scope, f"/consents/{consent_id}", "paper-confirmed")


def _compared(scope: TenantScope, consent_id: uuid.UUID, form: Form) -> Compared:
    consent = queries.get_consent(scope, consent_id)
    zone = get_location(scope, consent.location_id).zone
    signed_at = form.moment("signed", zone, "Enter the day and time at which the patient signed.")
    seen_by = form.key_of("seen_by", "Choose who saw the ID and the patient sign.")
    if form.typed("has_original") != "yes":
        form.fail("has_original", "Confirm only with the original in your hands.")
    form.check()
    return Compared(signed_at, seen_by, form.typed("name"), form.typed("original"))


def _page(scope: TenantScope, consent_id: uuid.UUID, form: Form) -> str:
    consent = queries.get_consent(scope, consent_id)
    patient = get_patient(scope, consent.patient_id)
    location = get_location(scope, consent.location_id)
    paper = paper_queries.find_live_paper(scope, consent_id)
    may_read = has_permission(Permission.CONSENT_READ)
    form.sent.setdefault("name", patient.name)
    return render_template(
        "consent/paper.html",
        form=form,
        consent=consent,
        patient=patient,
        location=location,
        place=location.name,
        names=map_staff_names(scope),
        staff_options=to_choose(_staff_options(scope), "Choose a name"),
        may_read=may_read,
        is_open=consent.state in queries.UNSIGNED,
        clinical=clinical_view(scope, consent) if may_read else None,
        **_of_paper(scope, consent, paper),
    )


def _of_paper(scope: TenantScope, consent: Consent, paper: PaperForm | None) -> dict[str, Any]:
    if paper is None:
        return {"paper": None, "pages": [], "blank": None, "may_confirm": False, "original": None}
    blank = None if paper.blank_id is None else paper_queries.get_blank(scope, paper.blank_id)
    cipher = paper.original_cipher
    return {
        "paper": paper,
        "pages": paper_queries.list_pages(scope, paper.id),
        "blank": blank,
        "is_outdated": blank is None
        and paper.confirmed_at is None
        and paper.shown_sha256 != consent.shown_sha256,
        "may_confirm": may_confirm(scope, paper),
        "original": None
        if cipher is None
        else open_text(scope, consent.patient_id, "paper_form.original", paper.id, cipher),
    }


def _staff_options(scope: TenantScope) -> list[dict[str, str]]:
    working = (one for one in list_staff(scope) if one.disabled_at is None)
    return [{"value": str(one.id), "label": one.name} for one in working]


def _answers_page(
    scope: TenantScope, consent: Consent, fields: Fields, errors: list[dict[str, str]]
) -> str:
    ground = ground_of(scope, get_plan_version(scope, consent.plan_version_id))
    return render_template(
        "consent/paper_answers.html",
        consent=consent,
        patient=get_patient(scope, consent.patient_id),
        errors=errors,
        sections=question_sections(
            ground.catalogue, asked_of_patient(ground), ground.facts, fields
        ),
    )
