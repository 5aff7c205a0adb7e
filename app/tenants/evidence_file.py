"""Hands out a file that shows a qualification: to be saved, and never shown as a page of ours."""

import uuid

from flask import Response

from app.database import TenantScope
from app.documents.files import store
from app.tenants.services import keep_evidence


def evidence_file(
    scope: TenantScope, *, qualification_id: uuid.UUID, evidence_id: uuid.UUID
) -> Response:
    """Return the file as a download; raises QualificationUnknown."""
    kind, data = keep_evidence.read_evidence(
        scope, store=store(), qualification_id=qualification_id, evidence_id=evidence_id
    )
    suffix = "pdf" if kind == "application/pdf" else "png"
    answer = Response(data, mimetype=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="evidence.{suffix}"'
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer
