"""Sealed documents of a patient, for programs: the list, and each file as it was sealed."""

import uuid
from collections.abc import Sequence

from flask import Response
from flask_smorest import Blueprint
from marshmallow import fields

from app import audit
from app.auth.guards import guard
from app.auth.permissions import Permission
from app.database import TenantScope
from app.documents import queries
from app.documents.files import read_document
from app.documents.models import Document, DocumentFile
from app.schemas import StrictSchema

bp = Blueprint(
    "sealed_documents",
    __name__,
    url_prefix="/api/v1/clinics/<uuid:clinic_id>",
    description="Sealed documents",
)


class DocumentResponse(StrictSchema):
    """A sealed document; ``stamp_state`` says whether an authority has attested the time."""

    id = fields.UUID(required=True)
    patient_id = fields.UUID(required=True)
    kind = fields.String(required=True)
    title = fields.String(required=True)
    sha256 = fields.Function(lambda document: document.sha256.hex(), required=True)
    length = fields.Integer(required=True)
    sealed_at = fields.AwareDateTime(required=True)
    stamp_state = fields.String(required=True)
    stamped_at = fields.AwareDateTime(required=True, allow_none=True)


class RenditionResponse(StrictSchema):
    """A derived rendition; the sealed file is its byte prefix."""

    level = fields.String(required=True)
    sha256 = fields.Function(lambda rendition: rendition.sha256.hex(), required=True)
    length = fields.Integer(required=True)
    created_at = fields.AwareDateTime(required=True)


@bp.get("/patients/<uuid:patient_id>/documents")
@guard(Permission.DOCUMENT_READ)
@bp.response(200, DocumentResponse(many=True))
def list_documents(scope: TenantScope, patient_id: uuid.UUID) -> Sequence[Document]:
    """List a patient's documents, the newest first."""
    return queries.list_documents_of_patient(scope, patient_id)


@bp.get("/documents/<uuid:document_id>/renditions")
@guard(Permission.DOCUMENT_READ)
@bp.response(200, RenditionResponse(many=True))
def list_renditions(scope: TenantScope, document_id: uuid.UUID) -> Sequence[DocumentFile]:
    """List what was derived from a document, such as a file with a later time stamp."""
    return queries.list_renditions(scope, queries.get_document(scope, document_id).id)


@bp.get("/documents/<uuid:document_id>/file")
@guard(Permission.DOCUMENT_READ)
@bp.response(200, content_type="application/pdf")
def get_file(scope: TenantScope, document_id: uuid.UUID) -> Response:
    """Return a sealed file, revision 1; who fetched it is recorded."""
    document = queries.get_document(scope, document_id)
    audit.record(
        scope,
        "documents:document:read",
        subject_id=document.id,
        patient_id=document.patient_id,
        kind=document.kind,
    )
    response = Response(read_document(scope, document.id), content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{document.kind}.pdf"'
    return response
