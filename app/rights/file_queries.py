"""Questions about files and links that belong to a patient, for removing them."""

import uuid
from collections.abc import Collection, Sequence

from sqlalchemy import select

from app.billing.models import Purchase
from app.consent.models import Consent
from app.database import TenantScope
from app.documents.models import Document, DocumentFile, SealingOperation
from app.patients.export_models import DataExport, DataExportPart
from app.patients.models import Patient

Ids = Collection[uuid.UUID]


def list_people(scope: TenantScope, patient_ids: Ids) -> Sequence[Patient]:
    """Return the records of one person."""
    statement = select(Patient).where(
        Patient.tenant_id == scope.tenant_id, Patient.id.in_(patient_ids)
    )
    return scope.session.scalars(statement).all()


def list_consent_ids(scope: TenantScope, patient_ids: Ids) -> Sequence[uuid.UUID]:
    """Return the ids of all consents of a person."""
    statement = select(Consent.id).where(
        Consent.tenant_id == scope.tenant_id, Consent.patient_id.in_(patient_ids)
    )
    return scope.session.scalars(statement).all()


def list_purchase_ids(scope: TenantScope, patient_ids: Ids) -> Sequence[uuid.UUID]:
    """Return the ids of everything that was sold to a person."""
    statement = select(Purchase.id).where(
        Purchase.tenant_id == scope.tenant_id, Purchase.patient_id.in_(patient_ids)
    )
    return scope.session.scalars(statement).all()


def list_documents(scope: TenantScope, patient_ids: Ids, retention: str) -> Sequence[Document]:
    """Return a person's sealed documents of one class."""
    statement = (
        select(Document)
        .where(
            Document.tenant_id == scope.tenant_id,
            Document.patient_id.in_(patient_ids),
            Document.retention == retention,
        )
        .order_by(Document.id)
    )
    return scope.session.scalars(statement).all()


def list_renditions(scope: TenantScope, document_ids: Ids) -> Sequence[DocumentFile]:
    """Return the derived renditions of some documents."""
    statement = select(DocumentFile).where(
        DocumentFile.tenant_id == scope.tenant_id, DocumentFile.document_id.in_(document_ids)
    )
    return scope.session.scalars(statement).all()


def list_sealing_names(
    scope: TenantScope, patient_ids: Ids, *, kinds: Collection[str], others: bool
) -> Sequence[str]:
    """Return where files of sealings lie or would lie, those that came to nothing included.

    :param others: turn ``kinds`` round: all but these.
    """
    wanted = SealingOperation.kind.in_(kinds)
    statement = select(SealingOperation.object_name).where(
        SealingOperation.tenant_id == scope.tenant_id,
        SealingOperation.patient_id.in_(patient_ids),
        ~wanted if others else wanted,
    )
    return scope.session.scalars(statement).all()


def list_exports_with(scope: TenantScope, patient_ids: Ids) -> Sequence[DataExport]:
    """Return the files that hold a person: copies of their data, and lists of all patients."""
    statement = select(DataExport).where(
        DataExport.tenant_id == scope.tenant_id,
        DataExport.patient_id.in_(patient_ids) | (DataExport.kind == "patient_list"),
    )
    return scope.session.scalars(statement).all()


def list_parts_of_ended(scope: TenantScope, patient_ids: Ids) -> Sequence[DataExportPart]:
    """Return the pieces of such files that are over."""
    ended = [one.id for one in list_exports_with(scope, patient_ids) if one.state == "expired"]
    statement = select(DataExportPart).where(
        DataExportPart.tenant_id == scope.tenant_id, DataExportPart.export_id.in_(ended)
    )
    return scope.session.scalars(statement).all()
