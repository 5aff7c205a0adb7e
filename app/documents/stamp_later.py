"""Heal a seal without a time stamp: an archival rendition is made once an authority answers.

Revision 1 stays as it is, for ever. The rendition has it as its byte prefix and a row of its own;
the time that it proves is the time of the later stamp, never an earlier one.
"""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

import structlog

from app import audit, jobs
from app.database import TenantScope, outside_call
from app.documents import queries
from app.documents.errors import StampRefused
from app.documents.files import FileRef, fetch, file_ref, keep, stamp_authority, store
from app.documents.models import Document, DocumentFile
from app.documents.seal import add_archival_stamp
from app.documents.stamp_state import StampState
from app.kit.clock import now
from app.kit.ids import new_id
from app.storage.errors import ObjectDamaged
from app.storage.object_store import name_of
from app.vault import decrypt_file

log = structlog.get_logger(__name__)
LEVEL = "archival_stamp"
SHORTEST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=6)
GIVE_UP_AFTER = timedelta(days=30)


@dataclass(frozen=True)
class _Rendition:
    object_name: str
    sha256: bytes
    cipher_sha256: bytes
    length: int


def stamp_when_possible(scope: TenantScope, document: Document) -> None:
    """Have a document stamped later; does nothing where it is stamped or nobody could do it.

    Waits as long again as the document has waited already, within bounds.
    """
    if document.stamp_state == StampState.STAMPED or stamp_authority() is None:
        return
    waited = now() - document.sealed_at
    if waited > GIVE_UP_AFTER:
        log.error("documents.never_stamped", document_id=str(document.id))
        return
    wait = min(max(waited, SHORTEST_WAIT), LONGEST_WAIT)
    jobs.enqueue(scope, "documents.stamp_later", document_id=document.id, not_before=now() + wait)


def stamp_later(scope: TenantScope, *, document_id: uuid.UUID) -> None:
    """Try to stamp one document; when the authority is still down, try again later."""
    outside_call(
        scope,
        prepare=lambda scope: _unstamped(scope, document_id),
        call=_make,
        record=lambda scope, _ref, made: _record(scope, document_id, made),
    )


def _unstamped(scope: TenantScope, document_id: uuid.UUID) -> FileRef | None:
    if queries.list_renditions(scope, document_id):
        return None
    return file_ref(scope, queries.get_document(scope, document_id))


def _make(ref: FileRef | None) -> _Rendition | None:
    authority = stamp_authority()
    if ref is None or authority is None:
        return None
    sealed, name = fetch(ref), name_of("renditions", ref.document_id)
    if store().exists(name):
        return _left_before(ref, name, sealed)
    try:
        data = add_archival_stamp(sealed, authority)
    except StampRefused as refusal:
        log.warning("documents.still_not_stamped", document_id=str(ref.document_id), why=refusal)
        return None
    return _Rendition(name, sha256(data).digest(), keep(ref.key, name, data), len(data))


def _left_before(ref: FileRef, name: str, sealed: bytes) -> _Rendition:
    """Return the rendition that a run stored before it was killed; raises ObjectDamaged."""
    cipher = store().get(name)
    data = decrypt_file(ref.key, object_name=name, data=cipher)
    if not data.startswith(sealed):
        raise ObjectDamaged("The stored rendition does not begin with the sealed file.")
    return _Rendition(name, sha256(data).digest(), sha256(cipher).digest(), len(data))


def _record(scope: TenantScope, document_id: uuid.UUID, made: _Rendition | None) -> None:
    if queries.list_renditions(scope, document_id):
        return
    document = queries.get_document(scope, document_id)
    if made is None:
        stamp_when_possible(scope, document)
        return
    scope.session.add(
        DocumentFile(
            tenant_id=scope.tenant_id,
            id=new_id(),
            document_id=document_id,
            level=LEVEL,
            sha256=made.sha256,
            cipher_sha256=made.cipher_sha256,
            length=made.length,
            object_name=made.object_name,
            created_at=now(),
        )
    )
    audit.record(
        scope,
        "documents:document:stamp_later",
        subject_id=document_id,
        patient_id=document.patient_id,
    )
