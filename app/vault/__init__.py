"""Envelope encryption: a key per patient and retention class, under a key per clinic.

Deleting a wrapped key shreds everything that it encrypted, also in old backups. The associated data
names clinic, patient, class, place and row, so that a value moved elsewhere does not decrypt.
"""

from app.vault.fields import (
    blind_index,
    decrypt_field,
    decrypt_file,
    encrypt_field,
    encrypt_file,
    open_for_clinic,
    seal_for_clinic,
)
from app.vault.keys import (
    KeyRing,
    NotReadable,
    PatientKey,
    patient_key,
    root_decrypt,
    root_encrypt,
    shred_patient,
    sign_row,
)

__all__ = [
    "KeyRing",
    "NotReadable",
    "PatientKey",
    "blind_index",
    "decrypt_field",
    "decrypt_file",
    "encrypt_field",
    "encrypt_file",
    "open_for_clinic",
    "patient_key",
    "root_decrypt",
    "root_encrypt",
    "seal_for_clinic",
    "shred_patient",
    "sign_row",
]
