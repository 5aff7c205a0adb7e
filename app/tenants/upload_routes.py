"""Logos and the files that show qualifications, for programs."""

import uuid
from collections.abc import Sequence
from typing import Any

from flask import Response

from app.auth.guards import guard
from app.auth.permissions import Permission
from app.database import TenantScope
from app.documents.files import store
from app.idempotency import idempotent
from app.tenants import place_queries
from app.tenants.evidence_file import evidence_file
from app.tenants.services import keep_evidence
from app.tenants.services.add_logo import add_logo
from app.tenants.settings_models import ClinicLogo, QualificationEvidence
from app.tenants.upload_schemas import (
    EvidenceRequest,
    EvidenceResponse,
    LogoRequest,
    LogoResponse,
)
from app.uploads import UploadBlueprint

bp = UploadBlueprint(
    "uploads_api",
    __name__,
    url_prefix="/api/v1/clinics/<uuid:clinic_id>",
    description="Uploaded files",
    largest=keep_evidence.MOST_BYTES,
)


@bp.post("/logos")
@guard(Permission.CLINIC_MANAGE)
@idempotent
@bp.arguments(LogoRequest, location="files")
@bp.response(201, LogoResponse)
def upload_logo(scope: TenantScope, wanted: dict[str, bytes]) -> ClinicLogo:
    """Send a logo: PNG, JPEG or WebP up to 1 MB, drawn anew. Settings that name its id show it."""
    return add_logo(scope, data=wanted["logo"])


@bp.post("/qualifications/<uuid:qualification_id>/evidence")
@guard(Permission.STAFF_MANAGE)
@idempotent
@bp.arguments(EvidenceRequest, location="files")
@bp.response(201, EvidenceResponse)
def upload_evidence(
    scope: TenantScope, wanted: dict[str, Any], qualification_id: uuid.UUID
) -> QualificationEvidence:
    """Send a file that shows a qualification: PDF, PNG, JPEG or WebP up to 5 MB."""
    return keep_evidence.add_evidence(
        scope, store=store(), qualification_id=qualification_id, data=wanted["evidence"]
    )


@bp.get("/qualifications/<uuid:qualification_id>/evidence")
@guard(Permission.CLINIC_READ)
@bp.response(200, EvidenceResponse(many=True))
def list_evidence(scope: TenantScope, qualification_id: uuid.UUID) -> Sequence[Any]:
    """List the files that show a qualification, the oldest first."""
    held = place_queries.get_qualification(scope, qualification_id)
    return place_queries.list_evidence(scope, [held.id])


@bp.get("/qualifications/<uuid:qualification_id>/evidence/<uuid:evidence_id>/file")
@guard(Permission.CLINIC_READ)
@bp.response(200, content_type="application/pdf")
@bp.doc(responses={"200": {"content": {"application/pdf": {}, "image/png": {}}}})
def fetch_evidence(
    scope: TenantScope, qualification_id: uuid.UUID, evidence_id: uuid.UUID
) -> Response:
    """Return one file as it was kept: a PDF, or a picture that was drawn anew."""
    return evidence_file(scope, qualification_id=qualification_id, evidence_id=evidence_id)
