"""The patient's way to a document of theirs, whichever room made it: /document#token."""

import uuid

from flask import Response, make_response, render_template

from app import audit
from app.care.document_frame import document_frame, file_name_of, owner_of
from app.database import TenantScope
from app.documents.files import read_document
from app.kit.speech import mark
from app.patients.behind_link import BehindLink, Words
from app.patients.services.prove_birth_date import Acts

WAY = BehindLink(
    name="document_pages",
    path="/document",
    cookie="__Host-document",
    link="document_link",
    asking="document_asking",
    session="document_session",
    acts=Acts(
        "care:document:open", "care:document:refuse", "care:document:prove", "care:document:lock"
    ),
    words=Words(
        title=mark("Open your document"),
        heading=mark("Your document"),
        lead=mark("Your clinic has a document for you."),
        open=mark("Open my document"),
        show=mark("Show my document"),
        why=mark("only you read your document"),
        in_person=mark("print the document for you"),
        closed=mark("This document is closed"),
        safe=mark("Your document itself is safe with your clinic."),
    ),
    whose=owner_of,
    head=lambda scope, document_id: document_frame(scope, document_id)["clinic"],
)
bp = WAY.make_blueprint(__name__)


@bp.get("/read")
@WAY.shown
def show_document(scope: TenantScope, document_id: uuid.UUID) -> str:
    """Show what the document is and let it be opened and kept."""
    return render_template("care/document.html", **document_frame(scope, document_id))


@bp.get("/file")
@WAY.shown
def show_file(scope: TenantScope, document_id: uuid.UUID) -> Response:
    """Return the sealed file itself, byte for byte."""
    patient_id = owner_of(scope, document_id)
    audit.record(scope, "care:document:read", subject_id=document_id, patient_id=patient_id)
    response = make_response(read_document(scope, document_id))
    response.headers["Content-Type"] = "application/pdf"
    name = file_name_of(scope, document_id)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
