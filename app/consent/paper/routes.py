"""Signing on paper, for programs of the clinic."""

import uuid
from typing import Any

from flask import Response, request
from flask_smorest import Blueprint

from app.auth.guards import guard
from app.auth.permissions import Permission
from app.consent import queries
from app.consent.errors import PaperUnknown
from app.consent.models import Consent
from app.consent.paper import queries as paper_queries
from app.consent.paper.making import print_of
from app.consent.paper.models import PaperForm
from app.consent.paper.services.confirm_paper import Compared, confirm_paper
from app.consent.paper.services.print_paper import print_paper, use_blank
from app.consent.paper.services.scan_paper import add_scan
from app.consent.schemas import ConsentStatusResponse
from app.consent.signing.page_frame import pdf_answer
from app.consent.ways.schemas import (
    ConfirmPaperRequest,
    PaperResponse,
    ScanRequest,
    UseBlankRequest,
)
from app.database import TenantScope
from app.idempotency import idempotent
from app.kit.scans import MOST_BYTES

bp = Blueprint(
    "consent_paper_api",
    __name__,
    url_prefix="/api/v1/clinics/<uuid:clinic_id>/consents/<uuid:consent_id>/papers",
    description="Signing on paper",
)


@bp.before_request
def take_larger_files() -> None:
    """A scan is larger than anything else that is sent here."""
    if request.endpoint == "consent_paper_api.send_scan":
        request.max_content_length = MOST_BYTES + 256 * 1024


@bp.post("")
@guard(Permission.CONSENT_REQUEST)
@idempotent
@bp.response(201, PaperResponse)
def make_print(scope: TenantScope, consent_id: uuid.UUID) -> PaperForm:
    """Make a print to be signed; the one before no longer counts."""
    return print_paper(scope, consent_id=consent_id)


@bp.post("/blank")
@guard(Permission.CONSENT_REQUEST)
@idempotent
@bp.arguments(UseBlankRequest)
@bp.response(201, PaperResponse)
def enter_blank(scope: TenantScope, wanted: dict[str, int], consent_id: uuid.UUID) -> PaperForm:
    """Note which blank form was signed while the system was out."""
    return use_blank(scope, consent_id=consent_id, **wanted)


@bp.get("/<uuid:paper_id>")
@guard(Permission.CONSENT_STATUS)
@bp.response(200, PaperResponse)
def show_paper(scope: TenantScope, consent_id: uuid.UUID, paper_id: uuid.UUID) -> PaperForm:
    """Return how far a form on paper is."""
    consent = queries.get_consent(scope, consent_id)
    return paper_queries.get_paper(scope, consent.id, paper_id)


@bp.get("/<uuid:paper_id>/print")
@guard(Permission.CONSENT_READ)
@bp.response(200, content_type="application/pdf")
def get_print(scope: TenantScope, consent_id: uuid.UUID, paper_id: uuid.UUID) -> Response:
    """Return the file to print, while it may be signed."""
    paper = paper_queries.get_paper(scope, consent_id, paper_id)
    if paper.blank_id is not None or paper.ended_at is not None:
        raise PaperUnknown("There is no print of this form any more.")
    made = print_of(scope, queries.get_consent(scope, consent_id), paper)
    return pdf_answer(made, f"form-{paper.code}.pdf")


@bp.post("/<uuid:paper_id>/scan")
@guard(Permission.CONSENT_REQUEST)
@bp.arguments(ScanRequest, location="files")
@bp.response(200, PaperResponse)
def send_scan(
    scope: TenantScope, sent: dict[str, Any], consent_id: uuid.UUID, paper_id: uuid.UUID
) -> PaperForm:
    """Take the scan as one or more files named "scan" (multipart/form-data)."""
    files = [one.stream.read() for one in sent["scan"]]
    return add_scan(scope, consent_id=consent_id, paper_id=paper_id, files=files)


@bp.post("/<uuid:paper_id>/confirm")
@guard(Permission.CONSENT_READ)
@idempotent
@bp.arguments(ConfirmPaperRequest)
@bp.response(200, ConsentStatusResponse)
def confirm(
    scope: TenantScope, wanted: dict[str, Any], consent_id: uuid.UUID, paper_id: uuid.UUID
) -> Consent:
    """Confirm that the original was seen and is the one in the scan."""
    said = {name: value for name, value in wanted.items() if name != "has_original"}
    confirm_paper(scope, consent_id=consent_id, paper_id=paper_id, compared=Compared(**said))
    return queries.get_consent(scope, consent_id)
