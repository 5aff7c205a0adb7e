"""Questions about sealed documents and the sealing of them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, text

from app.database import TenantScope
from app.database.person import records_of_person
from app.database.reach import exists_in_reach
from app.documents.models import Document, DocumentFile, SealingOperation
from app.errors import NotFound

# The clinic's room lies above, so that its tables are read by name here.
IMPRINT = text(
    "SELECT c.legal_name, c.settings_id, l.png FROM clinic c"
    " JOIN clinic_settings s ON s.tenant_id = c.tenant_id AND s.id = c.settings_id"
    " LEFT JOIN clinic_logo l ON l.tenant_id = s.tenant_id AND l.id = s.logo_id"
    " WHERE c.tenant_id = :tenant_id AND s.tenant_id = :tenant_id"
)


DATABASE_TIME = text("SELECT clock_timestamp()")


class DocumentUnknown(NotFound):
    """The clinic has no such document."""

    code = "document_unknown"


def get_database_time(scope: TenantScope) -> datetime:
    """Return what time it is for the database's machine."""
    found: datetime = scope.session.execute(DATABASE_TIME).scalar_one()
    return found


def get_document(scope: TenantScope, document_id: uuid.UUID) -> Document:
    """Return a document; raises DocumentUnknown."""
    found = scope.session.get(Document, (scope.tenant_id, document_id))
    if found is None:
        raise DocumentUnknown("There is no such document.")
    return found


def find_document_of(scope: TenantScope, subject_id: uuid.UUID, kind: str) -> Document | None:
    """Return the latest document of a kind that was made for a subject, or None."""
    statement = (
        select(Document)
        .where(
            Document.tenant_id == scope.tenant_id,
            Document.subject_id == subject_id,
            Document.kind == kind,
        )
        .order_by(Document.sealed_at.desc(), Document.id.desc())
        .limit(1)
    )
    return scope.session.scalar(statement)


def list_documents_of_patient(scope: TenantScope, patient_id: uuid.UUID) -> Sequence[Document]:
    """Return a patient's documents, the newest first; raises DocumentUnknown for a stranger."""
    if not exists_in_reach(scope.session, "patient", patient_id):
        raise DocumentUnknown("There is no such patient.")
    records = records_of_person(scope, patient_id)
    statement = (
        select(Document)
        .where(Document.tenant_id == scope.tenant_id, Document.patient_id.in_(records))
        .order_by(Document.sealed_at.desc(), Document.id.desc())
    )
    return scope.session.scalars(statement).all()


def find_started_operation_for_update(
    scope: TenantScope, subject_id: uuid.UUID, kind: str
) -> SealingOperation | None:
    """Return the operation that seals this now, locked, or None."""
    statement = (
        select(SealingOperation)
        .where(
            SealingOperation.tenant_id == scope.tenant_id,
            SealingOperation.subject_id == subject_id,
            SealingOperation.kind == kind,
            SealingOperation.state == "started",
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return scope.session.scalar(statement)


def get_operation_for_update(scope: TenantScope, operation_id: uuid.UUID) -> SealingOperation:
    """Return a sealing operation, locked until the transaction ends."""
    statement = (
        select(SealingOperation)
        .where(SealingOperation.tenant_id == scope.tenant_id, SealingOperation.id == operation_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return scope.session.scalars(statement).one()


@dataclass(frozen=True)
class Imprint:
    """What every paper takes from the clinic's settings in force, and which version they are."""

    clinic_name: str
    settings_id: uuid.UUID
    logo: bytes | None


def get_imprint(scope: TenantScope) -> Imprint:
    """Return the clinic's name for its certificate, its logo, and the settings to pin."""
    row = scope.session.execute(IMPRINT, {"tenant_id": scope.tenant_id}).one()
    return Imprint(row[0], row[1], None if row[2] is None else bytes(row[2]))


def list_renditions(scope: TenantScope, *document_ids: uuid.UUID) -> Sequence[DocumentFile]:
    """Return the derived renditions of documents, the oldest first."""
    statement = (
        select(DocumentFile)
        .where(
            DocumentFile.tenant_id == scope.tenant_id, DocumentFile.document_id.in_(document_ids)
        )
        .order_by(DocumentFile.created_at)
    )
    return scope.session.scalars(statement).all()
