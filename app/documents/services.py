"""Seal a document inside the request that needs it: frozen first, recorded last, nothing pending.

Transaction 1 locks, checks and freezes the values. Then, with no transaction and no connection
held, the file is rendered, sealed, stamped and stored. Transaction 2 checks again and records. Only
the second commit makes it sealed; a failure in between leaves everything as it was.
"""

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Protocol

from sqlalchemy.dialects.postgresql import insert

from app import audit
from app.database import TenantScope, outside_call
from app.documents import queries
from app.documents.compose import render
from app.documents.draft import DocumentDraft
from app.documents.files import keep, sealers, stamp_authority
from app.documents.models import Document, DocumentKind, SealingOperation
from app.documents.seal import SealedPdf, seal_pdf
from app.documents.sealer import Sealer
from app.documents.stamp_later import stamp_when_possible
from app.documents.stand_ins import with_stand_ins
from app.documents.true_time import require_true_time
from app.errors import Unavailable
from app.kit.clock import now
from app.kit.ids import new_id
from app.storage.object_store import new_object_name
from app.vault import PatientKey, encrypt_field, patient_key

LEASE = timedelta(seconds=30)
PATIENCE_SECONDS = 12.0
POLL_SECONDS = 0.2


class StillSealing(Unavailable):
    """Somebody else is sealing the same thing; sending the same request again gets their result."""

    code = "still_sealing"
    title = "This is being sealed just now"


@dataclass(frozen=True)
class Frozen:
    """What will be printed. ``values`` is kept encrypted; ``compose`` runs without a
    transaction."""

    values: str
    compose: Callable[[], DocumentDraft]


class Sealing(Protocol):
    """One kind of document being sealed, as its room sees it."""

    kind: DocumentKind
    patient_id: uuid.UUID
    subject_id: uuid.UUID
    title: str
    retention: str
    predecessor_id: uuid.UUID | None

    def lock(self, scope: TenantScope) -> None:
        """Lock the subject's row, first of all in both transactions: locks have one order."""

    def freeze(self, scope: TenantScope) -> Frozen:
        """Check every precondition and return the values; raises the room's own errors."""

    def finish(self, scope: TenantScope, document: Document) -> None:
        """Check again, and write the room's rows that exist only with the document."""


@dataclass(frozen=True)
class _Work:
    operation_id: uuid.UUID
    object_name: str
    key: PatientKey
    sealer: Sealer
    imprint: queries.Imprint
    compose: Callable[[], DocumentDraft]


@dataclass(frozen=True)
class _Made:
    sealed: SealedPdf
    cipher_sha256: bytes


