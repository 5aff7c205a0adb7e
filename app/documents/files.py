"""Sealed files in the object store: encrypted under the patient's key, checked after writing.

What is needed for reading or writing without a transaction is gathered in values first.
"""

import uuid
from dataclasses import dataclass
from hashlib import sha256
from typing import cast

from flask import current_app

from app.database import TenantScope
from app.documents.models import Document, DocumentFile
from app.documents.queries import get_document
from app.documents.sealer import SealerSource
from app.documents.stamping import StampAuthority
from app.storage.errors import ObjectDamaged
from app.storage.object_store import ObjectStore
from app.vault import PatientKey, decrypt_file, encrypt_file, patient_key


@dataclass(frozen=True)
class FileRef:
    """Where a sealed file lies and how it opens; safe to carry out of a transaction."""

    document_id: uuid.UUID
    object_name: str
    key: PatientKey
    sha256: bytes


def store() -> ObjectStore:
    """Return this installation's object store."""
    return cast(ObjectStore, current_app.extensions["needlepoint_store"])


def sealers() -> SealerSource:
    """Return where this installation's seals come from."""
    return cast(SealerSource, current_app.extensions["needlepoint_sealers"])


def stamp_authority() -> StampAuthority | None:
    """Return the configured time-stamp authority, or None."""
    return cast("StampAuthority | None", current_app.extensions["needlepoint_stamps"])


def file_ref(scope: TenantScope, document: Document) -> FileRef:
    """Return what is needed to read a document's file later."""
    key = patient_key(scope.tenant_id, document.patient_id, document.retention)
    return FileRef(document.id, document.object_name, key, document.sha256)


def fetch(ref: FileRef) -> bytes:
    """Return a sealed file, compared with the hash that was recorded when it was sealed.

    Raises StoreUnavailable, ObjectDamaged, or NotReadable when the key was shredded.
    """
    cipher = store().get(ref.object_name)
    data = decrypt_file(ref.key, object_name=ref.object_name, data=cipher)
    if sha256(data).digest() != ref.sha256:
        raise ObjectDamaged("The stored file is not the one that was sealed.")
    return data


def keep(key: PatientKey, object_name: str, data: bytes) -> bytes:
    """Encrypt and store a file, read it again, and return the hash of its ciphertext."""
    cipher = encrypt_file(key, object_name=object_name, data=data)
    return bytes.fromhex(store().put(object_name, cipher))


def read_rendition(scope: TenantScope, document: Document, rendition: DocumentFile) -> bytes:
    """Return a derived rendition, such as the one with a later time stamp."""
    key = patient_key(scope.tenant_id, document.patient_id, document.retention)
    return fetch(FileRef(document.id, rendition.object_name, key, rendition.sha256))


def read_document(scope: TenantScope, document_id: uuid.UUID) -> bytes:
    """Return the sealed file of a document, revision 1."""
    return fetch(file_ref(scope, get_document(scope, document_id)))
