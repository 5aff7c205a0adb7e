"""Remove the files of an erased class. What stays in a copy elsewhere is ciphertext without a key.

A file is known by the hash of its ciphertext: that needs no key, so it can still be told apart
after the key is gone, here and in a copy of the store.
"""

import uuid
from hashlib import sha256

from app import audit
from app.database import TenantScope
from app.documents.files import store
from app.documents.models import DocumentKind
from app.kit.clock import now
from app.patients.person import person_ids
from app.photos.queries import list_files_of
from app.rights import file_queries as files
from app.rights.models import DecisionState
from app.rights.queries import get_decision_for_update, get_request_for_update
from app.storage.errors import ObjectMissing

FINANCIAL = (DocumentKind.RECEIPT.value,)


def remove_files(scope: TenantScope, *, decision_id: uuid.UUID) -> int:
    """Delete what lies in the object store of a class that was erased; return how many there were.

    Done again after a kill it finds less, or nothing. Raises StoreUnavailable.
    """
    decision = get_decision_for_update(scope, decision_id)
    get_request_for_update(scope, decision.request_id)
    if decision.state != DecisionState.DONE or decision.files_removed_at is not None:
        return 0
    ids = person_ids(scope, decision.patient_id)
    known = _names(scope, ids, decision.retention)
    removed = other = 0
    for name, digest in known.items():
        found = _digest(name)
        if found is None:
            continue
        other += digest is not None and digest != found
        store().delete(name)
        removed += 1
    for part in files.list_parts_of_ended(scope, ids):
        store().delete(part.object_name)
        scope.session.delete(part)
        removed += 1
    decision.files_removed_at = now()
    audit.record(
        scope,
        "rights:erasure:remove_files",
        subject_id=decision.request_id,
        patient_id=decision.patient_id,
        retention=decision.retention,
        removed=removed,
        damaged=other,
    )
    return removed


def _names(
    scope: TenantScope, ids: frozenset[uuid.UUID], retention: str
) -> dict[str, bytes | None]:
    """Return every object of the class with the hash of its ciphertext, where one is known."""
    found: dict[str, bytes | None] = {}
    if retention in {"clinical", "financial"}:
        others = retention == "clinical"
        for name in files.list_sealing_names(scope, ids, kinds=FINANCIAL, others=others):
            found[name] = None
    for _, photo in list_files_of(scope, ids, retention):
        found[photo.object_name] = photo.cipher_sha256
    documents = files.list_documents(scope, ids, retention)
    found |= {one.object_name: one.cipher_sha256 for one in documents}
    renditions = files.list_renditions(scope, [one.id for one in documents])
    return found | {one.object_name: one.cipher_sha256 for one in renditions}


def _digest(name: str) -> bytes | None:
    try:
        return sha256(store().get(name)).digest()
    except ObjectMissing:
        return None
