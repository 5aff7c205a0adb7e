"""Encrypt and decrypt single values and files in their places."""

import hmac
import unicodedata
import uuid

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.database import TenantScope
from app.vault.keys import PatientKey, decrypt, derive_index_key, encrypt, patient_key, ring

INDEX_BYTES = 16


def encrypt_field(
    scope: TenantScope,
    *,
    patient_id: uuid.UUID,
    place: str,
    row_id: uuid.UUID,
    text: str,
    retention: str = "clinical",
) -> bytes:
    """Return the ciphertext of one field. ``place`` is "table.column"."""
    key = patient_key(scope.tenant_id, patient_id, retention)
    return encrypt(key.cipher, text.encode(), key.context(place, row_id))


def decrypt_field(
    scope: TenantScope,
    *,
    patient_id: uuid.UUID,
    place: str,
    row_id: uuid.UUID,
    cipher: bytes,
    retention: str = "clinical",
) -> str:
    """Return the text of one field; raises NotReadable when shredded, moved or changed."""
    key = patient_key(scope.tenant_id, patient_id, retention)
    return decrypt(key.cipher, cipher, key.context(place, row_id)).decode()


def encrypt_file(key: PatientKey, *, object_name: str, data: bytes) -> bytes:
    """Return a file's ciphertext, bound to its name in the object store."""
    return encrypt(key.cipher, data, key.context("object", object_name))


def decrypt_file(key: PatientKey, *, object_name: str, data: bytes) -> bytes:
    """Return a file's plaintext; raises NotReadable."""
    return decrypt(key.cipher, data, key.context("object", object_name))


def seal_for_clinic(scope: TenantScope, *, place: str, row_id: uuid.UUID, text: str) -> bytes:
    """Return the ciphertext of a value that belongs to the clinic and to no patient."""
    cipher = AESGCM(ring().clinic_key(scope.tenant_id))
    return encrypt(cipher, text.encode(), f"{scope.tenant_id}|{place}|{row_id}".encode())


def open_for_clinic(scope: TenantScope, *, place: str, row_id: uuid.UUID, cipher: bytes) -> str:
    """Return what ``seal_for_clinic`` sealed; raises NotReadable."""
    opener = AESGCM(ring().clinic_key(scope.tenant_id))
    return decrypt(opener, cipher, f"{scope.tenant_id}|{place}|{row_id}".encode()).decode()


def seal_file_for_clinic(scope: TenantScope, *, object_name: str, data: bytes) -> bytes:
    """Return the ciphertext of a file that belongs to the clinic and to no one patient."""
    cipher = AESGCM(ring().clinic_key(scope.tenant_id))
    return encrypt(cipher, data, f"{scope.tenant_id}|object|{object_name}".encode())


def open_file_for_clinic(scope: TenantScope, *, object_name: str, data: bytes) -> bytes:
    """Return what ``seal_file_for_clinic`` sealed; raises NotReadable."""
    opener = AESGCM(ring().clinic_key(scope.tenant_id))
    return decrypt(opener, data, f"{scope.tenant_id}|object|{object_name}".encode())


def blind_index(scope: TenantScope, place: str, value: str) -> bytes:
    """Return 16 bytes by which equal values of one clinic and place can be found."""
    key = derive_index_key(ring().clinic_key(scope.tenant_id), place)
    plain = unicodedata.normalize("NFC", value).strip().casefold()
    return hmac.digest(key, plain.encode(), "sha256")[:INDEX_BYTES]