def seal_document(scope: TenantScope, sealing: Sealing) -> Document:
    """Return the sealed document of a subject: made now, or made before by the same request.

    Raises what ``sealing`` raises, and the Unavailable family when renderer, seal or store fail;
    then nothing is recorded and the same request may be sent again.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        document = outside_call(
            scope,
            prepare=lambda scope: _prepare(scope, sealing),
            call=_make,
            record=lambda scope, work, made: _record(scope, sealing, work, made),
            give_up=_void,
            refused=_void,
        )
        if document is not None:
            return document
        if time.monotonic() > deadline:
            raise StillSealing("Please send the same request again in a moment.")


def _prepare(scope: TenantScope, sealing: Sealing) -> _Work | None:
    """Freeze and take the lease; None when another request has it or has finished."""
    sealing.lock(scope)
    if queries.find_document_of(scope, sealing.subject_id, sealing.kind) is not None:
        return None
    require_true_time(scope)
    running = queries.find_started_operation_for_update(scope, sealing.subject_id, sealing.kind)
    if running is not None:
        if running.leased_until > now():
            return None
        running.state, running.finished_at = "void", now()
        scope.session.flush()  # The new operation may only start once the old one is void.
    return _start(scope, sealing, sealing.freeze(scope))


def _start(scope: TenantScope, sealing: Sealing, frozen: Frozen) -> _Work | None:
    """Take the lease; None when somebody else was quicker, which the unique index decides."""
    operation_id, object_name = new_id(), new_object_name("documents")
    values = {
        "tenant_id": scope.tenant_id,
        "id": operation_id,
        "patient_id": sealing.patient_id,
        "kind": sealing.kind.value,
        "subject_id": sealing.subject_id,
        "object_name": object_name,
        "state": "started",
        "created_at": now(),
        "leased_until": now() + LEASE,
        "frozen_cipher": encrypt_field(
            scope,
            patient_id=sealing.patient_id,
            place="sealing_operation.frozen",
            row_id=operation_id,
            text=frozen.values,
            retention=sealing.retention,
        ),
    }
    started = scope.session.execute(
        insert(SealingOperation)
        .values(**values)
        .on_conflict_do_nothing()
        .returning(SealingOperation.id)
    )
    if started.scalar() is None:
        return None
    key = patient_key(scope.tenant_id, sealing.patient_id, sealing.retention)
    imprint = queries.get_imprint(scope)
    sealer = sealers().sealer_for(scope.tenant_id, imprint.clinic_name)
    return _Work(operation_id, object_name, key, sealer, imprint, frozen.compose)


def _void(scope: TenantScope, work: _Work | None) -> None:
    """Let the next request seal at once: this one could not."""
    if work is None:
        return
    operation = queries.get_operation_for_update(scope, work.operation_id)
    if operation.state == "started":
        operation.state, operation.finished_at = "void", now()


def _make(work: _Work | None) -> _Made | None:
    """Render, seal, stamp and store; no transaction, no connection."""
    if work is None:
        time.sleep(POLL_SECONDS)
        return None
    draft = with_stand_ins(work.compose())
    rendered = render(replace(draft, logo=work.imprint.logo))
    sealed = seal_pdf(rendered.data, work.sealer, stamp_authority())
    return _Made(sealed, keep(work.key, work.object_name, sealed.data))


def _record(
    scope: TenantScope, sealing: Sealing, work: _Work | None, made: _Made | None
) -> Document | None:
    if work is None or made is None:
        return queries.find_document_of(scope, sealing.subject_id, sealing.kind)
    sealing.lock(scope)
    operation = queries.get_operation_for_update(scope, work.operation_id)
    if operation.state != "started":
        # The lease ran out and somebody else sealed; our file is an orphan that nobody refers to.
        return queries.find_document_of(scope, sealing.subject_id, sealing.kind)
    document = _document_row(scope, sealing, work, made)
    scope.session.add(document)
    operation.state, operation.finished_at = "done", now()
    sealing.finish(scope, document)
    stamp_when_possible(scope, document)
    audit.record(
        scope,
        "documents:document:seal",
        subject_id=document.id,
        patient_id=document.patient_id,
        kind=sealing.kind.value,
        stamp=document.stamp_state,
    )
    return document


def _document_row(scope: TenantScope, sealing: Sealing, work: _Work, made: _Made) -> Document:
    sealed = made.sealed
    return Document(
        tenant_id=scope.tenant_id,
        id=new_id(),
        patient_id=sealing.patient_id,
        kind=sealing.kind.value,
        subject_id=sealing.subject_id,
        operation_id=work.operation_id,
        predecessor_id=sealing.predecessor_id,
        settings_id=work.imprint.settings_id,
        title=sealing.title,
        retention=sealing.retention,
        object_name=work.object_name,
        sha256=bytes.fromhex(sealed.sha256),
        cipher_sha256=made.cipher_sha256,
        length=len(sealed.data),
        sealed_at=sealed.sealed_at,
        stamp_state=sealed.stamp.value,
        stamp_reason=sealed.stamp_reason,
        stamped_at=sealed.stamped_at,
        certificate_sha256=sealed.certificate_sha256,
        created_at=now(),
    )
