"""The job of this room."""

import uuid

from app import jobs
from app.database import TenantScope
from app.documents.stamp_later import stamp_later


@jobs.handler("documents.stamp_later", outlives="the document is sealed already")
def stamp(scope: TenantScope, *, document_id: uuid.UUID) -> None:
    """Stamp a document that was sealed while the authority was down."""
    stamp_later(scope, document_id=document_id)
